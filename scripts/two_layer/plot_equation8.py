"""Equation (8): how closely networks follow the loss curve that the spectrum predicts.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1 and eq. (8):
‖y − u(k)‖₂ = √Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)² ± ε, ε falling with the width m.

A row of panels for each labelling: ‖y − u(k)‖ of the networks less the prediction, over ‖y‖, a
panel for each width (of many widths the least, the largest and some between); and the largest size
of that difference against the width. Lines: medians over seeds, bands: smallest to largest. On 0 a
network follows (8); small against 1, and falling with m, is agreement.
"""

import re

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Equation8

MOST = 4  # panels of single widths in a row
DIFFERENCE = r"network − eq. (8), over $\Vert y\Vert$"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _draw(curves, deviations):
    kinds = series.looks(curves.labels)
    widths = _shown(curves)
    columns = len(widths) + 1
    letters = iter(LETTERS.upper())
    rows = ["".join(next(letters) for _ in range(columns)) for _ in kinds]
    figure, panels = style.new_figure(rows, 2.1 * len(rows) + 0.95, _title(deviations))
    titles = []
    for at, (kind, look) in enumerate(kinds.items()):
        row = panels[columns * at : columns * (at + 1)]
        own = _in_sight(curves[curves.labels == kind])
        _draw_differences(row[:-1], own, widths, look.color)
        _draw_largest(row[-1], deviations[deviations.labels == kind], look.color)
        short = re.sub(r"eigenvector(\d+)", r"$v_{\1}$", kind)  # narrow panels
        said = f"{short}, " if len(kinds) > 1 else ""
        titles += [*(f"{said}$m = {m}$" for m in widths), "largest size"]
    style.name_panels(panels, titles)
    style.legend(figure, _entries(kinds, curves.width.nunique()), columns=3)
    return figure


def _shown(curves):
    """The widths that have a panel of their own: the least, the largest, and some between, as many
    as there are letters for."""
    widths = sorted(curves.width.unique())
    most, last = min(MOST, len(LETTERS) // curves.labels.nunique() - 1), len(widths) - 1
    return [widths[round(at * last / (most - 1))] for at in range(most)] if last >= most else widths


def _title(deviations):
    known = deviations.groupby("width").deviation.median()
    if len(known) == 1:
        return f"Networks stay within {style.number(known.iloc[0])}‖y‖ of eq. (8) (median)"
    change = style.change(deviations, "width", "deviation")
    return (
        f"The largest distance from eq. (8) {change} as the width goes from {known.index[0]} to "
        f"{known.index[-1]} (medians)"
    )


def _in_sight(curves):
    """Signed differences, without those of a prediction so far above that it would hide them."""
    hidden = series.beyond(curves.prediction, curves.network, 1)
    return curves.assign(signed=(curves.network - curves.prediction).mask(hidden))


def _draw_differences(panels, curves, widths, color):
    """On one y axis, which holds every seed of every width shown."""
    shown = curves[curves.width.isin(widths)].signed
    reach = 1.08 * shown.abs().max() or 1
    for width, panel in zip(widths, panels, strict=True):
        own = curves[curves.width == width]
        panel.axhline(0, **NONE)
        style.band(panel, own, "k", "signed", color=color, gid=f"difference-{width}")
        style.decades_axis(panel, "step $k$", curves.k.max(), zero=True)
        panel.set(ylim=(-reach, reach), ylabel="")
        if panel is not panels[0]:
            panel.tick_params(labelleft=False)
    panels[0].set_ylabel(DIFFERENCE)


NONE = {"color": style.BLACK, "linewidth": 1, "linestyle": "--", "zorder": 4}


def _draw_largest(panel, deviations, color):
    own = {"color": color, "marker": "o", "gid": "largest"}
    style.band(panel, deviations, "width", "deviation", **own)
    medians = deviations.groupby("width").deviation.median()
    style.widths_axis(panel, medians.index, "width $m$", most=3)  # a narrow panel
    panel.set(ylabel=DIFFERENCE, ylim=(0, deviations.deviation.max() * 1.15 or 1))
    if len(medians) > 1:
        series.root_guide(panel, medians.index, medians.iloc[0])
        style.plain_log_axis(panel, deviations.deviation.min(), deviations.deviation.max())


def _entries(kinds, widths):
    entries = [
        style.banded_handle(f"{look.name}: median, all seeds", color=look.color)
        for look in kinds.values()
    ]
    entries.append(style.handle("on eq. (8)", **NONE))
    if widths > 1:
        guide = {"color": style.GREY} | series.GUIDE
        entries.append(style.handle(r"slope of $m^{-1/2}$", **guide))
    return entries


def _words(curves, deviations, job):
    seeds = style.counted(deviations.repetition.nunique(), "seed")
    columns = len(_shown(curves)) + 1
    last = LETTERS[columns - 1 : columns * curves.labels.nunique() : columns]
    yield (
        f"‖y − u(k)‖, labels y less outputs u at step k, of networks ({job.training}) less eq. "
        f"(8), √(Σ_i (1 − ηλ_i)^2k (v_iᵀy)²), over ‖y‖; {seeds} for each width m. "
        f"{style.enumerated([f'({at})' for at in last])}: its largest size over all steps."
    )
    yield figures.HOW_TO_READ
    for kind, own in curves.groupby("labels", sort=False):
        left = own[series.outgrown(own.prediction, 1)]
        if len(left):
            (look,) = series.looks([kind]).values()
            yield (
                f"Eq. (8) **diverges** for {look.name} from step {left.k.min()} on: η > 2/λ_max. "
                "Later steps do not count."
            )


main = figures.program(Equation8, "Equation (8), {name}", _draw, _words)

if __name__ == "__main__":
    main()
