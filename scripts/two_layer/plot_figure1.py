"""Figure 1: which labels a network learns fast, and why the spectrum says so.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 and eq. (8).

For each arm a panel of the training loss Φ/n and one of ½ − Φ/n, what training has removed of it:
networks (median, and a band from smallest to largest over all repetitions) and, dashed, what
eq. (8) predicts from the spectrum alone. Then eigenvalues and |v_iᵀy|, and the energy of the
labels in the top eigenvectors. Where bands touch, the order of the labellings is not settled;
where solid and dashed lines part, a network does not behave as its kernel. Without networks only
the prediction is drawn.

Writes the table behind the spectrum's panels as well: index i, eigenvalue, labels, repetition,
|v_iᵀy|, its running root mean square, and the energy up to i; of many indices a log-spaced choice.
"""

from overparam.house import cli, files, style

WINDOW = 1.25  # the running root mean square at i is over i/WINDOW … i·WINDOW
INDICES = 1000  # log-spaced indices in the table; fewer remain, as small ones coincide
TOP = 10  # eigenvectors of which the caption tells the energy


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--training", required=True, help="Width and learning rate in words.")
@cli.option("--arm", multiple=True, required=True, help="An arm and how it starts: arm=words.")
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
    name: str, about: str, training: str, arm: tuple[str, ...], losses: str, spectrum: str,
    coefficients: str, paper: str | None, paper_name: str | None, paper_arm: tuple[str, ...],
    sheet: str, svg: str, png: str, caption: str, spectrum_table: str,
) -> None:  # fmt: skip
    import pandas as pd

    curves = pd.read_csv(losses, dtype={"labels": str}).assign(
        removed=lambda table: 0.5 - table.loss
    )
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
    points = style.paper_points(paper, paper_name, ["loss", "eigenvalue"])

    with style.applied(sheet):
        figure = _draw(curves, arms, table, points, paper_arm)
        style.save_figure(figure, svg, png)
    files.save_table(spectrum_table, table)
    words = [f"**Figure 1, {name}** ({about}).", *_words(curves, arms, training)]
    words += [*_spectrum_words(table, len(arms)), *_paper_words(table, points)]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _spectrum(eigenvalues, kinds, repetitions, coefficients):
    """The table behind the spectrum's panels."""
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


def _draw(curves, arms, table, points, paper_arm):
    rows = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rows = [rows[2 * at : 2 * at + 2] for at in range(len(arms) + 1)]
    figure, panels = style.new_figure(rows, 2.1 * len(rows) + 0.6)
    titles = []
    for at, (arm, start) in enumerate(arms.items()):
        drawn = curves[curves.arm == arm]
        shown = points if arm in paper_arm else points[points.quantity != "loss"]
        _draw_losses(panels[2 * at], drawn, shown)
        _draw_removed(panels[2 * at + 1], drawn)
        titles += [start, "the same, loss removed"]
    _draw_projections(panels[-2], table, points)
    _draw_energy(panels[-1], table)
    style.name_panels(panels, [*titles, "eigenvalues and projections", "energy of the labels"])
    entries = _entries((curves.series == "network").any(), len(points) > 0)
    style.legend(figure, entries, columns=-(-len(entries) // 3))
    return figure


def _draw_curves(panel, curves, column):
    """Networks and prediction of each labelling."""
    for kind, look in style.LABELLINGS.items():
        for series in ("prediction", "network"):
            own = {"color": look.color, "gid": f"{series}-{column}-{kind}"} | style.SERIES[series]
            if series == "network":
                own |= {"marker": look.marker, "markevery": (0.04, 0.14)}
            drawn = curves[(curves.labels == kind) & (curves.series == series)]
            opacity = 0.25 if series == "network" else 0.13
            style.band(panel, drawn, "k", column, opacity=opacity, **own)


def _draw_losses(panel, curves, points):
    _draw_curves(panel, curves, "loss")
    losses = points[points.quantity == "loss"]
    for kind, look in style.LABELLINGS.items():
        own = {"color": look.color, "thin": True}
        style.mark(panel, losses[losses.series == kind], f"paper-loss-{kind}", **own)
    style.decades_axis(panel, "gradient step $k$", max([curves.k.max(), *losses.x]), zero=True)
    style.falling_axis(panel, curves[curves.k == 0].loss.max(), curves.loss.max())
    panel.set_ylabel(r"training loss $\Phi/n$")


def _draw_removed(panel, curves):
    """On two logarithmic axes; step 0 has no place there, and what is not above 0 neither."""
    later = curves[curves.k > 0]
    if later.empty:
        return
    _draw_curves(panel, later, "removed")
    panel.set_yscale("log")
    style.decades_axis(panel, "gradient step $k$", curves.k.max())
    middles = later.groupby(["series", "labels", "k"]).removed.median()
    foretold = middles["prediction"]
    lowest = max(middles[middles > 0].min(), foretold[foretold > 0].min() / 100)
    panel.set(ylabel=r"$1/2 - \Phi/n$", ylim=(lowest / 1.5, None))


def _draw_projections(panel, table, points):
    values, n = table.drop_duplicates("index"), table["index"].max()
    for kind in ("random", "true"):
        look, drawn = style.LABELLINGS[kind], table[table.labels == kind]
        one = drawn[drawn.repetition == 0]
        dots = {"markersize": 2.2, "alpha": 0.3, "markeredgewidth": 0, "color": look.color}
        panel.plot(one["index"], one.abs_projection, ".", **dots)
        own = {"color": look.color, "gid": f"projection-{kind}"}
        style.band(panel, drawn, "index", "running_rms", **own)
    last = table[(table.labels == "worst") & (table["index"] == n)]
    look = style.LABELLINGS["worst"]
    panel.plot(n, last.abs_projection, look.marker, color=look.color, markersize=5)
    lowest = table[(table.labels != "worst") & (table.running_rms > 0)].running_rms.min()
    style.decades_axis(panel, "index $i$ of eigenvector", n)
    panel.set(yscale="log", ylim=(lowest / 8, table.abs_projection.max() * 2))
    panel.set_ylabel(r"projection $|v_i^{\top}y|$")

    right = panel.twinx()
    right.plot(values["index"], values.eigenvalue, color=style.BLACK, linewidth=1)
    style.mark(right, points[points.quantity == "eigenvalue"], "paper-eigenvalue", thin=True)
    right.set(yscale="log")
    right.set_ylabel(r"eigenvalue $\lambda_i$")
    right.spines["right"].set_visible(True)
    right.grid(False)


def _draw_energy(panel, table):
    for kind, look in style.LABELLINGS.items():
        own = {"color": look.color, "drawstyle": "steps-post", "gid": f"energy-{kind}"}
        style.band(panel, table[table.labels == kind], "index", "energy", **own)
    style.decades_axis(panel, "number of top eigenvectors", table["index"].max())
    panel.set(ylabel=r"share of $\Vert y\Vert^2$", ylim=(0, 1.04))


def _entries(networks, paper):
    """The legend: labellings, then kinds of lines."""
    entries = [
        style.handle(look.name, color=look.color, marker=look.marker if networks else None)
        for look in style.LABELLINGS.values()
    ]
    if networks:
        line = {"color": style.GREY} | style.SERIES["network"]
        entries.append(style.banded_handle("networks: median, all seeds", **line))
    line = {"color": style.GREY} | style.SERIES["prediction"]
    entries.append(style.handle("prediction, eq. (8)", **line))
    entries.append(style.handle(r"eigenvalue $\lambda_i$", color=style.BLACK, linewidth=1))
    if paper:
        line = {"color": style.GREY} | style.SERIES["paper"]
        entries.append(style.handle(style.PAPER, **line))
    return entries


def _words(curves, arms, training):
    """What the panels of losses show, and how to read them."""
    last = curves.loc[curves.k.idxmax()]
    rate = f"η = {style.number(last.t / last.k)}" if last.k else "no step"
    foretold = curves[(curves.series == "prediction") & (curves.labels == "random")]
    draws = style.counted(foretold.repetition.nunique(), "draw")
    networks = curves[curves.series == "network"]
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    rows = [
        f"({next(letters)}, {next(letters)}) {start}, "
        f"{style.counted(curves[curves.arm == arm].k.max(), 'step')}"
        for arm, start in arms.items()
    ]
    if networks.empty:
        solid = "No networks are trained on this problem. "
    else:
        seeds = style.counted(networks.repetition.nunique(), "seed")
        solid = (
            f"Solid: networks with {training}, median over {seeds} of the initialisation (and of "
            "random labels) in a band from smallest to largest. "
        )
    yield (
        f"Full-batch gradient descent on Φ = ½‖y − u‖², {rate}: {style.enumerated(rows)}. Left the "
        "training loss Φ/n; right ½ − Φ/n, what has been removed of it, on logarithmic axes, where "
        f"the earliest steps show. {solid}Dashed: what eq. (8) predicts from the spectrum alone "
        f"(random labels: median and band of {draws})."
    )
    yield (
        "**How to read it.** Low is fast on the left, high is fast on the right. Agreement with "
        "the source: true labels are learned before random ones, random before worst-case ones, "
        "and after the first few steps the three bands no longer touch. Where solid lines lie on "
        "dashed ones, networks behave as their kernel; a small κ or a small m lets them lag behind."
    )
    if not networks.empty:
        yield " ".join(_found(curves[curves.arm == arm], start) for arm, start in arms.items())


def _found(curves, start):
    """Where the bands of one arm part, and where the losses end."""
    networks = curves[curves.series == "network"]
    ends = networks.groupby(["k", "labels"]).loss.agg(["min", "max"]).unstack()
    low, high = ends["min"], ends["max"]
    touching = (high["true"] >= low["random"]) | (high["random"] >= low["worst"])
    apart = touching.index[~touching[::-1].cummax()[::-1]]
    since = (
        f"are apart at every measured step from {apart[0]} on" if len(apart) else "touch to the end"
    )
    last = networks.k.max()
    losses = curves[curves.k == last].groupby(["series", "labels"]).loss.median().map(style.number)
    listed = [
        f"{losses['network', kind]} ({losses['prediction', kind]}) for {look.name}"
        for kind, look in style.LABELLINGS.items()
    ]
    return (
        f"Here ({start}) the bands {since}; at step {last} the median loss of the networks (of the "
        f"prediction) is {style.enumerated(listed)}."
    )


def _spectrum_words(table, arms):
    letters = "abcdefghijklmnopqrstuvwxyz"[2 * arms : 2 * arms + 2]
    draws = style.counted(table[table.labels == "random"].repetition.nunique(), "draw")
    top = min(TOP, table["index"].max())
    energy = table[table["index"] == top].groupby("labels").energy.mean()
    yield (
        f"({letters[0]}) Black, right axis: eigenvalues λ_i of H^∞, from "
        f"{style.number(table.eigenvalue.max())} down to {style.number(table.eigenvalue.min())}. "
        f"Left axis: |v_iᵀy| for true labels and {draws} of random ones. Lines are running root "
        f"mean squares over i/{WINDOW} to {WINDOW} i (random labels: median and band); dots are "
        "single values of one draw, some below the panel; the triangle is the worst case, "
        f"y = √n v_n. ({letters[1]}) Share of ‖y‖² in the top k eigenvectors: "
        f"{style.number(energy['true'])} in the top {top} for true labels, "
        f"{style.number(energy['random'])} for random ones. Agreement with the source: true labels "
        "project on the top eigenvectors, random ones on all alike, and (8) makes that the reason "
        "for the order above."
    )


def _paper_words(table, points):
    import numpy as np

    theirs = points[points.quantity == "eigenvalue"]
    if theirs.empty:
        return
    values = table.drop_duplicates("index")
    ours = np.exp(np.interp(np.log(theirs.x), np.log(values["index"]), np.log(values.eigenvalue)))
    off = np.median(np.abs(ours / theirs.y - 1))
    yield (
        "Crosses: the paper's own points, read off its figure (drawn: at most "
        f"{style.PER_DECADE} for each factor ten). Its learning rate is uncertain: compare the "
        "order and the shape of its losses with ours, not the steps. Eigenvalues compare directly: "
        f"half of its {len(theirs)} points are within {style.number(100 * off)} % of ours."
    )


if __name__ == "__main__":
    main()
