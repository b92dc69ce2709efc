"""Norms of products of layers, forward and backward, against their number.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), lemma 7.3 (a) and step 1.

Marks: median over networks; bars: least to largest.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Products

LOOKS = [
    {"color": style.BLUE, "marker": "o"},
    {"color": style.VERMILLION, "marker": "s"},
    {"color": style.GREEN, "marker": "^"},
    {"color": style.PURPLE, "marker": "D"},
]
LAW = {"color": style.BLACK, "linewidth": 1.1}
ROOT = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(table, backward):
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    figure, (forward, behind) = style.new_figure(["AB"], 3.3, _title(table))
    groups = table.groupby("m")
    for at, (look, (m, own)) in enumerate(zip(LOOKS * 9, groups, strict=False)):
        aside = 0.2 * (at - (groups.ngroups - 1) / 2)
        _marks(forward, own, aside, gid=f"forward-{m}", label=f"m = {m}", **look)
    law = table.groupby("k").law.first()
    forward.plot(law.index, law, gid="law", label="law for large m", **LAW)
    forward.plot(law.index, np.sqrt(4 * np.e * law.index), gid="root", label="3.3 √k", **ROOT)
    wide = backward[backward.m == backward.m.max()]
    for look, (d, own) in zip(LOOKS[2:] + LOOKS, wide.groupby("d"), strict=False):
        _marks(behind, own, 0, gid=f"backward-{d}", label=f"d = {d}", **look)
        if d > 1:
            line = own.groupby("k").law.first()
            behind.plot(line.index, line, gid=f"law-{d}", **LAW)
    behind.axhline(1, gid="one", **ROOT)
    forward.set(xlabel="layers $k$", ylabel="norm of the product")
    behind.set(xlabel="layers $k$", ylabel="norm over $\\sqrt{m/d}$")
    forward.set_ylim(0, None)
    behind.set_ylim(0, None)
    titles = ["forward", f"backward, m = {wide.m.max()}"]
    style.name_panels([forward, behind], titles)
    for panel in (forward, behind):
        panel.legend(frameon=False)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _marks(panel, own, aside, **look):
    """Medians with bars, a little aside so that those of two widths do not cover each other."""
    norms = own.groupby("k").norm
    middle = norms.median()
    bars = [middle - norms.min(), norms.max() - middle]
    panel.errorbar(middle.index + aside, middle, bars, linestyle="", markersize=4, **look)


def _title(table):
    wide = table[table.m == table.m.max()]
    last = wide[wide.k == wide.k.max()].norm.median()
    return (
        f"A product of {wide.k.max()} layers of width {wide.m.max()} has norm {last:.1f}: it grows "
        "as the root of their number"
    )


def _words(table, backward, job):
    yield (
        "(a) Largest singular value of W_b D … D W_a. Line: its limit for "
        "large m; dashed: √(4ek). (b) That of B D … W_a, d outputs; line: the edge for d and m; "
        "dashed: 1. Marks: median over networks; bars: least to largest."
    )


main = figures.program(Products, "Products of layers", _draw, _words)

if __name__ == "__main__":
    main()
