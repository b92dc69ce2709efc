"""The panels of figure 1: losses of one arm; eigenvalues, projections and energy of the labels."""

from pipeline import style
from scripts.two_layer import series

# Markers' places on a line, in the panel's height: first, distance.
FOLLOWED = {"network": (0.04, 0.14), "prediction": (0.11, 0.14)}
HOLLOW = {"markerfacecolor": "white", "markeredgewidth": 0.9}  # those of predictions
BESIDE = {"textcoords": "offset points", "color": series.LABELLINGS["worst"].color}


def leads(curves):
    """The series that the figure is about: networks, or the prediction where none are trained."""
    return "network" if (curves.series == "network").any() else "prediction"


def draw_losses(panel, curves, points):
    for kind, look in series.LABELLINGS.items():
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

    n = table["index"].max()
    lowest = table[(table.labels != "worst") & (table.running_rms > 0)].running_rms.min() / 8
    shown = {"random": {"facecolor": "none", "linewidth": 0.5}, "true": {"linewidth": 0}}
    for kind, dots in shown.items():
        look, drawn = series.LABELLINGS[kind], table[table.labels == kind]
        # Dots are whole or absent, and those of random labels hollow: told apart in grey.
        first = drawn[(drawn.repetition == 0) & (drawn.abs_projection > 1.2 * lowest)]
        dots |= {"marker": look.marker, "edgecolor": look.color, "color": look.color}
        seaborn.scatterplot(first, x="index", y="abs_projection", s=5, alpha=0.4, ax=panel, **dots)
        own = {"color": look.color, "gid": f"projection-{kind}"}
        style.band(panel, drawn, "index", "running_rms", **own)
    # Worst-case labels have one projection that is not 0 but for rounding.
    look = series.LABELLINGS["worst"]
    last = table[(table.labels == "worst") & (table["index"] == n)].abs_projection.max()
    whole = {"markersize": 6, "clip_on": False, "gid": "projection-worst"}
    panel.plot(n, last, look.marker, color=look.color, **whole)
    panel.annotate("worst-case", (n, last), (-6, 0), ha="right", va="center", **BESIDE)
    style.decades_axis(panel, "index $i$ of eigenvector", n)
    panel.set(yscale="log", ylim=(lowest, table.abs_projection.max() * 2))
    panel.set_ylabel(r"$|v_i^\mathrm{T}y|$")


def draw_energy(panel, table):
    for kind, look in series.LABELLINGS.items():
        own = {"color": look.color, "drawstyle": "steps-post", "gid": f"energy-{kind}"}
        style.band(panel, table[table.labels == kind], "index", "energy", **own)
    # The worst case holds nothing before the last: its line is kept off the frame, and named.
    panel.annotate("worst-case", (1, 0), (0, -2), va="top", **BESIDE)
    style.decades_axis(panel, "number of top eigenvectors", table["index"].max())
    panel.set(ylabel=r"share of $\Vert y\Vert^2$", ylim=(-0.13, 1.04))
