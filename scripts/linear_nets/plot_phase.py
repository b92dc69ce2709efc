"""The phase picture of the toy problem ½(1 − w1 w2)²: trajectories on their hyperbolas.

Source: the talk of Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (8) to (10).

Left: the plane (w1, w2). Right: the loss against time.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Phase

HYPERBOLA = {"color": style.GREY, "linewidth": 0.8, "linestyle": ":"}
TARGET = {"color": style.BLACK, "linewidth": 1.6}
EVERY = 0.25  # time between two dots
DOT = {"marker": "o", "linestyle": "none", "markersize": 2.4, "color": style.GREY}
EDGE = 2.3
DRAWN = 1e-12  # losses above it


def _draw(run):
    import numpy as np

    figure, panels = style.new_figure(["AB"], 3.4)
    plane, losses = panels
    begun = run.groupby("start").first()
    imbalances = (begun.w1**2 - begun.w2**2).abs().round(9)
    colors = dict(zip(sorted(imbalances.unique()), style.shades(imbalances.nunique()), strict=True))
    grid = np.linspace(-EDGE, EDGE, 201)
    first, second = np.meshgrid(grid, grid)
    levels = sorted({*(begun.w1**2 - begun.w2**2).round(9)})
    plane.contour(
        first, second, first**2 - second**2, levels=levels, colors=style.GREY, linewidths=0.7,
        linestyles="dotted",
    )  # fmt: skip
    for sign in (1, -1):
        x = sign * np.linspace(1 / EDGE, EDGE, 200)
        plane.plot(x, 1 / x, gid=f"target-{sign}", **TARGET)
    for start, own in run.groupby("start"):
        color = colors[imbalances[start]]
        plane.plot(own.w1, own.w2, color=color, gid=f"path-{start}")
        dots = own[(own.t / EVERY - (own.t / EVERY).round()).abs() < 1e-6]
        plane.plot(dots.w1, dots.w2, **DOT | {"color": color})
        plane.plot(
            own.w1.iloc[:1], own.w2.iloc[:1], "s", color=color, markersize=4.5,
            markeredgecolor=style.BLACK, markeredgewidth=0.6,
        )  # fmt: skip
        seen = own[own.loss > DRAWN]
        losses.plot(seen.t, seen.loss, color=color, gid=f"loss-{start}")
    plane.set_xlim(-EDGE, EDGE)
    plane.set_ylim(-EDGE, EDGE)
    plane.set_aspect("equal")
    plane.set_xlabel("$w_1$")
    plane.set_ylabel("$w_2$")
    losses.set_yscale("log")
    losses.set_xlabel("time")
    losses.set_ylabel("loss $L$")
    style.name_panels(panels, ["trajectories", "loss"])
    square = {"marker": "s", "linestyle": "none", "markersize": 4.5, "color": style.GREY}
    ends = [min(colors), max(colors)]
    entries = [
        style.handle("$w_1 w_2 = 1$: no loss", **TARGET),
        style.handle("$w_1^2 - w_2^2$ constant", **HYPERBOLA),
        *(
            style.handle(f"imbalance $|w_1^2 - w_2^2| = {imbalance:.3g}$", color=colors[imbalance])
            for imbalance in dict.fromkeys(ends)
        ),
        style.handle("start", markeredgecolor=style.BLACK, **square),
        style.handle(f"every {EVERY:g} of time", **DOT),
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _words(run, job):
    begun = run[run.t == 0]
    # Mirror images, in the origin or in the line w1 = w2, keep their product and |D|.
    curves = len({
        (round(start.w1 * start.w2, 9), round(abs(start.w1**2 - start.w2**2), 9))
        for start in begun.itertuples()
    })  # fmt: skip
    yield (
        "Gradient flow on ½(1 − w1 w2)². (a) Trajectories from their starts (squares), a dot every "
        f"{EVERY:g} of time, on dotted hyperbolas of constant imbalance w1² − w2²; on the black "
        "curves the loss is 0. Darker lines are more imbalanced. (b) The loss of the same "
        f"trajectories: {curves} curves for {begun.shape[0]} starts, since mirror images have the "
        f"same loss, drawn down to {style.number(DRAWN)} or to the end of the run."
    )
    yield figures.HOW_TO_READ
    moved = run.assign(d=run.w1**2 - run.w2**2).groupby("start").d.agg(lambda d: d.max() - d.min())
    yield f"Here w1² − w2² changes by at most {style.number(moved.max())} along a trajectory."


main = figures.program(Phase, "Toy problem, phase picture", _draw, _words)

if __name__ == "__main__":
    main()
