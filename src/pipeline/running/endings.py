"""How a job's program ended, by its log."""

import re
from pathlib import Path

# From a message of `pipeline.cli`, of click or of Python to the end: what goes on at work says so
# in lines with a time.
ENDED = re.compile(
    r"^(?:error: |Usage: |Traceback )(?:(?!^\d\d:\d\d:\d\d ).)*\Z", re.MULTILINE | re.DOTALL
)


def last_words(log: str | Path, since: float = 0) -> list[str]:
    """The lines with which a program ended itself; none if it was ended, such as by a kill.

    since: a log that was last written before then (seconds of the epoch) is one of an earlier try.
    """
    path = Path(log)
    if not path.is_file() or path.stat().st_mtime < since:
        return []
    found = ENDED.search(path.read_text(errors="replace"))
    return found[0].rstrip().splitlines() if found else []


def wants_memory(words: list[str]) -> bool:
    """Whether more memory may help: it was short, or what ended the program left no words, as the
    system does when memory runs out, or a cluster when time does."""
    return not words or words[0].startswith("error: out of memory") or "MemoryError" in words[-1]
