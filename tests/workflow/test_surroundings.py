"""What a person's shell has set for other programs, and a home folder that cannot be written to,
change nothing of a run."""

import os
import sys

import pytest

from tests import toy
from tests.workflow.repository import Repository, fresh, refused, shared
from workflow.lib import run

# Of a notebook's `!make`, a hardened shell, another Python's and a cluster account's profile.
ALIEN = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHOME": "/nowhere",
    "PYTHONIOENCODING": "ascii",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "error",
    "SNAKEMAKE_PROFILE": "/nowhere",
}
# Neither UTF-8 nor C, of which Python makes UTF-8: as near to it as there is everywhere.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# A run of which `file` is the first job; its command has a letter that is not in ASCII.
MINE = """
run: mine
only: [mine]
data:
  mine:
    source: file
    file: mine.csv
    label_column: κ
    groups: [[0], [1]]
    train: {n: 2}
    test: {n: 2}
toy: {walk: {problems: [mine]}, spread: {problems: [mine]}}
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    def make(folder):
        toy.drop_in(fresh(folder).folder, alone=True)
        (folder / "config/runs").mkdir(exist_ok=True)
        (folder / "config/runs/mine.yaml").write_text(MINE, "utf-8")
        (folder / "mine.csv").write_text("κ,a,b\n0,1,2\n1,2,1\n0,3,4\n1,4,3\n", "utf-8")

    return Repository(shared(tmp_path_factory, "surroundings", make))


SNAKEMAKE = (sys.executable, "-m", "snakemake", "--cores", 1, "--configfile")


@pytest.fixture
def read(tree):
    """Whether the job `file` has run."""
    tree.without("data/own")
    return lambda: any((tree / "data/own").glob("mine-*.npz"))


def test_make_hears_of_nothing_that_was_set_for_others(tree, read):
    done = tree.make("RUN=mine", "SNAKEMAKE_ARGS=--until file", **ALIEN, **ASCII)
    assert read(), done.stderr


def test_no_variable_of_pythons_own_reaches_a_program(tree, monkeypatch):
    """Not even those that a later Python has: PYTHONOPTIMIZE=2 takes the help from programs."""
    alien = {f"PYTHON{name}": "1" for name in ("HOME", "OPTIMIZE", "INSPECT", "OFTHEFUTURE")}
    shown = tree.run("make", "--eval=show: ; @env", "show", **alien).stdout.splitlines()
    names = {line.partition("=")[0] for line in shown if line.startswith("PYTHON")}
    # Whether bytecode is kept changes no result.
    assert names - {"PYTHONDONTWRITEBYTECODE"} == {"PYTHONPATH", "PYTHONUTF8"}
    for name, value in alien.items():
        monkeypatch.setenv(name, value)
    run._shield()
    assert not {*alien} & os.environ.keys()


def test_nor_does_a_job_of_plain_snakemake(tree, read):
    some = {key: ALIEN[key] for key in ("MPLBACKEND", "PYTHONIOENCODING", "PYTHONSAFEPATH")}
    done = tree.run(*SNAKEMAKE, "config/runs/mine.yaml", "--until", "file", **some)
    assert done.returncode == 0, done.stderr
    assert read()


def test_plain_snakemake_in_another_encoding_is_refused_before_a_job_fails(tree):
    done = tree.run(*SNAKEMAKE, "config/test.yaml", "-n", **ASCII)
    assert refused(done, "locale: found the encoding ascii, expected UTF-8")


def test_what_make_takes_from_the_shell_is_told(tree):
    given = {"MEM": "64G", "DATA_DIR": "/$(touch hacked)"}
    # And a home where root cannot make a folder either: caches are kept here.
    done = tree.make("RUN=test", "SNAKEMAKE_ARGS=-n", HOME="/proc", XDG_CACHE_HOME="", **given)
    assert done.returncode == 0, done.stderr
    for name, value in given.items():
        assert f"{name}: found '{value}' in the environment: it counts\n" in done.stderr
    assert not (tree / "hacked").exists()
    assert (tree / ".snakemake/cache/snakemake").is_dir()


@pytest.mark.parametrize("words", [["plan"], ["SNAKEMAKE_ARGS=-n"]], ids=["plan", "run"])
def test_memory_that_is_no_number_is_refused_in_our_words(tree, words):
    done = tree.make(*words, "RUN=test", "MEM=16 X", MEM="1")
    assert refused(done, "error: MEM: found '16 X', expected whole MB, or GB with a G")
    # The command line counts more than the shell, which is not spoken of then.
    assert "in the environment" not in done.stderr


HOSTILE = ["1; touch hacked", "$(shell touch hacked)", "$$(touch hacked)", "'", "1 2", "1\n2", ""]


@pytest.mark.parametrize("value", [*HOSTILE, "0", "-1", "auto"])
def test_a_number_of_cores_is_that_or_all(tree, value):
    """Recipes hold it as it is: neither a shell nor make may read it as code."""
    for done in (tree.run("make", "help", f"CORES={value}"), tree.run("make", "help", CORES=value)):
        assert refused(done, f"CORES: found '{value}', expected a whole number or all.")
    assert not (tree / "hacked").exists()


@pytest.mark.parametrize("value", [*HOSTILE, "a:b", "a#b", "a%b", "~/a"])
def test_a_folder_of_an_environment_is_a_plain_path(tree, value):
    for done in (tree.run("make", "help", f"VENV={value}"), tree.run("make", "help", VENV=value)):
        assert refused(done, f"VENV: found '{value}', expected a folder whose path has letters")
    assert not (tree / "hacked").exists()


@pytest.mark.parametrize("value", ["CORES=12", "CORES=all", "VENV=/opt/é-1/b_2.3+x@y", "VENV=v"])
def test_what_is_plain_is_taken_in_any_locale(tree, value):
    for more in ({}, ASCII):
        assert tree.run("make", "help", value, **more).returncode == 0


@pytest.mark.parametrize("id", ["A999", "a/b", "..", "$(touch hacked)", "-x", "it's", "a\nb", "é"])
def test_a_claim_that_nobody_stated_is_named_before_anything_is_planned(tree, id):
    done = tree.make("claim", "RUN=test", f"ID={id}")
    assert refused(done)
    message, ending = done.stderr.splitlines()
    assert message.startswith(f"error: claim: found {id!r}, expected one of ")
    assert ending.startswith("make: *** ")
    assert not (tree / "hacked").exists()
