"""Steps that two inputs of opposite labels take, by their distance.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1.

Left: steps of the networks and of their linearisations. Right: least eigenvalues. Medians over
pairs, least to largest.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Pairs

STEPS = {
    "steps": ("networks", {"color": style.BLUE, "marker": "o"}, -2),
    "linearised": ("linearised", {"color": style.VERMILLION, "marker": "s"}, -1),
}
EIGENVALUES = {
    "start": ("at the start", {"color": style.VERMILLION, "marker": "s"}, 1),
    "end": ("at the end", {"color": style.BLUE, "marker": "o"}, None),
    "shared": ("shared ReLUs, start", {"color": style.GREEN, "marker": "^"}, 2),
    "shared_end": (
        "shared ReLUs, end",
        {"color": style.BLACK, "marker": "x", "markersize": 8},
        None,
    ),
}
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}


def _draw(table):
    figure, (steps, values) = style.new_figure(["AB"], 3.3, _title(table))
    deltas = sorted(table.delta.unique())
    parts = ((steps, STEPS, "upper right"), (values, EIGENVALUES, "lower right"))
    for panel, kinds, place in parts:
        for key, (said, look, slope) in kinds.items():
            own = table.groupby("delta")[key]
            middle = own.median()
            bars = [middle - own.min(), own.max() - middle]
            panel.errorbar(middle.index, middle, bars, linestyle="", gid=key, label=said, **look)
            if slope is not None:
                guide = middle.iloc[-1] * (middle.index / middle.index[-1]) ** float(slope)
                panel.plot(middle.index, guide, gid=f"guide-{key}", **GUIDE)
        style.widths_axis(panel, deltas, r"distance $\delta$")
        panel.set_yscale("log")
        panel.legend(frameon=False, fontsize="small", loc=place)
    steps.set_ylabel("steps to $10^{-4}F(0)$")
    values.set_ylabel(r"$\lambda_{\min}/m$")
    style.name_panels([steps, values], ["steps", "least eigenvalue of the kernel"])
    return figure


def _title(table):
    steps = table.groupby("delta")[["steps", "linearised"]].median()
    times = [style.number(round(steps[key].iloc[0] / steps[key].iloc[-1], 1)) for key in steps]
    apart = style.number(round(steps.index[-1] / steps.index[0], 1))
    if steps.steps.isna().any():
        return "Some pairs are not told apart within the steps given"
    return (
        f"Inputs {apart} times as near take {times[0]} times as many steps, though linearised "
        f"networks take {times[1]} times as many"
    )


def _words(table, job):
    yield (
        "Pairs at distance δ, labels 1 and −1, learning rate 1/λ_max. Medians over pairs, least to "
        "largest. (a) Circles: networks; squares: linearised; dotted: slopes −2 and −1. (b) Of all "
        "ReLUs, and of those alone that are active at both inputs; dotted: slopes 1 and 2."
    )


main = figures.program(Pairs, "Two inputs of opposite labels", _draw, _words)

if __name__ == "__main__":
    main()
