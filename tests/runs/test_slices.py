"""A slice is two folders and a name: it is dropped in and taken out; the rest goes on."""

import csv
import shutil

import pytest

from pipeline import claims
from tests import toy
from tests.toy import JOBS, LEDGER
from tests.workflow.repository import ROOT
from workflow.slices import SLICES

# The toy slice's jobs beside those on data that other slices share.
OWN = {name for rule, (name, _, _) in JOBS.items() if "toy" in rule}


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of the finished run of the project's own slices."""
    return whole.copied(tmp_path / "copy")


def ids(tree):
    """The claims in the ledger, with their verdicts."""
    with open(tree / "results/test/claims.csv", newline="") as file:
        return {row["id"]: row["verdict"] for row in csv.DictReader(file)}


def times(tree):
    """When each result was written, but for those that all slices share in a run."""
    found = tree.files("data", "results", "figures")
    run = ("results/test/", "figures/test/")
    paths = [path for path in found if not path.startswith(run) or path.count("/") > 2]
    return {path: (tree / path).stat().st_mtime_ns for path in paths}


def sources(tree):
    """The bytes of what git would show: all but what is made."""
    made = (".snakemake/", ".venv/", "data/", "results/", "figures/")
    found = {path for path in tree.files(".") if not path.startswith(made)}
    return tree.contents(path for path in found if "__pycache__" not in path)


def changed(before, after):
    """Files that are in one alone, or differ."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def test_a_slice_is_dropped_in_runs_and_is_removed_again(copy):
    before, verdicts, written = sources(copy), ids(copy), times(copy)
    toy.drop_in(copy.folder)
    here = ("scripts/toy/", "src/overparam/toy/", "workflow/slices.py")
    assert all(path.startswith(here) for path in changed(before, sources(copy)))
    # It is a model for others, so it is laid out as they are.
    for words in (("check",), ("format", "--check")):
        done = copy.python("ruff", *words, "--no-cache", "scripts/toy", "src", "workflow")
        assert done.returncode == 0, done.stdout

    # Its own jobs and the ledger's run, and nothing else.
    assert copy.planned() == OWN | LEDGER
    done = copy.make("quick")
    assert done.returncode == 0, done.stderr
    after = times(copy)
    assert {path: after[path] for path in written} == written
    assert all("/toy/" in path for path in after.keys() - written.keys())
    assert ids(copy) == verdicts | {"T1": "holds", "T2": "holds"}
    assert "figures/test/toy/spread_tiny.png\n" in done.stdout
    page = (copy / "results/test/report.html").read_text()
    assert "A textbook on random walks" in page
    assert 'id="T1"' in page

    # Its documents.
    assert copy.make("config").returncode == 0
    assert "| `steps` | int | `2000` |" in (copy / "scripts/toy/settings.md").read_text()
    code = "from scripts.ledger.documents_of_runs import slices, with_rows; print(*slices()); "
    code += "print(with_rows(open('scripts/toy/README.md').read()))"
    said = copy.run(copy / ".venv/bin/python", "-c", code)
    assert "scripts/toy/README.md" in said.stdout.splitlines()[0]
    recorded = len([*(ROOT / "reference/runs").glob("*/claims.json")])
    assert f"| T1 |  |  {'| not recorded ' * recorded}|" in said.stdout, said

    assert all(
        path.startswith(here) or path == "config/schema.json"
        for path in changed(before, sources(copy))
    )
    toy.take_out(copy.folder)
    assert changed(before, sources(copy)) <= {"config/schema.json"}
    assert copy.planned() == LEDGER
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    assert ids(copy) == verdicts
    assert copy.planned() == set()


@pytest.mark.parametrize("name", SLICES)
def test_a_slice_of_the_project_can_be_removed(copy, name):
    others = [slice for slice in SLICES if slice != name]
    left = [id for slice in others for id in claims.read(ROOT / f"scripts/{slice}/claims").claims]
    shutil.rmtree(copy / "scripts" / name)
    shutil.rmtree(copy / "src" / "overparam" / name)
    (copy / "workflow" / "slices.py").write_text(f"SLICES = {tuple(others)}\n")
    for config in ("config/config.yaml", "config/workstation.yaml", "config/paper.yaml"):
        assert copy.dry("--quiet", "all", config=config).returncode == 0
    # Nothing of the other slices is computed again.
    assert copy.planned() == LEDGER
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    assert [*ids(copy)] == left
