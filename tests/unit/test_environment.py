"""What making the Python environment must not destroy, and what it makes anew."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A Python that will do, whose environments are a file.
PYTHON = """#!/bin/sh
case $1 in
-c) echo "$0" ;;
-m) mkdir -p "$3/bin" && touch "$3/new" && cp /bin/true "$3/bin/python" ;;
esac
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the project as far as set-up needs it."""
    (tmp_path / "copy").mkdir()
    for folder in ("tools", "requirements"):
        (tmp_path / "copy" / folder).symlink_to(ROOT / folder)
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path / "copy"


def set_up(copy, folder=".venv"):
    surroundings = {"PATH": "/usr/bin:/bin", "PYTHONS": "3.11", "PYTHON": str(copy / "../python")}
    return subprocess.run(
        ["bash", "tools/environment.sh", folder],
        cwd=copy, env=surroundings, capture_output=True, text=True,
    )  # fmt: skip


def test_it_is_made_once(copy):
    done = set_up(copy)
    assert done.returncode == 0, done.stderr
    assert (copy / ".venv/made-for.txt").read_text().startswith(f"# {copy}/.venv\n")
    assert set_up(copy).stdout == ""


@pytest.mark.parametrize("file", ["thesis", "pyvenv.cfg"])
def test_what_make_did_not_make_is_left_alone(copy, file):
    """A folder of another kind, or an environment that somebody made by hand."""
    (copy / ".venv").mkdir()
    (copy / ".venv" / file).write_text("mine")
    done = set_up(copy)
    assert done.returncode == 1
    assert ".venv is there and was not made by make" in done.stderr
    assert [path.name for path in (copy / ".venv").iterdir()] == [file]


@pytest.mark.parametrize("folder", [".venv", ".venv/", ".venv//", ".venv/."])
def test_what_a_link_leads_to_is_left_alone(copy, folder):
    """The environment of another copy of the project, say."""
    theirs = copy / "../theirs"
    theirs.mkdir()
    (theirs / "made-for.txt").write_text("# /elsewhere/.venv\npins\n")
    (copy / ".venv").symlink_to(theirs)
    done = set_up(copy, folder)
    assert done.returncode == 1
    assert "or is a link" in done.stderr
    assert [path.name for path in theirs.iterdir()] == ["made-for.txt"]


def test_the_environment_of_another_copy_that_shares_the_folder_is_left_alone(copy):
    theirs = copy / "../shared/op"
    theirs.mkdir(parents=True)
    (theirs / "made-for.txt").write_text(f"# {theirs.resolve()}\npins\n")
    (copy / "envs").symlink_to(theirs.parent)
    done = set_up(copy, "envs/op")
    assert done.returncode == 1
    assert f"envs/op was made as {theirs.resolve()}" in done.stderr
    assert [path.name for path in theirs.iterdir()] == ["made-for.txt"]


@pytest.mark.parametrize("stamp", ["# /elsewhere/.venv\npins\n", "being made\n"])
def test_one_that_moved_or_was_left_half_made_is_made_anew(copy, stamp):
    (copy / ".venv/lib").mkdir(parents=True)
    (copy / ".venv/made-for.txt").write_text(stamp)
    done = set_up(copy)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (copy / ".venv").iterdir()} == {"bin", "made-for.txt", "new"}
