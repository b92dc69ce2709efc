"""How far a run is, for those who watch it: jobs done, time left, what running jobs say.

One who is at the run's terminal sees a line that changes, a pipe gets one every 30 s, and
`make watch` reads elsewhere what the run writes here.
"""

import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TextIO

import psutil
from tqdm import tqdm

from pipeline.running.endings import last_words

NOTE = Path(".snakemake/status.json")
# Seconds between lines where there is no terminal.
BETWEEN = 30
# Seconds by which a file server's clock may be behind.
SKEW = 5
# Lines of a failed job's message to show; its log has all.
SHOWN = 10


class Job(NamedTuple):
    """A job at work, or in a cluster's queue."""

    rule: str
    axes: str
    log: str
    since: float

    def said(self, now: float, short: bool = False) -> str | None:
        """For how long it runs and what it said last; None if its log has not begun.

        short: without its axes if it has something to say.
        """
        log = Path(self.log)
        if not self.log or not log.is_file() or log.stat().st_mtime < self.since - SKEW:
            return None
        lines = log.read_text(errors="replace").splitlines()[-1:]
        last = re.sub(r"^(\d\d:\d\d:\d\d )?(.*: at work for \d+ s$)?", "", "".join(lines))
        name = self.rule if short and last else f"{self.rule} {self.axes}".rstrip()
        return f"{name} {spell(now - self.since)}" + (f": {last}" if last else "")


class Failure(NamedTuple):
    """A failed job: its rule, its log, and the message with which it ended."""

    rule: str
    log: str
    words: list[str]


class Run:
    """What is known of a run, from Snakemake's own words."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.begun = clock()
        self.done = self.total = 0
        self.expected: dict[int, tuple[str, float, int]] = {}
        """Rule, seconds (by its cost model) and threads of each job that is not done."""
        self.cores: int | None = None
        self.running: dict[int, Job] = {}
        self.failed: dict[int, Failure] = {}
        self._took: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def started(self, job: int, rule: str, wildcards: Mapping[str, str], log: str) -> None:
        """A job begins, perhaps once more."""
        self.failed.pop(job, None)
        self.running[job] = Job(rule, " ".join(wildcards.values()), log, self.clock())

    def finished(self, job: int) -> None:
        """A job is done: what it took corrects what is expected of others."""
        begun = self.running.pop(job, None)
        rule, seconds, _ = self.expected.pop(job, ("", 0, 1))
        if begun and seconds:
            took = self._took[rule]
            took[0] += self.clock() - begun.since
            took[1] += seconds

    def failing(self, job: int, rule: str, log: str, otherwise: Callable[[], list[str]]) -> None:
        """A job fails. Its log may be written anew by another try: it is read now.

        otherwise: gives what is said if its program left no message.
        """
        begun = self.running.pop(job, None)
        words = last_words(log, begun.since - SKEW if begun else 0)
        # The end of a traceback says what it is about; of a message, the beginning.
        part = words[-SHOWN:] if words[:1] == ["Traceback (most recent call last):"] else words
        self.failed[job] = Failure(rule, log, part[:SHOWN] or otherwise())

    def left(self) -> float | None:
        """Seconds that the rest may take; None if there is no telling, as on a cluster.

        The models' seconds, as many times as those of finished jobs of the rule, else of all, took.
        """
        if not self.cores or not self.expected:
            return None
        took, modelled = map(sum, zip(*self._took.values(), strict=True)) if self._took else (1, 1)
        rest, busy = [], 0.0
        for job, (rule, seconds, threads) in self.expected.items():
            own = self._took.get(rule, (took, modelled))
            begun = self.running[job].since if job in self.running else self.clock()
            rest.append(max(0, seconds * own[0] / own[1] - (self.clock() - begun)))
            busy += rest[-1] * threads
        return max(busy / self.cores, *rest)

    def about(self) -> list[str]:
        """The time left, in words, if it can be told."""
        left = self.left()
        rounded = left and round(left, -1 if left > 60 else 0)
        return [] if rounded is None else [f"about {spell(rounded)} left"]

    def head(self) -> str:
        """Jobs done and time left."""
        return ", ".join([f"{self.done} of {self.total} jobs done", *self.about()])

    def jobs(self, short: bool = False) -> list[str]:
        """What each running job says, the longest at work first."""
        said = (job.said(self.clock(), short) for job in self.running.values())
        return [line for line in said if line is not None]

    def line(self, columns: int, ascii: bool = False) -> str:
        """One line for a terminal of that width."""
        return str(
            tqdm.format_meter(
                self.done, self.total, self.clock() - self.begun, ncols=columns - 1, ascii=ascii,
                bar_format="{n_fmt}/{total_fmt} jobs |{bar:10}| {desc}",
                prefix="; ".join([*self.about(), *self.jobs(short=True)]),
            )
        )  # fmt: skip

    def ending(self) -> list[str]:
        """The message of the first job that failed, and how many others did."""
        first, *others = self.failed.values()
        more = f"; {len(others)} more failed (make failures lists them)" if others else ""
        return [f"failed: {first.rule}, see {first.log}{more}", *first.words]

    def note(self) -> None:
        """Write it down, for `make watch`."""
        told = {"pid": os.getpid(), "lines": [self.head(), *self.jobs()]}
        part = NOTE.with_suffix(".part")
        part.write_text(json.dumps(told))
        part.replace(NOTE)


def noted() -> list[str]:
    """What the run that is at work in this folder wrote down; nothing if there is none."""
    try:
        told = json.loads(NOTE.read_text())
        here = psutil.Process(told["pid"]).cwd() == os.getcwd()
    except (OSError, ValueError, psutil.Error):
        return []
    return told["lines"] if here else []


def spell(seconds: float) -> str:
    """A duration, in two units at most."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


class Terminal:
    """A line that changes, below those that stay."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.ascii = not (stream.encoding or "").lower().startswith("utf")
        self._width = 0

    def tell(self, line: str) -> None:
        """A line that stays."""
        self._write(f"{line}\n", 0)

    def show(self, run: Run) -> None:
        """How far a run is."""
        text = run.line(self._columns(), self.ascii)
        self._write(text, len(text))

    def clear(self) -> None:
        """Take the line away."""
        self._write("", 0)

    def _columns(self) -> int:
        return os.get_terminal_size(self.stream.fileno()).columns or 80

    def _write(self, text: str, width: int) -> None:
        # A terminal that was made narrower has broken the line into several.
        rows = max(0, self._width - 1) // self._columns()
        up = f"\033[{rows}A" if rows else ""
        self.stream.write(f"{up}\r\033[J{text}" if self._width else text)
        self.stream.flush()
        self._width = width


class Lines:
    """Where nothing can be taken back: a line every 30 s."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._said: float | None = None

    def tell(self, line: str) -> None:
        """A line at once."""
        print(line, file=self.stream, flush=True)

    def show(self, run: Run) -> None:
        """How far a run is, if the last line is old."""
        now = run.clock()
        self._said = run.begun if self._said is None else self._said
        if now - self._said >= BETWEEN:
            self._said = now
            self.tell(f"{spell(now - run.begun)}: " + "; ".join([run.head(), *run.jobs()]))

    def clear(self) -> None:
        """Nothing to take away."""


def screen(stream: TextIO) -> Terminal | Lines:
    """The way to show a run on a stream."""
    terminal = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return Terminal(stream) if terminal else Lines(stream)
