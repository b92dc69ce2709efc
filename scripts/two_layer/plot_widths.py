"""What width buys: deviation from eq. (8), distances from the start and flips against m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1, eq. (8) and lemma 5.3. Above:
the deviation from eq. (8), whole and split into movement and finite width. Below: the largest
distance of a neuron from its start; ‖W(K) − W(0)‖_F over √(yᵀ(H∞)⁻¹y); the share of ReLU patterns
that changed. Medians over seeds, in bands from smallest to largest.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Widths

PARTS = {
    "deviation": "network − (8)", "movement": "by movement", "finite": "by finite width",
}  # fmt: skip
MOVED = {"distance_max": "farthest neuron", "ratio": "all weights", "flips": "flips"}
LABELS = {
    "deviation": r"$|\,\mathrm{network}-(8)\,|\,/\,\Vert y\Vert$",
    "movement": r"$|\,\mathrm{network}-H(0)\,|\,/\,\Vert y\Vert$",
    "finite": r"$|\,H(0)-(8)\,|\,/\,\Vert y\Vert$",
    "distance_max": r"$\max_r\Vert w_r(K)-w_r(0)\Vert$",
    "ratio": r"$\Vert W(K)-W(0)\Vert_F$ / bound", "flips": "share of patterns changed",
}  # fmt: skip


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
            panel.axhline(1, color=style.BLACK, linewidth=0.8, gid="one", label="bound")
            continue
        drawn = values if column in PARTS else found[column]
        style.plain_log_axis(panel, drawn.min(), drawn.max())
        if column != "movement":
            series.root_guide(panel, sizes, table[table.width == sizes[0]][column].median())
    style.name_panels(panels, [*PARTS.values(), *MOVED.values()])
    style.shared_legend(figure, panels, columns=5)
    return figure


def _title(parts):
    widths = parts.width.min(), parts.width.max()
    changes = {
        series.LABELLINGS[kind].name: style.change(own, "width", "deviation")
        for kind, own in parts.groupby("labels", sort=False)
    }
    said = [f"{change} ({name})" for name, change in changes.items()]
    if len(said) == 1:
        said = [*changes.values()]
    return (
        f"From m = {widths[0]} to {widths[1]} the deviation from eq. (8) {style.enumerated(said)}"
    )


def _words(found, parts, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of width m, {job.training}; {seeds}: median, smallest to largest. (a) to (c) "
        "Largest difference of residual norms over all steps, between network, eq. (8) and linear "
        "dynamics of the start's H(0). (d) to (f) Weights W, neurons w_r after the last step K; "
        "bound: √(yᵀ(H^∞)⁻¹y)."
    )


main = figures.program(Widths, "Width, {name}", _draw, _words)

if __name__ == "__main__":
    main()
