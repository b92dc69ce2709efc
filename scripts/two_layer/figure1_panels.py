"""The panels of figure 1: losses of one arm, what training removed of them, and the spectrum."""

from pipeline import style
from scripts.two_layer import series


def _draw_curves(panel, curves, column):
    """Networks and prediction of each labelling."""
    for kind, look in series.LABELLINGS.items():
        for curve in ("prediction", "network"):
            own = {"color": look.color, "gid": f"{curve}-{column}-{kind}"} | series.SERIES[curve]
            if curve == "network":
                own |= {"marker": look.marker, "markevery": (0.04, 0.14)}
            drawn = curves[(curves.labels == kind) & (curves.series == curve)]
            opacity = 0.25 if curve == "network" else 0.13
            style.band(panel, drawn, "k", column, opacity=opacity, **own)


def in_sight(curves):
    """The curves of an arm without what lies so far above the networks that it would hide them."""
    networks = curves[curves.series == "network"].loss
    hidden = series.beyond(curves.loss, networks, curves[curves.k == 0].loss.max())
    return curves.assign(loss=curves.loss.mask(hidden), removed=curves.removed.mask(hidden))


def draw_losses(panel, curves, points):
    _draw_curves(panel, curves, "loss")
    losses = points[points.quantity == "loss"]
    for kind, look in series.LABELLINGS.items():
        own = {"color": look.color, "thin": True}
        series.mark(panel, losses[losses.series == kind], f"paper-loss-{kind}", **own)
    style.decades_axis(panel, "gradient step $k$", max([curves.k.max(), *losses.x]), zero=True)
    networks = curves[curves.series == "network"].loss
    style.falling_axis(panel, curves[curves.k == 0].loss.max(), networks.max())
    panel.set_ylabel(r"training loss $\Phi/n$")


def draw_removed(panel, curves):
    """On two logarithmic axes; step 0 has no place there, and what is not above 0 neither."""
    later = curves[curves.k > 0]
    if later.empty:
        return
    _draw_curves(panel, later, "removed")
    panel.set_yscale("log")
    style.decades_axis(panel, "gradient step $k$", curves.k.max())
    middles = later.groupby(["series", "labels", "k"]).removed.median()
    panel.set_ylabel(r"$(\Phi(0) - \Phi(k))/n$")
    foretold = middles["prediction"]
    if (foretold > 0).any():
        lowest = max(middles[middles > 0].min(), foretold[foretold > 0].min() / 100)
        panel.set_ylim(lowest / 1.5, None)


def draw_projections(panel, table, points):
    values, n = table.drop_duplicates("index"), table["index"].max()
    for kind in ("random", "true"):
        look, drawn = series.LABELLINGS[kind], table[table.labels == kind]
        first = drawn[drawn.repetition == 0]
        dots = {"markersize": 2.2, "alpha": 0.3, "markeredgewidth": 0, "color": look.color}
        panel.plot(first["index"], first.abs_projection, ".", **dots)
        own = {"color": look.color, "gid": f"projection-{kind}"}
        style.band(panel, drawn, "index", "running_rms", **own)
    last = table[(table.labels == "worst") & (table["index"] == n)]
    look = series.LABELLINGS["worst"]
    panel.plot(n, last.abs_projection, look.marker, color=look.color, markersize=5)
    lowest = table[(table.labels != "worst") & (table.running_rms > 0)].running_rms.min()
    style.decades_axis(panel, "index $i$ of eigenvector", n)
    panel.set(yscale="log", ylim=(lowest / 8, table.abs_projection.max() * 2))
    panel.set_ylabel(r"projection $|v_i^{\top}y|$")

    right = panel.twinx()
    right.plot(values["index"], values.eigenvalue, color=style.BLACK, linewidth=1)
    series.mark(right, points[points.quantity == "eigenvalue"], "paper-eigenvalue", thin=True)
    right.set(yscale="log")
    right.set_ylabel(r"eigenvalue $\lambda_i$")
    right.spines["right"].set_visible(True)
    right.grid(False)


def draw_energy(panel, table):
    for kind, look in series.LABELLINGS.items():
        own = {"color": look.color, "drawstyle": "steps-post", "gid": f"energy-{kind}"}
        style.band(panel, table[table.labels == kind], "index", "energy", **own)
    style.decades_axis(panel, "number of top eigenvectors", table["index"].max())
    panel.set(ylabel=r"share of $\Vert y\Vert^2$", ylim=(0, 1.04))
