"""Gradient descent on the squared loss: its rate, and how far weights move.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1.

Left: losses of the first network of each width, and of its linearisation. Right: distance of the
weights from the start, medians over networks, least to largest.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Descent

LOOKS = [
    {"color": style.BLUE, "linestyle": "-"},
    {"color": style.VERMILLION, "linestyle": (0, (5, 1.5))},
    {"color": style.GREEN, "linestyle": (0, (3, 1, 1, 1))},
    {"color": style.PURPLE, "linestyle": "-."},
]
KERNEL = {"linestyle": ":", "linewidth": 1.1}
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}
DISTANCES = {
    "frobenius": ("all layers", {"color": style.BLUE, "marker": "o"}, -0.5),
    "spectral": ("one layer, spectral", {"color": style.VERMILLION, "marker": "s"}, -0.5),
    "relative": ("all layers, relative", {"color": style.GREEN, "marker": "^"}, -1.0),
}


def _draw(curves, table):
    figure, (losses, moved) = style.new_figure(["AB"], 3.3, _title(table))
    widths = sorted(table.m.unique())
    for look, m in zip(LOOKS * 9, widths, strict=False):
        own = curves[(curves.m == m) & (curves.network == 0)]
        losses.plot(own.step, own.loss, gid=f"loss-{m}", label=f"m = {m}", **look)
        losses.plot(own.step, own.kernel, gid=f"kernel-{m}", **{**look, **KERNEL})
    losses.plot([], [], color=style.BLACK, label="linearised", **KERNEL)
    losses.set(yscale="log", xlabel="step $k$", ylabel="$F(k)/F(0)$")
    losses.set_ylim(curves.loss.min() / 2, 2)
    for key, (said, look, slope) in DISTANCES.items():
        values = table.groupby("m")[key]
        middle = values.median()
        bars = [middle - values.min(), values.max() - middle]
        moved.errorbar(middle.index, middle, bars, linestyle="", gid=key, label=said, **look)
        guide = middle.iloc[0] * (middle.index / middle.index[0]) ** slope
        moved.plot(middle.index, guide, gid=f"guide-{key}", **GUIDE)
    style.widths_axis(moved, widths, "width $m$")
    moved.set(yscale="log", ylabel="distance of the weights")
    style.name_panels([losses, moved], ["losses", "distance from the start"])
    for panel in (losses, moved):
        panel.legend(frameon=False, fontsize="small")
    return figure


def _title(table):
    wide = table[table.m == table.m.max()]
    return (
        f"From 10⁻⁸ to 10⁻¹⁰ descent takes {style.span(wide.ratio)} times as many steps as from "
        "10⁻⁴ to 10⁻⁶: it converges linearly"
    )


def _words(curves, table, job):
    yield (
        "F: squared loss, a sum; learning rate 1/λ_max of the network's own kernel at the start; "
        "float64. (a) The first network of each width; dotted, in its colour: its linearisation. "
        "(b) Distance of the trained layers at the end. Marks: medians over networks; bars: least "
        "to largest; dotted: slopes −½ and −1."
    )


main = figures.program(Descent, "Gradient descent", _draw, _words)

if __name__ == "__main__":
    main()
