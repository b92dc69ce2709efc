"""Runs on a real SLURM: the same bytes as here, and what happens when something goes wrong.

Needs root and Debian's packages of SLURM: `make test-slurm` installs them. The tests share one
cluster of two nodes, which tools/slurm starts on this computer.
"""

import os
import re
import signal
import time
from contextlib import ExitStack

from tests.cluster.loopback import DIR, ask, drained, queue, settings, tool, until

# These hold times, computer and commit.
DATED = {"timings.csv", "report.json", "report.html"}
START = "results/test/two_layer/start/tiny/metrics.json"
DEVIATION = "results/test/two_layer/equation8/tiny/metrics.json"


def compared(tree):
    """Tables, figures and all else that a run makes, but for notes of how it was made."""
    return {
        path
        for path in tree.files("results", "figures", "data")
        if not path.endswith((".log", ".tsv"))
        and path.rpartition("/")[2] not in DATED
        and not (path.endswith(".json") and b'"program"' in (tree / path).read_bytes())
    }


def rules_where(said):
    """The names of the rules that ran here, and of those that were sent."""
    here = re.findall(r"^localrule (\w+):$", said, re.MULTILINE)
    away = re.findall(r"^ *rule (\w+):\n +(?:in|out)put:", said, re.MULTILINE)
    return set(here) - {"all"}, away


# --- a whole run ---------------------------------------------------------------------------------


def test_the_same_bytes_as_here(here, away):
    paths = compared(here)
    assert paths == compared(away)
    assert len(paths) > 100
    assert here.contents(paths) == away.contents(paths)


def test_only_downloads_drawing_and_the_report_stay_here(away):
    local, sent = rules_where((away / "said.txt").read_text())
    downloads = {"digits", "mnist", "cifar10", "file"}
    others = {rule for rule in local if not rule.startswith("plot_")}
    assert others <= downloads | {"collect", "assemble", "report"}
    assert {"gram", "spectrum", "train", "complexity", "deviation", "start"} <= set(sent)


def test_short_jobs_travel_together_to_both_nodes(away):
    _, sent = rules_where((away / "said.txt").read_text())
    submissions = away.submissions()
    assert {row["State"] for row in submissions} == {"COMPLETED"}
    assert 4 <= len(submissions) < len(sent) / 10
    assert {row["NodeList"] for row in submissions} == {"n1", "n2"}


def test_account_and_partition_are_those_of_the_profile(away):
    found = {(row["Account"], row["Partition"]) for row in away.submissions()}
    assert found == {("overparam", "main")}


def test_afterwards_there_is_nothing_to_do_here_or_there(away, configuration):
    for profile in ("default", "slurm"):
        said = away.python(
            "snakemake", "-n", "--configfile", configuration,
            "--workflow-profile", f"profiles/{profile}",
        )  # fmt: skip
        assert "Nothing to be done" in said.stdout + said.stderr, profile


# --- ended by a person ---------------------------------------------------------------------------


def test_ctrl_c_and_make_cancel_leave_nothing_in_the_queue(tree):
    """No node takes a job meanwhile, so that none ends by itself."""
    with drained():
        run = tree.start(START)
        until(lambda: queue("PENDING"))
        os.killpg(run.pid, signal.SIGINT)
        assert run.wait(timeout=120) != 0
        until(lambda: not queue(), 30)

        run = tree.start(START)
        until(lambda: queue("PENDING"))
        said = tree.make("cancel", SLURM_CONF=settings()["SLURM_CONF"])
        assert said.returncode == 0, said.stderr
        assert f"Ended the run of process {run.pid}." in said.stdout
        assert re.search(r"^Cancelled: \d+\.$", said.stdout, re.MULTILINE)
        assert run.wait(timeout=10) != 0
        assert not queue()
        states = [row["State"].split()[0] for row in tree.submissions()]
        assert states == ["CANCELLED", "CANCELLED"]

        # A run that was killed leaves its jobs behind: they are this folder's still.
        run = tree.start(START)
        until(lambda: queue("PENDING"))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        said = tree.make("cancel", SLURM_CONF=settings()["SLURM_CONF"])
        assert re.search(r"^Cancelled: \d+\.$", said.stdout, re.MULTILINE), said.stderr
        assert not queue()
        again = tree.make("cancel", SLURM_CONF=settings()["SLURM_CONF"])
        assert again.stdout == "No job of this folder queued.\n"


# --- ended by the cluster ------------------------------------------------------------------------


def test_a_dead_node_and_a_controller_away_for_a_minute(tree, here):
    """A job on a node that dies starts again on the other, and nobody needs the controller then."""
    run = tree.start(DEVIATION)

    def training():
        lines = (line.split("|") for line in ask("squeue", "-h", "-t", "R", "-o", "%i|%N|%k"))
        return [(one, node) for one, node, comment in lines if "training" in comment]

    ((job, node),) = until(training)
    other = {"n1": "n2", "n2": "n1"}[node]
    assert tool("node-kill", node).returncode == 0
    try:
        until(lambda: job in queue("PENDING"), 90)
        # SLURM waits two minutes before it starts such a job again, which nobody needs to see.
        ask("scontrol", "update", f"JobId={job}", "StartTime=now")
        until(lambda: queue("RUNNING").get(job) == ("RUNNING", other))
        started = time.time()
        # It writes down what runs every few seconds, and would start it twice without.
        until(lambda: (DIR / "state/job_state").stat().st_mtime > started)
        tool("controller-kill")
        time.sleep(60)
        assert run.poll() is None
        tool("controller-up")
        assert run.wait(timeout=300) == 0, tree.said.read_text()
    finally:
        tool("controller-up")
        assert tool("node-up", node).returncode == 0
    attempts = [row for row in tree.submissions() if row["JobID"] == job]
    ended = [(row["State"], row["NodeList"]) for row in attempts]
    assert (ended[0], ended[-1]) == (("NODE_FAIL", node), ("COMPLETED", other))
    made = compared(tree)
    assert DEVIATION in made
    assert tree.contents(made) == here.contents(made)


def test_a_job_over_its_memory_says_what_to_raise_and_asks_for_more(tree):
    asked = ("--set-resources", "start:mem_mb=300*attempt", "--", START)
    assert tree.send(*asked) != 0
    said = tree.python("scripts.runs.failures")
    assert said.returncode == 0, said.stderr
    assert re.match(
        r"SLURM job \d+ on n\d: FAILED, over its memory of 300M: raise mem_mb of start: "
        r"set-resources in profiles/slurm/profile.yaml, .*\n  start: results/.*/start.log\n",
        said.stdout,
    )
    assert tree.send(*asked, retries=2) == 0
    tries = [row for row in tree.submissions() if row["ReqMem"] in ("300M", "600M", "900M")]
    assert [row["ReqMem"] for row in tries] == ["300M", "300M", "600M"]
    assert [row["State"] for row in tries] == ["FAILED", "FAILED", "COMPLETED"]
    said = tree.python("scripts.runs.failures")
    assert "  start, done by a later attempt: " in said.stdout


# --- edited meanwhile ----------------------------------------------------------------------------


def test_code_edited_before_the_start_is_refused(tree):
    program = "scripts/data/prepare.py"
    with ExitStack() as edits:
        with drained():
            run = tree.start(START)
            until(lambda: queue("PENDING"))
            edits.enter_context(tree.edited(program, lambda text: f"{text}\nEDITED = True\n"))
        assert run.wait(timeout=120) != 0
    message = f"error: {program}: it or a module that it imports changed since this run was planned"
    assert message in tree.said.read_text()
    assert message in tree.python("scripts.runs.failures").stdout
    assert not list((tree / "results/shared").glob("*/problem.npz"))
    assert tree.send(START) == 0
