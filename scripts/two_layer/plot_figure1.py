"""Figure 1: which labels a network learns fast, and why the spectrum says so.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 and eq. (8).

Above, for each arm, the training loss Φ/n of networks (median, and a band from smallest to largest
over all repetitions) and, dashed, what eq. (8) predicts from the spectrum alone. Below eigenvalues,
|v_iᵀy|, and the energy of the labels in the top eigenvectors. Where bands touch, the order of the
labellings is not settled; where solid and dashed lines part, a network does not behave as its
kernel. Without networks only the prediction is drawn.

Writes the table behind the spectrum's panels as well: index i, eigenvalue, labels, repetition,
|v_iᵀy|, its running root mean square, and the energy up to i; of many indices a log-spaced choice.
"""

import itertools

from pipeline import figures, files, style
from scripts.two_layer import figure1_panels, series
from scripts.two_layer.losses import FITTED
from scripts.two_layer.slice import Figure1

INDICES = 1000  # log-spaced indices in the table; fewer remain, as small ones coincide
WINDOW = 1.25  # the running root mean square at i is over i/WINDOW … i·WINDOW
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _load(job):
    curves = figures.table(job.losses)
    arms, paper_arms = dict(each.split("=", 1) for each in job.arm), job.paper_arm
    if not (curves.series == "network").any():
        # Without networks the arms differ in their number of steps alone.
        longest = curves.loc[curves.k.idxmax(), "arm"]
        curves, paper_arms = curves[curves.arm == longest], [longest]
        arms = {longest: "prediction, eq. (8)"}
    projected = files.load_arrays(job.coefficients, "kinds", "repetitions", "coefficients")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    table = _spectrum(eigenvalues, *projected)
    # Predictions and projections are there of labels that nobody trains on, too.
    kinds = curves[curves.series == figure1_panels.leads(curves)].labels.unique()
    curves, table = curves[curves.labels.isin(kinds)], table[table.labels.isin(kinds)]
    files.save_table(job.spectrum_table, table)
    points = series.paper_points(job.paper, job.paper_name, ["loss", "eigenvalue"])
    return curves, arms, table, points, paper_arms


def _spectrum(eigenvalues, kinds, repetitions, coefficients):
    """The table behind the spectrum's panels."""
    import numpy as np
    import pandas as pd

    from overparam import label_kinds, spectra

    n = len(eigenvalues)
    index = np.round(np.geomspace(1, n, min(n, INDICES))).astype(int)
    along = [place for place in map(label_kinds.index, kinds) if place and place > 0]
    index = np.unique([*index, *along])
    tables = []
    for kind, repetition, projected in zip(kinds, repetitions, coefficients, strict=True):
        columns = {
            "index": index, "eigenvalue": eigenvalues[index - 1], "labels": kind,
            "repetition": repetition, "abs_projection": np.abs(projected[index - 1]),
            "running_rms": spectra.running_rms(projected, index, WINDOW),
            "energy": spectra.energy(projected)[index - 1],
        }  # fmt: skip
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _draw(curves, arms, table, points, paper_arms):
    rows = _rows(len(arms))
    figure, panels = style.new_figure(rows, 2.2 * len(rows) + 0.85, _title(curves))
    for panel, arm in zip(panels, arms, strict=False):
        drawn = figure1_panels.in_sight(curves[curves.arm == arm])
        shown = points if arm in paper_arms else points[points.quantity != "loss"]
        figure1_panels.draw_losses(panel, drawn, shown)
    eigenvalues, projections, energy = panels[len(arms) :]
    figure1_panels.draw_eigenvalues(eigenvalues, table, points)
    figure1_panels.draw_projections(projections, table)
    figure1_panels.draw_energy(energy, table)
    below = [r"eigenvalues of $H^{\infty}$", "projections of the labels", "energy of the labels"]
    style.name_panels(panels, [*arms.values(), *below])
    style.legend(figure, _entries(curves, len(points) > 0), columns=3)
    return figure


def _rows(arms):
    """At most three panels of losses in a row, and the spectrum's three in the last."""
    letters = LETTERS[:arms].upper()
    above = [letters[at : at + 3] for at in range(0, arms, 3)]
    rows = ["".join(letter * (6 // len(row)) for letter in row) for row in above]
    return [*rows, "XXYYZZ"]


def _title(curves):
    """In which order the labellings are learned, by their median losses late in training."""
    leading = curves[curves.series == figure1_panels.leads(curves)]
    names = [series.looks(curves.labels)[kind].name for kind in _medians(_late(leading)).index]
    if len(names) > 3:
        return f"In the order in which they are learned: {style.enumerated(names)}"
    later = [f"{name}, these" for name in names[1:-1]] + names[1:][-1:]
    return f"{names[0].capitalize()} are learned{''.join(f' before {name}' for name in later)}"


def _late(curves):
    """Losses at each arm's last step at which at most one labelling is fitted: among fitted ones
    float32's rounding decides which loss is smaller."""
    medians = curves.groupby(["arm", "k", "labels"]).loss.median().unstack()
    fitted = medians < FITTED * medians.max(axis=1).groupby("arm").transform("first").max()
    told = medians.index[fitted.sum(axis=1) <= 1].to_frame(index=False)
    return curves[curves.k == curves.arm.map(told.groupby("arm").k.max())]


def _medians(curves):
    """Median losses by labels, least first; in the labellings' own order where they are equal."""
    medians = curves.groupby("labels").loss.median().reindex([*series.looks(curves.labels)])
    return medians.sort_values(kind="stable")


def _entries(curves, paper):
    """The legend: labellings, then kinds of lines."""
    leading = figure1_panels.leads(curves)
    entries = [
        style.handle(look.name, color=look.color, marker=look.marker, **series.SERIES[leading])
        for look in series.looks(curves.labels).values()
    ]
    line = {"color": style.GREY, "marker": "o"} | series.SERIES["prediction"]
    prediction = style.handle("prediction, eq. (8)", **line | figure1_panels.HOLLOW)
    if leading == "network":
        line = {"color": style.GREY} | series.SERIES["network"]
        entries.append(style.banded_handle("networks: median, all seeds", **line))
    entries.append(prediction)
    if paper:
        line = {"color": style.PURPLE} | series.SERIES["paper"]
        entries.append(style.handle(series.PAPER, **line))
    return entries


def _words(curves, arms, table, points, _, job):
    networks = curves[curves.series == "network"]
    if networks.empty:
        loss = f"of eq. (8), η = {_rate(curves)}; no networks are trained"
    else:
        seeds = style.counted(networks.repetition.nunique(), "seed")
        loss = (
            f"of networks ({job.training}); median, range of {seeds}. Initial weights: N(0, κ²); "
            "antisymmetric: u(0) = 0"
        )
    panel = LETTERS[len(arms) + 1]
    yield (
        f"Loss Φ = ½‖y − u‖² {loss}. {_labels(curves)}"
        f"({panel}) Lines: running RMS; marks: one draw."
    )
    yield figures.HOW_TO_READ
    yield " ".join([*_bands(networks, arms), *_diverging(curves, arms), *_paper(table, points)])


def _labels(curves):
    """What the labels are that have no plain name."""
    kinds = {*curves.labels}
    said = [
        ("worst" in kinds, "Worst case: y ∝ v_n."),
        ("shuffled" in kinds, "Shuffled: true labels permuted."),
        (any(kind.startswith("eigenvector") for kind in kinds), "Eigenvector i: y ∝ v_i."),
    ]
    return "".join(f"{words} " for there, words in said if there)


def _rate(curves):
    last = curves.loc[curves.k.idxmax()]
    return style.number(last.t / max(last.k, 1))


def _bands(networks, arms):
    """Where the bands of each arm part, in the order in which they lie at the first arm's end."""
    import pandas as pd

    first = networks[networks.arm == next(iter(arms))]
    order = [*itertools.pairwise(_medians(_late(first)).index)]
    said = {}
    for arm, letter in zip(arms, LETTERS, strict=False):
        own = networks[networks.arm == arm]
        ends = own.groupby(["k", "labels"]).loss.agg(["min", "max"])
        low, high = (ends[end].unstack() for end in ("min", "max"))
        if low.shape[1] < 2:
            continue
        touching = pd.concat([high[a] >= low[b] for a, b in order], axis=1).any(axis=1)
        apart = touching.index[~touching[::-1].cummax()[::-1]]
        when = f"from step {apart[0]}" if len(apart) else "never"
        said.setdefault(when, []).append(f"({letter})")
    if len(said) == 1:
        (when,) = said
        apart = f", close at first, are apart {when}" if when != "never" else " touch to the end"
        yield f"Bands{apart}."
    elif said:
        each = [f"{', '.join(letters)} {when}" for when, letters in said.items()]
        yield f"Bands, close at first, are apart: {', '.join(each)}."


def _diverging(curves, arms):
    """Where the prediction outgrows its start, which it does above 2/λ_max."""
    foretold = curves[curves.series == "prediction"]
    start = foretold.groupby(["arm", "labels", "repetition"]).loss.transform("first")
    left = foretold[series.outgrown(foretold.loss, start)]
    for arm, letter in zip(arms, LETTERS, strict=False):
        if (steps := left[left.arm == arm].k).size:
            yield f"({letter}) Eq. (8) **diverges** from step {steps.min()} on: η > 2/λ_max."


def _paper(table, points):
    import numpy as np

    theirs = points[points.quantity == "eigenvalue"]
    if len(theirs):
        values = table.drop_duplicates("index")
        logs = np.log(theirs.x), np.log(values["index"]), np.log(values.eigenvalue)
        off = np.median(np.abs(np.exp(np.interp(*logs)) / theirs.y - 1))
        yield (
            f"Half of the paper's λ_i are within {style.number(100 * off)} % of ours. Its losses "
            "are at another η (see paper_figure1)."
        )


main = figures.program(
    Figure1, "Figure 1, {name}", _draw, _words, load=_load, outputs=("spectrum_table",)
)

if __name__ == "__main__":
    main()
