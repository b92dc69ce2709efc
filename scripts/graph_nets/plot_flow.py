"""Losses along gradient flow beside the theorem's bound.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1.
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Flow

NETS = {"plain": "without skip connections", "skips": "with skip connections"}
BOUND = {"linestyle": (0, (5, 1.5)), "linewidth": 1.1}
RANDOM = {"linestyle": ":"}
FLOOR = 3e-3


def _draw(table):
    figure, panels = style.new_figure(["AB"], 3.3, _title(table))
    own = table[(table.seed == 0) & (table.t > 0)]
    colors = dict(zip(sorted(own["H"].unique()), style.shades(own["H"].nunique()), strict=True))
    for panel, net in zip(panels, NETS, strict=True):
        for depth, color in colors.items():
            some = own[(own.net == net) & (depth == own["H"])]
            for labels, look in (("true", {}), ("random", RANDOM)):
                line = some[some.labels == labels]
                gid = f"{net}-{depth}-{labels}"
                panel.plot(line.t, line.excess, color=color, gid=gid, **look)
            true = some[some.labels == "true"]
            panel.plot(true.t, true.bound, color=color, gid=f"bound-{net}-{depth}", **BOUND)
        panel.set(xscale="log", yscale="log", xlabel="time $t$", ylim=(FLOOR, 2))
    panels[0].set_ylabel("$(L - L^*)/(L_0 - L^*)$")
    style.name_panels(panels, NETS.values())
    entries = [style.handle(f"H = {depth}", color=color) for depth, color in colors.items()]
    entries.append(style.handle("random labels", color=style.BLACK, **RANDOM))
    entries.append(style.handle("bound", color=style.BLACK, **BOUND))
    style.legend(figure, entries, columns=(len(entries) + 1) // 2)
    return figure


def _title(table):
    own = table[(table.net == "plain") & (table.labels == "true")]
    last = own[own.t == own.groupby(["H", "seed"]).t.transform("max")].groupby("H")
    excess, bound = last.excess.median(), last.bound.median()
    deep = excess.index[-1]
    return (
        f"With {deep} layers and no skip connections the excess loss comes to "
        f"{style.number(excess[deep])} of its start; the bound has {style.number(bound[deep])}"
    )


def _words(table, job):
    yield (
        "Loss above its minimum, over that at the start, against the time of gradient flow; the "
        "first seed. Solid: true labels; dashed: exp(−4λ_Tσ²T), λ_T as it was met on the way."
    )


main = figures.program(Flow, "Theorem 1 along the path", _draw, _words)

if __name__ == "__main__":
    main()
