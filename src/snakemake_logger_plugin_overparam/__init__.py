"""Snakemake's words as one line that says how far the run is, and errors once, last.

Snakemake finds a logger by the name of its package; `scripts.runs.start` asks for this one. What
Snakemake says itself is in .snakemake/log.
"""

import re
import sys
from contextlib import suppress
from logging import ERROR, WARNING, LogRecord
from pathlib import Path
from textwrap import dedent
from threading import Event, RLock, Thread
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from pipeline.running import endings, slurm, status
from pipeline.style import counted

LOOK = 1.0  # seconds between looks
# What Snakemake says beside a job's failure: how its shell ended, and twice that the run failed.
AGAIN = ("CalledProcessError", "Exiting because a job", "WorkflowError:\nAt least one job did not")
KILLED = "ended without a message: killed, for want of memory or by somebody"
STOPPED = "Terminating processes on user request"
NOTHING = "Nothing to be done"


class LogHandler(LogHandlerBase):
    """Takes what Snakemake logs, and shows it in its own way."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False
    lock: RLock

    def __post_init__(self) -> None:
        self.run = status.Run()
        self.screen = status.screen(sys.stderr)
        self.stopped = False
        self.errors: list[str] = []
        self._printing: set[int] = set()
        """Jobs at work that print: the line would be in their way."""
        self._told: dict[int, str] = {}
        """Figures that are told as soon as they are there, by job."""
        self._over = Event()
        self._looking = Thread(target=self._look, daemon=True)

    def emit(self, record: LogRecord) -> None:
        """Take a record of Snakemake's; the handler's lock is held."""
        try:
            self._take(record)
        except Exception:  # nobody reads along any more, say: the run goes on
            self.handleError(record)

    def _take(self, record: LogRecord) -> None:
        said = vars(record)
        match said.get("event"):
            case LogEvent.JOB_INFO:
                self._start(said)
            case LogEvent.JOB_FINISHED:
                self._finish(said["job_id"])
            case LogEvent.PROGRESS:
                # Its total is of all jobs, with those beyond --until.
                self.run.done = said["done"]
                if self.run.done == self.run.total:
                    self._end()
            case LogEvent.JOB_ERROR:
                self._fail(said)
            case LogEvent.GROUP_ERROR:
                self._fail_together(said)
            case LogEvent.RUN_INFO:
                self._begin(said["stats"]["total"])
            case _:
                self._say(record)

    def _say(self, record: LogRecord) -> None:
        """Words: errors are told at the end."""
        said, text = vars(record), record.getMessage().strip()
        if "expected" in said:
            self.run.expected, self.run.cores = said["expected"], said["cores"]
        elif record.levelno >= ERROR:
            if not text.startswith(AGAIN) and said.get("exception") not in AGAIN:
                self.errors.append(text)
        elif record.levelno >= WARNING or text.startswith(NOTHING):
            self._tell(text)
        elif text.startswith(STOPPED):
            self.stopped = True
        elif again := re.match(r"Trying to restart job (\d+)", text):
            self._tell_of_another_try(int(again[1]))

    def _tell_of_another_try(self, job: int) -> None:
        if job in self.run.failed:
            failure = self.run.failed[job]
            self._tell(f"{failure.rule} is tried again, with more memory: {failure.words[0]}")

    def _begin(self, total: int) -> None:
        self.run.total = total
        self._tell(f"{counted(total, 'job')} to do (what Snakemake says is in .snakemake/log)")
        self._looking.start()

    def _start(self, said: dict[str, Any]) -> None:
        job = said["jobid"]
        self.run.started(job, said["rule_name"], said["wildcards"], *said["log"][:1] or [""])
        pictures = [path for path in said["output"] if path.endswith(".png")]
        if said["priority"] and pictures:
            self._told[job] = pictures[0]
        if said["shellcmd"] and not said["output"]:
            self.screen.clear()
            self._printing.add(job)

    def _finish(self, job: int) -> None:
        self.run.finished(job)
        self._printing.discard(job)
        if job in self._told:
            self._tell(self._told.pop(job))

    def _fail(self, said: dict[str, Any]) -> None:
        """A job failed; of jobs that travelled together it has been told."""
        self._printing.discard(said["jobid"])
        if not said["indent"]:
            rule, (log, *sent) = said["rule_name"], said["log"] or [""]
            self.run.failing(said["jobid"], rule, log, lambda: _killed(sent, rule))

    def _fail_together(self, said: dict[str, Any]) -> None:
        """Jobs that travel together fail together: those that say why, else the submission."""
        jobs = said["job_error_info"]
        spoke = [job for job in jobs if job["log"] and endings.last_words(job["log"][0])]
        rules = ", ".join(sorted({job["rule_name"] for job in jobs}))
        sent = said["aux_logs"]
        for job in spoke or jobs[:1]:
            log, *_ = job["log"] if spoke else sent or [""]
            rule = job["rule_name"]
            self.run.failing(job["jobid"], rule, log, lambda: _killed(sent, rules))
        for job in jobs:
            self.run.running.pop(job["jobid"], None)

    def _tell(self, line: str) -> None:
        self.screen.clear()
        self.screen.tell(line)

    def _look(self) -> None:
        """Show the run again, until it is over."""
        while not self._over.wait(LOOK):
            # A terminal may go away; a full disk is told by those who need room.
            with self.lock, suppress(OSError):
                if not self._over.is_set():
                    if not self._printing:
                        self.screen.show(self.run)
                    self.run.note()

    def _end(self) -> None:
        """The last word on jobs."""
        if self.run.total and not self._over.is_set():
            self._over.set()
            status.NOTE.unlink(missing_ok=True)
            took = status.spell(self.run.clock() - self.run.begun)
            self._tell(f"{self.run.done} of {self.run.total} jobs done in {took}")

    def close(self) -> None:
        """Snakemake has said all: the errors come last."""
        self._end()
        lines = [_message(text) for text in self.errors]
        if self.stopped:
            lines = ["stopped: the same command goes on from here"]
        elif self.run.failed:
            lines = self.run.ending()
        for line in lines:
            self.screen.tell(line)
        # Python closes every handler once more, at its end.
        self.errors, self.run.failed, self.stopped = [], {}, False
        super().close()


def _message(error: str) -> str:
    """An error of Snakemake's, without the places in its workflow that it passed."""
    if refused := re.search(
        r"^ *WorkflowError:\n(.*?)^Wildcards:", error, re.DOTALL | re.MULTILINE
    ):
        return f"error: {dedent(refused[1]).strip()}"
    text = re.sub(r"\A\w+( in .*)?:\n", "error: ", error)
    return re.sub(r"\n  File \".*\", line \d+, in .*", "", text)


def _killed(sent: list[str], rules: str) -> list[str]:
    """What to say of a job whose program left no message: on a cluster, what SLURM says."""
    logs = [Path(log) for log in sent if "slurm_logs" in Path(log).parts]
    if not logs:
        return [KILLED]
    text = logs[0].read_text(errors="replace") if logs[0].is_file() else ""
    return [slurm.why(logs[0].stem, text, rules), *text.splitlines()[-5:]]
