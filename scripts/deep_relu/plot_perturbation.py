"""What weights W' of given spectral norm do.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), steps 2 to 4 and the section on neural kernels.

The deepest networks; means over networks and inputs.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Perturbation

LOOKS = {
    "search": ("found by search", {"color": style.BLACK, "marker": "D"}),
    "all": ("all layers help", {"color": style.PURPLE, "marker": "v"}),
    "layer": ("last layer alone", {"color": style.VERMILLION, "marker": "s"}),
    "gradient": ("gradient", {"color": style.GREEN, "marker": "^"}),
    "random": ("random", {"color": style.BLUE, "marker": "o"}),
}
LAW = {"color": style.BLACK, "linewidth": 1.0}
BOUND = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.0}


def _draw(table):
    import numpy as np

    deepest = table.depth.max()
    own = table[table.depth == deepest].assign(line=table.line.abs())
    mean = own.groupby(["adversary", "omega"])[["flips", "gradient", "line"]].mean()
    figure, (flips, gradients, lines) = style.new_figure(["ABC"], 3.2, _title(table))
    for name, (_, look) in LOOKS.items():
        if name in mean.index:
            here = mean.loc[name]
            flips.plot(here.index, here.flips, linestyle="", gid=f"flips-{name}", **look)
            if name in ("layer", "random"):
                gradients.plot(
                    here.index, here.gradient, linestyle="", gid=f"gradient-{name}", **look
                )
    for name, look in (("line", LOOKS["layer"][1]), ("random", LOOKS["random"][1])):
        lines.plot(
            mean.loc[name].index, mean.loc[name].line, linestyle="", gid=f"line-{name}", **look
        )
    omega = np.array(sorted(table.omega.unique()))
    flips.plot(omega, 0.985 * omega ** (2 / 3), gid="law", **LAW)
    flips.plot(omega, np.minimum(1, deepest * omega ** (2 / 3)), gid="bound", **BOUND)
    for panel, name, key, power in (
        (gradients, "layer", "gradient", 1 / 3), (gradients, "random", "gradient", 1 / 2),
        (lines, "line", "line", 4 / 3),
    ):  # fmt: skip
        last = mean.loc[name][key].iloc[-1]
        panel.plot(omega, last * (omega / omega[-1]) ** power, gid=f"guide-{name}-{key}", **LAW)
    flips.set_ylabel("share of ReLUs flipped")
    gradients.set_ylabel("gradient's distance, relative")
    lines.set_ylabel("output's distance from its line")
    for panel in (flips, gradients, lines):
        panel.set(xscale="log", yscale="log", xlabel="norm $\\omega$ of $W'$")
    titles = ["flips", "gradient: slopes ⅓ and ½", "linearisation: slope 4/3"]
    style.name_panels([flips, gradients, lines], titles)
    entries = [style.handle(said, linestyle="", **look) for said, look in LOOKS.values()]
    entries += [style.handle("law", **LAW), style.handle("$L\\omega^{2/3}$", **BOUND)]
    style.legend(figure, entries, columns=4)
    return figure


def _title(table):
    deepest = table.depth.max()
    omega = min(table.omega.unique(), key=lambda value: abs(value - 0.1))
    mean = (
        table[(table.depth == deepest) & (table.omega == omega)].groupby("adversary").flips.mean()
    )
    share = {name: f"{100 * mean[name]:.0f} %" for name in ("random", "layer", "search")}
    return (
        f"Weights of norm {omega:g} flip {share['random']} of the ReLUs if random, "
        f"{share['layer']} if the worst in one layer, {share['search']} in all"
    )


def _words(table, job):
    yield (
        f"W': one matrix of norm ω for each of L = {table.depth.max()} trained layers; means over "
        "networks and inputs, each input with its own W' but for the random one. (a) ReLUs of the "
        "last layer that flip. (b) Distance of the gradient, over its length. (c) Distance of the "
        "output from its linearisation: the worst of the last layer, and a random one."
    )


main = figures.program(Perturbation, "Stability under perturbation", _draw, _words)

if __name__ == "__main__":
    main()
