"""The finished runs that all tests here share, and copies to edit.

They are runs of the toy slice alone (tests/toy), seconds each: what is tested here is the
machinery, which is the same for every slice. Where the project's own slices matter, tests take
`whole`, a minute's work.
"""

import shutil

import pytest

from tests import toy
from tests.workflow import repository


def quick(tree):
    """Run `make quick` without what was recorded before: nothing that is measured may rest on it.

    And without network, where that can be: routes.txt says which routes there were.
    """
    shutil.rmtree(tree / "reference")
    noted = ["sh", "-c", 'cat /proc/net/route > routes.txt; exec "$@"', "sh"]
    without = repository.alone()
    done = tree.make("quick", within=[*without, *noted] if without else [])
    assert done.returncode == 0, done.stderr
    (tree / "said.txt").write_text(done.stdout)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The toy slice's `test` run by `make quick`, in a folder with a blank in its name. Only read
    it."""

    def make(folder):
        toy.drop_in(repository.fresh(folder).folder, alone=True)
        quick(repository.Repository(folder))

    return repository.Repository(repository.shared(tmp_path_factory, "by make", make))


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The same run by Snakemake, in all of the repository. Only to be read: take `copy` to change
    it."""

    def make(folder):
        tree = repository.fresh(folder)
        toy.drop_in(folder, alone=True)
        done = tree.snakemake()
        assert done.returncode == 0, done.stderr

    return repository.Repository(repository.shared(tmp_path_factory, "finished", make))


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """The `test` run of the project's own slices by `make quick`. Only read it.

    Afterwards what was recorded before is there again.
    """

    def make(folder):
        quick(repository.fresh(folder))
        repository.fresh(folder)

    return repository.Repository(repository.shared(tmp_path_factory, "whole", make))


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of the toy slice's finished run."""
    return finished.copied(tmp_path / "copy")


@pytest.fixture
def clone(tmp_path):
    """The repository as a new clone has it, with the toy slice in place of its own."""
    tree = repository.fresh(tmp_path / "clone")
    toy.drop_in(tree.folder, alone=True)
    return tree


@pytest.fixture
def everything(tmp_path):
    """The repository as a new clone has it."""
    return repository.fresh(tmp_path / "everything")
