"""How figures look and how they are saved: the same table gives the same bytes.

Figures are made without pyplot, so nothing is shared between two of them and no window is needed.
Matplotlib is imported where it is used: a program that only shows its help need not load it.
"""

import io
import math
import os
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from pipeline import files
from pipeline.signs import RAISED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Set by a notebook for its own process, it reaches ours, which may not have that backend.
os.environ["MPLBACKEND"] = "agg"

WIDTH = 7.0  # inches: a page's text
BLACK, GREY = "#000000", "#6E6E6E"
# Okabe and Ito's colours, told apart by the colour-blind too.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#A0468C"


@contextmanager
def applied(path: str) -> Iterator[None]:
    """Matplotlib's defaults and the style file at `path`, whatever a user has set, for a while."""
    import matplotlib as mpl

    with mpl.rc_context(fname=path):
        yield


def new_figure(rows: Sequence[str], height: float, title: str = "") -> "tuple[Figure, list[Axes]]":
    """A figure of a page's width, and its panels; `rows` such as AAB, CDD say what lies where.

    title: what the figure shows, in one sentence.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplot_mosaic([list(row) for row in rows])
    if title:
        figure.suptitle(_lines(title), x=0.01, ha="left")
    return figure, [panels[letter] for letter in sorted(panels)]


def name_kernel(figure: "Figure", kernel: str) -> None:
    """Say what H^∞ is on a figure's axes: above its legend, or below the panels."""
    said = f"$H^\\infty$: kernel of {kernel}"
    for legend in figure.legends:
        legend.set_title(said)
    if not figure.legends:
        figure.supxlabel(said, fontsize="medium")


def _lines(title: str) -> str:
    """A title on as few lines as it needs, of about one length: no word alone on the last.

    What a number belongs to, as in m = 3 and 5 %, stays with it.
    """
    title = title.replace(" = ", "\u00a0=\u00a0").replace(" %", "\u00a0%")

    def cut(width: int) -> list[str]:
        return textwrap.wrap(title, width, break_long_words=False, break_on_hyphens=False)

    fewest = len(cut(84))
    lines = next(cut(width) for width in range(20, 85) if len(cut(width)) <= fewest)
    return "\n".join(lines).replace("\u00a0=\u00a0", " = ").replace("\u00a0%", " %")


def name_panels(panels: "Iterable[Axes]", titles: Iterable[str]) -> None:
    """Write (a), (b), (c) … and a title above the panels."""
    for letter, panel, title in zip("abcdefghijklmnopqrstuvwxyz", panels, titles, strict=False):
        panel.set_title(rf"$\bf{{({letter})}}$ {title}", loc="left")


def decades_axis(panel: "Axes", label: str, last: float, zero: bool = False) -> None:
    """A logarithmic x axis from 1 to `last`; with `zero`, 0 has its place on it as well."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter

    last = max(int(last), 2)
    powers = range(len(str(last)))
    # Small panels have room for some six labels.
    thin = powers[:: 2 if len(powers) > 6 else 1]
    named = {10**power: str(10**power) if power < 2 else f"$10^{power}$" for power in thin}
    if zero:
        panel.set_xscale("symlog", linthresh=1, linscale=0.4, subs=range(2, 10))
        panel.set_xlim(-0.12, last * 1.2)
        named = {0: "0"} | named
    else:
        panel.set_xscale("log")
        panel.set_xlim(0.88, last * 1.2)
    panel.xaxis.set_major_locator(FixedLocator(list(named)))
    panel.xaxis.set_major_formatter(FixedFormatter(list(named.values())))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.set_xlabel(label)


def widths_axis(panel: "Axes", widths: Sequence[float], label: str, most: int = 6) -> None:
    """A logarithmic x axis with a tick at each of the widths; of more than `most` half have a
    label."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    panel.set_xscale("log")
    panel.set_xlim(min(widths) / 1.7, max(widths) * 1.7)
    panel.xaxis.set_major_locator(FixedLocator(list(widths)))
    # The first and the last among them, of which titles speak.
    last, gaps = len(widths) - 1, len(widths) - 1 if len(widths) <= most else (len(widths) - 1) // 2
    shown = {round(at * last / gaps) for at in range(gaps + 1)} if gaps else {0}
    named = [f"{width:g}" if at in shown else "" for at, width in enumerate(widths)]
    panel.xaxis.set_major_formatter(FixedFormatter(named))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_xlabel(label)


def falling_axis(panel: "Axes", start: float, highest: float) -> None:
    """A linear y axis from 0 for what falls from `start`; logarithmic for what rises far above."""
    if highest > 3 * start:
        panel.set_yscale("log")
    else:
        panel.set_ylim(0, None)


def plain_log_axis(panel: "Axes", low: float, high: float) -> None:
    """A logarithmic y axis with plain numbers, more of them where it spans little."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if not 0 < high < math.inf:
        return
    low = max(low, high / 1e4)
    panel.set_yscale("log")
    panel.set_ylim(low / 1.5, high * 1.5)
    spans = {6: (1, 1.5, 2, 3, 4, 5, 7), 100: (1, 2, 5), math.inf: (1,)}
    subs = next(digits for most, digits in spans.items() if high < most * low)
    panel.yaxis.set_major_locator(LogLocator(subs=subs))
    panel.yaxis.set_major_formatter(FuncFormatter(_plain))
    panel.yaxis.set_minor_formatter(NullFormatter())


def _plain(value: float, position: int) -> str:
    if value >= 1e-4:
        return f"{value:g}"
    digit, exponent = f"{value:.0e}".split("e")
    return f"${digit}\\cdot 10^{{{int(exponent)}}}$"


def name_lines(panel: "Axes", last: float, ends: "dict[tuple[str, str], float]") -> None:
    """Names beside the axes, by name and colour the height at which a line ends at x = `last`.

    Where lines end close to each other, names stand one below the other.
    """
    low, high = panel.get_ylim()
    apart = 0.1 * (high - low)  # a line of text
    at = high + apart
    for (name, color), end in sorted(ends.items(), key=lambda named: -named[1]):
        at = min(end, at - apart)
        panel.text(1.06 * last, at, name, color=color, va="center")
    panel.set_xlim(-0.03 * last, 1.03 * last)


def shades(count: int) -> list[Any]:
    """Colours of an ordered series, light to dark; told apart by lightness alone."""
    import seaborn

    return [BLUE] if count == 1 else list(seaborn.color_palette("viridis_r", count))


def band(
    panel: "Axes", table: "pd.DataFrame", x: str, y: str, *, middle: str = "median",
    opacity: float = 0.22, **line: Any,
) -> None:  # fmt: skip
    """The median (or mean) of column y at each x as a line, smallest to largest as a band.

    seaborn's own, but for what it has no word for: an empty table, and bands of steps.
    """
    import seaborn

    if table.empty:
        return
    shape = {"alpha": opacity, "linewidth": 0, "zorder": 2, "step": _step(line.get("drawstyle"))}
    seaborn.lineplot(
        table, x=x, y=y, estimator=middle, errorbar=("pi", 100), err_kws=shape, ax=panel, **line
    )


def told_apart(
    column: str, names: Sequence[str], drawn: "Sequence[tuple[Any, str]]"
) -> dict[str, Any]:
    """How seaborn tells the names in a column apart: by colour and marker, begun again if need be.

    Names are in the legend's order. What `band` and seaborn's own functions take as options.
    """
    colors, markers = zip(*(list(drawn) * len(names))[: len(names)], strict=True)
    return {
        "hue": column, "hue_order": list(names), "palette": list(colors), "style": column,
        "style_order": list(names), "markers": list(markers), "dashes": False, "markeredgewidth": 0,
    }  # fmt: skip


def _step(drawstyle: str | None) -> Literal["pre", "post", "mid"] | None:
    steps: dict[str | None, Literal["pre", "post", "mid"]] = {
        "steps-pre": "pre", "steps-post": "post", "steps-mid": "mid",
    }  # fmt: skip
    return steps.get(drawstyle)


def handle(label: str, **line: Any) -> "tuple[Artist, str]":
    """A legend's entry for a line, a marker or both."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **line), label


def banded_handle(label: str, **line: Any) -> "tuple[tuple[Artist, Artist], str]":
    """A legend's entry for a line in a band."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return (Patch(color=line["color"], alpha=0.22, linewidth=0), Line2D([], [], **line)), label


def legend(figure: "Figure", entries: "Sequence[tuple[Any, str]]", columns: int) -> None:
    """One legend for all panels, below them; entries fill columns from the top."""
    handles, labels = zip(*entries, strict=True)
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)


def shared_legend(figure: "Figure", panels: "Iterable[Axes]", columns: int) -> None:
    """The panels' own legends, seaborn's among them, as one below them all; each entry once."""
    entries: dict[str, Artist] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
        if drawn := panel.get_legend():
            drawn.remove()
    legend(figure, [(handle, label) for label, handle in entries.items()], columns)


def save_figure(figure: "Figure", svg: str, png: str) -> None:
    """Write the figure twice, each file whole or not at all, and free of dates and versions."""
    # One layout for both, worked out once: it takes longer than a drawing.
    figure.draw_without_rendering()
    figure.set_layout_engine(None)
    for path, kind, metadata in (
        (svg, "svg", {"Date": None, "Creator": "overparam"}),
        (png, "png", {"Software": None}),
    ):
        picture = io.BytesIO()
        figure.savefig(picture, format=kind, metadata=metadata)
        with files.whole(path) as file:
            file.write(picture.getvalue())


# --- words of captions -------------------------------------------------------------------------


def number(value: float) -> str:
    """Three significant digits as a sentence has them: 0.0123, 1500, −3, 2.40·10⁻⁵."""
    if value < 0:
        return f"−{number(-value)}"
    if not math.isfinite(value):
        return str(float(value))
    if value == int(value) and value < 1e6:
        return str(int(value))
    if 1e-3 <= value < 1e6:
        return f"{float(f'{value:.3g}'):g}" if value < 1000 else str(round(value))
    base, exponent = f"{value:.2e}".split("e")
    return f"{base}·10{str(int(exponent)).translate(RAISED)}"


def span(values: Iterable[float]) -> str:
    """Smallest to largest of some values, or the one value that they share."""
    listed = list(values)
    ends = [number(min(listed)), number(max(listed))]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def spread(values: "pd.Series", middle: str) -> str:
    """The median (or mean) of some values, and in brackets the smallest to the largest."""
    ends = f" ({span(values)})" if values.nunique() > 1 else ""
    return f"{number(values.agg(middle))}{ends}"


def change(table: "pd.DataFrame", x: str, y: str) -> str:
    """How the median of column y goes from the least x to the largest: "falls from 3 to 2"."""
    medians = table.groupby(x)[y].median()
    first, last = medians.iloc[0], medians.iloc[-1]
    if number(first) == number(last):
        return f"is {number(first)}"
    return f"{'falls' if last < first else 'rises'} from {number(first)} to {number(last)}"


def enumerated(words: Sequence[str]) -> str:
    """Words as a sentence lists them: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def counted(count: int, noun: str) -> str:
    """1 network, 3 networks."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
