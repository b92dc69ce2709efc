"""kill -9, on Snakemake and on jobs: plain `make` goes on to complete and identical results."""

import os
import random
import time
from contextlib import suppress

import psutil
import pytest

from tests.faults.conftest import ALL, SEED
from tests.faults.tree import RUN, kill
from tests.workflow.repository import leftovers

VICTIMS = ("snakemake", "job")
PLACES = 3
# In the walks; between a temporary file's first byte and its rename; between jobs.
POINTS = (
    "step 1", "step 3000", "step 9000", "step 23999",
    "writing gram.npy", "writing walk_tiny_positions.csv", "writing walk_tiny_turns.csv",
    "writing walk_tiny_positions.checkpoint.npz",
    "end spectrum", "begin walk", "end walk", "begin collect",
)  # fmt: skip


def continued(tree, finished, **more):
    """Plain make, after which everything is there and as it would have been."""
    done = tree.make(RUN, **more)
    assert done.returncode == 0, done.stderr
    made, wanted = tree.results(), finished.results()
    assert {path for path in made.keys() | wanted.keys() if made.get(path) != wanted.get(path)} == (
        set()
    )
    assert not [process for process in tree.processes() if process.status() != psutil.STATUS_ZOMBIE]
    again = tree.make(RUN)
    assert "Nothing to be done" in again.stderr
    return done.stderr


def killed(tree, victim, seconds):
    """Whether a victim was killed: that long after make began, or the first that there was then."""
    find = tree.snakemake_process if victim == "snakemake" else tree.job
    tree.start(OVERPARAM_CHECKPOINT_SECONDS="1")
    moment, sent = time.monotonic() + seconds, False
    while not sent and tree.making.poll() is None:
        # Between two jobs there is none: the next one is taken.
        if time.monotonic() >= moment and (process := find()) is not None:
            with suppress(ProcessLookupError):
                kill(process)
                sent = True
        time.sleep(0.02)
    status, said = tree.ended(), tree.said.read_text()
    # What had just ended by itself was not killed.
    return sent and (status != 0 if victim == "snakemake" else "is tried again" in said)


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("place", range(PLACES))
def test_killed_at_any_time(begun, finished, seconds, victim, place):
    seed = f"{os.environ[SEED]} {victim} {place}"
    after = seconds * (place + random.Random(seed).random()) / PLACES
    while not killed(begun, victim, after):
        # This run was faster than the one that was timed: once more, and earlier.
        begun.without(*ALL)
        after *= 0.8
    print(f"kill -9 of a {victim} after {after:.1f} s of {seconds:.1f} s ({seed})")
    continued(begun, finished, OVERPARAM_CHECKPOINT_SECONDS="1")


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(request, finished, point):
    victim = VICTIMS[POINTS.index(point) % 2]
    early = point.split()[1] in {"gram.npy", "spectrum"}
    tree = request.getfixturevalue("begun" if early else "half")
    tree.start(OVERPARAM_CHECKPOINT_SECONDS="0.5", **tree.hold_at(point))
    held = tree.reached()
    kind, which = point.split()
    halves = [path for path in leftovers(tree) if path.rpartition("/")[2].startswith(f".{which}.")]
    assert bool(halves) == (kind == "writing")
    kill(held if victim == "job" else tree.snakemake_process())
    status = tree.ended()
    assert status != 0 or victim == "job"
    continued(tree, finished, OVERPARAM_CHECKPOINT_SECONDS="0.5")
