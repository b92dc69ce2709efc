"""The commit that a sidecar names is one of this project, or none."""

import re
import subprocess

import pytest

from pipeline import provenance


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the project, as far as it matters, in a repository's folder."""
    root = tmp_path / "copy"
    root.mkdir()
    (root / "Snakefile").touch()
    monkeypatch.setattr(provenance, "ROOT", root)
    return root


def repository(folder, *tracked):
    git = ("git", "-C", str(folder), "-c", "user.email=a@b", "-c", "user.name=n")
    for words in (["init", "-q"], ["add", "-f", *tracked], ["commit", "-qm", "x", "--allow-empty"]):
        if words != ["add", "-f"]:
            subprocess.run([*git, *words], check=True)


def test_its_own_commit_counts(tree):
    repository(tree, "Snakefile")
    assert re.fullmatch("[0-9a-f]{12}", provenance._commit())
    (tree / "Snakefile").write_text("edited")
    assert re.fullmatch("[0-9a-f]{12}-dirty", provenance._commit())


@pytest.mark.parametrize("tracked", [[], ["copy/Snakefile"]])
def test_the_commit_of_a_repository_around_it_does_not(tree, tracked):
    """A paper's, or a home folder's, whether or not the project was added to it."""
    repository(tree.parent, *tracked)
    assert provenance._commit() is None


def test_nor_does_one_that_does_not_know_it(tree):
    repository(tree)
    assert provenance._commit() is None


def test_without_a_repository_there_is_none(tree, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tree.parent))
    assert provenance._commit() is None
