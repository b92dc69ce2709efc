"""Losses of networks with skip connections by depth, in time and in steps; times without them.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550).
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Depth

NETS = {
    "skips": ("with skip connections", {"color": style.BLUE, "marker": "o"}),
    "plain": ("without", {"color": style.VERMILLION, "marker": "s"}),
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
    for name, (said, look) in NETS.items():
        own = table[(table.net == name) & (table.begin == "zero")]
        style.band(panels[2], own, "H", "t", gid=name, label=said, **look)
    panels[2].set(yscale="log", xlabel="layers $H$", ylabel="$t_{10}$", xticks=depths)
    panels[2].legend(frameon=False, fontsize="small")
    style.name_panels(panels, ["in time", "in steps", "to a tenth"])
    return figure


def _title(table):
    own = table[table.begin == "zero"]
    said = {name: style.change(own[own.net == name], "H", "t") for name in NETS}
    return (
        f"With skip connections $t_{{10}}$ {said['skips']} with depth; without it {said['plain']}"
    )


def _words(table, curves, job):
    yield (
        "(a), (b) Loss above its minimum, over that at the start, of the first seed's networks "
        "with skip connections; dotted: a tenth. (c) Time to a tenth, medians, least to largest."
    )


main = figures.program(Depth, "Depth", _draw, _words)

if __name__ == "__main__":
    main()
