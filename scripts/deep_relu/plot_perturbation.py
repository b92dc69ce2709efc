"""What weights W' of given spectral norm do: ReLUs that flip, hidden vectors that move.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), steps 2 to 4.

Networks of the depth that is trained; means over inputs, smallest to largest network as bars.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Perturbation

LOOKS = {
    "search": ("found by search", {"color": style.BLACK, "marker": "D"}),
    "all": ("all layers help", {"color": style.PURPLE, "marker": "v"}),
    "layer": ("last layer alone", {"color": style.VERMILLION, "marker": "s"}),
    "gradient": ("gradient of f", {"color": style.GREEN, "marker": "^"}),
    "aligned": ("random, rank 1", {"color": style.BLUE, "marker": "x"}),
    "random": ("random", {"color": style.BLUE, "marker": "o"}),
}
TRAINED = {"color": style.BLACK, "marker": "*", "markerfacecolor": "white", "markersize": 9}
LAW = {"color": style.BLACK, "linewidth": 1.0}
BOUND = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.0}


def _shown(table, trained):
    """The rows of one depth, and which that is."""
    depth = trained.depth.iloc[0] if len(trained) else table.depth.max()
    return table[table.depth == depth], int(depth)


def _draw(table, trained):
    import numpy as np

    from overparam.deep_relu import laws

    own, depth = _shown(table, trained)
    figure, panels = style.new_figure(["AB"], 3.9, _title(table, trained))
    omega = np.array(sorted(table.omega.unique()))
    steps = np.geomspace(omega[0], omega[-1], 30)
    for panel, key in zip(panels, ("flips", "shift"), strict=True):
        each = own.groupby(["adversary", "omega", "network"])[key].mean()
        spread = each.groupby(["adversary", "omega"]).agg(["mean", "min", "max"])
        for name, (_, look) in LOOKS.items():
            # Of hidden vectors the search is another: that for the farthest.
            here = spread.loc["farthest" if (name, key) == ("search", "shift") else name]
            here = here[here["mean"] > 0]
            bars = [here["mean"] - here["min"], here["max"] - here["mean"]]
            panel.errorbar(
                here.index, here["mean"], bars, linestyle="", elinewidth=0.8, zorder=3,
                gid=f"{key}-{name}", **look,
            )  # fmt: skip
        stars = trained.groupby(["network", "loss"])[["omega", key]].mean()
        panel.plot(stars.omega, stars[key], linestyle="", gid=f"{key}-trained", zorder=4, **TRAINED)
        panel.set_yscale("log")
        style.widths_axis(panel, omega, "norm $\\omega$ of $W'$")
        low, high = panel.get_xlim()
        seen = [*stars.omega, omega[0]]
        panel.set_xlim(min(low, min(seen) / 1.3), max(high, max(seen) * 1.3))
    flips, shifts = panels
    flips.plot(steps, [laws.worst_flips(each) for each in steps], gid="law", **LAW)
    flips.plot(
        steps, [laws.random_flips(each, depth + 1, 1)[-1] for each in steps], gid="law-random",
        **LAW,
    )  # fmt: skip
    flips.plot(steps, np.minimum(1, depth * steps ** (2 / 3)), gid="bound", **BOUND)
    shifts.plot(steps, [laws.random_shift(each, depth) for each in steps], gid="law-shift", **LAW)
    shifts.plot(steps, depth**1.5 * steps, gid="bound-shift", **BOUND)
    flips.set_ylabel("share of ReLUs flipped")
    shifts.set_ylabel(r"$\|h_L' - h_L\|$")
    style.name_panels(panels, ["flips in the last layer", "movement of $h_L$"])
    entries = [style.handle(said, linestyle="", **look) for said, look in LOOKS.values()]
    entries += [
        style.handle("trained", linestyle="", **TRAINED), style.handle("law", **LAW),
        style.handle(r"$L\omega^{2/3}$, $L^{1.5}\omega$", **BOUND),
    ]  # fmt: skip
    style.legend(figure, entries, columns=5)
    return figure


def _title(table, trained):
    own, _ = _shown(table, trained)
    omega = min(own.omega.unique(), key=lambda value: abs(value - 0.1))
    mean = own[own.omega == omega].groupby("adversary").flips.mean()
    share = {name: f"{100 * mean[name]:.0f} %" for name in ("random", "layer", "search")}
    return (
        f"Weights of norm {omega:g} flip {share['random']} of the ReLUs if random, "
        f"{share['layer']} if the worst in one layer, {share['search']} or more in all"
    )


def _words(table, trained, job):
    _, depth = _shown(table, trained)
    yield (
        f"W' of norm ω in each of L = {depth} trained layers, one for each input unless random; "
        "means over inputs, bars over networks. Search in (b): for the farthest h_L. Stars: "
        f"trained to {100 * trained.loss.min():.0f} to {100 * trained.loss.max():.0f} % of the "
        "first loss; largest ‖W'_l‖₂."
        if len(trained)
        else f"W' of norm ω in each of L = {depth} trained layers."
    )


main = figures.program(Perturbation, "Stability under perturbation", _draw, _words)

if __name__ == "__main__":
    main()
