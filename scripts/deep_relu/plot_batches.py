"""Steps to zero training error, by batch size.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), theorems 4.1 and 4.2.

Medians over networks, least to largest: at one learning rate, and at the best for each size.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Batches

KINDS = {
    ("true", False): ("true labels, one learning rate", style.BLUE, "o", "-"),
    ("random", False): ("random labels, one learning rate", style.VERMILLION, "s", "-"),
    ("true", True): ("true labels, the best", style.BLUE, "o", (0, (5, 1.5))),
    ("random", True): ("random labels, the best", style.VERMILLION, "s", (0, (5, 1.5))),
}
BOUND = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}


def _draw(table):
    figure, (panel,) = style.new_figure(["A"], 3.4, _title(table))
    fixed = _fixed(table)
    best = table.groupby(["labels", "B", "network"]).steps.min().reset_index()
    for (labels, chosen), (said, color, marker, line) in KINDS.items():
        own = best[best.B.max() > best.B] if chosen else fixed
        own = own[own.labels == labels]
        steps = own.groupby("B").steps
        middle = steps.median()
        if middle.isna().all():
            continue
        bars = [middle - steps.min(), steps.max() - middle]
        panel.errorbar(middle.index, middle, bars, color=color, marker=marker, linestyle=line,
                       markerfacecolor="none" if chosen else color, label=said,
                       gid=f"steps-{labels}-{chosen}")  # fmt: skip
    start = fixed[fixed.labels == "random"].groupby("B").steps.median().dropna()
    if len(start):
        guide = start.iloc[0] * (start.index / start.index[0]) ** -2.0
        shown = guide > table.steps.min() / 2
        label = "the bound's $B^{-2}$"
        panel.plot(start.index[shown], guide[shown], gid="bound", label=label, **BOUND)
    style.widths_axis(panel, sorted(table.B.unique()), "batch size $B$")
    panel.set(yscale="log", ylabel="steps to zero training error")
    panel.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _fixed(table):
    """The rows of the learning rate that the whole gradient has too."""
    return table[table.eta == table[table.B.max() == table.B].eta.iloc[0]]


def _title(table):
    import numpy as np

    fixed = _fixed(table).set_index(["labels", "network"])
    small, whole = (fixed[fixed.B == B].steps for B in (fixed.B.min(), fixed.B.max()))
    times = np.exp(np.log(small.clip(lower=1) / whole.clip(lower=1)).mean(skipna=False))
    if not np.isfinite(times):
        return "Some networks do not come to zero training error within the steps given"
    return (
        f"At one learning rate batches of {fixed.B.min()} take {times:.2f} times as many steps as "
        "the whole gradient"
    )


def _words(table, job):
    steps = _fixed(table).groupby(["labels", "B"]).steps.median().groupby("labels")
    apart = (steps.max() / steps.min().clip(lower=1)).max()
    near = f"; medians lie within a factor {apart:.2g}" if apart > 0 else ""
    left = table.steps.isna().sum()
    out = f" {left} of {len(table)} did not finish." if left else ""
    yield (
        "Logistic loss, batches drawn anew every step. Full marks: one learning rate for all "
        f"sizes; {table.B.max()} is all points{near}. "
        "Hollow: the best of those tried. Medians, least to largest. "
        f"Dotted: slope −2.{out}"
    )


main = figures.program(Batches, "Gradient descent in batches", _draw, _words)

if __name__ == "__main__":
    main()
