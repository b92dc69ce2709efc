"""The kernel's closed form against Monte Carlo, and what its smallest eigenvalue depends on.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3) and section 3.

Top: H^∞ of two unit vectors against their angle, and the distance of the samples' mean from it in
standard errors. Bottom: λ_min(H^∞) as two inputs come close, and with antipodal pairs.
"""

import math

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Formula

LIMIT = 5  # standard errors
DOT = {"color": style.BLUE, "s": 12, "linewidth": 0}
LINE = {"color": style.BLACK, "label": "formula"} | series.SERIES["prediction"]
SMALLEST = 1e-8  # below that a logarithmic axis ends: there is 0


def _load(job):
    from overparam.two_layer.synthetic import ROUNDING

    sampled = figures.table(job.pairs)
    # Pairs that are orthogonal or opposite have no spread: 0 apart, up to rounding.
    sampled["standard"] = (sampled["sampled"] - sampled.exact) / sampled.error.clip(lower=ROUNDING)
    return sampled, figures.table(job.least)


def _draw(sampled, eigenvalues):
    figure, panels = style.new_figure(["AB", "CD"], 4.9, _title(sampled))
    by_case = dict(tuple(eigenvalues.groupby("case")))
    _draw_kernel(panels[0], sampled)
    _draw_distance(panels[1], sampled)
    _draw_angles(panels[2], by_case["angle"])
    _draw_antipodes(panels[3], by_case["antipodes"])
    titles = ["closed form and samples", "their distance", "two close inputs", "antipodal pairs"]
    style.name_panels(panels, titles)
    style.shared_legend(figure, panels, columns=3)
    return figure


def _title(sampled):
    furthest = style.number(sampled.standard.abs().max())
    return (
        f"Samples lie within {furthest} standard errors of the closed form; $\\lambda_{{\\min}}$ "
        "tends to 0 as inputs become parallel"
    )


def _draw_kernel(panel, sampled):
    _dots(panel, sampled, "angle", "sampled", label="measured, a dot for each seed")
    exact = sampled.groupby("angle").exact.median()
    panel.plot(exact.index, exact, gid="exact", **LINE)
    panel.set_ylabel(r"$H^{\infty}(x, x')$")
    _angle_axis(panel)


def _dots(panel, table, x, y, gid=None, **more):
    import seaborn

    seaborn.scatterplot(table, x=x, y=y, gid=gid or y, ax=panel, **DOT, **more)


def _angle_axis(panel):
    ticks = [0, 0.25, 0.5, 0.75, 1]
    panel.set_xticks([math.pi * at for at in ticks], ["0", "π/4", "π/2", "3π/4", "π"])
    panel.set_xlabel("angle θ between the two vectors")


def _draw_distance(panel, sampled):
    _dots(panel, sampled, "angle", "standard")
    for limit in (-LIMIT, LIMIT):
        name = f"agreement: within ±{LIMIT}"
        panel.axhline(limit, color=style.GREY, **series.GUIDE, gid="limit", label=name)
    panel.set_ylabel("standard errors")
    _angle_axis(panel)


def _draw_angles(panel, least):
    _dots(panel, least, "size", "least", gid="angles")
    sizes = sorted(least["size"].unique())
    panel.plot(sizes, [size / math.tau for size in sizes], gid="law", **LINE)
    panel.set(xscale="log", yscale="log", xlabel="smallest angle θ (formula: θ/2π)")
    panel.set_ylabel(r"$\lambda_{\min}(H^{\infty})$")


def _draw_antipodes(panel, least):
    """Eigenvalues that are 0 up to rounding have their place on the axis, at 0."""
    from overparam.two_layer.synthetic import DIMENSION

    places = {size: at for at, size in enumerate(sorted(least["size"].unique()))}
    drawn = least.assign(place=least["size"].map(places))
    _dots(panel, drawn, "place", "least", gid="antipodes")
    panel.set_xticks(list(places.values()), [f"{size:g}" for size in places])
    panel.set_yscale("symlog", linthresh=SMALLEST, linscale=0.6)
    panel.set_yticks([0, 1e-8, 1e-6, 1e-4, 1e-2])
    panel.set(
        xlabel=f"antipodal pairs in {DIMENSION} dimensions",
        xlim=(-0.5, len(places) - 0.5),
        ylim=(-SMALLEST / 2, 0.1),
    )
    panel.set_ylabel(r"$\lambda_{\min}(H^{\infty})$")


def _words(sampled, eigenvalues, job):
    seeds = style.counted(sampled.repetition.nunique(), "seed")
    yield (
        "H^∞ of unit vectors x, x′ at an angle θ: xᵀx′(π − θ)/2π. Samples: mean of xᵀx′ times "
        f"whether a random neuron is active for both, {seeds}. λ_min: smallest eigenvalue, (c) "
        "with two points at an angle θ, (d) with pairs x, −x: more pairs than dimensions are "
        "dependent, λ_min 0 up to rounding."
    )


main = figures.program(Formula, "Closed form, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
