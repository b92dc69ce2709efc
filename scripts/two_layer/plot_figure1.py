"""Figure 1: which labels a network learns fast, and why the spectrum says so.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 and eq. (8).

For each arm a panel of the training loss Φ/n and one of what training has removed of it:
networks (median, and a band from smallest to largest over all repetitions) and, dashed, what
eq. (8) predicts from the spectrum alone. Then eigenvalues and |v_iᵀy|, and the energy of the
labels in the top eigenvectors. Where bands touch, the order of the labellings is not settled;
where solid and dashed lines part, a network does not behave as its kernel. Without networks only
the prediction is drawn.

Writes the table behind the spectrum's panels as well: index i, eigenvalue, labels, repetition,
|v_iᵀy|, its running root mean square, and the energy up to i; of many indices a log-spaced choice.
"""

from pipeline import figures, files, style
from scripts.two_layer import figure1_panels, figure1_words, series
from scripts.two_layer.slice import Figure1

INDICES = 1000  # log-spaced indices in the table; fewer remain, as small ones coincide


def _load(job):
    curves = figures.table(job.losses)
    # From each curve's own start: a plain one's is off ½ by more than the first steps remove.
    losses = curves.groupby(["arm", "series", "labels", "repetition"]).loss
    curves["removed"] = losses.transform("first") - curves.loss
    arms, paper_arms = dict(each.split("=", 1) for each in job.arm), job.paper_arm
    if not (curves.series == "network").any():
        # Without networks the arms differ in their number of steps alone.
        longest = curves.loc[curves.k.idxmax(), "arm"]
        curves, paper_arms = curves[curves.arm == longest], [longest]
        arms = {longest: "prediction, eq. (8)"}
    projected = files.load_arrays(job.coefficients, "kinds", "repetitions", "coefficients")
    table = _spectrum(files.load_arrays(job.spectrum, "eigenvalues")[0], *projected)
    files.save_table(job.spectrum_table, table)
    points = series.paper_points(job.paper, job.paper_name, ["loss", "eigenvalue"])
    return curves, arms, table, points, paper_arms


def _spectrum(eigenvalues, kinds, repetitions, coefficients):
    """The table behind the spectrum's panels."""
    import numpy as np
    import pandas as pd

    from overparam import spectra

    n = len(eigenvalues)
    index = np.unique(np.round(np.geomspace(1, n, min(n, INDICES))).astype(int))
    tables = []
    for kind, repetition, projected in zip(kinds, repetitions, coefficients, strict=True):
        columns = {
            "index": index, "eigenvalue": eigenvalues[index - 1], "labels": kind,
            "repetition": repetition, "abs_projection": np.abs(projected[index - 1]),
            "running_rms": spectra.running_rms(projected, index, figure1_words.WINDOW),
            "energy": spectra.energy(projected)[index - 1],
        }  # fmt: skip
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _draw(curves, arms, table, points, paper_arms):
    rows = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rows = [rows[2 * at : 2 * at + 2] for at in range(len(arms) + 1)]
    figure, panels = style.new_figure(rows, 2.1 * len(rows) + 0.6)
    titles = []
    for at, (arm, start) in enumerate(arms.items()):
        drawn = figure1_panels.in_sight(curves[curves.arm == arm])
        shown = points if arm in paper_arms else points[points.quantity != "loss"]
        figure1_panels.draw_losses(panels[2 * at], drawn, shown)
        figure1_panels.draw_removed(panels[2 * at + 1], drawn)
        titles += [start, "the same, loss removed"]
    figure1_panels.draw_projections(panels[-2], table, points)
    figure1_panels.draw_energy(panels[-1], table)
    style.name_panels(panels, [*titles, "eigenvalues and projections", "energy of the labels"])
    entries = _entries((curves.series == "network").any(), len(points) > 0)
    style.legend(figure, entries, columns=-(-len(entries) // 3))
    return figure


def _entries(networks, paper):
    """The legend: labellings, then kinds of lines."""
    entries = [
        style.handle(look.name, color=look.color, marker=look.marker if networks else None)
        for look in series.LABELLINGS.values()
    ]
    if networks:
        line = {"color": style.GREY} | series.SERIES["network"]
        entries.append(style.banded_handle("networks: median, all seeds", **line))
    line = {"color": style.GREY} | series.SERIES["prediction"]
    entries.append(style.handle("prediction, eq. (8)", **line))
    entries.append(style.handle(r"eigenvalue $\lambda_i$", color=style.BLACK, linewidth=1))
    if paper:
        line = {"color": style.GREY} | series.SERIES["paper"]
        entries.append(style.handle(series.PAPER, **line))
    return entries


def _words(curves, arms, table, points, _, job):
    return figure1_words.caption(curves, arms, table, points, job.training)


main = figures.program(
    Figure1, "Figure 1, {name}", _draw, _words, load=_load, outputs=("spectrum_table",)
)

if __name__ == "__main__":
    main()
