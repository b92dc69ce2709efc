"""The initialisation's scale κ against the width: deviation from eq. (8) without doubling.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: too small a κ lets the
patterns flip, too large a one starts far from 0. A panel for each labelling, a line for each width:
median deviation against κ, in a band over seeds; dotted, what is there at step 0 already, which
no deviation of the same width is below.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Scale

MARKERS = "os^Dv"
DOTTED = {"linestyle": (0, (1, 1.2)), "linewidth": 1.2}


def _draw(found):
    kinds = series.looks(found.labels)
    rows = series.in_rows(len(kinds))
    sizes, scales = sorted(found.width.unique()), sorted(found.kappa.unique())
    figure, panels = style.new_figure(rows, 2.4 * len(rows) + 0.6, _title(found, kinds, scales))
    names = [f"$m = {m}$" for m in sizes]
    drawn = found.assign(width=found.width.map("$m = {}$".format))
    markers = (MARKERS * len(sizes))[: len(sizes)]
    look = style.told_apart("width", names, [*zip(style.shades(len(sizes)), markers, strict=True)])
    for kind, panel in zip(kinds, panels, strict=True):
        own = drawn[drawn.labels == kind]
        # A narrow network's line is broader, to be seen below that of a wide one.
        broad = {"size": "width", "size_order": names, "sizes": (1.2, 2.8), "markersize": 5}
        style.band(panel, own, "kappa", "deviation", gid=f"deviation-{kind}", **look, **broad)
        _draw_start(panel, own[own.start > 0], look)
        style.widths_axis(panel, scales, "initialisation scale κ")
        # Starts that are far smaller explain nothing, and leave the panel.
        style.plain_log_axis(panel, found.deviation.min() / 10, found.deviation.max())
        panel.set_ylabel(r"deviation from (8) / $\Vert y\Vert$")
    style.name_panels(panels, [look.name for look in kinds.values()])
    style.shared_legend(figure, panels, columns=6)
    return figure


def _draw_start(panel, own, look):
    """What of the deviation is there at step 0 already: medians, a dotted line for each width."""
    import seaborn

    colors = {key: look[key] for key in ("hue", "hue_order", "palette")}
    seaborn.lineplot(
        own, x="kappa", y="start", estimator="median", errorbar=None, legend=False, gid="start",
        ax=panel, **colors, **DOTTED,
    )  # fmt: skip
    panel.plot([], [], color=style.GREY, label="at step 0", **DOTTED)


def _title(found, kinds, scales):
    """At which κ the medians are least; the ends of the scales tried may be no minimum."""
    medians = found.groupby(["labels", "width", "kappa"]).deviation.median()
    best = medians.groupby(["labels", "width"]).idxmin()
    ends = {scales[0]: ", the smallest tried,", scales[-1]: ", the largest tried,"}
    said = []
    for kind in kinds:
        least = sorted(kappa for _, _, kappa in best[kind])
        end = ends.get(least[-1]) or ends.get(least[0], "")
        said.append(f"κ = {style.span(least)}{end} for {kinds[kind].name}")
    return f"Deviation from eq. (8) is least at {style.enumerated(said)}"


def _words(found, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks: width m, outputs u, initial weights w_r(0) ~ N(0, κ²I), {job.training}; "
        f"{seeds}: median, smallest to largest. Deviation: largest difference over all steps of "
        "‖y − u‖ and eq. (8)."
    )


main = figures.program(Scale, "Scale and width, {name}", _draw, _words)

if __name__ == "__main__":
    main()
