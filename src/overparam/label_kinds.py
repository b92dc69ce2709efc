"""Kinds of labels by their names, as settings and tables have them.

`true`; `random`, every label a fair coin; `noise<p>`, a portion p of them; `shuffled`, the true
labels in another order; `eigenvector<i>`, √n v_i of H∞, largest eigenvalue first; `worst`, √n v_n.
"""

import re

WHOLE = ("true", "random", "shuffled", "worst")


def mistake(kind: str, n: int | None = None) -> str:
    """What is wrong with a kind of labels, of n points where that is known; empty if nothing is."""
    place = index(kind)
    if kind in WHOLE or portion(kind) is not None or (place and place <= (n or place)):
        return ""
    last = "n" if n is None else f"n = {n}"
    return (
        f"found {kind!r}, expected one of {', '.join(WHOLE)}, noise<p> with p from 0 to 1, "
        f"eigenvector<i> with i from 1 to {last}"
    )


def portion(kind: str) -> float | None:
    """The portion of labels that are redrawn: 1 for `random`, p for `noise<p>`, else None."""
    if kind == "random":
        return 1.0
    found = re.fullmatch(r"noise([0-9]*\.?[0-9]+(?:e-?[0-9]+)?)", kind)
    return float(found[1]) if found and float(found[1]) <= 1 else None


def index(kind: str) -> int | None:
    """The eigenvector that labels lie along: i from 1, −1 for the last; None for other kinds."""
    if kind == "worst":
        return -1
    found = re.fullmatch(r"eigenvector([1-9][0-9]*)", kind)
    return int(found[1]) if found else None


def is_drawn(kind: str) -> bool:
    """Whether its labels are drawn, anew in each repetition."""
    return kind == "shuffled" or portion(kind) is not None
