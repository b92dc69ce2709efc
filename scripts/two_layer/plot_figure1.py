"""Figure 1: which labels a network learns fast, and why the spectrum says so.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 and eq. (8).

A panel of losses Φ/n for each arm: networks (median, and a band from smallest to largest of all
repetitions) and, dashed, what eq. (8) predicts from the spectrum alone. A panel with eigenvalues
and |v_iᵀy|, and one with the energy of the labels in the top eigenvectors. Where bands touch, the
order of the labellings is not settled; where solid and dashed lines part, a network is no kernel.
Without networks only the predictions are drawn. Writes the table behind the spectrum's panels:
index i, eigenvalue, labels, repetition, |v_iᵀy|, its running root mean square, energy up to i.
"""

from overparam.house import cli

WINDOW = 1.25  # the running root mean square at i is over i/WINDOW … i·WINDOW
INDICES = 1000  # at most about as many indices in the table, log-spaced, the first ones all


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--training", required=True, help="Width and learning rate in words.")
@cli.option("--arm", multiple=True, required=True, help="An arm and its start: arm=words.")
@cli.option("--losses", type=cli.InputFile(), required=True, help="All losses, .csv.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Spectrum, .npz.")
@cli.option("--coefficients", type=cli.InputFile(), required=True, help="Projections, .npz.")
@cli.option("--paper", type=cli.InputFile(), help="The paper's digitised points, .csv.")
@cli.option("--paper-name", help="The data set whose points those are: mnist or cifar.")
@cli.option("--style", type=cli.InputFile(), default="config/figures.mplstyle", help="Style file.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
@cli.option("--spectrum-table", type=cli.OutputFile(), required=True, help="Spectrum, .csv.")
def main(
    name: str, about: str, training: str, arm: tuple[str, ...], losses: str, spectrum: str,
    coefficients: str, paper: str | None, paper_name: str | None, style: str, svg: str, png: str,
    caption: str, spectrum_table: str,
) -> None:  # fmt: skip
    import pandas as pd

    from overparam.house import files
    from overparam.house import style as house

    curves = pd.read_csv(losses)
    arms = dict(one.split("=", 1) for one in arm)
    if not (curves.series == "network").any():
        # Without networks the arms differ in their number of steps alone.
        longest = curves.loc[curves.k.idxmax(), "arm"]
        curves, arms = curves[curves.arm == longest], {longest: "prediction of eq. (8)"}
    projected = files.load_arrays(coefficients, "kinds", "repetitions", "coefficients")
    table = _spectrum(files.load_arrays(spectrum, "eigenvalues")[0], *projected)
    points = pd.read_csv(paper).query("dataset == @paper_name") if paper else None

    with house.applied(style):
        figure = _draw(curves, arms, table, points)
        house.save_figure(figure, svg, png)
    files.save_table(spectrum_table, table)
    files.save_text(caption, _caption(name, about, training, arms, curves, table, points))


def _spectrum(eigenvalues, kinds, repetitions, coefficients):
    """The table behind the spectrum's panels, thinned to log-spaced indices."""
    import numpy as np
    import pandas as pd

    from overparam import spectra

    n = len(eigenvalues)
    index = np.unique(np.round(np.geomspace(1, n, min(n, INDICES))).astype(int))
    first = np.ceil(index / WINDOW).astype(int) - 1
    last = np.minimum(np.floor(index * WINDOW).astype(int), n)
    tables = []
    for kind, repetition, projected in zip(kinds, repetitions, coefficients, strict=True):
        sums = np.concatenate([[0], np.cumsum(projected**2)])
        columns = {
            "index": index, "eigenvalue": eigenvalues[index - 1], "labels": kind,
            "repetition": repetition, "abs_projection": np.abs(projected[index - 1]),
            "running_rms": np.sqrt((sums[last] - sums[first]) / (last - first)),
            "energy": spectra.energy(projected)[index - 1],
        }  # fmt: skip
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _draw(curves, arms, table, points):
    from overparam.house import style as house

    even = len(arms) % 2 == 0
    letters = "ABCDEFGHIJKL"[: len(arms) + 2]
    rows = [letters[at : at + 2] for at in range(0 if even else 1, len(letters), 2)]
    rows = rows if even else [letters[0] * 2, *rows]
    figure, panels = house.new_figure(";".join(rows), 2.35 * len(rows) + 0.7)
    for panel, arm in zip(panels, arms, strict=False):
        _draw_losses(panel, curves[curves.arm == arm], points)
    _draw_projections(panels[-2], table, points)
    _draw_energy(panels[-1], table)
    house.name_panels(panels, [*arms.values(), "eigenvalues and projections", "energy of labels"])
    networks = (curves.series == "network").any()
    house.legend(figure, _legend(networks, points is not None), columns=3)
    return figure


def _draw_losses(panel, curves, points):
    from overparam.house import style as house

    for kind, look in house.LABELLINGS.items():
        for series in ("prediction", "network"):
            drawn = curves[(curves.labels == kind) & (curves.series == series)]
            marked = {"marker": look.marker, "markevery": 6} if series == "network" else {}
            house.band(
                panel, drawn, "k", "loss", color=look.color, gid=f"{series}-{kind}",
                **house.SERIES[series], **marked,
            )  # fmt: skip
        if points is not None:
            own = points.query("quantity == 'loss' and series == @kind")
            house.mark(panel, own.x, own.y, color=look.color, gid=f"paper-loss-{kind}")
    house.steps_axis(panel, curves.k.max())
    panel.set_ylim(0, None)
    panel.set_ylabel(r"training loss $\Phi/n$")


def _draw_projections(panel, table, points):
    from overparam.house import style as house

    for kind in ("random", "true"):
        look, drawn = house.LABELLINGS[kind], table[table.labels == kind]
        first = drawn[drawn.repetition == drawn.repetition.min()]
        panel.plot(
            first["index"], first.abs_projection, ".", color=look.color, markersize=2, alpha=0.25,
            markeredgewidth=0, rasterized=False,
        )  # fmt: skip
        house.band(
            panel, drawn, "index", "running_rms", color=look.color, gid=f"projection-{kind}"
        )
    smooth = table[table.labels != "worst"].running_rms
    worst = table[(table.labels == "worst") & (table["index"] == table["index"].max())]
    look = house.LABELLINGS["worst"]
    panel.plot(worst["index"], worst.abs_projection, look.marker, color=look.color, markersize=5)
    panel.set(xscale="log", yscale="log", xlabel="index $i$ of the eigenvector")
    panel.set_ylim(smooth.min() / 8, table.abs_projection.max() * 2)
    panel.set_ylabel(r"projection $|v_i^{\top} y|$")
    panel.set_xlim(0.9, table["index"].max() * 1.3)

    right = panel.twinx()
    right.spines["right"].set_visible(True)
    values = table.drop_duplicates("index")
    right.plot(values["index"], values.eigenvalue, color=house.BLACK, linewidth=1, gid="eigenvalues")
    if points is not None:
        own = points.query("quantity == 'eigenvalue'")
        house.mark(right, own.x, own.y, gid="paper-eigenvalue")
    right.set(yscale="log")
    right.set_ylabel(r"eigenvalue $\lambda_i$")
    right.grid(False)


def _draw_energy(panel, table):
    from overparam.house import style as house

    for kind, look in house.LABELLINGS.items():
        drawn = table[table.labels == kind]
        house.band(panel, drawn, "index", "energy", color=look.color, gid=f"energy-{kind}")
    panel.set(xscale="log", ylim=(0, 1.03), xlabel="number $k$ of top eigenvectors")
    panel.set_xlim(0.9, table["index"].max() * 1.3)
    panel.set_ylabel(r"share of $\Vert y\Vert^2$")


def _legend(networks, paper):
    from overparam.house import style as house

    entries = [
        house.line_handle(look.name, color=look.color, marker=look.marker)
        for look in house.LABELLINGS.values()
    ]
    if networks:
        look = house.SERIES["network"]
        entries.append(house.banded_handle("networks: median, all seeds", color=house.GREY, **look))
    look = house.SERIES["prediction"]
    entries.append(house.line_handle("prediction, eq. (8)", color=house.GREY, **look))
    entries.append(house.line_handle(r"eigenvalue $\lambda_i$", color=house.BLACK, linewidth=1))
    if paper:
        look = house.SERIES["paper"]
        entries.append(house.line_handle(house.PAPER, color=house.GREY, **look))
    return entries


def _caption(name, about, training, arms, curves, table, points):
    return ""


if __name__ == "__main__":
    main()
