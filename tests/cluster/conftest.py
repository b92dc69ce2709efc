"""One cluster for all tests, and runs of which they ask what became of them."""

import os
from concurrent.futures import ThreadPoolExecutor

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
def finishing(tmp_path_factory):
    """The test run on this computer goes on beside the test that asks for it first, which mostly
    waits; a function that waits for its end."""
    tree = repository.fresh(tmp_path_factory.mktemp("finished"))

    def made():
        done = run.result()
        assert done.returncode == 0, done.stderr
        return tree

    with ThreadPoolExecutor(1) as beside:
        run = beside.submit(tree.snakemake)
        yield made


@pytest.fixture(scope="session")
def finished(finishing):
    """The test run on this computer. Only read it."""
    return finishing()


@pytest.fixture(scope="session")
def configuration():
    """The configuration file of the run that is compared: RUN= of make test-slurm."""
    return "config/config.yaml" if RUN == "digits" else f"config/{RUN}.yaml"


@pytest.fixture(scope="session")
def here(request, tmp_path_factory, configuration):
    """The run that is compared, on this computer."""
    if RUN == "test":
        return request.getfixturevalue("finished")
    tree = repository.fresh(tmp_path_factory.mktemp("here"))
    done = tree.snakemake(config=configuration)
    assert done.returncode == 0, done.stderr
    return tree


@pytest.fixture(scope="session")
def away(cluster, tmp_path_factory, pytestconfig):
    """The same run by `make slurm`, with what it said."""
    tree = loopback.sent(repository.fresh(tmp_path_factory.mktemp("away")))
    assert tree.start_make(RUN).wait() == 0, tree.said.read_text()
    pytestconfig.stash[SAID] = [
        f"{row['JobID']:>5} {row['State']:<10} {row['NodeList']}" for row in tree.submissions()
    ]
    return tree


@pytest.fixture
def tree(cluster, tmp_path):
    """A new copy, for a run that is disturbed."""
    made = loopback.sent(repository.fresh(tmp_path / "tree"))
    yield made
    made.end()


@pytest.fixture
def again(finished, tmp_path):
    """A copy of the finished test run, for some of it to be made again and disturbed."""
    made = loopback.sent(finished.copied(tmp_path / "again"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def over_time(finished, tmp_path_factory):
    """A run whose training is held until SLURM ends it for its time, in a minute or two: tests that
    come before the one that looks at it ask for it too."""
    made = loopback.sent(finished.copied(tmp_path_factory.mktemp("over_time") / "tree"))
    made.without(loopback.TRAINED)
    limit = ("--set-resources", "train:runtime=attempt")
    made.start(*limit, "--", loopback.METRICS, retries=1, **made.hold())
    loopback.until(made.held)
    yield made
    made.end()


@pytest.fixture(scope="module")
def over_memory(finished, tmp_path_factory):
    """A run whose job takes more memory than it asks for, likewise."""
    made = loopback.sent(finished.copied(tmp_path_factory.mktemp("over_memory") / "tree"))
    made.without(loopback.STARTED)
    made.start(*loopback.TOO_LITTLE)
    yield made
    made.end()


def pytest_terminal_summary(terminalreporter, config):
    """The submissions of the run that was compared, as SLURM counted them."""
    if lines := config.stash.get(SAID, None):
        terminalreporter.section(f"sacct: {len(lines)} submissions of run {RUN}")
        for line in lines:
            terminalreporter.write_line(line)
