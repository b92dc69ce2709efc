"""How far the tangent kernel scatters over networks at the start, by depth and width.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), the section on neural kernels.

Left: standard deviation over networks of ln K(x, x), with its standard error, and its law for each
depth. Right: the same in per cent by depth and width, and the law's contours.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import KernelMap

MARKERS = "os^DvP"
CONTOURS = (0.1, 0.2, 0.4, 0.8)
GUIDE = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(table):
    import numpy as np
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    from overparam.deep_relu.laws import kernel_scatter

    figure, (scatters, plane) = style.new_figure(["AB"], 3.4, _title(table))
    depths, widths = sorted(table.depth.unique()), sorted(table.m.unique())
    error = 1 / np.sqrt(2 * table.network.nunique())
    cells = table.groupby(["depth", "m"]).agg({"log_kernel": "std", "law": "first"})
    for color, marker, depth in zip(
        style.shades(len(depths)), MARKERS * len(depths), depths, strict=False
    ):
        own = cells.loc[depth]
        at = depth / own.index.to_numpy()
        scatters.errorbar(at, own.log_kernel, error * own.log_kernel, color=color, marker=marker,
                          linestyle="", markersize=5, gid=f"scatter-{depth}",
                          label=f"L = {depth}")  # fmt: skip
        scatters.plot(at, own.law, color=color, linewidth=1.1, gid=f"law-{depth}")
    ends = np.array([min(depths) / max(widths), max(depths) / min(widths)])
    scatters.plot(ends, np.sqrt(11 * ends / 3), gid="deep", label="$\\sqrt{11L/3m}$", **GUIDE)
    lines = np.geomspace(min(depths) / 1.5, 1.5 * max(depths), 60)
    for level in CONTOURS:
        m = np.array([kernel_scatter(depth, 1) ** 2 / level**2 for depth in lines])
        inside = (m > min(widths) / 1.7) & (m < 1.7 * max(widths))
        if inside.any():
            plane.plot(m, lines, gid=f"contour-{level:g}", **GUIDE)
            at = np.flatnonzero(inside)[-1]
            plane.annotate(f"{100 * level:.0f} %", (m[at], lines[at]), (0, 3), va="bottom",
                           ha="center", textcoords="offset points", fontsize="small",
                           annotation_clip=False)  # fmt: skip
    for (depth, m), cell in cells.iterrows():
        plane.text(m, depth, f"{100 * cell.log_kernel:.0f}", ha="center", va="center",
                   bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2})  # fmt: skip
    style.plain_log_axis(scatters, cells.log_kernel.min(), cells.log_kernel.max())
    scatters.set(xscale="log", xlabel="trained layers over the width, $L/m$",
                 ylabel="standard deviation of $\\ln K(x,x)$")  # fmt: skip
    scatters.legend(frameon=False, fontsize="small")
    style.widths_axis(plane, widths, "width $m$")
    plane.set(yscale="log", ylabel="trained layers $L$",
              ylim=(min(depths) / 1.5, 1.5 * max(depths)))  # fmt: skip
    plane.yaxis.set_major_locator(FixedLocator(depths))
    plane.yaxis.set_major_formatter(FixedFormatter([str(depth) for depth in depths]))
    plane.yaxis.set_minor_locator(NullLocator())
    style.name_panels([scatters, plane], ["depth over width", "in per cent"])
    plane.set_title(plane.get_title(loc="left"), loc="left", pad=16)
    return figure


def _title(table):
    spread = table.groupby(["depth", "m"]).log_kernel.std()
    (low, wide), (high, narrow) = spread.idxmin(), spread.idxmax()
    return (
        f"The tangent kernel scatters by {100 * spread.min():.0f} % at L = {low}, m = {wide}, by "
        f"{100 * spread.max():.0f} % at L = {high}, m = {narrow}: depth over width counts"
    )


def _words(table, job):
    yield (
        "K: tangent kernel of the trained layers. (a) Standard deviation over networks, bars: one "
        "standard error; lines: the law of each depth; dashed: of many layers. (b) The same in per "
        "cent; dashed: the law's contours."
    )


main = figures.program(KernelMap, "Scatter of the tangent kernel", _draw, _words)

if __name__ == "__main__":
    main()
