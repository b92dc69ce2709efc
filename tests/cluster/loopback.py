"""A SLURM on this computer, started by tools/slurm, and runs that are sent to it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from tests.workflow.repository import ROOT, Repository, environment, fresh

DIR = Path(os.environ.get("OVERPARAM_SLURM_DIR", "/var/tmp/overparam-slurm"))
# Looks at the queue every second or two: on a cluster of others that would be impolite.
POLLS = ("--slurm-init-seconds-before-status-checks", 2, "--seconds-between-status-checks", 1)
# The profile's choices that depend on a cluster: the two nodes have two cores each.
ACCOUNT = ("  # slurm_account: your-account", "  slurm_account: overparam")
PARTITION = ("  # slurm_partition: your-partition", "  slurm_partition: main")
CORES = ("cores: 8", "cores: 2")


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


def until(condition: Callable[[], object], seconds: int = 120) -> object:
    """What a condition answers once it is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.2)
    return answer


def queue(*states: str) -> dict[str, tuple[str, str]]:
    """State and node of each job that waits, runs or ends now, by its number."""
    lines = (line.split("|") for line in ask("squeue", "-h", "-o", "%i|%T|%N"))
    return {one: (state, node) for one, state, node in lines if not states or state in states}


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

    def submissions(self) -> list[dict[str, str]]:
        """What SLURM's accounts hold of this folder's jobs, each attempt, oldest first."""
        fields = ("JobID", "State", "NodeList", "ReqMem", "Account", "Partition", "WorkDir")
        said = ask("sacct", "-X", "-D", "-n", "-P", f"--format={','.join(fields)}")
        rows = [dict(zip(fields, line.split("|"), strict=True)) for line in said]
        return [row for row in rows if row["WorkDir"] == str(self.folder)]

    def start(self, *words: object, retries: int = 0) -> subprocess.Popen[str]:
        """Start Snakemake on targets of the test run, as a person would in a terminal."""
        command = [
            sys.executable, "-m", "snakemake", "--configfile", "config/test.yaml",
            "--workflow-profile", "profiles/slurm", *POLLS, "--retries", retries, *words,
        ]  # fmt: skip
        self.said = self.folder / "said.txt"
        with open(self.said, "w") as said:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                env=environment() | {"SLURM_CONF": settings()["SLURM_CONF"]},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                # As in a terminal, though pytest may itself be in the background of a script.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
        return self.process

    def send(self, *words: object, retries: int = 0) -> int:
        """The same, waited for; its status."""
        return self.start(*words, retries=retries).wait(timeout=300)


def sent(folder: Path) -> Sent:
    """A new copy, set up for this cluster."""
    tree = Sent(fresh(folder).folder)
    profile = tree / "profiles/slurm/profile.yaml"
    text = profile.read_text()
    for before, after in (ACCOUNT, PARTITION, CORES):
        assert text.count(before) == 1, f"{profile} has no line {before!r} any more"
        text = text.replace(before, after)
    profile.write_text(text)
    return tree
