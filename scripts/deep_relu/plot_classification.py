"""Steps to zero training error, by depth, whole and in batches.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), corollary 4.3.

A mark for each network; lines: medians. Hollow: in batches.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Classification

LOOKS = {
    "true": {"color": style.BLUE, "marker": "o", "linestyle": "-"},
    "random": {"color": style.VERMILLION, "marker": "s", "linestyle": (0, (5, 1.5))},
}


def _draw(table):
    figure, (panel,) = style.new_figure(["A"], 3.2, _title(table))
    whole = table.B.max()
    for kind, look in LOOKS.items():
        for B, said, fill in ((whole, "whole gradient", None), (table.B.min(), "batches", "none")):
            own = table[(table.labels == kind) & (table.B == B)]
            if B == whole and fill:
                continue
            name = kind if B == whole else f"{kind}-batches"
            shift = 0 if B == whole else 0.07
            middle = own.groupby("depth").steps.median()
            line = look["linestyle"] if B == whole else ":"
            panel.plot(own.depth + shift, own.steps, gid=f"steps-{name}",
                       **{**look, "linestyle": "", "markerfacecolor": fill or look["color"]})
            panel.plot(middle.index + shift, middle, gid=f"median-{name}",
                       **{**look, "marker": "", "linestyle": line})  # fmt: skip
            panel.plot([], [], label=f"{kind} labels, {said}",
                       **{**look, "linestyle": line, "markerfacecolor": fill or look["color"]})
    panel.set(yscale="log", xlabel="ReLU layers $L$", ylabel="steps to zero training error")
    panel.set_xticks(sorted(table.depth.unique()))
    panel.legend(frameon=False)
    return figure


def _title(table):
    whole = table[table.B.max() == table.B]
    random = whole[whole.labels == "random"].groupby("depth").steps.median()
    random = random[random.notna()]
    if len(random) < 2:
        return "Random labels are not learnt at every depth within the steps given"
    layers = style.counted(random.index[0], "layer")
    return (
        f"Random labels take {random.iloc[0]:.0f} steps with {layers}, {random.iloc[-1]:.0f} with "
        f"{random.index[-1]}"
    )


def _words(table, job):
    yield (
        "Logistic loss, Zou et al.'s initialisation, learning rate 4n/λ_max of the network's own "
        "kernel. A mark for each network that came to zero training error; lines: medians. Hollow, "
        f"moved aside: batches of {table.B.min()}."
    )


main = figures.program(Classification, "Zero training error by depth", _draw, _words)

if __name__ == "__main__":
    main()
