"""The finished run that every test compares with, and copies in which most is still to be made."""

import os
import random
import time

import pytest

from tests import toy
from tests.faults.tree import RUN, Tree
from tests.workflow.repository import ROOT, fresh, shared

# Times of kills come from this seed; set the variable to repeat them.
SEED = "OVERPARAM_FAULTS_SEED"
# Seconds that each of the 24 000 steps takes more: some seconds in all, in which other tests work.
PAUSE = 0.0002


def pytest_configure():
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))


def pytest_report_header():
    return f"times of kills: {SEED}={os.environ[SEED]}"


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The whole run of the toy slice alone, once. Only read it."""

    def make(folder):
        tree = Tree(fresh(folder).folder)
        toy.drop_in(folder, alone=True)
        toy.slow(folder, PAUSE)
        (tree / "config/runs").mkdir(parents=True, exist_ok=True)
        text = (ROOT / "tests/faults/faults.yaml").read_text()
        (tree / "config/runs/faults.yaml").write_text(text)
        start = time.monotonic()
        done = tree.make(RUN)
        assert done.returncode == 0, done.stderr
        (tree / "seconds.txt").write_text(str(time.monotonic() - start))

    return Tree(shared(tmp_path_factory, "finished", make))


# What is still to be made: the walks and what follows them, or all.
WALKS = ("results/faults/toy", "figures/faults/toy", "results/faults/*.*")
ALL = ("data/digits", "results/shared", *WALKS)


@pytest.fixture
def begun(finished, tmp_path):
    """A copy in which everything is still to be made: ten jobs."""
    return finished.copied(tmp_path / "begun").without(*ALL)


@pytest.fixture
def half(finished, tmp_path):
    """A copy in which the walks are still to be taken, and what follows them."""
    return finished.copied(tmp_path / "half").without(*WALKS)


@pytest.fixture(scope="session")
def seconds(finished):
    """About how long the jobs of `begun` take here now."""
    return float((finished / "seconds.txt").read_text())
