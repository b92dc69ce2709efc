"""The initialisation's scale κ against the width: deviation from eq. (8) without doubling.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: too small a κ lets the
patterns flip, too large a one starts far from 0. A panel for each labelling, a line for each width:
median deviation against κ, a dot for each seed; open, the part that is there at step 0 already.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Scale

MARKERS = "os^Dv"
START = {"linestyle": (0, (1, 1.2)), "linewidth": 1, "gid": "start"}


def _draw(found):
    kinds = [kind for kind in series.LABELLINGS if kind in set(found.labels)]
    sizes, scales = sorted(found.width.unique()), sorted(found.kappa.unique())
    lines = [
        {"color": color, "marker": marker}
        for color, marker in zip(style.shades(len(sizes)), MARKERS * len(sizes), strict=False)
    ]
    figure, panels = style.new_figure(["ABCDE"[: len(kinds)]], 2.9)
    for kind, panel in zip(kinds, panels, strict=True):
        own = found[found.labels == kind]
        for m, line in zip(sizes, lines, strict=True):
            series.seeds(panel, own[own.width == m], "kappa", "deviation", f"{kind}-{m}", **line)
        start = own.groupby("kappa").start.median()
        panel.plot(start.index, start, color=style.BLACK, **START)
        style.widths_axis(panel, scales, "initialisation scale κ")
        style.plain_log_axis(panel, own.deviation.min(), own.deviation.max())
        panel.tick_params(axis="x", rotation=0)
        panel.set_ylabel(r"largest |network − (8)|$\,/\,\Vert y\Vert$")
    style.name_panels(panels, [series.LABELLINGS[kind].name for kind in kinds])
    entries = [
        style.handle(f"$m = {m}$", linestyle="-", **line)
        for m, line in zip(sizes, lines, strict=True)
    ]
    entries.append(style.handle("at step 0, any $m$", color=style.BLACK, **START))
    style.legend(figure, entries, columns=4)
    return figure


def _words(found, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks that start as in the paper (plain, w_r(0) ~ N(0, κ²I)), {job.training}; {seeds} "
        "for each κ and m. Medians joined, dots for single seeds: the largest difference over "
        "every step between the residual norms of network and eq. (8), over ‖y‖. Dotted: the "
        "difference at step 0, where it comes from u(0) alone."
    )
    for (kind, m), own in found.groupby(["labels", "width"], sort=False):
        medians = own.groupby("kappa").deviation.median()
        yield (
            f"Here, with {series.LABELLINGS[kind].name} at m = {m}, the median deviation is least, "
            f"{style.number(medians.min())}, at κ = {medians.idxmin():g}; at κ = "
            f"{medians.index[0]:g} it is {style.number(medians.iloc[0])} and at κ = "
            f"{medians.index[-1]:g} {style.number(medians.iloc[-1])}."
        )


main = figures.program(Scale, "Scale and width, {name}", _draw, _words)

if __name__ == "__main__":
    main()
