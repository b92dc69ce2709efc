"""Every claim's verdict as one chart: a row for each theme, a tile for each claim.

Reads `claims`, what `collect` wrote. Tiles have the verdict's colour and symbol, in the order of
the legend; what a run does not decide is a number beside them. Long rows go on in the next line.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline import cli, style
from scripts.ledger.verdicts import VERDICTS

# The report's hues (report.css), each of a lightness of its own: in grey all six differ.
COLORS = {
    "reproduced": "#073c39",
    "holds": "#98d8aa",
    "reported": "#e6ebf1",
    "vacuous": "#d4a543",
    "refuted": "#7232ae",
    "missed": "#d83730",
}
ACROSS = 24  # tiles in a line: wide enough for their symbols in print
BESIDE = 6  # tiles' room for the number that is not run
LINE = 0.2  # inches
Line = tuple[str, list[str], int]


@cli.program
@cli.option("--run", required=True, help="Name of the run.")
@cli.option("--claims", type=cli.InputFile(), required=True, help="The claims, .json.")
@cli.option("--style", "style_file", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(run: str, claims: str, style_file: str, svg: str, png: str, caption: str) -> None:
    import json
    from pathlib import Path

    from pipeline import files

    found = json.loads(Path(claims).read_text("utf-8"))
    counts = Counter(claim["verdict"] for claim in found["claims"])
    with style.applied(style_file):
        figure = _draw([*lines(found["sources"], found["claims"])], counts, headline(run, counts))
        style.save_figure(figure, svg, png)
    files.save_text(caption, _caption(run, counts))


def lines(
    sources: Sequence[Mapping[str, Any]], claims: Sequence[Mapping[str, Any]]
) -> Iterator[Line]:
    """A name, the verdicts of its tiles, and how many are not run: of each source and theme."""
    from scripts.ledger import words

    for source in sources:
        own = [claim for claim in claims if claim["source"] == source["id"]]
        if not own:  # as in a run on data of one's own, which no claim of it is about
            continue
        yield words.cited(source), [], 0
        for theme in dict.fromkeys(claim["group"] for claim in own):
            verdicts = [claim["verdict"] for claim in own if claim["group"] == theme]
            decided = sorted(filter(COLORS.get, verdicts), key=[*COLORS].index)
            cut = range(0, max(len(decided), 1), ACROSS)
            for at in cut:
                rest = verdicts.count("not run") if at == cut[-1] else 0
                name = "" if at else textwrap.shorten(theme, 38, placeholder=" …")
                yield name, decided[at : at + ACROSS], rest


def headline(run: str, counts: Mapping[str, int]) -> str:
    """The chart's title: what agrees and what does not, of all claims."""
    return (
        f"{run}: of {sum(counts.values())} claims {counts['holds'] + counts['reproduced']} hold or "
        f"are reproduced, {counts['refuted']} refuted, {counts['missed']} missed"
    )


def _draw(drawn: Sequence[Line], counts: Mapping[str, int], title: str) -> Any:
    import numpy as np
    import seaborn
    from matplotlib.colors import ListedColormap

    symbols = np.full((len(drawn), ACROSS + BESIDE), "", dtype=object)
    codes = np.full(symbols.shape, np.nan)
    for at, (_, verdicts, _) in enumerate(drawn):
        codes[at, : len(verdicts)] = [[*COLORS].index(verdict) for verdict in verdicts]
        symbols[at, : len(verdicts)] = [VERDICTS[verdict].symbol for verdict in verdicts]
    figure, (panel,) = style.new_figure(["A"], LINE * len(drawn) + 1, title)
    seaborn.heatmap(
        codes, ax=panel, cmap=ListedColormap([*COLORS.values()]), vmin=-0.5, vmax=len(COLORS) - 0.5,
        annot=symbols, fmt="", annot_kws={"size": 10}, linewidths=1, linecolor="white", cbar=False,
        xticklabels=False, yticklabels=[name for name, _, _ in drawn],
    )  # fmt: skip
    panel.grid(False)
    panel.tick_params(axis="y", length=0, labelsize=10, rotation=0)
    for label, (_, verdicts, rest) in zip(panel.get_yticklabels(), drawn, strict=True):
        if rest:
            panel.text(
                len(verdicts) + 0.4, label.get_position()[1], f"{rest} not run", size=8.5,
                color=style.GREY, va="center",
            )  # fmt: skip
        elif not verdicts:
            label.set_fontweight("bold")
    entries = [
        (_tile(verdict), f"{verdict}: {counts[verdict]}") for verdict in COLORS if counts[verdict]
    ]
    if entries:  # on data of one's own nothing may be decided
        style.legend(figure, entries, columns=3)
        for text in figure.legends[0].get_texts():
            text.set_fontsize(10)
    return figure


def _tile(verdict: str) -> Any:
    """A legend's tile: the symbol, as light or dark as in the chart, on the verdict's colour."""
    from seaborn.utils import relative_luminance

    color = COLORS[verdict]
    ink = ".15" if relative_luminance(color) > 0.408 else "white"
    alone = {"linestyle": "none", "markeredgewidth": 0}
    tile, _ = style.handle("", marker="s", markersize=12, color=color, **alone)
    symbol = f"${VERDICTS[verdict].symbol}$"
    return tile, style.handle("", marker=symbol, markersize=7, color=ink, **alone)[0]


def _caption(run: str, counts: Mapping[str, int]) -> str:
    meant = "; ".join(
        f"{verdict}: {VERDICTS[verdict].meaning.partition(';')[0]}"
        for verdict in COLORS
        if counts[verdict]
    )
    return (
        f"**Verdicts by theme** ({run}, {sum(counts.values())} claims).\n\n"
        f"A tile is a claim, a row a theme; beside it, what is not run ({counts['not run']} in "
        f"all). {meant[:1].upper()}{meant[1:]}.\n\n"
        "**How to read it.** Purple tiles contradict what the papers print, red ones what we "
        "expected.\n"
    )


if __name__ == "__main__":
    main()
