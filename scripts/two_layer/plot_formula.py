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
DOT = {"marker": "o", "linestyle": "none", "markersize": 3}
GUIDE = {"linestyle": ":", "linewidth": 1, "gid": "guide"}


def _load(job):
    from overparam.two_layer.synthetic import ROUNDING

    sampled = figures.table(job.pairs)
    # Pairs that are orthogonal or opposite have no spread: 0 apart, up to rounding.
    sampled["standard"] = (sampled["sampled"] - sampled.exact) / sampled.error.clip(lower=ROUNDING)
    return sampled, figures.table(job.least)


def _draw(sampled, eigenvalues):
    figure, panels = style.new_figure(["AB", "CD"], 4.9)
    by_case = dict(tuple(eigenvalues.groupby("case")))
    _draw_kernel(panels[0], sampled)
    _draw_distance(panels[1], sampled)
    _draw_angles(panels[2], by_case["angle"])
    _draw_antipodes(panels[3], by_case["antipodes"])
    titles = ["closed form and samples", "their distance", "two close inputs", "antipodal pairs"]
    style.name_panels(panels, titles)
    line = {"color": style.BLACK} | series.SERIES["prediction"]
    entries = [
        style.handle("formula", **line),
        style.handle("measured, one seed", color=style.BLUE, **DOT),
        style.handle(f"±{LIMIT} standard errors", color=style.GREY, **GUIDE),
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _angle_axis(panel):
    ticks = [0, 0.25, 0.5, 0.75, 1]
    panel.set_xticks([math.pi * at for at in ticks], ["0", "¼π", "½π", "¾π", "π"])
    panel.set_xlabel("angle between the two vectors")


def _draw_kernel(panel, sampled):
    panel.plot(sampled.angle, sampled["sampled"], color=style.BLUE, gid="sampled", **DOT)
    exact = sampled.groupby("angle").exact.median()
    line = {"color": style.BLACK, "gid": "exact"} | series.SERIES["prediction"]
    panel.plot(exact.index, exact, **line)
    panel.set_ylabel(r"$H^{\infty}$")
    _angle_axis(panel)


def _draw_distance(panel, sampled):
    panel.plot(sampled.angle, sampled.standard, color=style.BLUE, gid="distance", **DOT)
    for limit in (-LIMIT, LIMIT):
        panel.axhline(limit, color=style.GREY, **GUIDE)
    panel.set_ylabel("distance in standard errors")
    _angle_axis(panel)


def _draw_angles(panel, least):
    panel.plot(least["size"], least.least, color=style.BLUE, gid="angles", **DOT)
    sizes = sorted(least["size"].unique())
    line = {"color": style.BLACK, "gid": "law"} | series.SERIES["prediction"]
    panel.plot(sizes, [size / math.tau for size in sizes], **line)
    panel.set(
        xscale="log", yscale="log", xlabel=r"smallest angle $\theta$ (formula: $\theta/2\pi$)"
    )
    panel.set_ylabel(r"$\lambda_{\min}(H^{\infty})$")


def _draw_antipodes(panel, least):
    from overparam.two_layer.synthetic import ROUNDING

    drawn = least.least.clip(lower=ROUNDING)
    places = {size: at for at, size in enumerate(sorted(least["size"].unique()))}
    panel.plot(least["size"].map(places), drawn, color=style.BLUE, gid="antipodes", **DOT)
    panel.set_xticks(list(places.values()), [f"{size:g}" for size in places])
    panel.set(yscale="log", xlabel="antipodal pairs", xlim=(-0.5, len(places) - 0.5))
    panel.set_ylabel(r"$\lambda_{\min}(H^{\infty})$")


def _words(sampled, eigenvalues, job):
    from overparam.two_layer.synthetic import DIMENSION, ROUNDING

    seeds = style.counted(sampled.repetition.nunique(), "seed")
    yield (
        "(a) xᵀx′(π − θ)/2π for unit vectors at an angle θ, dashed, and the mean of xᵀx′ times "
        f"whether a random neuron is active for both, {seeds}; (b) their distance over the "
        "standard error of that mean. (c) λ_min(H^∞) of points on the sphere, two of them at an "
        f"angle θ; dashed, θ/2π. (d) λ_min(H^∞) of points in {DIMENSION} dimensions, "
        "some of them the opposites of others; eigenvalues below "
        f"{style.number(ROUNDING)} are drawn there."
    )
    yield figures.HOW_TO_READ
    furthest = style.number(sampled.standard.abs().max())
    paired = eigenvalues[eigenvalues.case == "antipodes"].groupby("size").least.median()
    listed = [f"{style.number(value)} with {size:g}" for size, value in paired.items()]
    yield (
        f"Here the samples are at most {furthest} standard errors from the formula; the median "
        f"λ_min is {style.enumerated(listed)} antipodal pairs."
    )


main = figures.program(Formula, "Closed form, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
