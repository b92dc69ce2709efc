"""Test errors of the kernel predictor and of networks beside those of other classifiers.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 5. A dot for each method, a bar for
the 95 % interval (Wilson) of the error on as many test points; a panel for the two groups, and one
for the classes if there are more.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Baselines

COLORS = {
    "kernel predictor": style.VERMILLION, "networks": style.BLUE,
    "logistic regression": style.GREY, "nearest neighbours": style.GREY,
}  # fmt: skip
SHOWN = 4  # classes in the caption
TARGETS = {"groups": "the two groups", "classes": "every class"}


def _draw(found, _):
    from scipy.stats import binomtest

    targets = [target for target in TARGETS if target in set(found.target)]
    figure, panels = style.new_figure(["AB"[: len(targets)]], 2.4, _title(found))
    for target, panel in zip(targets, panels, strict=True):
        own = found[found.target == target].reset_index(drop=True)
        for row in own.itertuples():
            interval = binomtest(row.wrong, row.n_test).proportion_ci(method="wilson")
            color = COLORS[row.method]
            panel.plot([interval.low, interval.high], [row.Index] * 2, color=color, linewidth=1.5)
            panel.plot(row.error, row.Index, "o", color=color, gid=f"{target}-{row.Index}")
        panel.set_yticks(range(len(own)), own.method)
        panel.set(xlabel="test error", ylim=(len(own) - 0.5, -0.5), xlim=(-0.02, None))
    if len(targets) > 1:
        style.name_panels(panels, [TARGETS[target] for target in targets])
    return figure


def _title(found):
    own = found[found.target == "groups"].set_index("method").error
    said = [f"{style.number(100 * error)} % ({method})" for method, error in own.items()]
    return f"Test errors: {style.enumerated(said)}"


def _words(found, classes, job):
    yield (
        f"{found.n_test.iloc[0]} test points. Dots: errors; bars: 95 % intervals. "
        "Kernel predictor: h(x)ᵀ(H^∞)⁻¹y, the infinitely wide network. Networks: figure 2's, "
        "without noise, mean. Others: scikit-learn."
    )
    if len(classes) > 2:
        each = [f"{row[1]} {style.number(row.complexity)}" for row in classes.itertuples()]
        listed = ", ".join(each) if len(each) <= SHOWN else style.span(classes.complexity)
        yield (
            f"(b) {len(classes)} targets of ±1; complexity of a class against the rest: {listed}."
        )


main = figures.program(Baselines, "Test errors, {name}", _draw, _words)

if __name__ == "__main__":
    main()
