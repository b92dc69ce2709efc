"""Whose run is at work in this folder, and what a killed one left behind.

`take` makes this process the owner, which it stays when it becomes Snakemake; `sign` does so for a
Snakemake that was started directly. A lock on the note ends with the process, however that ends,
and neither a number that another process got nor a clock that was set can pretend otherwise. The
only file that knows of Snakemake's locks and notes of unfinished jobs.
"""

import fcntl
import json
import logging
import os
import platform
import shutil
import time
from argparse import Namespace
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from datetime import datetime
from io import StringIO
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple

import psutil

from overparam.errors import Refusal
from pipeline.files import FOLDERS
from pipeline.running import slurm

log = logging.getLogger("overparam")
NOTES = Path(".snakemake")
NOTE = NOTES / "owner.json"
# What pooch calls an archive that it has not all of yet.
ARCHIVES, DOWNLOADED = Path("data/archives"), "tmp*"
# Folders of the project with files that rules read.
READ = ("config", "scripts")
# Seconds that an orphan has to end by itself, and between looks at SLURM's queue.
GRACE, LOOK = 10, 5


class Owner(NamedTuple):
    """The process that runs Snakemake here."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


def take() -> int:
    """Make this process the owner of the folder, once what a killed run left is cleared up.

    Who closes the descriptor that is returned lets go of it. Raises Refusal, and touches nothing,
    if there is a living owner or one that cannot be seen from this computer.
    """
    NOTES.mkdir(exist_ok=True)
    note = os.open(NOTE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _own(note)
    except BaseException:
        os.close(note)
        raise
    os.set_inheritable(note, True)
    return note


@contextmanager
def alone() -> Iterator[None]:
    """The folder for this process, as `take` has it, for as long as the block lasts."""
    note = take()
    try:
        yield
    finally:
        os.close(note)


def _own(note: int) -> None:
    """Lock the note, write this owner's name, and clear up what is left of an earlier one."""
    earlier, here = _read(), Owner(os.getpid(), platform.node(), _now())
    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refusal(_living(earlier)) from None
    except OSError:
        pass  # a file system without such locks: Snakemake's own are looked at below
    locked = any(_files("locks"))
    if locked and earlier is not None and earlier.host != here.host:
        raise Refusal(
            f"a run was started on another computer ({earlier}) and cannot be seen from here: wait "
            "until it has ended. If you know that it is gone (that computer was switched off), "
            f"delete {NOTE} and type this again; nothing was touched"
        )
    _refuse_if_living()
    # Before what may take hours: who comes meanwhile reads whom to wait for.
    _write(note, here)
    _wait_for_slurm(locked)
    ended = _end_orphans()
    for process in _snakemakes():
        # Started meanwhile, without make: the locks are its own, and it could not sign.
        _write(note, process)
        raise Refusal(
            f"another run has started in this folder ({process}), while what an earlier one had "
            "left was cleared up: wait for it, or end it and type this again"
        )
    shutil.rmtree(NOTES / "locks", ignore_errors=True)
    if locked or ended:
        log.warning(
            "An earlier run (%s) was cut off: %d of its jobs ended, the folder unlocked. What it "
            "had not finished is made again.", earlier or "started without make", ended,
        )  # fmt: skip
    _tidy()


def sign() -> None:
    """Make Snakemake that was started without `make` the owner, once it holds its own locks.

    It clears nothing up; but who comes, from another computer too, reads whom to wait for.
    """
    note = os.open(NOTE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(note)  # `make` took it for this process
        return
    except OSError:
        pass  # a file system without such locks
    _write(note, Owner(os.getpid(), platform.node(), _now()))


def _write(note: int, owner: Owner) -> None:
    os.truncate(note, 0)
    os.pwrite(note, json.dumps(owner._asdict()).encode(), 0)


def notice(main: bool) -> None:
    """Tell who calls Snakemake directly what to do about a run that was killed, if there is one.

    main: whether this process plans; one that runs a job of it has nothing to tell.
    """
    if not main or not any(_files("locks")) or any(_snakemakes()):
        return
    log.warning(
        "A run that was at work here (%s) was cut off. Type make as you did before: it ends what "
        "is left of that run, unlocks the folder and goes on.",
        _read() or "started without make",
    )


def _refuse_if_living() -> None:
    """Refuse a folder in which Snakemake is at work, or is still planning and has no lock yet."""
    for process in _snakemakes():
        raise Refusal(_living(process))


def _living(owner: Owner | None) -> str:
    return (
        f"another run is at work in this folder ({owner or 'it has just started'}): wait for it, "
        "or end it and type this again; nothing was touched"
    )


def _read() -> Owner | None:
    """The owner that the note names, or None if there is none that can be read."""
    try:
        return Owner(**json.loads(NOTE.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _now() -> str:
    return datetime.now().astimezone().isoformat(" ", "seconds")


def _snakemakes() -> Iterator[Owner]:
    """Other processes that run Snakemake in this folder for themselves, not a job of another."""
    for process in processes():
        options = snakemake_options(process.info["cmdline"])
        if options is None or process.pid == os.getpid() or "--mode" in options:
            continue
        if starts_jobs(asked(options)):
            since = datetime.fromtimestamp(process.info["create_time"]).astimezone()
            yield Owner(process.pid, platform.node(), since.isoformat(" ", "seconds"))


def snakemake_options(words: list[str]) -> list[str] | None:
    """What a command line tells Snakemake; None if it does not run it, or only names it."""
    program, *rest = words
    if Path(program).name == "snakemake":
        return rest
    if not Path(program).name.startswith("python"):
        return None
    script = [*dropwhile(lambda word: word.startswith("-") and word != "-m", rest)]
    if script[:2] == ["-m", "snakemake"]:
        return script[2:]
    return script[1:] if script and Path(script[0]).name == "snakemake" else None


# The options of `make`'s Snakemake for src/snakemake_logger_plugin_overparam.
LOGGER = ["--logger", "overparam"]


def asked(options: list[str]) -> Namespace | None:
    """Snakemake's options as it reads them; None if it ends there, at --help or a mistake."""
    from snakemake.cli import get_argument_parser

    # Who runs without `make` does not find it, and would take a run with it for a mistake.
    known = [word for word in options if word not in LOGGER]
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            return get_argument_parser().parse_args(known)
    except (SystemExit, Exception):  # it says so itself when it is started
        return None


# What Snakemake does in place of running jobs, by its names of the options.
NO_JOBS = (
    "archive", "containerize", "d3dag", "dag", "dryrun", "detailed_summary", "export_cwl",
    "filegraph", "generate_unit_tests", "lint", "list_changes", "list_conda_envs",
    "list_input_changes", "list_params_changes", "list_rules", "list_target_rules",
    "list_untracked", "print_compilation", "report", "rulegraph", "summary", "unlock",
)  # fmt: skip


def starts_jobs(asked: Namespace | None) -> bool:
    """Whether Snakemake will run jobs, if there are any to run."""
    return asked is not None and not any(getattr(asked, name) for name in NO_JOBS)


def processes() -> Iterator[psutil.Process]:
    """Processes that work in this folder."""
    here = str(Path.cwd())
    for process in psutil.process_iter(["cmdline", "cwd", "create_time"]):
        if process.info["cwd"] == here and process.info["cmdline"]:
            yield process


def _end_orphans() -> int:
    """End the programs that still write what the killed run had not finished; how many there were.

    They are known by what they write, so no process is taken for one that only has its number.
    """
    ended = set()
    while orphans := list(_orphans()):
        ended |= {process.pid for process in orphans if "-c" not in process.info["cmdline"]}
        for process in orphans:
            with suppress(psutil.NoSuchProcess):  # it has just ended by itself
                process.terminate()
        for process in psutil.wait_procs(orphans, GRACE)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    return len(ended)


def _orphans() -> Iterator[psutil.Process]:
    """The shells and programs of jobs whose outputs Snakemake holds for unfinished."""
    unfinished = set(_unfinished())
    for process in processes():
        text = " ".join(process.info["cmdline"])
        if "-m scripts." in text and any(path in text for path in unfinished):
            yield process


def _unfinished() -> Iterator[str]:
    """Outputs of the jobs that were at work."""
    for path in _files("incomplete"):
        name = "".join(part.removeprefix("@") for part in path.relative_to(NOTES).parts[1:])
        try:
            yield urlsafe_b64decode(name).decode()
        except ValueError:
            continue  # a note of another kind


def _wait_for_slurm(locked: bool) -> None:
    """Wait for jobs of the killed run that SLURM holds: they bring their notes to an end.

    They are known by their folder. Snakemake's notes name those that have not begun, and not all of
    them: on a node it notes anew, without SLURM's number, what it begins, and a run may be killed
    before it has noted what it sent.
    """
    named = any(_submitted())
    sent = slurm.installed() and (NOTES / "slurm_logs").is_dir()
    if not named and not (sent and (locked or any(_files("incomplete")))):
        return
    try:
        left = slurm.queued()
    except Refusal as problem:
        raise Refusal(f"a run that was cut off has jobs in SLURM. {problem}") from None
    if left:
        log.warning(
            "Waiting for jobs of an earlier run, which was cut off: scancel %s would end them.",
            " ".join(submission.id for submission in left),
        )
    while left:
        time.sleep(LOOK)
        # A controller that is away for a while is asked again, as a run does.
        with suppress(Refusal):
            left = slurm.queued()


def _submitted() -> Iterator[str]:
    """SLURM's numbers of jobs that have not begun, as Snakemake noted them."""
    for path in _files("incomplete"):
        with suppress(OSError, ValueError, AttributeError):
            if number := json.loads(path.read_text()).get("external_jobid"):
                yield number


def _tidy() -> None:
    """Remove half-written files, and bring back times that lie ahead.

    They are the temporary files of killed jobs; and after a clock was set back, older results and
    files of the project that rules read would look newer than what is made of them.
    """
    now, ahead = time.time(), 0
    for part in (*NOTES.glob(".*.part"), *ARCHIVES.glob(DOWNLOADED)):
        with suppress(FileNotFoundError, PermissionError, IsADirectoryError):
            part.unlink()
    for folder in (*FOLDERS, *READ):
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                half = name.startswith(".") and name.endswith(".part")
                # One that has gone since, or is another person's, is left to them.
                with suppress(FileNotFoundError, PermissionError):
                    if half and folder in FOLDERS:
                        path.unlink()
                    elif path.lstat().st_mtime > now + 1:
                        os.utime(path, (now, now), follow_symlinks=False)
                        ahead += 1
    if ahead:
        log.warning(
            "%d files carried times that are yet to come (was the clock set back?); they have "
            "the present one now.", ahead,
        )  # fmt: skip


def _files(kind: str) -> Iterator[Path]:
    """Snakemake's notes of a kind: locks, incomplete."""
    return (path for path in (NOTES / kind).rglob("*") if path.is_file())
