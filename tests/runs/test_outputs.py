"""What a finished run leaves: figures, tables, and notes of each job."""

import csv
import hashlib
import json
import platform
import re
import signal
import subprocess
import sys
from html import unescape
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from pipeline.fingerprint import fingerprint
from tests.workflow.repository import ROOT, environment, experiments, programs

PICTURES = {
    "figure1_tiny", "equation8_tiny", "figure2_tiny", "formula_synthetic", "targets_synthetic",
    "samples_synthetic", "concentration_tiny", "draws_tiny", "widths_tiny", "scale_tiny",
    "stability_tiny", "decay_tiny", "capacity_tiny", "fit_tiny",
}  # fmt: skip
TABLES = {
    "energy_tiny", "figure1_tiny_losses", "figure1_tiny_spectrum", "equation8_tiny_curves",
    "equation8_tiny_deviation", "figure2_tiny_errors", "figure2_tiny_complexity",
    "formula_synthetic_pairs", "formula_synthetic_least", "targets_synthetic", "samples_synthetic",
    "concentration_tiny", "draws_tiny", "start_tiny", "random_tiny", "noise_tiny",
    "published_tiny", "widths_tiny", "frozen_tiny", "scale_tiny", "stability_tiny_harder",
    "stability_tiny_rates", "stability_tiny_sweep", "distances_tiny", "decay_tiny",
    "decay_tiny_curves", "capacity_tiny", "fit_tiny", "fit_tiny_curves",
}  # fmt: skip
# They draw nothing at random.
CERTAIN = {"constants", "published", "widths", "frozen", "capacity"}
TORCH = {"train", "start", "scale", "stability", "decay", "distances", "fit"}
# These hold times, computer and commit.
DATED = {"timings.csv", "report.json", "report.html"}
FIGURES = "figures/test/two_layer"
LINEAR = {"identities", "phase", "drift", "rates", "figure1", "figure2", "table"}
LINEAR_PICTURES = {"phase_linear", "drift_linear", "figure1_linear", "figure2_linear"}


def stated():
    """Every claim of every slice, in the order of the ledger."""
    files = (ROOT / f"config/claims/{name}.yaml" for name in ("two_layer", "linear_nets"))
    texts = [yaml.safe_load(path.read_text())["claims"] for path in files]
    return {id: claim for one in texts for id, claim in one.items()}


@pytest.fixture(scope="module")
def jobs(finished):
    """Every job of the finished run with its files, as Snakemake names them."""
    found = finished.jobs("--forceall")
    del found["all"]
    return found


def sidecar(jobs, name, tree):
    listed = [path for path in jobs[name]["output"] if path.endswith(".json")]
    notes = {path: json.loads((tree / path).read_text()) for path in listed}
    (path,) = (path for path, content in notes.items() if "program" in content)
    return path, notes[path]


def sha(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_every_job_has_a_log_a_benchmark_and_all_its_outputs(finished, jobs):
    assert len(jobs) == 65
    for name, job in jobs.items():
        (log,), (benchmark,) = job["log"], job["benchmark"]
        # In seconds there is nothing to say, and on a busy computer only that it goes on.
        assert re.fullmatch(r"(\d\d:\d\d:\d\d .*\n)*", (finished / log).read_text()), name
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
        assert notes["settings"]["threads"] == 1
        if name == "report":  # of text alone
            continue
        assert notes["libraries"]["numpy"] == metadata.version("numpy")
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


def test_only_what_trains_loads_torch(finished, jobs):
    for name in jobs:
        _, notes = sidecar(jobs, name, finished)
        assert ("torch" in notes["libraries"]) == (name.split()[0] in TORCH), name


def test_every_draw_has_its_seed_in_the_sidecar(finished, jobs):
    drawing = {"prepare", "train", "projections", "complexity", "deviation"}
    drawing |= {*experiments("two_layer")}
    for name in jobs:
        if name.split()[0] in drawing - CERTAIN:
            assert sidecar(jobs, name, finished)[1]["settings"]["seed"] == 0, name


def test_every_figure_is_there_with_the_tables_behind_it(finished):
    made = {Path(path).name for path in finished.files(FIGURES)}
    wanted = {f"{name}.{kind}" for name in PICTURES for kind in ("svg", "png", "md")}
    assert made == wanted | {f"{name}.csv" for name in TABLES}
    for name in PICTURES:
        drawn = ElementTree.parse(finished / f"{FIGURES}/{name}.svg").getroot()
        assert drawn.tag.endswith("svg")
        assert (finished / f"{FIGURES}/{name}.png").read_bytes().startswith(b"\x89PNG\r\n")
        caption = (finished / f"{FIGURES}/{name}.md").read_text()
        assert caption.startswith("**"), name
        assert len(caption) > 100, name
        assert "ow to read it" in caption, name


def tables(tree):
    found = tree.files("results", "figures")
    return sorted(path for path in found if path.endswith(".csv") and Path(path).name not in DATED)


def test_no_table_holds_times(finished):
    found = tables(finished)
    assert len(found) > 40
    for path in found:
        with (finished / path).open(newline="") as file:
            header, *rows = csv.reader(file)
        # There are published numbers for the paper's own data sets alone.
        assert rows or path.endswith("published_tiny.csv"), path
        words = {word for column in header for word in column.lower().split("_")}
        assert not words & {"time", "seconds", "minutes", "date", "host", "started", "s"}, path
        assert not any(re.match(r"\d{4}-\d\d-\d\d", cell) for row in rows for cell in row), path


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_summary_holds_every_measured_figure(finished):
    root = finished / "results/test"
    measured = {
        f"{path.parent.relative_to(root).as_posix()}/{key}": figure
        for path in root.rglob("metrics.json")
        for key, figure in json.loads(path.read_text()).items()
    }
    rows = {row["key"]: row for row in read(root / "summary.csv")}
    assert rows.keys() == measured.keys()
    for key, figure in measured.items():
        value = figure["value"]
        if isinstance(value, list):
            assert rows[key]["value"] == ", ".join(f"{one:.4g}" for one in value), key
        elif value is None:
            assert rows[key]["value"] == ""
        else:
            assert float(rows[key]["value"]) == value, key
        assert int(rows[key]["n_seeds"]) == len(figure["per_seed"] or []), key
    assert {key.split("/")[1] for key in rows} == {
        "projections", "figure1", "equation8", "figure2", *experiments("two_layer"), *LINEAR,
    }  # fmt: skip
    assert "two_layer/equation8/tiny/true.m64.deviation" in rows


def test_the_ledger_has_every_claim_and_decides_those_that_name_the_run(finished):
    claims = stated()
    rows = read(finished / "results/test/claims.csv")
    assert [row["id"] for row in rows] == list(claims)
    here = {id for id, claim in claims.items() if "test" in claim["checks"]}
    assert len(here) >= 8
    for row in rows:
        claim = claims[row["id"]]
        if row["id"] in here:
            assert row["verdict"] == claim["met"], row["id"]
            assert row["metric"] == claim["checks"]["test"]["metric"]
            assert row["measured"]
            assert row["where"]
        else:
            assert row["verdict"] == "not run"
            assert row["why"] == f"checked in {', '.join(claim['checks'])}"
            assert row["measured"] == ""
        assert row["place"], row["id"]
        assert row["how_to_read"], row["id"]
    figures = {row["figure"] for row in rows if row["figure"]}
    assert figures <= PICTURES | LINEAR_PICTURES


def test_the_ledger_says_the_same_as_json(finished):
    listed = json.loads((finished / "results/test/claims.json").read_text())
    assert listed["checks"] == "test"
    for row, other in zip(
        listed["claims"], read(finished / "results/test/claims.csv"), strict=True
    ):
        del row["value"]
        assert {key: str(value) for key, value in row.items()} == other


def test_every_job_has_its_time_in_the_table(finished, jobs):
    rows = read(finished / "results/test/timings.csv")
    timed = {row["job"]: row for row in rows}
    assert len(timed) == len(rows)
    # What writes the table and the page is timed by its benchmark alone.
    untimed = {"digits", "assemble", "report"}
    for name, job in jobs.items():
        if name not in untimed:
            (benchmark,) = job["benchmark"]
            row = timed[sidecar(jobs, name, finished)[0].removesuffix(".json")]
            header, numbers = (finished / benchmark).read_text().splitlines()
            measured = dict(zip(header.split("\t"), numbers.split("\t"), strict=True))
            assert float(row["seconds"]) == float(measured["s"]), name
            assert f"scripts/{row['program']}.py" == programs()[name.split()[0]]


def test_the_report_shows_every_claim_and_loads_nothing(finished):
    page = unescape((finished / "results/test/report.html").read_text())
    assert all(f'id="{id}"' in page for id in stated())
    assert all(f"make claim ID={id} RUN=" in page for id in stated())
    # Of a claim that this run decides it is this run's, of another that of a run which does.
    assert {"make claim ID=A1 RUN=test", "make claim ID=A4 RUN=workstation"} <= {
        *re.findall(r"make claim ID=\w+ RUN=\w+", page)
    }
    assert "default-src 'none'" in page
    sources = r"https://(arxiv\.org|proceedings\.mlr\.press)/"
    assert not re.search(rf"(src|href)=\"(?!data:|#|{sources})", page)


def compared(tree):
    """Everything that has to come out the same again: not the notes, logs and benchmarks."""
    kinds = (".csv", ".svg", ".png", ".md", ".npz", ".npy", "metrics.json", "claims.json")
    found = tree.files("results", "figures", "data")
    return {
        path
        for path in found
        if path.endswith(kinds) and Path(path).name not in DATED | {"README.md"}
    }


def test_two_runs_from_scratch_give_the_same_bytes(finished, made):
    """Also without `reference/`, which the one of them lacks: nothing measured rests on it."""
    assert (finished / "reference").is_dir()
    assert not (made / "reference").exists()
    paths = compared(finished)
    assert {"results/test/claims.csv", "results/test/summary.csv"} <= paths
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
