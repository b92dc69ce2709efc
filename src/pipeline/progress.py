"""How far a long job is: a bar at a terminal, a line every 10 s in a log."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TypeVar

from tqdm import tqdm

log = logging.getLogger("overparam")
T = TypeVar("T")
SECONDS_BETWEEN_LINES = 10.0


def track(
    items: Iterable[T], total: int, what: str, say: Callable[[T], str] = lambda item: ""
) -> Iterator[T]:
    """Yield `items`, showing how many of `total` are done, the time left and `say(item)`."""
    shown = _bar if sys.stderr.isatty() else _lines
    yield from shown(items, total, what, say)


def _bar(items: Iterable[T], total: int, what: str, say: Callable[[T], str]) -> Iterator[T]:
    with tqdm(items, total=total, desc=what, leave=False) as bar:
        for done, item in enumerate(bar):
            if done % 50 == 0:
                bar.set_postfix_str(say(item), refresh=False)
            yield item


def _lines(items: Iterable[T], total: int, what: str, say: Callable[[T], str]) -> Iterator[T]:
    start = said = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if now - said >= SECONDS_BETWEEN_LINES:
            left = (now - start) / max(done, 1) * (total - done)
            log.info("%s: %d of %d, %s%.0f s left", what, done, total, _comma(say(item)), left)
            said = now
        yield item


def _comma(text: str) -> str:
    return f"{text}, " if text else ""


# Says that the job is at work whenever ten seconds pass without a word from it on standard input,
# and ends with it. A process of its own, since some of LAPACK's calls let no other thread run.
WATCHER = """
import select, sys, time
start, (name, seconds) = time.monotonic(), sys.argv[1:]
while True:
    if not select.select([sys.stdin], [], [], float(seconds))[0]:
        spent = time.monotonic() - start
        print(time.strftime("%H:%M:%S"), f"{name}: at work for {spent:.0f} s", file=sys.stderr)
    elif not sys.stdin.buffer.raw.read(4096):
        break
"""


class _Ping(logging.Handler):
    """Tells the watcher of each line that the job itself says."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__()
        self.pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # a watcher that died is no reason to fail
            self.pipe.write(b".")
            self.pipe.flush()


@contextmanager
def heartbeat(name: str) -> Iterator[None]:
    """A line in the log for every ten seconds in which the block says nothing itself."""
    command = [sys.executable, "-I", "-S", "-u", "-c", WATCHER, name, str(SECONDS_BETWEEN_LINES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as watcher:
        assert watcher.stdin is not None  # a pipe was asked for
        ping = _Ping(watcher.stdin)
        log.addHandler(ping)
        try:
            yield
        finally:
            log.removeHandler(ping)
            watcher.stdin.close()
