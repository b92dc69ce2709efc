"""How far a long job is: a bar at a terminal, a line every 10 s in a log."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

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
