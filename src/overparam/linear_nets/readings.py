"""Readings of a table of iterations: which comes closest to print, and how many say the same.

A reading is a step rule for either side, a width, an error (L or L/N), where the side without
over-parameterisation starts, and for each initialisation a variance.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

COMMON = ["rule", "other", "h", "error", "start"]


def kept(found: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Pairs of mean iterations, `over` and `plain`, for every rule, other rule, h, error, start,
    initialisation and variance; `capped`: the larger of both sides' shares of capped seeds.

    found: kind, rule, h, start, initialisation, variance, error, iterations, capped; the plain
    side's own start, which knows no width, has h = 0.
    """
    over = found[found.kind == "over"].drop(columns=["kind", "start"])
    plain = found[found.kind == "plain"].drop(columns="kind")
    plain = plain.rename(columns={"rule": "other", "iterations": "plain", "capped": "cut"})
    over = over.rename(columns={"iterations": "over"})
    axes = ["initialisation", "variance", "error"]
    same = over.merge(plain[plain.start == "product"], on=[*axes, "h"])
    own = over.merge(plain[plain.start == "own"].drop(columns="h"), on=axes)
    pairs = pd.concat([same, own], ignore_index=True)
    pairs = pairs.assign(capped=pairs[["capped", "cut"]].max(axis=1)).drop(columns="cut")
    return pairs[pairs.initialisation.isin(order)]


class Tally(NamedTuple):
    """How many readings there are, and in how many every initialisation takes more iterations
    over-parameterised."""

    more: int
    every: int

    @property
    def share(self) -> float:
        """The one over the other; of no readings it is not a number."""
        return self.more / self.every if self.every else float("nan")


def tally(pairs: pd.DataFrame, order: Sequence[str]) -> Tally:
    """The readings made of some pairs of counts.

    Variances are chosen apart for each initialisation, so in a group of the others' values their
    number is a product; without a pair for an initialisation there is none.
    """
    more = (pairs.over > pairs.plain).groupby([pairs[key] for key in [*COMMON, "initialisation"]])
    counts = (
        counted.unstack("initialisation").reindex(columns=list(order)).fillna(0).prod(axis=1).sum()
        for counted in (more.sum(), more.size())
    )
    return Tally(*map(int, counts))


class Closest(NamedTuple):
    """The mean iterations of the closest reading, in the order of the initialisations."""

    over: np.ndarray
    plain: np.ndarray


def closest(pairs: pd.DataFrame, printed: Mapping[str, tuple[float, float]]) -> tuple[Closest, str]:
    """The reading with the smallest sum of squared differences from print, and it in words."""
    wanted = pd.DataFrame(printed, index=["over", "plain"]).T
    aim = wanted.loc[pairs.initialisation].to_numpy()
    pairs = pairs.assign(
        away=(pairs.over.to_numpy() - aim[:, 0]) ** 2 + (pairs.plain.to_numpy() - aim[:, 1]) ** 2
    )
    # The best variance of each initialisation, then the best of the rest.
    best = pairs.loc[pairs.groupby([*COMMON, "initialisation"]).away.idxmin()]
    total = best.groupby(COMMON).away.sum()
    rule, other, h, error, start = total.idxmin()
    at = best.set_index(COMMON).loc[(rule, other, h, error, start)]
    at = at.set_index("initialisation").loc[list(printed)]
    variances = ", ".join(
        f"{initialisation}: {variance}" for initialisation, variance in at.variance.items()
    )
    begun = "the same product" if start == "product" else "a draw of its own"
    words = (
        f"over-parameterised by {rule}, the other by {other}, h = {h}, {error}, other side from "
        f"{begun}; variances {variances}"
    )
    return Closest(at.over.to_numpy(), at.plain.to_numpy()), words
