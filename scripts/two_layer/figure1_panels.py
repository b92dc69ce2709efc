"""The panels of figure 1: losses of one arm; eigenvalues, projections and energy of the labels."""

from overparam import label_kinds
from pipeline import style
from scripts.two_layer import series

# Markers' places on a line, in the panel's height: first, distance.
FOLLOWED = {"network": (0.04, 0.14), "prediction": (0.11, 0.14)}
HOLLOW = {"markerfacecolor": "white", "markeredgewidth": 0.9}  # those of predictions


def leads(curves):
    """The series that the figure is about: networks, or the prediction where none are trained."""
    return "network" if (curves.series == "network").any() else "prediction"


def draw_losses(panel, curves, points):
    for kind, look in series.looks(curves.labels).items():
        for curve in ("prediction", "network"):
            own = {"color": look.color, "gid": f"{curve}-loss-{kind}"} | series.SERIES[curve]
            own |= {"marker": look.marker, "markevery": FOLLOWED[curve]}
            if curve == "prediction":
                own |= {"markeredgecolor": look.color} | HOLLOW
            drawn = curves[(curves.labels == kind) & (curves.series == curve)]
            style.band(panel, drawn, "k", "loss", **own)
        theirs = points[(points.quantity == "loss") & (points.series == kind)]
        series.mark(panel, theirs, f"paper-loss-{kind}", color=look.color, thin=True)
    last = max([curves.k.max(), *points[points.quantity == "loss"].x])
    style.decades_axis(panel, "gradient step $k$", last, zero=True)
    networks = curves[curves.series == "network"].loss
    style.falling_axis(panel, curves[curves.k == 0].loss.max(), networks.max())
    panel.set_ylabel(r"training loss $\Phi/n$")


def in_sight(curves):
    """The curves of an arm without what lies so far above the networks that it would hide them."""
    networks = curves[curves.series == "network"].loss
    hidden = series.beyond(curves.loss, networks, curves[curves.k == 0].loss.max())
    return curves.assign(loss=curves.loss.mask(hidden))


def draw_eigenvalues(panel, table, points):
    values = table.drop_duplicates("index")
    style.band(panel, values, "index", "eigenvalue", color=style.BLACK, gid="eigenvalue")
    theirs = points[points.quantity == "eigenvalue"]
    series.mark(panel, theirs, "paper-eigenvalue", color=style.PURPLE, thin=True)
    style.decades_axis(panel, "index $i$ of eigenvector", table["index"].max())
    panel.set(yscale="log", ylabel=r"$\lambda_i$")


def draw_projections(panel, table):
    """Single values of one draw as dots, their running root mean squares as lines."""
    import seaborn

    n, looks = table["index"].max(), series.looks(table.labels)
    spread = [kind for kind in looks if label_kinds.index(kind) is None]
    rms = table[table.labels.isin(spread) & (table.running_rms > 0)].running_rms
    highest = table.abs_projection.max()
    lowest = rms.min() / 8 if len(rms) else highest / 100
    for kind in reversed(spread):
        look, drawn = looks[kind], table[table.labels == kind]
        # Dots are whole or absent, and all but those of true labels hollow: told apart in grey.
        first = drawn[(drawn.repetition == 0) & (drawn.abs_projection > 1.2 * lowest)]
        hollow = {"facecolor": "none", "linewidth": 0.5}
        dots = {"linewidth": 0} if kind == "true" else hollow
        dots |= {"marker": look.marker, "edgecolor": look.color, "color": look.color}
        seaborn.scatterplot(first, x="index", y="abs_projection", s=5, alpha=0.4, ax=panel, **dots)
        own = {"color": look.color, "gid": f"projection-{kind}"}
        style.band(panel, drawn, "index", "running_rms", **own)
    for kind in (kind for kind in looks if kind not in spread):
        # They have one projection that is not 0 but for rounding.
        look, place = looks[kind], label_kinds.index(kind)
        at = place if place > 0 else n
        height = table[(table.labels == kind) & (table["index"] == at)].abs_projection.max()
        whole = {"markersize": 6, "clip_on": False, "gid": f"projection-{kind}"}
        panel.plot(at, height, look.marker, color=look.color, **whole)
        if kind == "worst":
            _annotate(panel, look, (at, height), (-6, 0), ha="right", va="center")
    style.decades_axis(panel, "index $i$ of eigenvector", n)
    panel.set(yscale="log", ylim=(lowest, highest * 2))
    panel.set_ylabel(r"$|v_i^\mathrm{T}y|$")


def draw_energy(panel, table):
    looks = series.looks(table.labels)
    for kind, look in looks.items():
        own = {"color": look.color, "drawstyle": "steps-post", "gid": f"energy-{kind}"}
        style.band(panel, table[table.labels == kind], "index", "energy", **own)
    if "worst" in looks:
        # It holds nothing before the last: its line is kept off the frame, and named.
        _annotate(panel, looks["worst"], (1, 0), (0, -2), va="top")
    style.decades_axis(panel, "number of top eigenvectors", table["index"].max())
    panel.set(ylabel=r"share of $\Vert y\Vert^2$", ylim=(-0.13, 1.04))


def _annotate(panel, look, at, offset, **place):
    """Name the worst case where it is drawn."""
    said = {"textcoords": "offset points", "color": look.color} | place
    panel.annotate("worst-case", at, offset, **said)
