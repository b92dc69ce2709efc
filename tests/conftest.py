"""What tests of several folders ask for."""

import os

import pytest

from tests.workflow import repository

# An edit that keeps a file's size would not be seen in the second in which bytecode was written.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


@pytest.fixture
def clone(tmp_path):
    """The repository as a new clone has it."""
    return repository.fresh(tmp_path / "clone")
