"""Du et al.'s figure 1: two layers, wider and wider.

Source: Du, Zhai, Póczos, Singh 2019 (arXiv 1810.02054), figure 1.

Left and middle: loss by width, median over seeds, at one learning rate and at one that grows as √m.
Right: sign changes and the largest distance after the last step, medians, least to largest.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Speed

GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}
KINDS = {
    "distance": ("largest distance", {"color": style.BLUE, "marker": "o"}),
    "flips": ("share of signs changed", {"color": style.VERMILLION, "marker": "s"}),
}


def _draw(table, curves):
    import matplotlib as mpl
    import numpy as np

    figure, (fixed, scaled, moved) = style.new_figure(["ABC"], 3.0, _title(table))
    widths = sorted(table.m.unique())
    colors = mpl.colormaps["cividis"](np.linspace(0, 0.9, len(widths)))
    for panel, grows in ((fixed, False), (scaled, True)):
        for m, color in zip(widths, colors, strict=True):
            own = curves[(curves.m == m) & (curves.scaled == grows)]
            panel.plot(own.step, own.loss, color=color, gid=f"loss-{grows}-{m}", label=f"m = {m}")
        panel.set(yscale="log", xlabel="step $k$", ylabel="$\\Vert f - y\\Vert^2/n$")
        panel.set_ylim(curves.loss.min() / 1.3, curves.loss.max() * 1.3)
    scaled.legend(frameon=False, fontsize="small")
    own = table[~table.scaled]
    for key, (said, look) in KINDS.items():
        values = own.groupby("m")[key]
        middle = values.median()
        bars = [middle - values.min(), values.max() - middle]
        moved.errorbar(middle.index, middle, bars, linestyle="", gid=key, label=said, **look)
        guide = middle.iloc[0] * (middle.index / middle.index[0]) ** -0.5
        moved.plot(middle.index, guide, gid=f"guide-{key}", **GUIDE)
    style.widths_axis(moved, widths, "width $m$")
    moved.set_yscale("log")
    moved.legend(frameon=False, fontsize="small")
    titles = ["one learning rate", "$\\eta \\propto \\sqrt{m}$", "after the last step"]
    style.name_panels([fixed, scaled, moved], titles)
    return figure


def _title(table):
    rates = table[~table.scaled].groupby("m").rate.median()
    return (
        f"At one learning rate networks {style.number(rates.index[-1] / rates.index[0])} times as "
        f"wide start {style.number(rates.iloc[-1] / rates.iloc[0])} times as fast: wider is not "
        "faster"
    )


def _words(table, curves, job):
    yield (
        "f = m^(−1/2) Σ a σ(wᵀx), targets N(0, 1). (a) One learning rate; (b) growing as √m from "
        "that of the least width, which draws Du et al.'s figure. (c) As (a); dotted: slope −½. "
        "Medians; bars: least to largest seed."
    )


main = figures.program(Speed, "Figure 1 of Du et al. 2019", _draw, _words)

if __name__ == "__main__":
    main()
