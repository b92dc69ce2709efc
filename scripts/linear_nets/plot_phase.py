"""The phase picture of the toy problem ½(1 − w1 w2)²: trajectories on their hyperbolas.

Source: the talk of Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (8) to (10).

Left: the plane (w1, w2). Right: the loss against time.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Phase

HYPERBOLA = {"colors": style.GREY, "linewidths": 0.7, "linestyles": "dotted"}
TARGET = {"color": style.BLACK, "linewidth": 1.6}
BEHIND = {"color": "white", "pad": 1.5}  # a text
EVERY = 0.25  # time between two dots
EDGE = 2.3
DRAWN = 1e-28  # losses above it: rounding is near


def _starts(run):
    """Where each trajectory begins, with w1² − w2² and the name of its size."""
    begun = run.groupby("start").first()
    signed = (begun.w1**2 - begun.w2**2).round(9)
    return begun.assign(signed=signed, imbalance=signed.abs().map("{:.3g}".format))


def _apart(starts):
    """One of each set of mirror images, in origin or diagonal: their loss is the same."""
    product = (starts.w1 * starts.w2).round(9)
    return starts.assign(product=product).drop_duplicates(["product", "imbalance"]).index


def _draw(run):
    import numpy as np
    import seaborn

    figure, (plane, losses) = style.new_figure(["AB"], 4.0, _title(run, _starts(run)))
    starts = _starts(run)
    names = sorted(starts.imbalance.unique(), key=float)
    colors = dict(zip(names, style.shades(len(names)), strict=True))
    run = run.assign(imbalance=run.start.map(starts.imbalance))
    hued = {"hue": "imbalance", "hue_order": names, "palette": colors, "legend": False}

    grid = np.linspace(-EDGE, EDGE, 201)
    first, second = np.meshgrid(grid, grid)
    levels = sorted({*starts.signed})
    plane.contour(first, second, first**2 - second**2, levels=levels, **HYPERBOLA)
    for sign in (1, -1):
        x = sign * np.linspace(1 / EDGE, EDGE, 200)
        plane.plot(x, 1 / x, gid=f"target-{sign}", **TARGET)
    plane.text(-1.35, -1.35, "$L = 0$", ha="center", va="center", bbox=BEHIND)
    for start, own in run.groupby("start"):
        color = colors[starts.imbalance[start]]
        plane.plot(own.w1, own.w2, color=color, gid=f"path-{start}")
    timed = run[(run.t / EVERY - (run.t / EVERY).round()).abs() < 1e-6]
    marks = {"x": "w1", "y": "w2", "ax": plane, **hued}
    seaborn.scatterplot(timed, s=10, linewidth=0, zorder=3, **marks)
    begun = run[run.t == 0]
    seaborn.scatterplot(begun, marker="s", s=26, edgecolor=style.BLACK, zorder=4, **marks)
    plane.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xlabel="$w_1$", ylabel="$w_2$")
    plane.set_aspect("equal")

    for start in _apart(starts):
        seen = run[(run.start == start) & (run.loss > DRAWN)]
        losses.plot(seen.t, seen.loss, color=colors[starts.imbalance[start]], gid=f"loss-{start}")
    losses.set(yscale="log", xlabel="time", ylabel="loss $L$")
    style.name_panels([plane, losses], ["trajectories", "their losses"])
    entries = [style.handle(name, color=color, linewidth=2.5) for name, color in colors.items()]
    style.legend(figure, entries, columns=len(entries))
    figure.legends[0].set_title("imbalance $|w_1^2 - w_2^2|$")
    return figure


def _title(run, starts):
    """What is left at the end, from the least and from the most imbalanced starts."""
    last = run[run.t == run.t.max()]
    left = last.groupby(last.start.map(starts.signed.abs())).loss.median().sort_index()
    return (
        f"At time {run.t.max():g} the loss is {style.number(left.iloc[0])} from the least "
        f"imbalanced starts, {style.number(left.iloc[-1])} from the most imbalanced ones"
    )


def _words(run, job):
    starts = _starts(run)
    yield (
        "Gradient flow on L = ½(1 − w₁w₂)². Squares: starts; dots: every "
        f"{EVERY:g} of time; dotted: hyperbolas of constant w₁² − w₂²; black: L = 0. (b) "
        f"{len(_apart(starts))} curves for {len(starts)} starts: mirror images have the same loss."
    )


main = figures.program(Phase, "Toy problem of two scalars", _draw, _words)

if __name__ == "__main__":
    main()
