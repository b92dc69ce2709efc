"""What weights W' of given norm do to gradient, linearisation and tangent kernel.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), "Relationship with Neural Kernels" (a) to (c).

Root mean squares over inputs; bars from the smallest to the largest network.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import NeuralKernel

LOOKS = {
    "flips": {"color": style.GREEN, "marker": "^"},
    "own": {"color": style.VERMILLION, "marker": "s"},
    "on": {"color": style.PURPLE, "marker": "D", "markerfacecolor": "white"},
    "random": {"color": style.BLUE, "marker": "o"},
}
SAID = {
    "flips": "last layer, most flips", "own": "last layer, for the panel's quantity",
    "on": "last layer, turns on by $b^2$", "random": "random",
}  # fmt: skip
# What is drawn of each quantity, by look.
DRAWN = {
    "gradient": {"flips": "layer", "random": "random"},
    "line": {"own": "line", "random": "random"},
    "kernel": {"own": "whole", "on": "gain", "flips": "layer", "random": "random"},
}
LAW = {"color": style.BLACK, "linewidth": 1.0}
BOUND = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.0}


def _draw(table):
    import numpy as np

    from overparam.deep_relu import laws

    figure, panels = style.new_figure(["ABC"], 3.5, _title(table))
    omega = np.geomspace(table.omega.min(), table.omega.max(), 30)
    for panel, (key, names) in zip(panels, DRAWN.items(), strict=True):
        squares = (table[key] ** 2).groupby([table.adversary, table.omega, table.network]).mean()
        spread = np.sqrt(squares).groupby(["adversary", "omega"]).agg(["median", "min", "max"])
        for look, name in names.items():
            here = spread.loc[name]
            bars = [here["median"] - here["min"], here["max"] - here["median"]]
            panel.errorbar(
                here.index, here["median"], bars, linestyle="", elinewidth=0.8, zorder=3,
                gid=f"{key}-{name}", **LOOKS[look],
            )  # fmt: skip
        panel.set_yscale("log")
        style.widths_axis(panel, sorted(table.omega.unique()), "norm $\\omega$ of $W'$", 3)
    gradients, lines, kernels = panels
    depth, m = int(table.depth.iloc[0]), int(table.m.iloc[0])
    turn = [laws.random_turn(each, depth) for each in omega]
    gradients.plot(omega, np.sqrt(2 * laws.worst_flips(1)) * omega ** (1 / 3), gid="law", **LAW)
    gradients.plot(omega, turn, gid="law-random", **LAW)
    lines.plot(omega, [laws.worst_linearisation(each, m) for each in omega], gid="law-line", **LAW)
    for layers, name in ((depth, "law-kernel"), (1, "law-on")):
        gains = [laws.kernel_gain(each, layers) for each in omega]
        kernels.plot(omega, gains, gid=name, **LAW)
    kernels.plot(omega, omega ** (1 / 3), gid="bound", **BOUND)
    names = ["gradient, relative", "output off its line", "kernel's diagonal"]
    style.name_panels(panels, names)
    gradients.set_ylabel("distance")
    entries = [style.handle(SAID[name], linestyle="", **look) for name, look in LOOKS.items()]
    entries += [style.handle("law", **LAW), style.handle(r"$\omega^{1/3}$", **BOUND)]
    style.legend(figure, entries, columns=3)
    return figure


def _title(table):
    omega = min(table.omega.unique(), key=lambda value: abs(value - 0.1))
    mean = table[table.omega == omega].groupby("adversary")[["gradient", "kernel"]].mean()
    return (
        f"Weights of norm {omega:g} in one layer move the gradient by "
        f"{100 * mean.gradient['layer']:.0f} % of its length, as ω to the ⅓, and the kernel's "
        f"diagonal by {100 * mean.kernel['whole']:.0f} %, as ω to the ⅔"
    )


def _words(table, job):
    yield (
        "(a) Movement of the gradient, (c) of K(x, x), over their size; (b) f(W + W') less its "
        "linearisation. Squares: worst W' for f (b), or by what ReLUs add to K (c). "
        "Dashed: ⅓, as printed. Medians; bars: all networks."
    )


main = figures.program(NeuralKernel, "Neural kernels under perturbation", _draw, _words)

if __name__ == "__main__":
    main()
