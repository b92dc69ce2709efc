"""One cluster for all tests, and a run of which they ask what became of it."""

import os

import pytest

from tests.cluster import loopback
from tests.workflow import repository

RUN = os.environ.get("OVERPARAM_TEST_RUN", "test")
SAID = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session", autouse=True)
def cluster():
    """A real SLURM with two nodes; it is stopped at the end."""
    started = loopback.tool("start")
    if started.returncode != 0:
        # Where it has to be had, as CI knows, a cluster that does not start is a failure.
        missing = pytest.fail if os.environ.get("OVERPARAM_SLURM") == "required" else pytest.skip
        missing(f"skipped: needs a SLURM of its own: {started.stderr.strip()}")
    yield
    loopback.tool("stop")


@pytest.fixture(scope="session")
def configuration():
    """The configuration file of the run that is compared: RUN= of make test-slurm."""
    return "config/config.yaml" if RUN == "digits" else f"config/{RUN}.yaml"


@pytest.fixture(scope="session")
def here(tmp_path_factory, configuration):
    """The run on this computer."""
    tree = repository.fresh(tmp_path_factory.mktemp("here"))
    done = tree.snakemake(config=configuration)
    assert done.returncode == 0, done.stderr
    return tree


@pytest.fixture(scope="session")
def away(cluster, tmp_path_factory, pytestconfig):
    """The same run by `make slurm`, with what it said."""
    tree = loopback.sent(tmp_path_factory.mktemp("away"))
    polls = " ".join(str(word) for word in loopback.POLLS)
    done = tree.make(
        "slurm", f"RUN={RUN}", f"SNAKEMAKE_ARGS={polls}",
        SLURM_CONF=loopback.settings()["SLURM_CONF"],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (tree / "said.txt").write_text(done.stdout + done.stderr)
    pytestconfig.stash[SAID] = [
        f"{row['JobID']:>5} {row['State']:<10} {row['NodeList']}" for row in tree.submissions()
    ]
    return tree


@pytest.fixture
def tree(cluster, tmp_path):
    """A new copy, for a run that is disturbed; whatever happens, its jobs are cancelled."""
    made = loopback.sent(tmp_path / "tree")
    yield made
    if made.process:
        made.process.kill()
    if left := loopback.queue():
        loopback.ask("scancel", *left)
        loopback.until(lambda: not loopback.queue())


def pytest_terminal_summary(terminalreporter, config):
    """The submissions of the run that was compared, as SLURM counted them."""
    if lines := config.stash.get(SAID, None):
        terminalreporter.section(f"sacct: {len(lines)} submissions of run {RUN}")
        for line in lines:
            terminalreporter.write_line(line)
