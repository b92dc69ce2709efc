"""The finished run that every test compares with, and copies in which most is still to be made."""

import os
import random
import time

import pytest

from tests.faults.tree import RUN, Tree
from tests.workflow.repository import ROOT, fresh, shared

# Times of kills come from this seed; set the variable to repeat them.
SEED = "OVERPARAM_FAULTS_SEED"


def pytest_configure():
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))


def pytest_report_header():
    return f"times of kills: {SEED}={os.environ[SEED]}"


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The whole run, once. Only read it."""

    def make(folder):
        tree = Tree(fresh(folder).folder)
        (tree / "config/runs").mkdir(parents=True, exist_ok=True)
        text = (ROOT / "tests/faults/faults.yaml").read_text()
        (tree / "config/runs/faults.yaml").write_text(text)
        done = tree.make(RUN)
        assert done.returncode == 0, done.stderr

    return Tree(shared(tmp_path_factory, "finished", make))


# What is still to be made: all but what is made to order (ten jobs), or training and after.
TRAINING = (
    "results/faults/two_layer/equation8", "figures/faults/two_layer/equation8*",
    "results/faults/*.*",
)  # fmt: skip
ALL = ("data/digits", "results/shared", *TRAINING)


@pytest.fixture
def begun(finished, tmp_path):
    """A copy in which data, spectrum, network and ledger are still to be made: ten jobs."""
    return finished.copied(tmp_path / "begun").without(*ALL)


@pytest.fixture
def half(finished, tmp_path):
    """A copy in which the network is still to be trained, and what follows it."""
    return finished.copied(tmp_path / "half").without(*TRAINING)


@pytest.fixture(scope="session")
def seconds(finished, tmp_path_factory):
    """About how long the jobs of `begun` take here now."""
    tree = finished.copied(tmp_path_factory.mktemp("timed") / "begun").without(*ALL)
    start = time.monotonic()
    assert tree.make(RUN).returncode == 0
    return time.monotonic() - start
