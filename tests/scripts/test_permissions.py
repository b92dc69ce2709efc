"""What may not be read, or written, is told with what to do about that path."""

import os
import subprocess
import sys

import pytest

from tests.workflow.repository import ROOT, environment, unprivileged

BARRED = unprivileged()
pytestmark = pytest.mark.skipif(
    os.geteuid() == 0 and not BARRED, reason="skipped: root, and no setpriv"
)


def said(*words):
    """The one message of a program that fails."""
    done = subprocess.run(
        [*BARRED, sys.executable, "-m", *map(str, words)], cwd=ROOT, env=environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return done.stderr


@pytest.fixture
def barred(tmp_path):
    """A folder that may not be looked into; nor, then, be written to."""
    folder = tmp_path / "barred"
    folder.mkdir(mode=0)
    yield folder
    folder.chmod(0o700)


def test_a_data_folder_is_named_with_the_variable_that_names_it(barred, tmp_path):
    out = tmp_path / "out"
    words = ("--source", "mnist", "--data-dir", barred, "--data", out, "--archives", out)
    told = said("scripts.data.fetch", *words)
    assert told.startswith(f"error: {barred}/")
    assert "found no permission to read it" in told
    assert "another folder as data_dir (DATA_DIR of make" in told
    assert not out.exists()


@pytest.mark.parametrize("name", ["own.csv", "own.npz"])
def test_ones_own_file(tmp_path, barred, name):
    path = tmp_path / name
    path.write_text("a,label\n1,0\n")
    path.chmod(0)
    assert said("scripts.runs.mine", "--file", path).startswith(
        f"error: {path}: found no permission to read it"
    )
    path = barred / name
    assert said("scripts.runs.mine", "--file", path) == (
        f"error: {path}: Permission denied: no permission: give yourself some (chmod), or name "
        "another path\n"
    )


def test_a_place_to_write_to(barred):
    path = barred / "digits.npz"
    assert said("scripts.data.digits", "--output", path) == (
        f"error: {path}: Permission denied: no permission: run in a folder that you may write to\n"
    )
