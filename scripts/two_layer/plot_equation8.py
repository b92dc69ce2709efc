"""Equation (8): how closely networks follow the loss curve that the spectrum predicts.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1 and eq. (8):
‖y − u(k)‖₂ = √Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)² ± ε, ε falling with the width m.

A row of panels for each labelling: ‖y − u(k)‖/‖y‖ of the networks (median, and a band from
smallest to largest over all seeds) and the prediction, dashed; the size of their difference at
each step; and its largest value against the width m, each seed a dot, the median a bar. Read the
last one first: small against 1, and falling with m, is agreement.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Equation8

MEDIAN = {"marker": "_", "markersize": 11, "markeredgewidth": 1.4, "gid": "median"}
GUIDE = {"linestyle": ":", "linewidth": 1, "gid": "guide"}


def _draw(curves, deviations):
    kinds = [kind for kind in series.LABELLINGS if kind in set(curves.labels)]
    widths = sorted(curves.width.unique())
    colors = dict(zip(widths, style.shades(len(widths)), strict=True))
    rows = ["ABCDEFGHI"[3 * at : 3 * at + 3] for at in range(len(kinds))]
    figure, panels = style.new_figure(rows, 2.15 * len(rows) + 0.65)
    for at, kind in enumerate(kinds):
        own = _in_sight(curves[curves.labels == kind])
        _draw_norms(panels[3 * at], own, colors)
        _draw_differences(panels[3 * at + 1], own, colors)
        _draw_largest(panels[3 * at + 2], deviations[deviations.labels == kind], colors)
    titles = [
        title
        for kind in kinds
        for title in (series.LABELLINGS[kind].name, "distance from (8)", "largest distance")
    ]
    style.name_panels(panels, titles)
    style.legend(figure, _entries(colors), columns=4)
    return figure


def _in_sight(curves):
    """The curves without what lies so far above the networks that it would hide them."""
    hidden = series.beyond(curves.prediction, curves.network, 1)
    return curves.assign(
        prediction=curves.prediction.mask(hidden), difference=curves.difference.mask(hidden)
    )


def _draw_norms(panel, curves, colors):
    for width, color in colors.items():
        own = {"color": color, "gid": f"network-{width}"} | series.SERIES["network"]
        style.band(panel, curves[curves.width == width], "k", "network", **own)
    own = {"color": style.BLACK, "gid": "prediction"} | series.SERIES["prediction"]
    style.band(panel, curves, "k", "prediction", opacity=0.13, **own)
    style.decades_axis(panel, "gradient step $k$", curves.k.max(), zero=True)
    style.falling_axis(panel, 1, curves.network.max())
    panel.set_ylabel(r"$\Vert y - u(k)\Vert\,/\,\Vert y\Vert$")


def _draw_differences(panel, curves, colors):
    """On logarithmic axes, over three decades at most: single seeds cross the prediction."""
    later = curves[curves.k > 0]
    for width, color in colors.items():
        own = {"color": color, "gid": f"difference-{width}"} | series.SERIES["network"]
        opacity = 0.22 if len(colors) < 3 else 0.1
        drawn = later[later.width == width]
        style.band(panel, drawn, "k", "difference", opacity=opacity, **own)
    middles = later.groupby(["width", "k"]).difference.median()
    style.decades_axis(panel, "gradient step $k$", curves.k.max())
    top = later.difference.max()
    style.plain_log_axis(panel, max(middles.min() / 1.5, top / 1000), top)
    panel.set_ylabel(r"|network − (8)|$\,/\,\Vert y\Vert$")


def _draw_largest(panel, deviations, colors):
    medians = deviations.groupby("width").deviation.median()
    for width, color in colors.items():
        own = deviations[deviations.width == width].sort_values("repetition")
        # Side by side, so that seeds do not hide each other.
        count = len(own)
        aside = [width * 10 ** (0.12 * ((at + 0.5) / count - 0.5)) for at in range(count)]
        panel.plot(aside, own.deviation, "o", color=color, markersize=3, gid=f"seeds-{width}")
    panel.plot(medians.index, medians, color=style.BLACK, linewidth=0.8, **MEDIAN)
    style.widths_axis(panel, medians.index, "width $m$")
    panel.set(ylabel="largest over every step", ylim=(0, deviations.deviation.max() * 1.15 or 1))
    if len(medians) > 1:
        guide = medians.iloc[0] * (medians.index / medians.index[0]) ** -0.5
        panel.plot(medians.index, guide, color=style.GREY, **GUIDE)
        style.plain_log_axis(panel, deviations.deviation.min(), deviations.deviation.max())


def _entries(colors):
    entries = [
        style.banded_handle(f"networks, $m = {width}$", color=color, **series.SERIES["network"])
        for width, color in colors.items()
    ]
    line = {"color": style.BLACK} | series.SERIES["prediction"]
    entries.append(style.handle("prediction, eq. (8)", **line))
    dot = {"marker": "o", "linestyle": "none", "markersize": 3}
    entries.append(style.handle("one seed", color=style.GREY, **dot))
    entries.append(style.handle("median over seeds", color=style.BLACK, linestyle="none", **MEDIAN))
    if len(colors) > 1:
        entries.append(style.handle(r"slope of $m^{-1/2}$", color=style.GREY, **GUIDE))
    return entries


def _words(curves, deviations, job):
    seeds = style.counted(deviations.repetition.nunique(), "seed")
    yield (
        f"Full-batch gradient descent on Φ = ½‖y − u‖² with {job.training}; {seeds} for each width "
        "m (all neurons, both halves of an antisymmetric network). Each row is a labelling. Left: "
        f"‖y − u(k)‖/‖y‖ up to step {curves.k.max()}; solid, the median of the networks in a band "
        "from smallest to largest; dashed, what eq. (8) predicts from the spectrum alone. Middle: "
        "the size of the difference of the two; it dips where a seed crosses the prediction. "
        "Right: its largest value over every step; a dot for each seed, side by side around their "
        "width so that none hides another, and a bar for their median."
    )
    yield figures.HOW_TO_READ
    for kind, own in deviations.groupby("labels", sort=False):
        widths = [
            f"{style.spread(of_width.deviation, 'median')} at m = {width}"
            for width, of_width in own.groupby("width")
        ]
        first, last = own.step.min(), own.step.max()
        met = f"at step {first}" if first == last else f"between steps {first} and {last}"
        yield (
            f"Here, with {series.LABELLINGS[kind].name}, the largest difference, in the "
            f"median over seeds (smallest to largest), is {style.enumerated(widths)}; it is "
            f"met {met}.{_diverging(curves[curves.labels == kind])}"
        )


def _diverging(curves):
    """A sentence if the prediction diverges, which it does above 2/λ_max."""
    left = curves[series.outgrown(curves.prediction, 1)]
    if left.empty:
        return ""
    return (
        f" **The prediction diverges:** η is above 2/λ_max, and at step {left.k.min()} eq. (8) "
        "exceeds its start; later steps do not count for the largest difference, and it is drawn "
        "only as far as the panel goes."
    )


main = figures.program(Equation8, "Equation (8), {name}", _draw, _words)

if __name__ == "__main__":
    main()
