"""What width buys: deviation from eq. (8), distances from the start and flips against m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1, eq. (8) and lemma 5.3. Above:
the deviation from eq. (8), whole and split into movement and finite width. Below: the largest
distance of a neuron from its start; ‖W(K) − W(0)‖_F over √(yᵀ(H∞)⁻¹y); the share of ReLU patterns
that changed. Medians over seeds, in bands from smallest to largest.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Widths

PARTS = {"deviation": "deviation", "movement": "by movement", "finite": "by finite width"}
MOVED = {"distance_max": "farthest neuron", "ratio": "all weights", "flips": "changed patterns"}
LABELS = {
    "deviation": "network − eq. (8)",
    "movement": "network −\ndynamics of $H(0)$",
    "finite": "dynamics of $H(0)$\n− eq. (8)",
    "distance_max": r"$\max_r\Vert w_r(K)-w_r(0)\Vert$",
    "ratio": "$\\Vert W(K)-W(0)\\Vert_F$\nover bound's term",
    "flips": "share of patterns",
}


def _draw(found, parts):
    figure, panels = style.new_figure(["ABC", "DEF"], 4.6, _title(parts))
    sizes = sorted(found.width.unique())
    values = parts[[*PARTS]].stack()
    for panel, column in zip(panels, (*PARTS, *MOVED), strict=True):
        table, look = series.labelled(parts if column in PARTS else found)
        style.band(panel, table, "width", column, gid=column, **look)
        style.widths_axis(panel, sizes, "width $m$")
        panel.set_ylabel(LABELS[column])
        if column == "ratio":
            panel.axhline(
                1, color=style.BLACK, linewidth=0.8, gid="one", label="bound's leading term"
            )
            panel.set_ylim(0, 1.1 * max(1, found.ratio.max()))
            continue
        drawn = values if column in PARTS else found[column]
        style.plain_log_axis(panel, drawn.min(), drawn.max())
        if column != "movement":
            series.root_guide(panel, sizes, table[table.width == sizes[0]][column].median())
    style.name_panels(panels, [*PARTS.values(), *MOVED.values()])
    style.shared_legend(figure, panels, columns=5)
    return figure


def _title(parts):
    """How the deviation's parts change; of several labellings those of the first."""
    kind, own = next(iter(parts.groupby("labels", sort=False)))
    finite, movement = (style.change(own, "width", part) for part in ("finite", "movement"))
    of = f" for {series.looks([kind])[kind].name}" if parts.labels.nunique() > 1 else ""
    return (
        f"From m = {parts.width.min()} to {parts.width.max()} the deviation from eq. (8){of} by "
        f"finite width {finite}, that by movement {movement}"
    )


def _words(found, parts, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Width m, {job.training}; {seeds}: median, smallest to largest. (a–c) Largest differences "
        "of ‖y − u(k)‖/‖y‖; H(0): the start's Gram matrix. (d–f) Weights W, neurons w_r at the "
        "last step K; leading term: √(yᵀ(H^∞)⁻¹y); pattern: whether a neuron is active."
    )


main = figures.program(Widths, "Width, {name}", _draw, _words)

if __name__ == "__main__":
    main()
