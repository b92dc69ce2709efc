"""Losses of networks with skip connections by depth, in time and in steps; times without them.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550).
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Depth

LINES = {
    ("skips", "common"): ("skips, one loss", {"color": style.BLUE, "marker": "o"}),
    ("skips", "t"): ("skips, own $t_{10}$", {"color": style.GREEN, "marker": "^"}),
    ("plain", "t"): ("plain, own $t_{10}$", {"color": style.VERMILLION, "marker": "s"}),
}
TENTH = {"color": style.BLACK, "linestyle": ":", "linewidth": 1}


def _draw(table, curves):
    figure, panels = style.new_figure(["ABC"], 3.1, _title(table))
    depths = sorted(curves["H"].unique())
    colors = dict(zip(depths, style.shades(len(depths)), strict=True))
    for panel, x in zip(panels, ("t", "step"), strict=False):
        for depth, color in colors.items():
            own = curves[depth == curves["H"]]
            panel.plot(own[x], own.excess, color=color, gid=f"{x}-{depth}", label=f"H = {depth}")
        panel.axhline(0.1, **TENTH)
        panel.set_xlim(0, 1.05 * curves[curves.excess > 0.1][x].max())
        panel.set(yscale="log", ylim=(0.08, 1.1))
        panel.legend(frameon=False, fontsize="small")
    panels[0].set(xlabel="time $t$", ylabel="$(L - L^*)/(L_0 - L^*)$")
    panels[1].set(xlabel="step")
    for (net, y), (said, look) in LINES.items():
        own = table[(table.net == net) & (table.begin == "zero")].dropna(subset=y)
        style.band(panels[2], own, "H", y, gid=f"{net}-{y}", label=said, opacity=0.12, **look)
    panels[2].set(yscale="log", xlabel="layers $H$", ylabel="time", xticks=depths)
    panels[2].legend(frameon=False, fontsize="small")
    style.name_panels(panels, ["in time", "in steps", "by depth"])
    return figure


def _title(table):
    own = table[table.begin == "zero"]
    one = style.change(own[own.net == "skips"], "H", "common")
    plain = style.change(own[own.net == "plain"], "H", "t")
    return (
        f"With skip connections the time to one loss {one} with depth; without them $t_{{10}}$ "
        f"{plain}"
    )


def _words(table, curves, job):
    yield (
        "(a), (b) Loss above its minimum, over that at the start, of the first seed's networks "
        "with skip connections; dotted: a tenth. (c) Times to the level of the shallowest, or to a "
        "tenth of a network's own; medians, least to largest."
    )


main = figures.program(Depth, "Depth", _draw, _words)

if __name__ == "__main__":
    main()
