"""How figures look and how they are saved: the same table gives the same bytes.

Figures are made without pyplot, so nothing is shared between two of them, and no window is needed.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter

from overparam.house import files

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 7.0  # inches: a page's text
BLACK, GREY, LIGHT = "#000000", "#666666", "#A6A6A6"


class Look(NamedTuple):
    """How one labelling is drawn, and what a legend calls it."""

    color: str
    marker: str
    name: str


LABELLINGS = {
    "true": Look("#0072B2", "o", "true labels"),
    "random": Look("#D55E00", "s", "random labels"),
    "worst": Look("#009E73", "^", "worst-case labels"),
}
# Lines of a series; a prediction or a kernel's value is never drawn solid, as a network's is.
SERIES: dict[str, dict[str, Any]] = {
    "network": {"linestyle": "-", "linewidth": 1.4, "zorder": 3},
    "prediction": {"linestyle": (0, (3.2, 1.8)), "linewidth": 1.3, "zorder": 4},
    "kernel": {"linestyle": (0, (5, 1.5, 1, 1.5)), "linewidth": 1.3, "zorder": 3},
    "paper": {"linestyle": "none", "marker": "x", "markersize": 4, "markeredgewidth": 0.9,
              "zorder": 5},
}  # fmt: skip
PAPER = "Arora et al. 2019, digitised"


@contextmanager
def applied(path: str) -> Iterator[None]:
    """Matplotlib's defaults and the style file at `path`, whatever a user has set, for a while."""
    with mpl.rc_context(fname=path):
        yield


def new_figure(mosaic: str, height: float) -> tuple[Figure, list[Axes]]:
    """A figure of a page's width and its panels, ordered by their letters in `mosaic`."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    panels = figure.subplot_mosaic(mosaic)
    return figure, [panels[letter] for letter in sorted(panels)]


def name_panels(panels: Iterable[Axes], titles: Iterable[str]) -> None:
    """Write (a), (b), (c) … and a title above the panels."""
    for letter, panel, title in zip("abcdefghijkl", panels, titles, strict=False):
        panel.set_title(rf"$\bf{{({letter})}}$ {title}", loc="left")


def steps_axis(panel: Axes, last: int) -> None:
    """A logarithmic axis of gradient steps on which step 0 has its place."""
    panel.set_xscale("symlog", linthresh=1, linscale=0.35, subs=range(2, 10))
    decades = [10**power for power in range(len(str(max(last, 1))))]
    named = [str(step) if step < 100 else f"$10^{{{len(str(step)) - 1}}}$" for step in decades]
    panel.xaxis.set_major_locator(FixedLocator([0, *decades]))
    panel.xaxis.set_major_formatter(FixedFormatter(["0", *named]))
    panel.set_xlim(-0.12, max(last, 1) * 1.15)
    panel.set_xlabel("gradient step $k$")


def plain_ticks(axis: Any, values: Sequence[float]) -> None:
    """Ticks at just these values, written as plain numbers, on an axis of any scale."""
    axis.set_major_locator(FixedLocator(list(values)))
    axis.set_major_formatter(FixedFormatter([f"{value:g}" for value in values]))
    axis.set_minor_formatter(NullFormatter())


def band(
    panel: Axes, table: "pd.DataFrame", x: str, y: str, middle: str = "median", **line: Any
) -> None:
    """The median (or mean) of column y at each x as a line, smallest to largest as a band."""
    groups = table.groupby(x)[y].agg([middle, "min", "max"])
    if len(groups):
        (drawn,) = panel.plot(groups.index, groups[middle], **line)
        panel.fill_between(
            groups.index, groups["min"], groups["max"],
            color=drawn.get_color(), alpha=0.22, linewidth=0, zorder=2,
        )  # fmt: skip


def mark(panel: Axes, x: Any, y: Any, color: str = BLACK, gid: str = "paper", **line: Any) -> None:
    """The paper's own points; an SVG file names their group `gid`."""
    panel.plot(x, y, **SERIES["paper"] | {"color": color, "gid": gid} | line)


def line_handle(label: str, **line: Any) -> Line2D:
    """A legend's entry for a line or a marker."""
    return Line2D([], [], label=label, **line)


def banded_handle(label: str, **line: Any) -> tuple[tuple[Patch, Line2D], str]:
    """A legend's entry for a line in a band."""
    color = line.get("color", BLACK)
    return (Patch(color=color, alpha=0.22, linewidth=0), Line2D([], [], **line)), label


def legend(figure: Figure, entries: Sequence[Any], columns: int) -> None:
    """One legend for all panels, below them; entries fill columns from the top."""
    pairs = [one if isinstance(one, tuple) else (one, one.get_label()) for one in entries]
    handles, labels = zip(*pairs, strict=True)
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)


def save_figure(figure: Figure, svg: str, png: str) -> None:
    """Write the figure twice, each file whole or not at all and free of dates and versions."""
    for path, kind, metadata in (
        (svg, "svg", {"Date": None, "Creator": "overparam"}),
        (png, "png", {"Software": None}),
    ):
        picture = io.BytesIO()
        figure.savefig(picture, format=kind, metadata=metadata)
        with files.whole(path) as file:
            file.write(picture.getvalue())


def number(value: float) -> str:
    """Three significant digits as prose has them: 0.0123, 1500, 2.4·10⁻⁵."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e6:
        digits = f"{value:.3g}"
        return str(round(float(digits))) if "e" in digits else digits
    base, exponent = f"{value:.2e}".split("e")
    return f"{base}·10{str(int(exponent)).translate(_RAISED)}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def span(values: Iterable[float]) -> str:
    """Smallest to largest of some values, or the one value that they share."""
    listed = list(values)
    ends = [number(min(listed)), number(max(listed))]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def enumerated(words: Sequence[str]) -> str:
    """Words as a sentence lists them: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def counted(count: int, noun: str) -> str:
    """1 network, 3 networks."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
