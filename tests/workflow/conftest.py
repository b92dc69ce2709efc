"""What the tests of plans share: one copy that nothing runs in, and each plan made once."""

import pytest

from tests.workflow.plans import CONFIGS, Plan, plan
from tests.workflow.repository import Repository, fresh, shared


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The repository as a new clone has it, for tests that only plan."""
    return Repository(shared(tmp_path_factory, "planned", fresh))


@pytest.fixture(scope="session")
def plans(project):
    """The plan of a run, or of single targets in it."""
    made: dict[tuple[str, ...], Plan] = {}

    def of(name: str, *targets: str) -> Plan:
        if (name, *targets) not in made:
            made[name, *targets] = plan(project.folder, CONFIGS[name], targets)
        return made[name, *targets]

    return of
