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
HOLLOW = {"markerfacecolor": "none", "linestyle": ":"}
ASIDE = 0.07  # so that marks do not hide one another


def _draw(table):
    figure, (panel,) = style.new_figure(["A"], 3.2, _title(table))
    whole = table.B.max()
    for kind, look in LOOKS.items():
        for B in sorted(table.B.unique(), reverse=True):
            own = table[(table.labels == kind) & (table.B == B)]
            said, name, aside = ("whole gradient", kind, 0)
            if whole > B:
                said, name, aside = ("batches", f"{kind}-batches", ASIDE)
                look = {**look, **HOLLOW}
            middle = own.groupby("depth").steps.median()
            marks, line = {**look, "linestyle": ""}, {**look, "marker": ""}
            panel.plot(own.depth + aside, own.steps, gid=f"steps-{name}", **marks)
            panel.plot(middle.index + aside, middle, gid=f"median-{name}", **line)
            panel.plot([], [], label=f"{kind} labels, {said}", **look)
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
