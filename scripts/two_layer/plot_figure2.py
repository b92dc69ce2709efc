"""Figure 2: does the complexity measure tell how well a network will do on new points?

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 2, theorem 5.1 and corollary 5.2.

Against the portion p of labels replaced by random ones: test 0–1 error and test ℓ₁ loss of the
networks (mean, and a band from smallest to largest over all seeds) and of the kernel predictor,
with p/2, the least possible error, as test labels are random too; and the complexity
√(2 yᵀ(H^∞)⁻¹y/n), its expectation over labels as a line and sampled labels as points. Agreement:
error and complexity rise together, and the error stays about or above p/2. Where no networks were
trained on these points, those on fewer points of the same data set stand beside the kernel's side,
if there are any.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Figure2

NETWORK, KERNEL, EXPECTED = style.BLUE, style.VERMILLION, style.BLACK
HALF = {"linestyle": ":", "linewidth": 1.2, "gid": "half"}
LABELS = "test 0–1 error", r"mean of $|f(x) - y|$"


def _load(job):
    points = series.paper_points(job.paper, job.paper_name, ["err01", "l1", "complexity"])
    beside = (figures.table(job.networks), job.networks_n) if job.networks else None
    measures = figures.table(job.complexity)
    return figures.table(job.errors), measures, points, beside, series.complexity("n", job.kernel)


def _draw(tested, measures, points, beside, formula):
    import pandas as pd

    figure, panels = style.new_figure(["ABC"], 3.2, _title(tested, measures))
    if beside:
        tested = pd.concat([tested, _networks(beside[0])])
    for panel, column, quantity in zip(panels, ("error", "l1"), ("err01", "l1"), strict=False):
        _draw_tests(panel, tested, column)
        series.mark(panel, points[points.quantity == quantity], f"paper-{quantity}")
    panels[0].plot([0, 1], [0, 0.5], color=style.GREY, **HALF)
    _draw_complexity(panels[2], measures)
    series.mark(panels[2], points[points.quantity == "complexity"], "paper-complexity")
    for panel, label in zip(panels, (*LABELS, formula), strict=True):
        panel.set(xlabel="portion $p$ of random labels", ylabel=label, xlim=(-0.03, 1.03))
        panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        panel.set_ylim(0, None)
    style.name_panels(panels, ["test 0–1 error", r"test $\ell_1$ loss", "complexity"])
    networks = f"networks, n = {beside[1]}" if beside else "networks"
    if _networks(tested).empty:
        networks = None
    style.legend(figure, _entries(networks, len(points) > 0), columns=3)
    return figure


def _networks(tested):
    return tested[tested.series == "network"]


def _title(tested, measures):
    leading = "network" if (tested.series == "network").any() else "kernel"
    whose = {"network": "networks", "kernel": "the kernel predictor"}[leading]
    expected, errors = measures[measures.series == "expected"], tested[tested.series == leading]
    return (
        f"With the portion of random labels the complexity {_change(expected, 'complexity')}, the "
        f"test error of {whose} {_change(errors, 'error')}"
    )


def _change(table, column):
    """Means at the ends; `style.change` has medians."""
    means = table.groupby("portion", as_index=False)[column].mean()
    return style.change(means, "portion", column)


def _draw_tests(panel, tested, column):
    for curve, color, marker in (("kernel", KERNEL, "s"), ("network", NETWORK, "o")):
        own = {"color": color, "marker": marker, "gid": f"{curve}-{column}"}
        drawn = tested[tested.series == curve]
        style.band(panel, drawn, "portion", column, middle="mean", **own | series.SERIES[curve])


def _draw_complexity(panel, measures):
    import seaborn

    sampled = measures[measures.series == "sampled"]
    # Draws side by side, so that they do not hide each other; none where p has its ends.
    inner = (sampled.portion > 0) & (sampled.portion < 1)
    aside = 0.04 * (sampled.draw / max(sampled.draw.max(), 1) - 0.5) * inner
    dots = {"s": 5, "alpha": 0.2, "linewidth": 0, "gid": "sampled", "color": style.GREY}
    seaborn.scatterplot(x=sampled.portion + aside, y=sampled.complexity, ax=panel, **dots)
    expected = measures[measures.series == "expected"]
    own = {"color": EXPECTED, "gid": "expected", "zorder": 5}
    style.band(panel, expected, "portion", "complexity", middle="mean", **own)


def _entries(networks, paper):
    entries = []
    for curve, color, marker, label in (
        ("network", NETWORK, "o", f"{networks}: mean, all seeds"),
        ("kernel", KERNEL, "s", "kernel predictor: mean, all draws"),
    ):
        if networks or curve == "kernel":
            line = {"color": color, "marker": marker} | series.SERIES[curve]
            entries.append(style.banded_handle(label, **line))
    entries.append(style.handle("$p/2$, least expected", color=style.GREY, **HALF))
    entries.append(style.handle("complexity, expected", color=EXPECTED))
    dot = {"marker": "o", "linestyle": "none", "markersize": 3}
    entries.append(style.handle("complexity, sampled labels", color=style.GREY, **dot))
    if paper:
        entries.append(style.handle(series.PAPER, color=style.BLACK, **series.SERIES["paper"]))
    return entries


def _words(tested, measures, points, beside, _, job):
    kernel = tested[tested.series == "kernel"]
    networks = _networks(beside[0] if beside else tested)
    draws = style.counted(kernel.groupby("portion").size().max(), "draw")
    if networks.empty:
        said = "No networks are trained"
    else:
        seeds = style.counted(networks.groupby("portion").size().max(), "seed")
        fewer = f"n = {beside[1]}, " if beside else ""
        said = f"Networks: {fewer}{job.training}, loss Φ/n = {style.span(networks.loss)}; {seeds}"
    yield (
        f"{said}. Kernel predictor: regression with H^∞, the kernel's Gram matrix; {draws}. Test "
        "labels are random too."
    )
    yield figures.HOW_TO_READ
    yield from _paper_words(measures, points)


def _paper_words(measures, points):
    theirs = points[points.quantity == "complexity"].set_index("x").y
    ours = measures[measures.series == "expected"].groupby("portion").complexity.mean()
    shared = theirs.index.intersection(ours.index)
    if len(shared):
        off = (ours[shared] / theirs[shared] - 1).abs().max()
        yield f"The paper's complexities: within {style.number(100 * off)} % of these."


main = figures.program(Figure2, "Figure 2, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
