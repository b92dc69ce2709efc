"""What SLURM knows of the jobs that were submitted from this folder."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from overparam.errors import Refusal

# In the profile too: what the names of our submissions begin with.
PREFIX = "overparam"
# Seconds that a command of SLURM's has for its answer.
ANSWER = 60

# What a job is known by that was over its memory, or its time: how its state begins, which comes
# first, or words of SLURM and Linux that no path in a log looks like.
MEMORY = r"^OUT_OF_MEMORY|[Ee]xceeded (job )?memory limit|\boom[-_]kill(:| event)"
TIME = r"^TIMEOUT|DUE TO TIME LIMIT"
RAISE = (
    "raise {what} of {rules}: set-resources in profiles/slurm/profile.yaml, or the model in "
    "src/pipeline/costs.py or the experiment's slice.py"
)


class Submission(NamedTuple):
    """A job of SLURM's: one of ours, or several that travel together."""

    id: str
    state: str
    name: str
    folder: str


def installed() -> bool:
    """Whether this computer can ask a SLURM."""
    return shutil.which("squeue") is not None


def queued() -> list[Submission]:
    """This folder's submissions that wait or run."""
    said = _ask("squeue", "--me", "--noheader", "--array", "--format=%i|%T|%j|%Z")
    found = (Submission(*line.split("|", 3)) for line in said.splitlines())
    here = str(Path.cwd())
    return [
        submission
        for submission in found
        if submission.folder == here and submission.name.startswith(PREFIX)
    ]


def cancel(submissions: list[Submission]) -> None:
    """End these submissions, whether they wait or run."""
    if submissions:
        _ask("scancel", *(submission.id for submission in submissions))


def ended(submission: str) -> dict[str, str]:
    """State, memory and time of a submission, by SLURM's own names; nothing if it keeps none."""
    fields = ("State", "ReqMem", "Timelimit", "NodeList")
    command = ("sacct", "-X", "-n", "-P", "-j", submission, f"--format={','.join(fields)}")
    try:
        said = _ask(*command)
    except Refusal:
        return {}
    lines = said.splitlines()
    return dict(zip(fields, lines[-1].split("|"), strict=True)) if lines else {}


def why(submission: str, log: str, rules: str) -> str:
    """How SLURM says that a submission ended, and what to do.

    log: the text of its log. rules: those of its jobs.
    """
    found = ended(submission)
    said = f"{found.get('State', '')}\n{log}"
    where = f"SLURM job {submission}"
    if found:
        where += f" on {found['NodeList']}: {found['State']}"
    if re.search(MEMORY, said):
        asked = f" of {found['ReqMem']}" if found else ""
        return f"{where}, over its memory{asked}: {RAISE.format(what='mem_mb', rules=rules)}"
    if re.search(TIME, said):
        asked = f" of {found['Timelimit']}" if found else ""
        return f"{where}, over its time{asked}: {RAISE.format(what='runtime', rules=rules)}"
    return where


def _ask(*command: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER, check=True)
    except FileNotFoundError:
        raise Refusal(
            f"{command[0]}: not found on PATH, expected SLURM's commands: type this on the "
            "computer that you submit jobs from"
        ) from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"{command[0]}: no answer in {ANSWER} s: is SLURM's controller up?") from None
    except subprocess.CalledProcessError as problem:
        raise Refusal(f"{' '.join(command)}: {problem.stderr.strip()}") from None
    return answer.stdout
