"""Figure 2: does the complexity measure tell how well a network will do on new points?

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 2, theorem 5.1 and corollary 5.2.

Against the portion p of labels replaced by random ones: test 0–1 error and test ℓ₁ loss of the
networks (mean, and a band from smallest to largest over all seeds) and of the kernel predictor,
with p/2, the error that random test labels alone give; and the complexity √(2 yᵀ(H^∞)⁻¹y/n), its
expectation over labels as a line and sampled labels as points. Agreement: error and complexity
rise together, and the error stays above p/2. Without networks only the kernel's side is drawn.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Figure2

NETWORK, KERNEL, EXPECTED = style.BLUE, style.VERMILLION, style.PURPLE
HALF = {"linestyle": ":", "linewidth": 1.2, "gid": "half"}
LABELS = (
    "test 0–1 error",
    r"mean of $|f(x) - y|$",
    r"$\sqrt{2\,y^{\top}(H^{\infty})^{-1}y\,/\,n}$",
)


def _load(job):
    points = series.paper_points(job.paper, job.paper_name, ["err01", "l1", "complexity"])
    return figures.table(job.errors), figures.table(job.complexity), points


def _draw(tested, measures, points):
    figure, panels = style.new_figure(["ABC"], 2.95)
    for panel, column, quantity in zip(panels, ("error", "l1"), ("err01", "l1"), strict=False):
        _draw_tests(panel, tested, column)
        series.mark(panel, points[points.quantity == quantity], f"paper-{quantity}")
    panels[0].plot([0, 1], [0, 0.5], color=style.GREY, **HALF)
    _draw_complexity(panels[2], measures)
    series.mark(panels[2], points[points.quantity == "complexity"], "paper-complexity")
    for panel, label in zip(panels, LABELS, strict=True):
        panel.set(xlabel="portion $p$ of random labels", ylabel=label, xlim=(-0.03, 1.03))
        panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        panel.set_ylim(0, None)
    style.name_panels(panels, ["test 0–1 error", r"test $\ell_1$ loss", "complexity"])
    networks = (tested.series == "network").any()
    splits = measures[measures.series == "expected"].split.nunique()
    style.legend(figure, _entries(networks, len(points) > 0, splits), columns=3)
    return figure


def _draw_tests(panel, tested, column):
    for curve, color, marker in (("kernel", KERNEL, "s"), ("network", NETWORK, "o")):
        own = {"color": color, "marker": marker, "gid": f"{curve}-{column}"}
        drawn = tested[tested.series == curve]
        style.band(panel, drawn, "portion", column, middle="mean", **own | series.SERIES[curve])


def _draw_complexity(panel, measures):
    sampled = measures[measures.series == "sampled"]
    # Draws side by side, so that they do not hide each other.
    aside = 0.04 * (sampled.draw / max(sampled.draw.max(), 1) - 0.5) * (sampled.portion > 0)
    dots = {"markersize": 2.2, "alpha": 0.35, "markeredgewidth": 0, "gid": "sampled"}
    panel.plot(sampled.portion + aside, sampled.complexity, "o", color=style.GREY, **dots)
    expected = measures[measures.series == "expected"]
    own = {"color": EXPECTED, "gid": "expected"}
    style.band(panel, expected, "portion", "complexity", middle="mean", **own)


def _entries(networks, paper, splits):
    entries = []
    for curve, color, marker, label in (
        ("network", NETWORK, "o", "networks: mean, all seeds"),
        ("kernel", KERNEL, "s", "kernel predictor: mean, all draws"),
    ):
        if networks or curve == "kernel":
            line = {"color": color, "marker": marker} | series.SERIES[curve]
            entries.append(style.banded_handle(label, **line))
    entries.append(style.handle("$p/2$: random test labels alone", color=style.GREY, **HALF))
    which = ": all splits" if splits > 1 else ""
    entries.append(style.banded_handle(f"complexity, expected{which}", color=EXPECTED))
    dot = {"marker": "o", "linestyle": "none", "markersize": 3}
    entries.append(style.handle("complexity, sampled labels", color=style.GREY, **dot))
    if paper:
        entries.append(style.handle(series.PAPER, color=style.BLACK, **series.SERIES["paper"]))
    return entries


def _words(tested, measures, points, job):
    networks, kernel = (tested[tested.series == curve] for curve in ("network", "kernel"))
    sampled, expected = (measures[measures.series == kind] for kind in ("sampled", "expected"))
    draws = style.counted(kernel.groupby("portion").size().max(), "draw")
    splits = style.counted(expected.split.nunique(), "split") + " of the points"
    if expected.split.nunique() > 1:
        splits += ": mean, and a band from smallest to largest"
    dots = style.counted(sampled.groupby("portion").size().max(), "draw")
    yield (
        "The portion p of the labels of training and test points alike is replaced by random ones, "
        "drawn apart. (a) Test 0–1 error; dotted p/2, the error that random test labels alone "
        f"give. (b) Test ℓ₁ loss, the mean of |f(x) − y|. Kernel predictor h(x)ᵀ(H^∞)⁻¹y: mean of "
        f"up to {draws} of labels (other draws than the networks') on the points that the networks "
        f"have, in a band from smallest to largest. (c) Complexity "
        f"√(2 yᵀ(H^∞)⁻¹y/n): line, its expectation over labels ({splits}); points, sampled "
        f"labels, up to {dots} a portion."
    )
    if networks.empty:
        yield "No networks are trained on this problem."
    else:
        yield _trained(networks, job.training)
    yield figures.HOW_TO_READ
    yield _found(networks, kernel, expected)
    yield from _paper_words(measures, points)


def _trained(networks, training):
    """When the networks count as trained, and the loss that they have reached there."""
    reached = [
        f"{style.span(networks[networks.portion == p].loss)} at p = {style.number(p)}"
        for p in (networks.portion.min(), networks.portion.max())
    ]
    seeds = style.counted(networks.groupby("portion").size().max(), "seed")
    return (
        f"Networks: {training}; mean of {seeds} of the initialisation and the labels, in a band "
        f"from smallest to largest. They count as trained at step {style.span(networks.steps)}, "
        f"with a loss Φ/n of {style.span(networks.loss)}: {style.enumerated(reached)}."
    )


def _found(networks, kernel, expected):
    """What the tables say about how to read the figure."""
    errors = kernel.groupby("portion").error.mean()
    by_portion = expected.groupby("portion").complexity
    ends = [
        f"{style.spread(by_portion.get_group(p), 'mean')} at p = {style.number(p)}"
        for p in (errors.index.min(), errors.index.max())
    ]
    words = [f"Here the expected complexity is {style.enumerated(ends)};"]
    telling = [style.number(p) for p, value in by_portion.max().items() if value < 1]
    words.append("as a bound on the error it says something, being below 1,")
    words.append(f"at p = {style.enumerated(telling)}." if telling else "at no p.")
    noisy = [p for p in errors.index if p > 0 and p in set(networks.portion)]
    if noisy:
        below = sum(networks.groupby("portion").error.mean()[noisy] < errors[noisy])
        words.append(
            f"The networks' mean error lies below the kernel predictor's at {below} of "
            f"{style.counted(len(noisy), 'portion')} p > 0."
        )
    return " ".join(words)


def _paper_words(measures, points):
    theirs = points[points.quantity == "complexity"].set_index("x").y
    ours = measures[measures.series == "expected"].groupby("portion").complexity.mean()
    shared = theirs.index.intersection(ours.index)
    if len(shared):
        off = (ours[shared] / theirs[shared] - 1).abs().max()
        yield (
            "Crosses: the paper's own points, read off its figure. Our expected complexity is "
            f"within {style.number(100 * off)} % of each of {len(shared)} of them."
        )


main = figures.program(Figure2, "Figure 2, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
