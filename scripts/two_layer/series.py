"""How source 001's figures show labellings, networks, predictions and the paper's own points."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Look(NamedTuple):
    """How one labelling is drawn, and what a legend calls it."""

    color: str
    marker: str
    name: str


LABELLINGS = {
    "true": Look(style.BLUE, "o", "true labels"),
    "random": Look(style.VERMILLION, "s", "random labels"),
    "worst": Look(style.GREEN, "^", "worst-case labels"),
}
# Lines of a series: a prediction or a kernel's value is never drawn solid, as a network's is.
SERIES: dict[str, dict[str, Any]] = {
    "network": {"linestyle": "-", "linewidth": 1.4, "zorder": 3},
    "prediction": {"linestyle": (0, (3.2, 1.8)), "linewidth": 1.3, "zorder": 4},
    "kernel": {"linestyle": (0, (5, 1.5, 1, 1.5)), "linewidth": 1.3, "zorder": 3},
    "paper": {"linestyle": "none", "marker": "x", "markersize": 4, "markeredgewidth": 0.9,
              "zorder": 5},
}  # fmt: skip
PAPER = "Arora et al. 2019, digitised"
PER_DECADE = 12  # of the paper's points, where they lie close together on a logarithmic axis


def paper_points(
    path: str | None, dataset: str | None, quantities: Sequence[str]
) -> "pd.DataFrame":
    """The paper's digitised points of some quantities, columns x and y among others; or none."""
    import pandas as pd

    columns = ["figure", "dataset", "series", "quantity", "x", "y"]
    points = pd.read_csv(path) if path else pd.DataFrame(columns=columns)
    return points[(points.dataset == dataset) & points.quantity.isin(quantities)]


def mark(
    panel: "Axes", points: "pd.DataFrame", gid: str, color: str = style.BLACK, thin: bool = False
) -> None:
    """The paper's own points; an SVG file names their group `gid`. `thin`: PER_DECADE at most."""
    if points.empty:
        return
    points = points.sort_values("x")
    if thin:
        # One point for each bin of log x: the first in it.
        bins = [math.floor(PER_DECADE * math.log10(max(x, 1))) if x > 0 else -1 for x in points.x]
        points = points.groupby(bins, sort=True).first()
    panel.plot(points.x, points.y, **SERIES["paper"] | {"color": color, "gid": gid})


# How far above all networks a prediction may lie that shares their panel.
RISE = 2


def beyond(values: "pd.Series", networks: "pd.Series", start: float) -> "pd.Series":
    """Whether values are not finite, or so far above networks and start that the panel would
    show nothing else: above 2/λ_max predictions grow without bound, and networks need not."""
    highest = max(start, networks[networks < math.inf].max())  # of no networks: start
    return values.isna() | (values > RISE * highest)


def outgrown(values: "pd.Series", start: "pd.Series | float") -> "pd.Series":
    """Whether predictions have outgrown their start, as they do above 2/λ_max alone."""
    from overparam.spectra import ROUNDING

    return ~(values <= start * (1 + ROUNDING))


DOT: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 2.6}
BAR: dict[str, Any] = {"marker": "_", "markersize": 11, "markeredgewidth": 1.4}


def dots(panel: "Axes", table: "pd.DataFrame", x: str, y: str, color: str) -> None:
    """A dot for each row, those of one x side by side so that none hides another; and medians."""
    for at, own in table.groupby(x):
        aside = [at * 10 ** (0.16 * ((place + 0.5) / len(own) - 0.5)) for place in range(len(own))]
        panel.plot(
            aside, own[y], color=color, alpha=0.55, markeredgewidth=0, gid=f"{y}-{at}", **DOT
        )
    medians = table.groupby(x)[y].median()
    panel.plot(medians.index, medians, color=style.BLACK, linewidth=0, zorder=4, **BAR)


def seeds(panel: "Axes", table: "pd.DataFrame", x: str, y: str, gid: str, **line: Any) -> None:
    """Column y against x on a logarithmic axis: a pale dot for each seed, medians on a line.

    Seeds lie side by side, so that they do not hide each other; an SVG file names both groups.
    """
    named = sorted(table.repetition.unique())
    aside = {seed: 10 ** (0.12 * ((at + 0.5) / len(named) - 0.5)) for at, seed in enumerate(named)}
    dots = {"linestyle": "none", "markersize": 2.6, "alpha": 0.4, "markeredgewidth": 0}
    places = table[x] * table.repetition.map(aside)
    panel.plot(places, table[y], **line | dots, gid=f"seeds-{gid}")
    medians = table.groupby(x)[y].median()
    panel.plot(medians.index, medians, **line, gid=f"median-{gid}")


def root_guide(panel: "Axes", widths: Sequence[float], start: float) -> None:
    """A dotted line that falls like m^(−1/2) from `start` at the least of the widths."""
    ends = [min(widths), max(widths)]
    falling = [start * (m / ends[0]) ** -0.5 for m in ends]
    panel.plot(ends, falling, color=style.GREY, **GUIDE, gid="guide")


GUIDE = {"linestyle": ":", "linewidth": 1}
