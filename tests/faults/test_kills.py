"""kill -9, on Snakemake and on jobs: plain `make` goes on to complete and identical results."""

import os
import random
import time

import psutil
import pytest

from tests.faults.conftest import SEED
from tests.faults.tree import RUN, kill

VICTIMS = ("snakemake", "job")
# In training; between a temporary file's first byte and its rename; between jobs.
POINTS = (
    "training 1", "training 3000", "training 9000", "training 14000", "training 19999",
    "writing gram.npy", "writing metrics.csv", "writing metrics.checkpoint.npz",
    "end spectrum", "begin train", "end train", "begin collect",
)  # fmt: skip


def continued(tree, finished, **more):
    """Plain make, after which everything is there and as it would have been."""
    done = tree.make(RUN, **more)
    assert done.returncode == 0, done.stderr
    made, wanted = tree.results(), finished.results()
    assert {path for path in made.keys() | wanted.keys() if made.get(path) != wanted.get(path)} == (
        set()
    )
    assert not [one for one in tree.processes() if one.status() != psutil.STATUS_ZOMBIE]
    again = tree.make(RUN)
    assert "Nothing to be done" in again.stderr
    return done.stderr


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("place", range(5))
def test_killed_at_any_time(begun, finished, seconds, victim, place):
    seed = f"{os.environ[SEED]} {victim} {place}"
    after = random.Random(seed).uniform(0, seconds)
    find = begun.snakemake_process if victim == "snakemake" else begun.job
    begun.start(OVERPARAM_CHECKPOINT_SECONDS="1")
    deadline = time.monotonic() + after
    process = begun.until(find)
    # A run that is faster than the one that was timed is killed while it still is at work.
    while time.monotonic() < deadline and (found := find() or process).is_running():
        process = found
        time.sleep(0.02)
    print(f"kill -9 of a {victim} after {after:.1f} s of {seconds:.1f} s ({seed})")
    if process.is_running():
        kill(process)
    begun.ended()
    continued(begun, finished, OVERPARAM_CHECKPOINT_SECONDS="1")


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(request, finished, point):
    victim = VICTIMS[POINTS.index(point) % 2]
    early = point.split()[1] in {"gram.npy", "spectrum"}
    tree = request.getfixturevalue("begun" if early else "half")
    tree.start(OVERPARAM_CHECKPOINT_SECONDS="0.5", **tree.pause_at(point))
    held = tree.reached()
    kill(held if victim == "job" else tree.snakemake_process())
    status = tree.ended()
    assert status != 0 or victim == "job"
    continued(tree, finished, OVERPARAM_CHECKPOINT_SECONDS="0.5")
