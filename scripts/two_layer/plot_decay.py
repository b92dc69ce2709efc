"""How fast wide networks forget each eigenvector, against the factor of eq. (8).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: (v_iᵀ(y − u(k)))² falls by
(1 − ηλ_i)² a step. Left: what is left of some projections, solid (median and band over seeds), and
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
    style.shared_legend(figure, panels[:1], columns=6)
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
    for i, color in zip(shown, style.shades(len(shown)), strict=True):
        own = curves[(curves["index"] == i) & (curves.left > 0)]
        look = {"color": color, "label": f"$i = {i}$"} | series.SERIES["network"]
        style.band(panel, own, "k", "left", gid=f"left-{i}", **look)
    for i in shown:
        steps = np.unique(curves[curves["index"] == i].k)
        dashed = {"color": style.BLACK, "label": "predicted"} | series.SERIES["prediction"]
        panel.plot(steps, np.exp(predicted[i] * steps), **dashed, gid=f"predicted-{i}")
    style.decades_axis(panel, "gradient step $k$", curves.k.max(), zero=True)
    panel.set(yscale="log", ylim=(0.02, 1.3), ylabel=r"$(v_i^\top(y-u(k)))^2$")


def _draw_slopes(panel, slopes):
    import seaborn

    ratios = slopes.assign(ratio=1 + slopes.difference)
    seaborn.lineplot(
        ratios, x="index", y="ratio", estimator="median", errorbar=("pi", 100), err_style="bars",
        err_kws={"elinewidth": 1.2}, color=style.BLUE, marker="o", linestyle="none",
        markeredgewidth=0, gid="median", ax=panel,
    )  # fmt: skip
    panel.axhspan(1 - NEAR, 1 + NEAR, color=style.GREY, alpha=0.15, linewidth=0, gid="near")
    panel.axhline(1, color=style.GREY, linewidth=0.8)
    far = max(0.12, abs(slopes.difference).max() * 1.15)
    panel.set(xlabel="eigenvector $i$", ylabel="fitted / predicted", ylim=(1 - far, 1 + far))


def _words(slopes, _, job):
    seeds = style.counted(slopes.repetition.nunique(), "seed")
    yield (
        "Labels y = Σ ±v_i over top eigenvectors v_i of H^∞, eigenvalues λ_i; u(k): outputs of "
        f"networks, {job.training}; {seeds}: median, smallest to largest. (b) Slope of log (a) "
        f"over 2 log|1 − ηλ_i|; grey: {100 * NEAR:g} %."
    )


main = figures.program(Decay, "Decay along eigenvectors, {name}", _draw, _words)

if __name__ == "__main__":
    main()
