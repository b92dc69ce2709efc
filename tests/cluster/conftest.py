"""One cluster for all tests, and runs of which they ask what became of them."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import toy
from tests.cluster import loopback
from tests.cluster.loopback import PATIENCE
from tests.workflow import repository

RUN = os.environ.get("OVERPARAM_TEST_RUN", "test")
# Seconds that each of the toy's 24 000 steps takes more.
PAUSE = 0.0001
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


def toy_alone(folder):
    """A new copy whose only slice is the toy one."""
    tree = repository.fresh(folder)
    toy.drop_in(folder, alone=True)
    toy.slow(folder, PAUSE)
    return tree


@pytest.fixture(scope="session")
def beside():
    """Runs on this computer go on, one after the other, beside tests that mostly wait."""
    with ThreadPoolExecutor(1) as pool:

        def begin(tree, configuration):
            run = pool.submit(tree.snakemake, config=configuration)

            def made():
                done = run.result()
                assert done.returncode == 0, done.stderr
                return tree

            return made

        yield begin


@pytest.fixture(scope="session")
def finishing(beside, tmp_path_factory):
    """The toy slice's run on this computer begins; a function that waits for its end."""
    return beside(toy_alone(tmp_path_factory.mktemp("finished")), repository.CONFIG)


@pytest.fixture(scope="session")
def finished(finishing):
    """The toy slice's run on this computer. Only read it."""
    return finishing()


@pytest.fixture(scope="session")
def configuration():
    """The configuration file of the real run that is compared: RUN= of make test-slurm."""
    return "config/config.yaml" if RUN == "digits" else f"config/{RUN}.yaml"


@pytest.fixture(scope="session")
def here(finishing, beside, tmp_path_factory, configuration):
    """The real run on this computer begins; a function that waits for its end."""
    return beside(repository.fresh(tmp_path_factory.mktemp("here")), configuration)


@pytest.fixture(scope="session")
def away(cluster, tmp_path_factory, pytestconfig):
    """The real run by `make slurm`."""
    tree = loopback.sent(repository.fresh(tmp_path_factory.mktemp("away")))
    assert tree.start_make(RUN).wait() == 0, tree.said.read_text()
    pytestconfig.stash[SAID] = [
        f"{row['JobID']:>5} {row['State']:<10} {row['NodeList']}" for row in tree.submissions()
    ]
    return tree


@pytest.fixture(scope="module")
def toy_sent(cluster, tmp_path_factory):
    """The toy slice's run by `make slurm` begins, beside tests that come before those of it."""
    tree = loopback.sent(toy_alone(tmp_path_factory.mktemp("toy_away")))
    tree.start_make("test")
    yield tree
    tree.end()


@pytest.fixture(scope="module")
def toy_away(toy_sent):
    """The same, finished, with what it said."""
    assert toy_sent.process.wait(timeout=PATIENCE) == 0, toy_sent.said.read_text()
    return toy_sent


@pytest.fixture
def tree(cluster, tmp_path):
    """A new copy, for a run that is disturbed."""
    made = loopback.sent(toy_alone(tmp_path / "tree"))
    yield made
    made.end()


@pytest.fixture
def again(finished, tmp_path):
    """A copy of the finished run, for some of it to be made again and disturbed."""
    made = loopback.sent(finished.copied(tmp_path / "again"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def over_time(finished, tmp_path_factory):
    """A run whose walks are held until SLURM ends it for its time, in a minute or two: tests that
    come before the one that looks at it ask for it too."""
    made = loopback.sent(finished.copied(tmp_path_factory.mktemp("over_time") / "tree"))
    made.without(loopback.WALKED)
    limit = ("--set-resources", "toy_walk:runtime=attempt")
    made.start(*limit, "--", loopback.WALK, retries=1, **made.hold())
    loopback.until(made.held)
    yield made
    made.end()


@pytest.fixture(scope="module")
def over_memory(finished, tmp_path_factory):
    """A run whose job takes more memory than it asks for, likewise."""
    made = loopback.sent(finished.copied(tmp_path_factory.mktemp("over_memory") / "tree"))
    made.without(loopback.WALKED)
    made.start(*loopback.TOO_LITTLE)
    yield made
    made.end()


def pytest_terminal_summary(terminalreporter, config):
    """The submissions of the run that was compared, as SLURM counted them."""
    if lines := config.stash.get(SAID, None):
        terminalreporter.section(f"sacct: {len(lines)} submissions of run {RUN}")
        for line in lines:
            terminalreporter.write_line(line)
