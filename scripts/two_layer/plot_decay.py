"""How fast wide networks forget each eigenvector, against the factor of eq. (8).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: (v_iᵀ(y − u(k)))² falls by
(1 − ηλ_i)² a step. Left: what is left of some projections, solid (median and band over seeds), and
predicted, dashed. Right: fitted slope over predicted, for each eigenvector and seed.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Decay

SHOWN = (1, 2, 5, 10, 20)


def _draw(slopes, drawn):
    import numpy as np

    figure, panels = style.new_figure(["AB"], 2.9)
    shown = [i for i in SHOWN if i in set(slopes["index"])]
    predicted = slopes.groupby("index").predicted.first()
    entries = []
    for i, color in zip(shown, style.shades(len(shown)), strict=True):
        own = drawn[(drawn["index"] == i) & (drawn.left > 0)]
        named = {"color": color} | series.SERIES["network"]
        style.band(panels[0], own, "k", "left", **named, gid=f"left-{i}")
        steps = np.unique(own.k)
        dashed = {"color": style.BLACK} | series.SERIES["prediction"]
        panels[0].plot(steps, np.exp(predicted[i] * steps), **dashed, gid=f"predicted-{i}")
        entries.append(style.banded_handle(f"$i = {i}$", **named))
    style.decades_axis(panels[0], "gradient step $k$", drawn.k.max(), zero=True)
    panels[0].set(yscale="log", ylim=(0.02, 1.3), ylabel=r"$(v_i^\top(y-u(k)))^2$")
    _draw_slopes(panels[1], slopes)
    style.name_panels(panels, ["what is left", "fitted slope over predicted"])
    dashed = {"color": style.BLACK} | series.SERIES["prediction"]
    entries.append(style.handle(r"predicted, $(1-\eta\lambda_i)^{2k}$", **dashed))
    style.legend(figure, entries, columns=4)
    return figure


def _draw_slopes(panel, slopes):
    ratios = slopes.assign(ratio=1 + slopes.difference)
    dots = {"marker": "o", "linestyle": "none", "markersize": 2.6, "markeredgewidth": 0}
    panel.plot(ratios["index"], ratios.ratio, color=style.BLUE, alpha=0.45, **dots, gid="seeds")
    medians = ratios.groupby("index").ratio.median()
    bar = {"marker": "_", "markersize": 7, "markeredgewidth": 1.4, "linestyle": "none"}
    panel.plot(medians.index, medians, color=style.BLACK, **bar, gid="median")
    panel.axhspan(0.95, 1.05, color=style.GREY, alpha=0.15, linewidth=0, gid="five-percent")
    panel.axhline(1, color=style.GREY, linewidth=0.8)
    far = max(0.12, abs(slopes.difference).max() * 1.15)
    panel.set(xlabel="eigenvector $i$", ylabel="fitted / predicted", ylim=(1 - far, 1 + far))


def _words(slopes, _, job):
    count = slopes["index"].max()
    seeds = style.counted(slopes.repetition.nunique(), "seed")
    yield (
        f"Networks, {job.training}; {seeds}. The labels are Σ_i ±v_i over the top {count} "
        "eigenvectors. (a) What is left of the squared projections on some of them: median and a "
        "band from smallest to largest, and what eq. (8) predicts. (b) Slope of the logarithm "
        "against the step, fitted until 1/e is predicted to be left, over 2 log|1 − ηλ_i|: a dot "
        "for each seed, a bar for the median, grey within 5 %."
    )
    medians = slopes.groupby("index").difference.median()
    worst = medians.abs().idxmax()
    yield (
        f"Here the median slope is off by {style.number(100 * abs(medians[worst]))} % at most "
        f"(i = {worst})."
    )


main = figures.program(Decay, "Decay along eigenvectors, {name}", _draw, _words)

if __name__ == "__main__":
    main()
