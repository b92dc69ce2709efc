"""The one exception a person is meant to read: what is wrong, what was expected, what to do."""

from collections.abc import Sequence

LINES, LONG = 20, 1000  # of a message: what it repeats of a file may be megabytes


class Refusal(Exception):
    """Input that cannot give a meaningful result.

    The message names the file or key, the value found, the value expected and what to do.
    Programs print it alone, without a traceback, and exit with status 1. Of a long one the
    beginning and the end are kept.
    """

    def __init__(self, message: str) -> None:
        lines = message.split("\n")
        more = [f"  … and {len(lines) - LINES} lines more"] if len(lines) > LINES else []
        super().__init__("\n".join([*map(_cut, lines[:LINES]), *more]))


def _cut(line: str) -> str:
    """A line without its middle, if that is long: its end says what was expected."""
    if len(line) <= LONG:
        return line
    left_out = len(line) - LONG
    return f"{line[: LONG // 2]} … {left_out} characters … {line[-LONG // 2 :]}"


def listed(words: Sequence[str], shown: int, between: str = ", ") -> str:
    """The first of many words, and how many more there are."""
    more = f"{between}and {len(words) - shown} more" if len(words) > shown else ""
    return between.join(words[:shown]) + more
