"""A SLURM on this computer, started by tools/slurm, and runs that are sent to it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.workflow.repository import ROOT, Repository, environment

DIR = Path(os.environ.get("OVERPARAM_SLURM_DIR", "/var/tmp/overparam-slurm"))
# Looks at the queue every second or two: on a cluster of others that would be impolite.
POLLS = ("--slurm-init-seconds-before-status-checks", 2, "--seconds-between-status-checks", 1)
# The profile's choices that depend on a cluster: the two nodes have two cores each.
ACCOUNT = ("  # slurm_account: your-account", "  slurm_account: overparam")
PARTITION = ("  # slurm_partition: your-partition", "  slurm_partition: main")
CORES = ("cores: 8", "cores: 2")


# A name of a folder that a shell would run, if it read it.
HOSTILE = 'it\'s; $(touch hacked) `touch hacked` "x" # {y} \\'
# States of a job of which nothing more will come.
ENDED = {"CANCELLED", "COMPLETED", "FAILED", "TIMEOUT"}
# Seconds: nothing here takes so long, on whatever computer.
PATIENCE = 300
# The toy slice's jobs: walks of some seconds, which keep a checkpoint, and what is made of them.
WALKED, SPREAD = "results/test/toy/walk/tiny", "results/test/toy/spread/tiny"
WALK, LAST = f"{WALKED}/metrics.json", f"{SPREAD}/metrics.json"
# What makes the walks with less memory than they take, and on a retry with enough. SLURM looks
# every second: what is over in one may end well before it is ended.
TOO_LITTLE = ("--set-resources", "toy_walk:mem_mb=150*attempt**2", "--", WALK)


def tool(*words: str) -> subprocess.CompletedProcess[str]:
    """tools/slurm with these words."""
    command = [ROOT / "tools" / "slurm", *words]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def ask(*command: str) -> list[str]:
    """Lines that a command of SLURM's answers with."""
    answer = subprocess.run(command, env=settings(), capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()


def settings() -> dict[str, str]:
    return os.environ | {"SLURM_CONF": str(DIR / "slurm.conf")}


def until(condition: Callable[[], Any], seconds: int = PATIENCE) -> Any:
    """What a condition answers once it is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.2)
    return answer


@contextmanager
def drained():
    """For a while, no job starts on any node."""
    ask("scontrol", "update", "NodeName=n1,n2", "State=DRAIN", "Reason=test")
    try:
        yield
    finally:
        ask("scontrol", "update", "NodeName=n1,n2", "State=RESUME")


class Sent(Repository):
    """A copy of the repository whose runs go to the cluster."""

    process: subprocess.Popen[str] | None = None
    """The last run that was started."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place = str(folder)
        self.said = folder / "said.txt"
        self._seen: set[str] = set()

    def queue(self, *states: str) -> dict[str, tuple[str, str]]:
        """State and node of each job of this folder that waits, runs or ends now, by its number."""
        lines = [line.rsplit("|", 3) for line in ask("squeue", "-h", "-o", "%i|%T|%N|%Z")]
        ours = {job: (state, node) for job, state, node, folder in lines if folder == self.place}
        self._seen |= ours.keys()
        return {job: row for job, row in ours.items() if not states or row[0] in states}

    def submissions(self) -> list[dict[str, str]]:
        """What SLURM's accounts hold of this folder's jobs, each attempt, oldest first.

        The controller tells them a little later what it did, so they are asked until they hold each
        job that was sent, and how it ended.
        """
        logs = (self / ".snakemake/log").glob("*.log")
        told = re.findall(r"SLURM jobid (\d+)", "".join(log.read_text() for log in logs))

        def accounts() -> list[dict[str, str]]:
            rows = self._accounts()
            # The last attempt's, of each.
            states = {row["JobID"]: row["State"] for row in rows}
            ended = {job for job, state in states.items() if state.partition(" ")[0] in ENDED}
            return rows if ended >= {*told, *self._seen} else []

        return until(accounts)

    def _accounts(self) -> list[dict[str, str]]:
        fields = ("JobID", "State", "NodeList", "ReqMem", "Account", "Partition", "WorkDir")
        # Else only those of today, and a test may begin before midnight.
        since = ("--starttime", "now-2days")
        said = ask("sacct", "-X", "-D", "-n", "-P", *since, f"--format={','.join(fields)}")
        rows = [dict(zip(fields, line.split("|"), strict=True)) for line in said]
        return [row for row in rows if row["WorkDir"] == self.place]

    def hold(self) -> dict[str, str]:
        """Variables that hold the walks at a step half a second after they begin: more than one
        checkpoint is kept until then."""
        return {"OVERPARAM_CHECKPOINT_SECONDS": "0.1"} | self.hold_at("step 3000")

    def held(self) -> bool:
        """Whether the walks of the run at work have come to that step."""
        self._check_at_work()
        return (self / "reached").exists()

    def program(self, module: str) -> psutil.Process | None:
        """The job of the run at work that runs this program now."""
        self._check_at_work()
        for process in psutil.process_iter(["cwd", "cmdline"]):
            words = process.info["cmdline"] or []
            if process.info["cwd"] == self.place and words[1:3] == ["-m", module]:
                return process
        return None

    def _check_at_work(self) -> None:
        assert self.process.poll() is None, self.said.read_text()

    def start(self, *words: object, retries: int = 0, **more: str) -> subprocess.Popen[str]:
        """Start Snakemake on targets of the test run, as a person would in a terminal."""
        return self._start(
            sys.executable, "-m", "snakemake", "--configfile", "config/test.yaml",
            "--workflow-profile", "profiles/slurm", *POLLS, "--retries", retries, *words, **more,
        )  # fmt: skip

    def start_make(self, run: str) -> subprocess.Popen[str]:
        """Start a whole run, likewise; its data folder has a name that shells would run."""
        self.set_up()
        polls = " ".join(str(word) for word in POLLS)
        words = [f"RUN={run}", f"DATA_DIR={HOSTILE}", f"SNAKEMAKE_ARGS={polls}", "CORES=2"]
        return self._start("make", "slurm", *words)

    def _start(self, *command: object, **more: str) -> subprocess.Popen[str]:
        # Ctrl-C is heard, as in a terminal: what a script runs in the background may ignore it.
        words = ["env", "--default-signal=INT", *(str(word) for word in command)]
        with open(self.said, "w") as said:
            self.process = subprocess.Popen(
                words,
                cwd=self.folder,
                env=environment(SLURM_CONF=settings()["SLURM_CONF"], **more),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        return self.process

    def send(self, *words: object, retries: int = 0) -> int:
        """The same as `start`, waited for; its status."""
        return self.start(*words, retries=retries).wait(timeout=PATIENCE)

    def kill(self) -> None:
        """kill -9 of the last run and all that it has begun on this computer."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Whatever happened, nothing of this folder goes on."""
        if self.process:
            self.kill()
        if left := self.queue("PENDING", "RUNNING"):
            ask("scancel", *left)
            until(lambda: not self.queue())


def sent(tree: Repository) -> Sent:
    """A copy, set up for this cluster."""
    profile = tree / "profiles/slurm/profile.yaml"
    text = profile.read_text()
    for before, after in (ACCOUNT, PARTITION, CORES):
        assert text.count(before) == 1, f"{profile} has no line {before!r} any more"
        text = text.replace(before, after)
    profile.write_text(text)
    return Sent(tree.folder)
