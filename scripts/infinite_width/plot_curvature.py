"""How curved networks are, and how far the linearised solution is.

Source: Lee's survey (2019), "Loss with unique root" and "Curvature".

Left: ‖∇²f‖ by width, mean over networks. Right: excess of the distance to the linearised solution
over that of the limit.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Curvature

NETS = {
    "signs": ("one layer, a = ±1", style.BLUE, "o"),
    "gaussian": ("one layer, Gaussian a", style.VERMILLION, "s"),
    "deep": ("three layers, Gaussian a", style.GREEN, "^"),
}
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}


def _draw(table):
    import numpy as np

    figure, (norms, distances) = style.new_figure(["AB"], 3.3, _title(table))
    groups = table.groupby(["net", "m"]).norm
    means, errors = groups.mean(), groups.std() / np.sqrt(groups.count())
    for net, (name, color, marker) in NETS.items():
        m = means[net].index.to_numpy()
        norms.errorbar(m, means[net], errors[net], color=color, marker=marker, linestyle="",
                       markersize=4, gid=f"norm-{net}", label=name)  # fmt: skip
        norms.plot(m, means[net].iloc[0] * (m / m[0]) ** -0.5, gid=f"guide-{net}",
                   label="slope −½" if net == "deep" else None, **GUIDE)  # fmt: skip
    own, spread = means["linearised"], errors["linearised"]
    distances.errorbar(own.index, own, spread, color=style.PURPLE, marker="D", linestyle="",
                       gid="distance")  # fmt: skip
    distances.axhline(0, color=style.BLACK, linewidth=0.8, gid="zero")
    drawn = table[table.net != "linearised"]
    shown = means.drop("linearised")
    style.plain_log_axis(norms, shown.min(), shown.max())
    style.widths_axis(norms, sorted(drawn.m.unique()), "width $m$")
    style.widths_axis(distances, sorted(own.index), "width $m$")
    norms.set_ylabel("$\\Vert\\nabla^2 f\\Vert$")
    distances.set_ylabel("distance over the limit's, − 1")
    norms.legend(frameon=False, fontsize="small")
    style.name_panels([norms, distances], ["curvature", "distance to the solution"])
    return figure


def _title(table):
    means = table[table.net == "signs"].groupby("m").norm.mean()
    return (
        f"Networks straighten as m^(−1/2): ‖∇²f‖ is {style.number(means.iloc[0])} at "
        f"m = {means.index[0]} and {style.number(means.iloc[-1])} at m = {means.index[-1]}"
    )


def _words(table, job):
    seeds = table.groupby("net").seed.nunique()
    labelled = style.counted(seeds["linearised"], "network")
    yield (
        f"(a) At one input, tanh, mean over {style.counted(seeds['signs'], 'network')}; (b) random "
        f"labels, ReLU, one hidden layer, mean over {labelled}. "
        "Bars: one standard error."
    )


main = figures.program(Curvature, "Curvature", _draw, _words)

if __name__ == "__main__":
    main()
