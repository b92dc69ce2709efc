"""Gradient descent on the squared loss: its rate, its gradients, and how far weights move.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1.

Left: losses of the first network of each width, and of its linearisation. Middle: squared
gradients of the network that comes lowest, over what the kernel at the start says. Right: distance
of the weights from the start, medians over networks, least to largest.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Descent

LOOKS = [
    {"color": style.BLUE, "linestyle": "-"},
    {"color": style.VERMILLION, "linestyle": (0, (5, 1.5))},
    {"color": style.GREEN, "linestyle": (0, (3, 1, 1, 1))},
    {"color": style.PURPLE, "linestyle": "-."},
]
LEAST = 1e-10  # to which descents go
KERNEL = {"linestyle": ":", "linewidth": 1.1}
HALF = {"linestyle": "--", "color": style.BLACK, "linewidth": 1.1}
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}
DISTANCES = {
    "frobenius": ("all layers", {"color": style.BLUE, "marker": "o"}, -0.5),
    "spectral": ("one layer, ‖·‖₂", {"color": style.VERMILLION, "marker": "s"}, -0.5),
    "relative": ("relative", {"color": style.GREEN, "marker": "^"}, -1.0),
}


def _draw(curves, table):
    figure, (losses, ratios, moved) = style.new_figure(["ABC"], 3.3, _title(table))
    widths = sorted(table.m.unique())
    for look, m in zip(LOOKS * 9, widths, strict=False):
        own = curves[(curves.m == m) & (curves.network == 0)]
        losses.plot(own.step, own.loss, gid=f"loss-{m}", label=f"m = {m}", **look)
        losses.plot(own.step, own.kernel, gid=f"kernel-{m}", **{**look, **KERNEL})
        least = table[table.m == m].set_index("network").lower.fillna(1).idxmin()
        behind = curves[(curves.m == m) & (curves.network == least)]
        ratios.plot(behind.step + 1, behind.lower, gid=f"ratio-{m}", **look)
    losses.plot([], [], color=style.BLACK, label="linearised", **KERNEL)
    losses.set(yscale="log", xlabel="step $k$", ylabel="$F(k)/F(0)$")
    losses.set_ylim(max(curves.loss.min(), LEAST) / 2, 2)
    ratios.axhline(0.5, gid="half", label="half the rate", **HALF)
    ratios.set(xscale="log", yscale="log", xlabel="step $k + 1$")
    ratios.set_ylabel("$\\Vert\\nabla F\\Vert^2/(2F\\lambda_{\\min})$")
    for key, (said, look, slope) in DISTANCES.items():
        values = table.groupby("m")[key]
        middle = values.median()
        bars = [middle - values.min(), values.max() - middle]
        moved.errorbar(middle.index, middle, bars, linestyle="", gid=key, label=said, **look)
        guide = middle.iloc[0] * (middle.index / middle.index[0]) ** slope
        moved.plot(middle.index, guide, gid=f"guide-{key}", **GUIDE)
    style.widths_axis(moved, widths, "width $m$")
    moved.set(yscale="log", ylabel="distance of the weights")
    style.name_panels([losses, ratios, moved], ["losses", "gradients", "distance from the start"])
    for panel in (losses, ratios, moved):
        panel.legend(frameon=False, fontsize="small")
    return figure


def _title(table):
    wide = table[table.m == table.m.max()].late_ratio
    if wide.isna().any():
        return "Some networks do not come to 10⁻¹⁰ of the loss at the start"
    times = " to ".join(dict.fromkeys(f"{each:.2f}" for each in (wide.min(), wide.max())))
    return (
        f"With m = {table.m.max()} the steps from 10⁻⁸ to 10⁻¹⁰ are {times} times those from 10⁻⁶ "
        "to 10⁻⁸: descent is linear"
    )


def _words(curves, table, job):
    late = table.late.dropna()
    rates = "" if late.empty else (
        f"; networks end at {late.min():.2g} to {late.max():.2g} times its rate "
        f"(median {late.median():.2g})"
    )  # fmt: skip
    yield (
        "Squared loss, learning rate 1/λ_max of the kernel at the start. (a) "
        f"First networks; dotted: linearised{rates}. (b) The lowest networks, "
        "λ_min at the start. (c) Distances: medians, least to largest; dotted: slopes "
        "−½ and −1."
    )


main = figures.program(Descent, "Gradient descent", _draw, _words)

if __name__ == "__main__":
    main()
