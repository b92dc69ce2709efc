"""The caption of figure 1: what is drawn, how to read it, and what the tables say."""

import math

from pipeline import figures, style
from scripts.two_layer import series

WINDOW = 1.25  # the running root mean square at i is over i/WINDOW … i·WINDOW
TOP = 10  # eigenvectors of which the caption tells the energy


def caption(curves, arms, table, points, training):
    """The paragraphs of the caption.

    curves, arms: losses by arm, each arm's start in words. table: the spectrum's. points: the
    paper's own, or none. training: in words.
    """
    yield from _training(curves, arms, training)
    yield figures.HOW_TO_READ
    yield from _losses(curves, arms)
    yield from _diverging(curves, arms)
    yield from _spectrum(table, len(arms))
    yield from _paper(table, points)


def _training(curves, arms, training):
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
        "training loss Φ/n; right (Φ(0) − Φ(k))/n, what has been removed of it, on logarithmic "
        f"axes, where the earliest steps show. {solid}Dashed: what eq. (8) predicts from the "
        f"spectrum alone (random labels: median and band of {draws})."
    )


def _losses(curves, arms):
    """What the losses say of it."""
    if (curves.series == "network").any():
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
    losses = curves[curves.k == last].groupby(["series", "labels"]).loss.median()
    losses = losses.map(lambda loss: style.number(loss) if math.isfinite(loss) else "not finite")
    left = set(_outgrown(curves).labels)
    listed = []
    for kind, look in series.LABELLINGS.items():
        foretold = "diverges" if kind in left else losses["prediction", kind]
        # A network that overflows stops there.
        found = losses.get(("network", kind), "not finite")
        listed.append(f"{found} ({foretold}) for {look.name}")
    return (
        f"Here ({start}) the bands {since}; at step {last} the median loss of the networks (of the "
        f"prediction) is {style.enumerated(listed)}."
    )


def _outgrown(curves):
    """The predictions that have outgrown their start."""
    foretold = curves[curves.series == "prediction"]
    start = foretold.groupby(["arm", "labels", "repetition"]).loss.transform("first")
    return foretold[series.outgrown(foretold.loss, start)]


def _diverging(curves, arms):
    """Where the prediction diverges, which it does above 2/λ_max."""
    left = _outgrown(curves)
    for arm, start in arms.items():
        steps = left[left.arm == arm].groupby("labels").k.min()
        listed = [
            f"{steps[kind]} for {look.name}"
            for kind, look in series.LABELLINGS.items()
            if kind in steps.index
        ]
        if listed:
            yield (
                f"**The prediction diverges** ({start}): η is above 2/λ_max, and eq. (8) exceeds "
                f"its own start from step {style.enumerated(listed)} on. It says nothing about "
                "networks there, and is drawn only as far as their panel goes."
            )


def _spectrum(table, arms):
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
        f"{style.number(energy['random'])} for random ones."
    )


def _paper(table, points):
    import numpy as np

    theirs = points[points.quantity == "eigenvalue"]
    if theirs.empty:
        return
    values = table.drop_duplicates("index")
    ours = np.exp(np.interp(np.log(theirs.x), np.log(values["index"]), np.log(values.eigenvalue)))
    off = np.median(np.abs(ours / theirs.y - 1))
    yield (
        "Crosses: the paper's own points, read off its figure (drawn: at most "
        f"{series.PER_DECADE} for each factor ten). Its learning rate is uncertain: compare the "
        "order and the shape of its losses with ours, not the steps. Eigenvalues compare directly: "
        f"half of its {len(theirs)} points are within {style.number(100 * off)} % of ours."
    )
