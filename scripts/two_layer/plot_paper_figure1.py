"""Figure 1 as the paper draws it: its axes, its points, and eq. (8) to their end.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 and eq. (8).

Above the training loss against the step, both linear: crosses, the paper's networks; dashed, what
eq. (8) predicts at the learning rate inferred (random labels: median and band of the draws); a ring
where the two part. Beside it networks of this run, if there are any, at their own size. Below
eigenvalues and |v_iᵀy| against the index, cut where the paper cuts them, at 1 and at 10.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import PaperFigure1

CUT = {"eigenvalue": 1.0, "projection": 10.0}  # where the paper's axes end
SERIES = ("loss", "paper")
PER_CURVE = 14  # of the paper's points are drawn, evenly spaced


def _load(job):
    networks = figures.table(job.networks) if job.networks else None
    if networks is not None:
        own = (networks.series == "network") & (networks.arm == job.arm)
        networks = networks[own]
    points = series.paper_points(job.digitised, job.dataset, ["loss", "eigenvalue"])
    return figures.table(job.curves), figures.table(job.projections), points, networks


def _draw(curves, projections, points, networks):
    from scripts.two_layer import paper

    beside = networks is not None
    rows = ["AABB" if beside else "AAAA", "CCDD"]
    parted = paper.parted(curves)
    figure, panels = style.new_figure(rows, 5.2, _title(curves))
    _draw_theory(panels[0], curves, points, parted)
    if beside:
        _draw_networks(panels[1], networks)
    _draw_eigenvalues(panels[-2], projections, points)
    _draw_projections(panels[-1], projections)
    above = ["the paper's networks and eq. (8)", *["our networks"] * beside]
    style.name_panels(panels, [*above, "eigenvalues", "projections of the labels"])
    style.legend(figure, _entries(beside), columns=3)
    return figure


def _title(curves):
    """Whether eq. (8) has the order of the paper's networks, at the last steps known of them."""
    known = curves[curves.paper.notna()]
    ends = known[known.k == known.groupby("labels").k.transform("max")]
    orders = [[*ends.groupby("labels")[each].median().sort_values().index] for each in SERIES]
    if orders[0] != orders[1]:
        return "Eq. (8) and the paper's networks learn labels in different orders"
    first, last = (series.LABELLINGS[orders[0][at]].name for at in (0, -1))
    return (
        f"In eq. (8) as in the paper's networks {first} are learned first, {last} last; the two "
        "part at the rings"
    )


def _draw_theory(panel, curves, points, parted):
    import seaborn

    for kind, look in series.LABELLINGS.items():
        own = curves[curves.labels == kind]
        line = {"color": look.color, "gid": f"prediction-{kind}"} | series.SERIES["prediction"]
        style.band(panel, own, "k", "loss", **line)
        read = points[(points.quantity == "loss") & (points.series == kind)].sort_values("x")
        read = read.iloc[:: max(len(read) // PER_CURVE, 1)]
        dots = {"color": look.color, "marker": look.marker, "s": 16, "zorder": 5}
        seaborn.scatterplot(read, x="x", y="y", ax=panel, gid=f"paper-loss-{kind}", **dots)
        at = own[own.k == parted[kind]].groupby("k").loss.median()  # none if they stay together
        ring = {"color": style.BLACK, "markersize": 9, "zorder": 6, "gid": f"parted-{kind}"}
        panel.plot(at.index, at, "o", fillstyle="none", **ring)
    _loss_axes(panel, curves.k.max())


def _draw_networks(panel, networks):
    for kind, look in series.LABELLINGS.items():
        own = {"color": look.color, "gid": f"network-{kind}"} | series.SERIES["network"]
        own |= {"marker": look.marker, "markevery": 0.2}
        style.band(panel, networks[networks.labels == kind], "k", "loss", **own)
    _loss_axes(panel, networks.k.max())


def _loss_axes(panel, last):
    panel.set(xlabel="step $k$", ylabel=r"training loss $\Phi/n$")
    panel.set(xlim=(-0.01 * last, 1.01 * last), ylim=(-0.01, 0.52))
    panel.ticklabel_format(axis="x", scilimits=(-4, 4), useMathText=True)


def _draw_eigenvalues(panel, projections, points):
    values = projections.drop_duplicates("index")
    style.band(panel, values, "index", "eigenvalue", color=style.BLACK, gid="eigenvalue")
    read = points[points.quantity == "eigenvalue"].sort_values("x")
    series.mark(panel, read.iloc[:: max(len(read) // 20, 1)], "paper-eigenvalue", style.PURPLE)
    panel.set(xlabel="index $i$ of eigenvector", ylabel=r"$\lambda_i$")
    panel.set(ylim=(0, CUT["eigenvalue"]), xlim=(0, values["index"].max() * 1.02))


def _draw_projections(panel, projections):
    import seaborn

    n = projections["index"].max()
    for kind in ("random", "true"):
        look, own = series.LABELLINGS[kind], projections[projections.labels == kind]
        dots = {"color": look.color, "marker": look.marker, "s": 5, "linewidth": 0, "alpha": 0.6}
        seaborn.scatterplot(
            own, x="index", y="abs_projection", ax=panel, gid=f"projection-{kind}", **dots
        )
    look = series.LABELLINGS["worst"]
    largest = projections[projections.labels == "worst"].abs_projection.max()
    top, color = CUT["projection"], look.color
    panel.plot(
        n, top, look.marker, color=color, markersize=8, clip_on=False, gid="projection-worst"
    )
    said = f"worst-case: one value, {style.number(largest)}"
    panel.annotate(said, (n, top), (-9, -12), textcoords="offset points", ha="right", color=color)
    panel.set(xlabel="index $i$ of eigenvector", ylabel=r"$|v_i^{\top}y|$")
    panel.set(ylim=(0, top), xlim=(0, n * 1.02))


def _entries(networks):
    dot = {"linestyle": "none", "markersize": 4.5}
    entries = [
        style.handle(look.name, color=look.color, marker=look.marker, **dot)
        for look in series.LABELLINGS.values()
    ]
    grey = {"color": style.GREY}
    entries.append(style.handle("eq. (8)", **grey | series.SERIES["prediction"]))
    if networks:
        entries.append(style.banded_handle("our networks", **grey | series.SERIES["network"]))
    purple = {"color": style.PURPLE} | series.SERIES["paper"]
    return [*entries, style.handle("the paper's eigenvalues", **purple)]


def _words(curves, projections, points, networks, job):
    from scripts.two_layer import paper

    last = curves.loc[curves.k.idxmax()]
    parted = {kind: at for kind, at in paper.parted(curves).items() if at == at}
    steps = [f"{at:.0f} ({kind})" for kind, at in parted.items()]
    rings = f"; rings: {paper.PART} apart from step {', '.join(steps)} on" if steps else ""
    beside = f". (b) {job.training}" if networks is not None else ""
    yield (
        "(a) Loss Φ/n, Φ = ½‖y − u‖²; markers: the paper's networks; dashed: eq. (8) at the "
        f"inferred η = {style.number(last.t / last.k)}{rings}{beside}."
    )
    yield figures.HOW_TO_READ


main = figures.program(PaperFigure1, "The paper's figure 1, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
