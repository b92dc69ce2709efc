"""What a finished run leaves: figures, tables, and notes of each job."""

import csv
import hashlib
import json
import platform
import re
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from overparam.house.fingerprint import fingerprint
from tests.workflow.repository import ROOT, environment, programs

PICTURES = {"figure1_tiny", "equation8_tiny", "figure2_tiny"}
TABLES = {
    "energy_tiny", "figure1_tiny_losses", "figure1_tiny_spectrum", "equation8_tiny_curves",
    "equation8_tiny_deviation", "figure2_tiny_errors", "figure2_tiny_complexity",
}  # fmt: skip
FIGURES = "figures/test/two_layer"


@pytest.fixture(scope="module")
def jobs(finished):
    """Every job of the finished run with its files, as Snakemake names them."""
    found = finished.jobs("--forceall")
    del found["all"]
    return found


def sidecar(jobs, name, tree):
    (path,) = (
        path for path in jobs[name]["output"] if path.endswith(".json") and "metrics" not in path
    )
    return path, json.loads((tree / path).read_text())


def sha(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_every_job_has_a_log_a_benchmark_and_all_its_outputs(finished, jobs):
    assert len(jobs) == 28
    for name, job in jobs.items():
        (log,), (benchmark,) = job["log"], job["benchmark"]
        assert (finished / log).read_text() == "", name  # in seconds there is nothing to say
        header, numbers = (finished / benchmark).read_text().splitlines()
        assert {"s", "max_rss"} <= set(header.split("\t"))
        assert float(numbers.split("\t")[0]) > 0
        for path in job["output"]:
            assert (finished / path).stat().st_size > 0, name


def test_the_hashes_in_every_sidecar_are_those_of_the_files(finished, jobs):
    for name, job in jobs.items():
        path, notes = sidecar(jobs, name, finished)
        inputs, outputs = (
            {file: digest for files in notes[side].values() for file, digest in files.items()}
            for side in ("inputs", "outputs")
        )
        assert set(inputs) == {*job["input"]} - {""}, name
        assert set(outputs) == {*job["output"]} - {path}, name
        for file, digest in (inputs | outputs).items():
            assert digest == sha(finished / file), file


def test_every_sidecar_says_which_code_made_it_where(finished, jobs):
    rules = programs()
    for name in jobs:
        _, notes = sidecar(jobs, name, finished)
        assert notes["program"] == rules[name.split()[0]]
        assert notes["code"] == fingerprint(notes["program"], ROOT)
        assert notes["computer"]["python"] == platform.python_version()
        assert {"host", "system", "processor", "cores"} <= notes["computer"].keys()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", notes["started"])
        assert notes["libraries"]["numpy"] == metadata.version("numpy")
        assert notes["settings"]["threads"] == 1
        assert all(pool["num_threads"] == 1 for pool in notes["blas"]["pools"]), name
        assert any(pool.get("user_api") == "blas" for pool in notes["blas"]["pools"]), name


def test_the_sidecar_of_a_training_holds_its_whole_recipe(finished, jobs):
    """Every setting of config/test.yaml and of the default run below it, by hand."""
    _, notes = sidecar(jobs, "train figure2 tiny nets noise0.5 0-1", finished)
    assert notes["settings"] == {
        "name": "tiny", "labels": "noise0.5", "first": 0, "last": 1, "width": 64, "kappa": 0.01,
        "antisymmetric": False, "eta": 1.0, "eta_unit": "1/lambda_max", "steps": 100,
        "stop_loss": None, "on_divergence": "error", "points_per_decade": 20, "dtype": "float32",
        "device": "cpu", "seed": 0, "threads": 1,
    }  # fmt: skip
    assert notes["libraries"]["torch"] == metadata.version("torch")
    assert any(pool["internal_api"] == "torch" for pool in notes["blas"]["pools"])


def test_only_training_loads_torch(finished, jobs):
    for name in jobs:
        _, notes = sidecar(jobs, name, finished)
        assert ("torch" in notes["libraries"]) == name.startswith("train"), name


def test_every_draw_has_its_seed_in_the_sidecar(finished, jobs):
    drawing = {"prepare", "train", "projections", "complexity", "deviation"}
    for name in jobs:
        if name.split()[0] in drawing:
            assert sidecar(jobs, name, finished)[1]["settings"]["seed"] == 0


def test_every_figure_is_there_with_the_tables_behind_it(finished):
    made = {Path(path).name for path in finished.files(FIGURES)}
    wanted = {f"{name}.{kind}" for name in PICTURES for kind in ("svg", "png", "md")}
    assert made == wanted | {f"{name}.csv" for name in TABLES}
    for name in PICTURES:
        drawn = ElementTree.parse(finished / f"{FIGURES}/{name}.svg").getroot()
        assert drawn.tag.endswith("svg")
        assert (finished / f"{FIGURES}/{name}.png").read_bytes().startswith(b"\x89PNG\r\n")
        assert len((finished / f"{FIGURES}/{name}.md").read_text()) > 100


def tables(tree):
    return sorted(path for path in tree.files("results", "figures") if path.endswith(".csv"))


def test_no_table_holds_times(finished):
    found = tables(finished)
    assert len(found) > 20
    for path in found:
        with (finished / path).open(newline="") as file:
            header, *rows = csv.reader(file)
        assert rows, path
        words = {word for column in header for word in column.lower().split("_")}
        assert not words & {"time", "seconds", "minutes", "date", "host", "started", "s"}, path
        assert not any(re.match(r"\d{4}-\d\d-\d\d", cell) for row in rows for cell in row), path


def test_the_summary_holds_every_measured_figure(finished, jobs):
    measured = {
        key: figure["value"]
        for path in finished.files("results/test")
        if path.endswith("metrics.json")
        for key, figure in json.loads((finished / path).read_text()).items()
    }
    with (finished / "results/test/summary.csv").open(newline="") as file:
        rows = {row["key"]: float(row["value"]) for row in csv.DictReader(file)}
    assert rows == measured
    assert {"tiny.complexity.true", "tiny.equation8.true.m128.deviation"} <= rows.keys()


def compared(tree):
    """Everything that has to come out the same again: not the notes, logs and benchmarks."""
    kinds = (".csv", ".svg", ".png", ".md", ".npz", ".npy", "metrics.json")
    found = tree.files("results", "figures", "data")
    return {path for path in found if path.endswith(kinds) and not path.endswith("README.md")}


def test_two_runs_from_scratch_give_the_same_bytes(finished, made):
    paths = compared(finished)
    assert compared(made) == paths
    assert {Path(path).suffix for path in paths} >= {".csv", ".svg", ".png", ".npz", ".npy"}
    again = made.contents(paths)
    assert [
        path for path, bytes_ in finished.contents(paths).items() if bytes_ != again[path]
    ] == []


def test_nothing_half_written_is_left(finished):
    assert [path for path in finished.files(".") if path.endswith(".part")] == []


def test_a_long_training_says_every_ten_seconds_how_far_it_is(finished, tmp_path):
    (shared,) = (finished / "results/shared").glob("tiny-0-*")
    words = {
        "--problem": shared / "problem.npz", "--spectrum": shared / "spectrum.npz",
        "--name": "tiny", "--labels": "true", "--width": 64, "--kappa": 0.01, "--eta": 0.1,
        "--steps": 5_000_000, "--metrics": tmp_path / "metrics.csv",
        "--arrays": tmp_path / "arrays.npz",
    }  # fmt: skip
    listed = [str(word) for pair in words.items() for word in pair]
    training = subprocess.Popen(
        [sys.executable, "-m", "scripts.two_layer.train", *listed],
        cwd=finished.folder, env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with training:
        said = [training.stderr.readline() for _ in range(2)]
        training.send_signal(signal.SIGTERM)
    progress = r"(\d+) of 5000001, loss [\d.e-]+, \d+ s left"
    pattern = rf"(\d\d):(\d\d):(\d\d) tiny true 0: {progress}\n"
    first, second = (re.fullmatch(pattern, line) for line in said)
    assert first
    assert second
    times = [3600 * int(one[1]) + 60 * int(one[2]) + int(one[3]) for one in (first, second)]
    assert 9 <= (times[1] - times[0]) % 86_400 <= 15
    assert 0 < int(first[4]) < int(second[4])
    assert list(tmp_path.iterdir()) == []
