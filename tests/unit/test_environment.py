"""What making the Python environment must not destroy."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def set_up(copy):
    """Make the environment of a copy of the project, whose programs and pins are linked to."""
    for folder in ("tools", "requirements"):
        (copy / folder).symlink_to(ROOT / folder)
    command = ["bash", "tools/environment.sh", ".venv"]
    # No Python will do: a set-up that goes on ends there.
    surroundings = {"PATH": "/usr/bin:/bin", "PYTHONS": "0.0"}
    return subprocess.run(command, cwd=copy, env=surroundings, capture_output=True, text=True)


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/thesis").write_text("mine")
    done = set_up(tmp_path)
    assert done.returncode == 1
    assert ".venv is there and is not a Python environment" in done.stderr
    assert [path.name for path in (tmp_path / ".venv").iterdir()] == ["thesis"]


def test_the_environment_of_another_copy_is_not_made_anew_through_a_link(tmp_path):
    theirs, ours = tmp_path / "theirs/.venv", tmp_path / "ours"
    theirs.mkdir(parents=True)
    ours.mkdir()
    (theirs / "pyvenv.cfg").touch()
    (theirs / "made-for.txt").write_text(f"# {theirs}\npins\n")
    (ours / ".venv").symlink_to(theirs)
    done = set_up(ours)
    assert done.returncode == 1
    assert f".venv is the environment {theirs}, by a link" in done.stderr
    assert (theirs / "pyvenv.cfg").exists()


def test_an_environment_that_moved_with_its_project_is_made_anew(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/pyvenv.cfg").touch()
    (tmp_path / ".venv/made-for.txt").write_text("# /elsewhere/.venv\npins\n")
    assert "found no working Python 0.0" in set_up(tmp_path).stderr
