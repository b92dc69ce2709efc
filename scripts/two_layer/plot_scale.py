"""The initialisation's scale κ against the width: deviation from eq. (8) without doubling.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: too small a κ lets the
patterns flip, too large a one starts far from 0. A panel for each labelling, a line for each width:
median deviation against κ, in a band over seeds; dotted, what is there at step 0 already.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Scale

MARKERS = "os^Dv"


def _draw(found):
    kinds = [kind for kind in series.LABELLINGS if kind in set(found.labels)]
    sizes, scales = sorted(found.width.unique()), sorted(found.kappa.unique())
    figure, panels = style.new_figure(["ABCDE"[: len(kinds)]], 3.0, _title(found, kinds))
    drawn = found.assign(width=found.width.map("$m = {}$".format))
    markers = (MARKERS * len(sizes))[: len(sizes)]
    shades = zip(style.shades(len(sizes)), markers, strict=True)
    look = style.told_apart("width", [f"$m = {m}$" for m in sizes], [*shades])
    start = {"color": style.BLACK, "linestyle": (0, (1, 1.2)), "linewidth": 1,
             "label": "at step 0, any $m$"}  # fmt: skip
    least = found[found.start > 0].groupby(["labels", "kappa"]).start.median().min()
    least = min(found.deviation.min(), least)
    for kind, panel in zip(kinds, panels, strict=True):
        own = drawn[drawn.labels == kind]
        style.band(panel, own, "kappa", "deviation", gid=f"deviation-{kind}", **look)
        own = own[own.start > 0]
        style.band(panel, own, "kappa", "start", gid="start", opacity=0.12, **start)
        style.widths_axis(panel, scales, "initialisation scale κ")
        style.plain_log_axis(panel, least, found.deviation.max())
        panel.set_ylabel(r"deviation from (8) / $\Vert y\Vert$")
    style.name_panels(panels, [series.LABELLINGS[kind].name for kind in kinds])
    style.shared_legend(figure, panels, columns=4)
    return figure


def _title(found, kinds):
    medians = found.groupby(["labels", "width", "kappa"]).deviation.median()
    best = medians.groupby(["labels", "width"]).idxmin()
    said = [
        f"{style.span(kappa for _, _, kappa in best[kind])} for "
        + series.LABELLINGS[kind].name.removesuffix(" labels")
        for kind in kinds
    ]
    return f"Deviation from eq. (8) is least at κ = {style.enumerated(said)} labels"


def _words(found, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of width m that start from w_r(0) ~ N(0, κ²I), {job.training}; {seeds}: "
        "median, smallest to largest. Deviation: largest difference over all steps between "
        "residual norms of network and eq. (8)."
    )


main = figures.program(Scale, "Scale and width, {name}", _draw, _words)

if __name__ == "__main__":
    main()
