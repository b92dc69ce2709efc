"""What tests of several folders ask for."""

import pytest

from tests.workflow import repository


@pytest.fixture
def clone(tmp_path):
    """The repository as a new clone has it."""
    return repository.fresh(tmp_path / "clone")
