"""What width buys: deviation from eq. (8), distances from the start and flips against m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1, eq. (8) and lemma 5.3. Four
panels against the width m: the deviation, whole and split into movement and finite width; the
largest distance of a neuron from its start; ‖W(K) − W(0)‖_F over √(yᵀ(H∞)⁻¹y); the share of ReLU
patterns that changed. A dot for each seed, medians joined.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Widths

PARTS = {
    "deviation": ("network − (8)", "-", None),
    "movement": ("network − H(0): movement", (0, (3.2, 1.8)), "v"),
    "finite": ("H(0) − (8): finite width", (0, (1, 1.2)), "x"),
}


def _draw(found, parts):
    kinds = [kind for kind in series.LABELLINGS if kind in set(found.labels)]
    figure, panels = style.new_figure(["AB", "CD"], 4.9)
    for kind in kinds:
        look, own = series.LABELLINGS[kind], found[found.labels == kind]
        line = {"color": look.color, "marker": look.marker}
        split = parts[parts.labels == kind]
        for column, (_, dashes, marker) in PARTS.items():
            drawn = line | {"linestyle": dashes, "marker": marker or look.marker}
            series.seeds(panels[0], split, "width", column, f"{column}-{kind}", **drawn)
        for panel, column in zip(panels[1:], ("distance_max", "ratio", "flips"), strict=True):
            series.seeds(panel, own, "width", column, f"{column}-{kind}", **line)
    sizes = sorted(found.width.unique())
    for at, column in {0: "deviation", 1: "distance_max", 3: "flips"}.items():
        panel = panels[at]
        values = parts[[*PARTS]].stack() if at == 0 else found[column]
        style.plain_log_axis(panel, values.min(), values.max())
        series.root_guide(panel, sizes, found[found.width == sizes[0]][column].median())
    panels[2].axhline(1, color=style.GREY, linewidth=1, gid="one")
    panels[2].set_ylim(min(0.9, found.ratio.min() * 0.98), max(1.1, found.ratio.max() * 1.02))
    labels = [
        r"$\max_k|\,\cdot\,|\,/\,\Vert y\Vert$", r"$\max_r\Vert w_r(K)-w_r(0)\Vert$",
        r"$\Vert W(K)-W(0)\Vert_F\,/\sqrt{y^\top (H^\infty)^{-1}y}$", "share of patterns changed",
    ]  # fmt: skip
    for panel, label in zip(panels, labels, strict=True):
        style.widths_axis(panel, sizes, "width $m$")
        panel.set_ylabel(label)
    titles = ["deviation from (8)", "farthest neuron", "distance of all", "flips"]
    style.name_panels(panels, titles)
    style.legend(figure, _entries(kinds), columns=3)
    return figure


def _entries(kinds):
    entries = [
        style.handle(look.name, color=look.color, marker=look.marker, linestyle="-")
        for look in (series.LABELLINGS[kind] for kind in kinds)
    ]
    entries += [
        style.handle(f"(a) {said}", color=style.BLACK, linestyle=dashes, marker=marker)
        for said, dashes, marker in PARTS.values()
    ]
    return [*entries, style.handle(r"slope of $m^{-1/2}$", color=style.GREY, **series.GUIDE)]


def _words(found, parts, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of {style.counted(found.width.nunique(), 'width')} m (all neurons, both halves "
        f"of an antisymmetric network), {job.training}, {seeds} each; medians joined, dots for "
        "single seeds. (a) Largest difference over every step between the residual norms of "
        "network and eq. (8), of network and the linear dynamics of its own H(0), kept, and of "
        "those and eq. (8), over ‖y‖. (b) Largest distance of a neuron from its start. (c) "
        "Distance of all weights from their start, over √(yᵀ(H^∞)⁻¹y). (d) Share of the ReLU "
        "patterns that differ from those at the start. (b) to (d) at the last step."
    )
    for kind, own in found.groupby("labels", sort=False):
        ends = [own.width.min(), own.width.max()]
        said = []
        for m in ends:
            at = parts[(parts.width == m) & (parts.labels == kind)]
            middles = [style.number(at[column].median()) for column in PARTS]
            said.append(
                f"{middles[0]} ({middles[1]} by movement, {middles[2]} by finite width) at m = {m}"
            )
        name = series.LABELLINGS[kind].name
        yield f"Here, with {name}, the median deviation is {style.enumerated(said)}."
        crossed = [_crossed(at, m) for m, at in own.groupby("width")]
        yield (
            f"Does (8) dominate? With {name} the difference outgrows (8) itself "
            f"{'; '.join(crossed)}."
        )


def _crossed(found, m):
    """Where the networks of one width leave the prediction by more than it is itself."""
    late = found[found.crossover.notna()]
    among = f"{len(late)} of {style.counted(len(found), 'network')} at m = {m}"
    if late.empty:
        return f"in {among}"
    return (
        f"in {among}, from step {style.spread(late.crossover, 'median')} on, where (8) has fallen "
        f"to {style.spread(late.dominating, 'median')} of ‖y‖"
    )


main = figures.program(Widths, "Width, {name}", _draw, _words)

if __name__ == "__main__":
    main()
