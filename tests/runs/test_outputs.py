"""What a finished run leaves: figures, tables, and notes of each job.

Of the toy slice, and of the project's own slices, whatever they are.
"""

import csv
import hashlib
import json
import platform
import re
from html import escape, unescape
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from pipeline.claims import files
from pipeline.fingerprint import Sources, fingerprint
from scripts.ledger.collect import UNTOLD
from tests.toy import JOBS
from tests.workflow.captions import MOST
from tests.workflow.repository import leftovers

# These hold times, computer and commit.
DATED = {"timings.csv", "report.json", "report.html"}


@pytest.fixture(scope="module", params=["toy", "whole"])
def tree(request):
    """A finished run."""
    return request.getfixturevalue({"toy": "finished", "whole": "whole"}[request.param])


def slices(tree):
    """The slices of a copy."""
    text = (tree / "workflow/slices.py").read_text()
    return re.findall(r'"(\w+)"', text[text.index("SLICES = (") :])


def stated(tree):
    """Every claim of every slice, in the order of the ledger."""
    themes = [path for name in slices(tree) for path in files(tree / f"scripts/{name}/claims")[1:]]
    texts = [yaml.safe_load(path.read_text())["claims"] for path in themes]
    return {id: claim for claims in texts for id, claim in claims.items()}


@pytest.fixture(scope="module")
def jobs(tree):
    """Every job of the finished run with its files, as Snakemake names them."""
    found = tree.jobs("--forceall")
    del found["all"]
    return found


def sidecar(jobs, name, tree):
    listed = [path for path in jobs[name]["output"] if path.endswith(".json")]
    notes = {path: json.loads((tree / path).read_text()) for path in listed}
    (path,) = (path for path, content in notes.items() if "program" in content)
    return path, notes[path]


def sha(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_every_job_has_a_log_a_benchmark_and_all_its_outputs(tree, jobs):
    for name, job in jobs.items():
        (log,), (benchmark,) = job["log"], job["benchmark"]
        # In seconds there is nothing to say, and on a busy computer only that it goes on.
        assert re.fullmatch(r"(\d\d:\d\d:\d\d .*\n)*", (tree / log).read_text()), name
        header, numbers = (tree / benchmark).read_text().splitlines()
        assert {"s", "max_rss"} <= set(header.split("\t"))
        assert float(numbers.split("\t")[0]) > 0
        for path in job["output"]:
            assert (tree / path).stat().st_size > 0, name


def test_the_hashes_in_every_sidecar_are_those_of_the_files(tree, jobs):
    for name, job in jobs.items():
        path, notes = sidecar(jobs, name, tree)
        inputs, outputs = (
            {file: digest for files in notes[side].values() for file, digest in files.items()}
            for side in ("inputs", "outputs")
        )
        assert set(inputs) == {*job["input"]} - {""}, name
        assert set(outputs) == {*job["output"]} - {path}, name
        for file, digest in (inputs | outputs).items():
            assert digest == sha(tree / file), file


def test_every_sidecar_says_which_code_made_it_where(tree, jobs):
    for name in jobs:
        _, notes = sidecar(jobs, name, tree)
        assert notes["code"] == fingerprint(notes["program"], tree.folder)
        assert notes["computer"]["python"] == platform.python_version()
        assert {"host", "system", "processor", "cores"} <= notes["computer"].keys()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", notes["started"])
        assert notes["settings"]["threads"] == 1
        if name == "report":  # of text alone
            continue
        assert notes["libraries"]["numpy"] == metadata.version("numpy")
        assert all(pool["num_threads"] == 1 for pool in notes["blas"]["pools"]), name
        assert any(pool.get("user_api") == "blas" for pool in notes["blas"]["pools"]), name


def test_a_sidecar_holds_the_program_and_its_whole_recipe(finished):
    """Every setting of the toy's `test` run and of its defaults below that, by hand."""
    found = finished.jobs("--forceall")
    assert found.keys() - {"all"} == {name for name, _, _ in JOBS.values()}
    notes = {rule: sidecar(found, name, finished)[1] for rule, (name, _, _) in JOBS.items()}
    for rule, (_, program, _) in JOBS.items():
        assert notes[rule]["program"] == f"scripts/{program}.py"
    assert notes["toy_walk"]["settings"] == {"name": "tiny", "steps": 400, "seed": 0, "threads": 1}
    assert notes["toy_spread"]["settings"] == {"name": "tiny", "least": 10, "threads": 1}
    assert notes["toy_spread"]["inputs"].keys() == {"positions", "turns", "spectrum"}


def test_torch_is_loaded_by_programs_that_name_it_alone(tree, jobs):
    sources = Sources(tree.folder)
    loading = {name for name in jobs if "torch" in sidecar(jobs, name, tree)[1]["libraries"]}
    assert not {name for name, _, _ in JOBS.values()} & loading
    for name in loading:
        assert "torch" in sources.libraries(sidecar(jobs, name, tree)[1]["program"]), name


def test_every_figure_is_there_with_the_tables_behind_it(tree, jobs):
    written = {path for job in jobs.values() for path in job["output"]}
    assert tree.files("figures/test") == {path for path in written if path.startswith("figures/")}
    drawn = {path.removesuffix(".svg") for path in written if path.endswith(".svg")}
    assert drawn
    for name in drawn:
        assert ElementTree.parse(tree / f"{name}.svg").getroot().tag.endswith("svg")
        assert (tree / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n")
        caption = (tree / f"{name}.md").read_text()
        assert caption.startswith("**"), name
        assert len(caption) > 100, name
        assert "ow to read it" in caption, name
        assert len(caption.split()) <= MOST, name


def tables(tree):
    found = tree.files("results", "figures")
    return sorted(path for path in found if path.endswith(".csv") and Path(path).name not in DATED)


def test_no_table_holds_times(tree):
    found = tables(tree)
    assert found
    for path in found:
        with (tree / path).open(newline="") as file:
            header, *rows = csv.reader(file)
        # There are published numbers for the paper's own data sets alone.
        assert rows or path.endswith("published_tiny.csv"), path
        words = {word for column in header for word in column.lower().split("_")}
        assert not words & {"time", "seconds", "minutes", "date", "host", "started", "s"}, path
        assert not any(re.match(r"\d{4}-\d\d-\d\d", cell) for row in rows for cell in row), path


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_summary_holds_every_measured_figure(tree, jobs):
    root = tree / "results/test"
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
            assert rows[key]["value"] == ", ".join(f"{number:.4g}" for number in value), key
        elif value is None:
            assert rows[key]["value"] == ""
        else:
            assert float(rows[key]["value"]) == value, key
        assert int(rows[key]["n_seeds"]) == len(figure["per_seed"] or []), key
    written = [path for job in jobs.values() for path in job["output"]]
    asked = {path for path in written if path.endswith("/metrics.json")}
    assert {str(path.relative_to(tree.folder)) for path in root.rglob("metrics.json")} == asked


def test_the_ledger_has_every_claim_and_decides_those_that_name_the_run(tree, jobs):
    claims = stated(tree)
    rows = read(tree / "results/test/claims.csv")
    assert [row["id"] for row in rows] == list(claims)
    here = {id for id, claim in claims.items() if "test" in claim["checks"]}
    assert here
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
    assert figures <= {Path(path).stem for job in jobs.values() for path in job["output"]}


def test_the_ledger_says_the_same_as_json(tree):
    listed = json.loads((tree / "results/test/claims.json").read_text())
    assert listed["checks"] == "test"
    for row, other in zip(listed["claims"], read(tree / "results/test/claims.csv"), strict=True):
        for key in UNTOLD:
            del row[key]
        assert {key: str(value) for key, value in row.items()} == other


def test_every_job_has_its_time_in_the_table(tree, jobs):
    rows = read(tree / "results/test/timings.csv")
    timed = {row["job"]: row for row in rows}
    assert len(timed) == len(rows)
    # What writes the table and the page is timed by its benchmark alone.
    untimed = {"digits", "assemble", "report"}
    for name, job in jobs.items():
        if name not in untimed:
            (benchmark,) = job["benchmark"]
            row = timed[sidecar(jobs, name, tree)[0].removesuffix(".json")]
            header, numbers = (tree / benchmark).read_text().splitlines()
            measured = dict(zip(header.split("\t"), numbers.split("\t"), strict=True))
            assert float(row["seconds"]) == float(measured["s"]), name
            assert f"scripts/{row['program']}.py" == sidecar(jobs, name, tree)[1]["program"]


def test_the_report_shows_every_claim_and_loads_nothing(tree):
    page = unescape((tree / "results/test/report.html").read_text())
    claims = stated(tree)
    assert all(f'id="{id}"' in page for id in claims)
    assert "default-src 'none'" in page
    # But for links to the slices' sources.
    outlines = [files(tree / f"scripts/{name}/claims")[0] for name in slices(tree)]
    sources = [yaml.safe_load(path.read_text())["source"]["link"] for path in outlines]
    hosts = tuple("/".join(link.split("/")[:3]) for link in sources)
    linked = set(re.findall(r"(?:src|href)=\"(?!data:|#)([^\"]*)", page))
    assert {link for link in linked if not link.startswith(hosts)} == set()


def test_snakemakes_report_has_every_figure_with_its_caption(finished, tmp_path):
    """Made without a network, as everything here."""
    done = finished.snakemake("--report", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.html").read_text()
    captions = [path for path in finished.files("figures") if path.endswith(".md")]
    drawn = [path for path in captions if not path.endswith("README.md")]
    assert drawn
    for path in drawn:
        assert f'"{path.removesuffix(".md")}.svg"' in page
        title = (finished / path).read_text().split("\n")[0]
        assert json.dumps(escape(title, quote=False))[1:-1] in page


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
    """Also without `reference/`, which the one of them lacks: nothing rests on it."""
    assert (finished / "reference").is_dir()
    assert not (made / "reference").exists()
    paths = compared(finished)
    assert {"results/test/claims.csv", "results/test/summary.csv"} <= paths
    assert compared(made) == paths
    assert {Path(path).suffix for path in paths} >= {".csv", ".svg", ".png", ".npz", ".npy"}
    again = made.contents(paths)
    first = finished.contents(paths)
    assert [path for path in paths if first[path] != again[path]] == []


def test_nothing_half_written_is_left(tree):
    assert leftovers(tree) == []
