"""Lengths of hidden vectors and ReLUs near zero at the start, by depth and width.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), lemma 7.1; Zou, Cao, Zhou, Gu 2019 (arXiv
1811.08888), theorem 5.1 (iv).

Left: standard deviation over networks of ln ‖h‖², with its standard error, and its law. Right:
ReLUs of the first layer within ±β, over the bound 2m^{3/2}β, their law and the largest count.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Norms

LINES = [
    {"color": style.BLUE, "marker": "o"},
    {"color": style.VERMILLION, "marker": "s"},
    {"color": style.GREEN, "marker": "^"},
    {"color": style.PURPLE, "marker": "D"},
]
LAW = {"color": style.BLACK, "linewidth": 1.1}
BOUND = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(table, near):
    import numpy as np

    figure, (lengths, counts) = style.new_figure(["AB"], 3.3, _title(table))
    widths = sorted(table.m.unique())
    looks = dict(zip(widths, LINES * len(widths), strict=False))
    seeds = table.seed.nunique()
    for m, look in looks.items():
        spread = table[table.m == m].groupby("layer").log_norm.std()
        at = np.array(spread.index) / m
        lengths.errorbar(at, spread, spread / np.sqrt(2 * seeds), linestyle="", markersize=4,
                         capsize=0, gid=f"spread-{m}", **look)  # fmt: skip
        own = near[near.m == m]
        counts.plot(own.beta, own["mean"], linestyle="", gid=f"mean-{m}", **look)
        counts.plot(own.beta, own.largest, linestyle="", markerfacecolor="none",
                    gid=f"largest-{m}", **look)  # fmt: skip
    ends = np.array([1 / max(widths), table.layer.max() / min(widths)])
    line = np.geomspace(*ends)
    lengths.plot(line, np.sqrt(5 * line), gid="law", **LAW)
    counts.plot(
        near.beta.drop_duplicates(), near.groupby("beta").law.first(), gid="law-near", **LAW
    )
    counts.axhline(1, gid="bound", **BOUND)
    lengths.set(xscale="log", xlabel="ReLU layers below, over the width $m$",
                ylabel="standard deviation of $\\ln\\Vert h\\Vert^2$")  # fmt: skip
    spreads = table.groupby(["m", "layer"]).log_norm.std()
    style.plain_log_axis(lengths, spreads.min(), spreads.max())
    style.plain_log_axis(counts, near["mean"].min(), max(1, near.largest.max()))
    counts.set(xscale="log", xlabel="$\\beta\\sqrt{m}$",
               ylabel="ReLUs within $\\pm\\beta$, over $2m^{3/2}\\beta$")  # fmt: skip
    style.name_panels([lengths, counts], ["lengths scatter as √(depth/width)", "ReLUs near zero"])
    entries = [style.handle(f"m = {m}", linestyle="", **look) for m, look in looks.items()]
    entries += [style.handle("law", **LAW), style.handle("bound", **BOUND)]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    deepest = table[table.layer == table.layer.max()].groupby("m").log_norm.std()
    return (
        f"Above {table.layer.max()} random ReLU layers squared lengths scatter by "
        f"{100 * deepest.iloc[-1]:.0f} % at width {deepest.index[-1]}, as √(5 · depth/width) says"
    )


def _words(table, near, job):
    yield (
        "(a) Of the first input; a mark for each layer and width, bars: one "
        "standard error. (b) Full marks: mean count in the first layer; hollow: the largest of all "
        "layers, inputs and networks. Lines: laws; dashed: the bound of Zou et al. 2019."
    )


main = figures.program(Norms, "Lengths at the start", _draw, _words)

if __name__ == "__main__":
    main()
