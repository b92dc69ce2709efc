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

from pipeline import cli, files, style
from scripts.two_layer import figure1_panels, figure1_words, looks

INDICES = 1000  # log-spaced indices in the table; fewer remain, as small ones coincide


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--training", required=True, help="Width and learning rate in words.")
@cli.option("--arm", multiple=True, required=True, help="An arm and how it starts: arm=words.")
@cli.option("--how-to-read", required=True, help="What to look at and what counts as agreement.")
@cli.option("--losses", type=cli.InputFile(), required=True, help="All losses, .csv.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Spectrum, .npz.")
@cli.option("--coefficients", type=cli.InputFile(), required=True, help="Projections, .npz.")
@cli.option("--paper", type=cli.InputFile(), help="The paper's digitised points, .csv.")
@cli.option("--paper-name", help="The data set whose points are drawn: mnist or cifar.")
@cli.option("--paper-arm", multiple=True, help="An arm that starts as the paper's networks do.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
@cli.option("--spectrum-table", type=cli.OutputFile(), required=True, help="Spectrum, .csv.")
def main(
    name: str, about: str, training: str, arm: tuple[str, ...], how_to_read: str, losses: str,
    spectrum: str, coefficients: str, paper: str | None, paper_name: str | None, paper_arm:
    tuple[str, ...], sheet: str, svg: str, png: str, caption: str, spectrum_table: str,
) -> None:  # fmt: skip
    import pandas as pd

    curves = pd.read_csv(losses, dtype={"labels": str})
    # From each curve's own start: a plain one's is off ½ by more than the first steps remove.
    one = curves.groupby(["arm", "series", "labels", "repetition"]).loss
    curves["removed"] = one.transform("first") - curves.loss
    arms = dict(one.split("=", 1) for one in arm)
    if not (curves.series == "network").any():
        # Without networks the arms differ in their number of steps alone.
        longest = curves.loc[curves.k.idxmax(), "arm"]
        curves, arms, paper_arm = (
            curves[curves.arm == longest],
            {longest: "prediction, eq. (8)"},
            (longest,),
        )
    projected = files.load_arrays(coefficients, "kinds", "repetitions", "coefficients")
    table = _spectrum(files.load_arrays(spectrum, "eigenvalues")[0], *projected)
    points = looks.paper_points(paper, paper_name, ["loss", "eigenvalue"])

    with style.applied(sheet):
        figure = _draw(curves, arms, table, points, paper_arm)
        style.save_figure(figure, svg, png)
    files.save_table(spectrum_table, table)
    title = f"**Figure 1, {name}** ({about})."
    words = figure1_words.caption(curves, arms, training, how_to_read, table, points)
    files.save_text(caption, "\n\n".join([title, *words]) + "\n")


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


def _draw(curves, arms, table, points, paper_arm):
    rows = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rows = [rows[2 * at : 2 * at + 2] for at in range(len(arms) + 1)]
    figure, panels = style.new_figure(rows, 2.1 * len(rows) + 0.6)
    titles = []
    for at, (arm, start) in enumerate(arms.items()):
        drawn = figure1_panels.in_sight(curves[curves.arm == arm])
        shown = points if arm in paper_arm else points[points.quantity != "loss"]
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
        for look in looks.LABELLINGS.values()
    ]
    if networks:
        line = {"color": style.GREY} | looks.SERIES["network"]
        entries.append(style.banded_handle("networks: median, all seeds", **line))
    line = {"color": style.GREY} | looks.SERIES["prediction"]
    entries.append(style.handle("prediction, eq. (8)", **line))
    entries.append(style.handle(r"eigenvalue $\lambda_i$", color=style.BLACK, linewidth=1))
    if paper:
        line = {"color": style.GREY} | looks.SERIES["paper"]
        entries.append(style.handle(looks.PAPER, **line))
    return entries


if __name__ == "__main__":
    main()
