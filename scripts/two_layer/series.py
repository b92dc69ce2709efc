"""How figures show labellings, networks, predictions and the paper's own points."""

import math
import string
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from overparam import label_kinds
from pipeline import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Functions on the sphere, by the kind in their names; %g is the number behind it.
FUNCTIONS = {
    "linear": "$z$", "power": "$z^{%g}$", "sum": "sum of powers", "sign": "sign $z$",
    "quadratic": r"$x^\mathrm{T}Ax$, rank %g", "sine": r"$\sin(%gz)$", "relu": r"$\max(z,0)$",
    "cosine": r"$\cos(%gz)-1$", "arctan": r"$z\,\arctan(z/2)$, $\Vert\beta\Vert=%g$",
    "absolute": "$|z|$",
}  # fmt: skip


class Look(NamedTuple):
    """How one labelling is drawn, and what a legend calls it."""

    color: str
    marker: str
    name: str


LABELLINGS = {  # the paper's
    "true": Look(style.BLUE, "o", "true labels"),
    "random": Look(style.VERMILLION, "s", "random labels"),
    "worst": Look(style.GREEN, "^", "worst-case labels"),
}
ORANGE, SKY, PINK = "#E69F00", "#56B4E9", "#CC79A7"  # Okabe and Ito's too
SHUFFLED = Look(ORANGE, "D", "shuffled labels")
# Labels along an eigenvector and partly random ones, in the order in which they are listed.
FURTHER = [
    (SKY, "v"), (PINK, "P"), (style.PURPLE, "X"), (style.GREY, "<"), (style.BLACK, ">"),
    (ORANGE, "*"),
]  # fmt: skip


def complexity(n: str, kernel: str | None) -> str:
    """The complexity measure of n points on an axis; with another kernel tr H^∞ is not n/2."""
    form = r"y^{\top}(H^{\infty})^{-1}y"
    if kernel:
        return rf"$2\sqrt{{{form}\;\mathrm{{tr}}\,H^{{\infty}}}}\,/\,{n}$"
    return rf"$\sqrt{{2\,{form}\,/\,{n}}}$"


def looks(kinds: Iterable[str]) -> dict[str, Look]:
    """How the kinds of labels in a table are drawn, in a legend's order."""
    found = dict.fromkeys(kinds)
    named = LABELLINGS | {"shuffled": SHUFFLED}
    known = {kind: look for kind, look in named.items() if kind in found}
    others = [kind for kind in found if kind not in known]
    drawn = zip(others, FURTHER, strict=False)
    return known | {kind: Look(*look, _name(kind)) for kind, look in drawn}


def _name(kind: str) -> str:
    place, portion = label_kinds.index(kind), label_kinds.portion(kind)
    return f"eigenvector-{place} labels" if place else f"{100 * portion:g} % random labels"


def in_rows(count: int) -> list[str]:
    """Panels for `style.new_figure`, at most three in a row, about as many in each."""
    letters, columns = string.ascii_uppercase[:count], math.ceil(count / math.ceil(count / 3))
    return [letters[at : at + columns].ljust(columns, ".") for at in range(0, count, columns)]


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


def labelled(table: "pd.DataFrame") -> "tuple[pd.DataFrame, dict[str, Any]]":
    """The table with the labellings' names as a legend has them, and how seaborn draws them."""
    own = looks(table.labels)
    drawn = [(look.color, look.marker) for look in own.values()]
    names = {kind: look.name for kind, look in own.items()}
    options = style.told_apart("labels", [*names.values()], drawn)
    return table.assign(labels=table.labels.map(names)), options


def function_name(target: str) -> str:
    """A function on the sphere as a figure has it; no line breaks within."""
    kind = target.rstrip("0123456789.")
    name = FUNCTIONS[kind]
    if "%g" in name:
        name = name % float(target[len(kind) :] or 1)
    return name.replace("(1z)", "(z)").replace(" ", "\u00a0")


def root_guide(panel: "Axes", widths: Sequence[float], start: float) -> None:
    """A dotted line that falls like m^(−1/2) from `start` at the least of the widths."""
    ends = [min(widths), max(widths)]
    falling = [start * (m / ends[0]) ** -0.5 for m in ends]
    panel.plot(ends, falling, color=style.GREY, **GUIDE, gid="guide", label="slope of $m^{-1/2}$")


GUIDE = {"linestyle": ":", "linewidth": 1}
