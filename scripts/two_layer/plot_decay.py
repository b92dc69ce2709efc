"""How fast wide networks forget each eigenvector, against the factor of eq. (8).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: (v_iᵀ(y − u(k)))² falls by
(1 − ηλ_i)² a step. Left: what is left of some projections, broad (median and band over seeds), and
predicted, dashed. Right: fitted slope over predicted, for each eigenvector.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Decay

SHOWN = (1, 2, 5, 10, 20)
NEAR = 0.05  # of slopes: the grey band


def _draw(slopes, curves):
    figure, panels = style.new_figure(["AB"], 3.0, _title(slopes))
    _draw_curves(panels[0], slopes, curves)
    _draw_slopes(panels[1], slopes)
    style.name_panels(panels, ["what is left", "fitted slope over predicted"])
    style.shared_legend(figure, panels, columns=4)
    return figure


def _title(slopes):
    worst = slopes.groupby("index").difference.median().abs().max()
    return (
        f"The top {slopes['index'].max()} eigenvectors decay at the rates of eq. (8), in the "
        f"median within {style.number(100 * worst)} %"
    )


def _draw_curves(panel, slopes, curves):
    import numpy as np

    shown = [i for i in SHOWN if i in set(slopes["index"])]
    predicted = slopes.groupby("index").predicted.first()
    steps = np.unique(curves.k)
    broad = series.SERIES["network"] | {"linewidth": 4, "alpha": 0.6}
    dashed = series.SERIES["prediction"] | {"color": style.BLACK, "label": "eq. (8)"}
    for i, color in zip(shown, style.shades(len(shown)), strict=True):
        own = curves[(curves["index"] == i) & (curves.left > 0)]
        style.band(panel, own, "k", "left", gid=f"left-{i}", color=color, **broad)
        panel.plot(steps, np.exp(predicted[i] * steps), **dashed, gid=f"predicted-{i}")
        # Where 1/e is left lines lie apart, and each has come there: slopes are fitted until then.
        at = min(-1 / predicted[i], steps[-1])
        said = f"$i = {i}$" if i == shown[0] else f"{i}"
        end = (at, np.exp(predicted[i] * at))
        panel.annotate(said, end, (5, 1), textcoords="offset points")
    panel.plot([], [], color=style.GREY, label="networks", **broad)
    style.decades_axis(panel, "gradient step $k$", curves.k.max(), zero=True)
    panel.set(yscale="log", ylim=(0.02, 1.3), ylabel=r"$(v_i^\mathrm{T}(y-u(k)))^2$")


def _draw_slopes(panel, slopes):
    import seaborn

    ratios = slopes.assign(ratio=1 + slopes.difference)
    seaborn.lineplot(
        ratios, x="index", y="ratio", estimator="median", errorbar=("pi", 100), err_style="bars",
        err_kws={"elinewidth": 1.2}, color=style.BLUE, marker="o", linestyle="none",
        markeredgewidth=0, gid="median", label="median (bar: all networks)", ax=panel,
    )  # fmt: skip
    grey = {"color": style.GREY, "alpha": 0.15, "linewidth": 0, "label": f"within {100 * NEAR:g} %"}
    panel.axhspan(1 - NEAR, 1 + NEAR, **grey, gid="near")
    panel.axhline(1, color=style.GREY, linewidth=0.8)
    far = max(0.12, abs(slopes.difference).max() * 1.15)
    panel.set(xlabel="eigenvector $i$", ylabel="fitted / predicted", ylim=(1 - far, 1 + far))


def _words(slopes, _, job):
    seeds = style.counted(slopes.repetition.nunique(), "seed")
    yield (
        "Labels y = Σ ±v_i over top eigenvectors v_i of H^∞, eigenvalues λ_i; u(k): outputs of "
        f"networks, {job.training}; {seeds}: median, smallest to largest. (b) Slope of log (a) "
        "over 2 log|1 − ηλ_i|."
    )


main = figures.program(Decay, "Decay along eigenvectors, {name}", _draw, _words)

if __name__ == "__main__":
    main()
