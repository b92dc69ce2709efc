"""Networks and their linearisations, by width.

Source: Lee's survey (2019), "Implication on Training Dynamics".

Left, middle: sup |f − f̂| over steps and new points, mean over networks, one and two hidden layers.
Right: losses of one pair.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Linearisation

LOOKS = {
    "erf": {"color": style.BLUE, "marker": "o"},
    "softplus": {"color": style.GREEN, "marker": "^"},
    "relu": {"color": style.VERMILLION, "marker": "s"},
}
GUIDES = {-0.5: (0, (5, 1.5)), -1.0: ":"}
PAIR = "relu", 2


def _draw(table, curves):
    figure, (one, two, losses) = style.new_figure(["ABC"], 3.2, _title(table))
    widths = sorted(table.m.unique())
    means = table.groupby(["L", "activation", "m"]).gap.agg(["mean", "sem"])
    for panel, depth in ((one, 1), (two, 2)):
        for name, look in LOOKS.items():
            own = means.loc[depth, name]
            panel.errorbar(own.index, own["mean"], own["sem"], linestyle="", markersize=4,
                           capsize=0, gid=f"gap-{name}-{depth}", **look)  # fmt: skip
        top = means.loc[depth]["mean"].groupby("m").max().iloc[0]
        for slope, style_of in GUIDES.items():
            guide = 1.3 * top * (means.loc[depth, "erf"].index / widths[0]) ** slope
            panel.plot(widths, guide, color=style.BLACK, linewidth=1.1, linestyle=style_of,
                       gid=f"guide-{depth}-{-slope:g}")  # fmt: skip
        style.widths_axis(panel, widths, "width $m$")
        panel.set_yscale("log")
        low, high = means["mean"].min() / 2, means["mean"].max() * 2
        panel.set_ylim(low, high)
    one.set_ylabel("$\\sup\\ |f - \\hat f|$")
    name, depth = PAIR
    for m, color in ((widths[0], style.GREY), (widths[-1], style.VERMILLION)):
        own = curves[(curves.activation == name) & (depth == curves.L) & (curves.m == m)]
        losses.plot(own.step, own.network, color=color, gid=f"loss-{m}", label=f"m = {m}")
        losses.plot(own.step, own.linear, color=color, linestyle=":", gid=f"linear-{m}")
    losses.plot([], [], color=style.BLACK, linestyle=":", label="linearised")
    losses.set(yscale="log", xlabel="step", ylabel="loss over that at the start")
    losses.legend(frameon=False, fontsize="small")
    style.name_panels(
        [one, two, losses], ["one hidden layer", "two", f"a {name} network, two layers"]
    )
    entries = [style.handle(name, linestyle="", **look) for name, look in LOOKS.items()]
    entries += [
        style.handle(said, color=style.BLACK, linewidth=1.1, linestyle=GUIDES[slope])
        for slope, said in ((-0.5, "slope −½"), (-1.0, "slope −1"))
    ]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    gaps = table[table.L == 1].groupby(["activation", "m"]).gap.mean()
    times = {name: gaps[name].iloc[0] / gaps[name].iloc[-1] for name in ("erf", "relu")}
    wider = table.m.max() / table.m.min()
    return (
        f"{style.number(wider)} times as wide, erf networks stay {style.number(times['erf'])} "
        f"times as near to their linearisations, ReLU networks {style.number(times['relu'])} times"
    )


def _words(table, curves, job):
    yield (
        "(a), (b) Largest distance over steps and new points, outputs at the start subtracted; "
        "means over networks with their standard error. (c) Losses of the first network of the "
        "least and the largest width."
    )


main = figures.program(Linearisation, "Networks and linearisations", _draw, _words)

if __name__ == "__main__":
    main()
