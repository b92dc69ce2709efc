"""Losses with true and with random labels.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550).
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Labels

LOOKS = {"true": {"color": style.BLUE}, "random": {"color": style.VERMILLION}}
TENTH = {"color": style.BLACK, "linestyle": ":", "linewidth": 1}


def _draw(table, curves):
    depths = sorted(curves["H"].unique())
    figure, panels = style.new_figure(["ABCDEF"[: len(depths)]], 3.1, _title(table))
    for panel, depth in zip(panels, depths, strict=True):
        for name, look in LOOKS.items():
            own = curves[(depth == curves["H"]) & (curves.labels == name) & (curves.t > 0)]
            for seed, line in own.groupby("seed"):
                gid = f"{name}-{depth}-{seed}"
                panel.plot(line.t, line.excess, gid=gid, linewidth=1, **look)
        panel.axhline(0.1, **TENTH)
        panel.set(xscale="log", yscale="log", xlabel="time $t$")
    panels[0].set_ylabel("$(L - L^*)/(L_0 - L^*)$")
    style.name_panels(panels, [f"H = {depth}" for depth in depths])
    entries = [style.handle(f"{name} labels", **look) for name, look in LOOKS.items()]
    style.legend(figure, entries, columns=2)
    return figure


def _title(table):
    own = table[table.begin == "zero"].groupby("H").ratio
    first = own.min().index[0]
    layers = f"{first} layer{'s' * int(first > 1)}"
    return (
        f"With {layers} random labels take {style.number(round(own.min()[first], 1))} to "
        f"{style.number(round(own.max()[first], 1))} times as long as true ones"
    )


def _words(table, curves, job):
    yield (
        "Loss above its minimum, over that at the start, against the time of gradient flow, a "
        "line for each seed, without skip connections. Random labels are the true ones permuted."
    )


main = figures.program(Labels, "Label signal", _draw, _words)

if __name__ == "__main__":
    main()
