"""Steps to zero training error, by depth.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), corollary 4.3.

A mark for each network; lines: medians.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Classification

LOOKS = {
    "true": {"color": style.BLUE, "marker": "o", "linestyle": "-"},
    "random": {"color": style.VERMILLION, "marker": "s", "linestyle": (0, (5, 1.5))},
}


def _draw(table):
    figure, (panel,) = style.new_figure(["A"], 3.2, _title(table))
    for kind, look in LOOKS.items():
        own = table[table.labels == kind]
        middle = own.groupby("depth").steps.median()
        panel.plot(own.depth, own.steps, gid=f"steps-{kind}", **{**look, "linestyle": ""})
        panel.plot(middle.index, middle, gid=f"median-{kind}", label=f"{kind} labels",
                   **{**look, "marker": ""})  # fmt: skip
    panel.set(yscale="log", xlabel="ReLU layers $L$", ylabel="steps to zero training error")
    panel.set_xticks(sorted(table.depth.unique()))
    panel.legend(frameon=False)
    return figure


def _title(table):
    found = table.groupby(["labels", "depth"]).steps.median()
    first, last = table.depth.min(), table.depth.max()
    layers = style.counted(first, "layer")
    said = {
        labels: [f"{found[labels, depth]:.0f}" for depth in (first, last)]
        for labels in ("true", "random")
    }
    return (
        f"Random labels take {said['random'][0]} steps with {layers}, {said['random'][1]} with "
        f"{last}; true ones {said['true'][0]} and {said['true'][1]}"
    )


def _words(table, job):
    yield (
        "Gradient descent on the logistic loss from Zou et al.'s initialisation, learning rate "
        "4n/λ_max of the network's own kernel. A mark for each network that came to zero training "
        "error; lines: medians."
    )


main = figures.program(Classification, "Zero training error by depth", _draw, _words)

if __name__ == "__main__":
    main()
