"""The finished runs that all tests here share, and copies to edit."""

import shutil

import pytest

from tests.workflow import repository


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The whole `test` run by `make quick`, in a folder with a blank in its name. Only read it.

    Without what was recorded before: nothing that is measured may rest on it. And without network,
    where that can be: routes.txt says which routes there were.
    """

    def make(folder):
        tree = repository.fresh(folder)
        shutil.rmtree(tree / "reference")
        noted = ["sh", "-c", 'cat /proc/net/route > routes.txt; exec "$@"', "sh"]
        without = repository.alone()
        done = tree.make("quick", within=[*without, *noted] if without else [])
        assert done.returncode == 0, done.stderr
        (folder / "said.txt").write_text(done.stdout)

    return repository.Repository(repository.shared(tmp_path_factory, "by make", make))


@pytest.fixture(scope="session")
def finished(made, tmp_path_factory):
    """The whole `test` run in all of the repository. Only to be read: take `copy` to change it."""

    def make(folder):
        shutil.copytree(made.folder, folder, symlinks=True, dirs_exist_ok=True)
        repository.fresh(folder)  # what was recorded before is there again

    return repository.Repository(repository.shared(tmp_path_factory, "finished", make))


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of the finished run."""
    return finished.copied(tmp_path / "copy")
