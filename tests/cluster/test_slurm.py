"""Runs on a real SLURM: the same bytes as here, and what happens when something goes wrong.

What goes wrong is tried on the toy slice; one real run, the whole of it, is sent too. Needs root
and Debian's packages of SLURM: `make test-slurm` installs them. The tests share one cluster of two
nodes, which tools/slurm starts on this computer. Those that mostly wait come first: others' work
goes on beside them.
"""

import os
import re
import signal
import sys
import time
from contextlib import ExitStack

import pytest

from pipeline.running import dag
from pipeline.running.cluster import SHORT
from tests.cluster import loopback
from tests.cluster.loopback import DIR, LAST, PATIENCE, SPREAD, WALK, WALKED, ask, tool, until
from tests.workflow.repository import CONFIG

# These hold times, computer and commit.
DATED = {"timings.csv", "report.json", "report.html"}


def compared(tree):
    """Tables, figures and all else that a run makes, but for notes of how it was made."""
    return {
        path
        for path in tree.files("results", "figures", "data")
        if not path.endswith((".log", ".tsv"))
        and path.rpartition("/")[2] not in DATED
        and not (path.endswith(".json") and b'"program"' in (tree / path).read_bytes())
    }


def own_words(tree):
    """What Snakemake itself said in the last run."""
    return max((tree / ".snakemake/log").glob("*.log")).read_text()


def rules_where(said):
    """The names of the rules that ran here, and of those that were sent."""
    here = re.findall(r"^localrule (\w+):$", said, re.MULTILINE)
    away = re.findall(r"^ *rule (\w+):\n +(?:in|out)put:", said, re.MULTILINE)
    return set(here) - {"all"}, away


def same(tree, wanted, path):
    """Whether a run made a file anew, and all that it holds are the bytes of another's."""
    made = compared(tree)
    assert path in made
    assert tree.contents(made) == wanted.contents(made)


def went_on(tree):
    """Whether the walks went on from their checkpoint, which is gone since."""
    assert re.search(r"goes on from \d{3,4} positions", (tree / WALKED / "walk.log").read_text())
    assert not list(tree.folder.glob("figures/**/*checkpoint*"))


# --- ended by the cluster ------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_a_dead_node_and_a_controller_away_for_a_minute(tree, finishing):
    """A job on a node that dies goes on on the other, and nobody needs the controller then."""
    run = tree.start("--", WALK, **tree.hold())
    until(tree.held)
    ((job, (_, node)),) = tree.queue("RUNNING").items()
    other = {"n1": "n2", "n2": "n1"}[node]
    assert tool("node-kill", node).returncode == 0
    try:
        until(lambda: tree.queue("PENDING"))
        # SLURM waits two minutes before it starts such a job again, which nobody needs to see.
        ask("scontrol", "update", f"JobId={job}", "StartTime=now")
        until(lambda: tree.queue("RUNNING").get(job) == ("RUNNING", other))
        started = time.time()
        # It writes down what runs every few seconds, and would start it twice without.
        until(lambda: (DIR / "state/job_state").stat().st_mtime > started)
        tool("controller-kill")
        time.sleep(60)
        assert run.poll() is None
        tool("controller-up")
        assert run.wait(timeout=PATIENCE) == 0, tree.said.read_text()
    finally:
        tool("controller-up")
        assert tool("node-up", node).returncode == 0
    attempts = [row for row in tree.submissions() if row["JobID"] == job]
    ended = [(row["State"], row["NodeList"]) for row in attempts]
    assert (ended[0], ended[-1]) == (("NODE_FAIL", node), ("COMPLETED", other))
    went_on(tree)
    same(tree, finishing(), WALK)


# --- ended by a person ---------------------------------------------------------------------------


@pytest.mark.usefixtures("over_memory", "over_time", "toy_sent")
def test_ctrl_c_and_make_cancel_leave_nothing_in_the_queue(tree):
    """No node takes a job meanwhile, so that none ends by itself."""
    with loopback.drained():
        run = tree.start(LAST)
        until(lambda: tree.queue("PENDING"))
        os.killpg(run.pid, signal.SIGINT)
        assert run.wait(timeout=PATIENCE) != 0
        until(lambda: not tree.queue(), 60)

        run = tree.start(LAST)
        until(lambda: tree.queue("PENDING"))
        said = tree.make("cancel", SLURM_CONF=loopback.settings()["SLURM_CONF"])
        assert said.returncode == 0, said.stderr
        assert f"Ended the run of process {run.pid}." in said.stdout
        assert re.search(r"^Cancelled: \d+\.$", said.stdout, re.MULTILINE)
        assert run.wait(timeout=60) != 0
        assert not tree.queue()
        states = [row["State"].split()[0] for row in tree.submissions()]
        assert states == ["CANCELLED", "CANCELLED"]

        # A run that was killed leaves its jobs behind: they are this folder's still.
        run = tree.start(LAST)
        until(lambda: tree.queue("PENDING"))
        tree.kill()
        said = tree.make("cancel", SLURM_CONF=loopback.settings()["SLURM_CONF"])
        assert re.search(r"^Cancelled: \d+\.$", said.stdout, re.MULTILINE), said.stderr
        assert not tree.queue()
        again = tree.make("cancel", SLURM_CONF=loopback.settings()["SLURM_CONF"])
        assert again.stdout == "No job of this folder queued.\n"


def test_a_make_slurm_that_was_killed_goes_on_once_its_jobs_have_ended(again, finished):
    """One is held meanwhile: it is waited for, and what it makes is used."""
    again.without(WALKED, "results/test/*.*")
    again.start_make("test")
    job = until(lambda: again.program("scripts.toy.walk"))
    job.suspend()
    again.kill()
    again.start_make("test")
    until(lambda: "Waiting for jobs of an earlier run" in again.said.read_text())
    assert [state for state, _ in again.queue().values()] == ["RUNNING"]
    job.resume()
    assert again.process.wait(timeout=PATIENCE) == 0, again.said.read_text()
    said, own = again.said.read_text(), own_words(again)
    assert re.search(r"An earlier run \(process \d+ on .*was cut off: .* the folder unlocked", said)
    assert "rule collect:" in own
    # Nor what is made of the walks, whose tables are the same bytes again.
    assert "rule toy_" not in own
    assert [row["State"] for row in again.submissions()] == ["COMPLETED"]
    assert compared(again) == compared(finished)
    same(again, finished, WALK)


# --- edited meanwhile ----------------------------------------------------------------------------


def test_code_edited_before_the_start_is_refused(again):
    again.without(SPREAD)
    program = "scripts/toy/spread.py"
    with ExitStack() as edits:
        with loopback.drained():
            run = again.start(LAST, retries=2)
            until(lambda: again.queue("PENDING"))
            edits.enter_context(again.edited(program, lambda text: f"{text}\nEDITED = True\n"))
        assert run.wait(timeout=PATIENCE) != 0
    message = f"error: {program}: it or a module that it imports changed since this run was planned"
    assert message in again.said.read_text()
    assert len(again.submissions()) == 1  # who refuses is not asked again
    assert message in again.python("scripts.runs.failures").stdout
    assert not (again / LAST).exists()
    assert again.send(LAST) == 0


# --- undisturbed ---------------------------------------------------------------------------------


def test_the_toy_run_is_the_same_bytes_as_here(toy_away, finished):
    paths = compared(finished)
    assert paths == compared(toy_away)
    assert finished.contents(paths) == toy_away.contents(paths)


def test_only_downloads_drawing_and_the_report_stay_here(toy_away):
    local, sent = rules_where(own_words(toy_away))
    assert local == {"digits", "plot_toy_spread", "collect", "verdicts", "assemble", "report"}
    assert set(sent) == {"prepare", "gram", "spectrum", "toy_walk", "toy_spread"}


def test_account_and_partition_are_those_of_the_profile(toy_away):
    found = {(row["Account"], row["Partition"]) for row in toy_away.submissions()}
    assert found == {("overparam", "main")}


def test_what_a_data_folder_is_called_is_run_nowhere(toy_away):
    """By this computer's and the nodes' shells, through the environment. Rules that hand it to a
    program are not among this run's: tests/unit/test_security.py asks that they quote it."""
    assert not list(toy_away.folder.rglob("hacked"))


def test_afterwards_there_is_nothing_to_do_here_or_there(toy_away):
    for profile in ("default", "slurm"):
        said = toy_away.python(
            "snakemake", "-n", "--configfile", CONFIG, "--workflow-profile", f"profiles/{profile}"
        )
        assert "Nothing to be done" in said.stdout + said.stderr, profile


# --- ended by a limit ----------------------------------------------------------------------------


def test_a_job_over_its_memory_says_what_to_raise_and_asks_for_more(over_memory):
    assert over_memory.process.wait(timeout=PATIENCE) != 0
    said = over_memory.python("scripts.runs.failures")
    assert said.returncode == 0, said.stderr
    assert re.match(
        r"SLURM job \d+ on n\d: FAILED, over its memory of 150M: raise mem_mb of toy_walk: "
        r"set-resources in profiles/slurm/profile.yaml, .*\n  toy_walk: results/.*/walk.log\n",
        said.stdout,
    )
    assert over_memory.send(*loopback.TOO_LITTLE, retries=2) == 0
    tries = over_memory.submissions()
    assert [row["ReqMem"] for row in tries] == ["150M", "150M", "600M"]
    assert [row["State"] for row in tries] == ["FAILED", "FAILED", "COMPLETED"]
    said = over_memory.python("scripts.runs.failures")
    assert "  toy_walk, done by a later attempt: " in said.stdout


def test_walks_over_their_time_go_on_when_they_are_sent_again(over_time, finished):
    assert over_time.process.wait(timeout=PATIENCE) == 0, over_time.said.read_text()
    assert [row["State"] for row in over_time.submissions()] == ["TIMEOUT", "COMPLETED"]
    went_on(over_time)
    same(over_time, finished, WALK)
    said = over_time.python("scripts.runs.failures")
    assert re.match(
        r"SLURM job \d+ on n\d: TIMEOUT, over its time of 00:01:00: raise runtime of toy_walk: ",
        said.stdout,
    )
    assert "  toy_walk, done by a later attempt: " in said.stdout


# --- the real run --------------------------------------------------------------------------------


def test_the_whole_run_is_the_same_bytes_as_here(away, here, configuration, monkeypatch):
    """And short jobs travel together, to both nodes."""
    wanted = here()
    paths = compared(wanted)
    assert paths == compared(away)
    assert len(paths) > 100
    assert wanted.contents(paths) == away.contents(paths)

    monkeypatch.chdir(away.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    alone = sum(job.seconds > SHORT for job in dag.planned(configuration, 8))
    _, sent = rules_where(own_words(away))
    assert not [rule for rule in sent if rule.startswith("plot_")]
    submissions = away.submissions()
    assert {row["State"] for row in submissions} == {"COMPLETED"}
    assert len(submissions) >= 4
    assert len(submissions) - alone < (len(sent) - alone) / 10
    assert {row["NodeList"] for row in submissions} == {"n1", "n2"}
