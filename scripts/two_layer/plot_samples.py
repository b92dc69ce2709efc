"""How many samples a function needs: the kernel predictor's error on new points against n.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1 and section 6.

Left: root mean square error over the function's own size. Right: mean absolute error, and dashed
the bound √(2 yᵀ(H^∞)⁻¹y / n). Medians over draws, in bands from smallest to largest.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Samples

GUIDE = {"linestyle": ":", "linewidth": 1, "gid": "guide"}
MARKS = [
    (style.BLUE, "o"), (style.GREEN, "s"), (style.VERMILLION, "^"), (style.PURPLE, "v"),
    (style.BLACK, "D"), (style.GREY, "x"),
]  # fmt: skip
NAMES = {"linear": r"$\beta^{\top}x$", "sign": r"sign $z$", "relu": r"$\max(z, 0)$"} | {
    "absolute": r"$|z|$", "sum": "sum of powers 1, 2, 4",
}  # fmt: skip
KINDS = {
    "power": r"$z^{%g}$", "quadratic": r"$x^{\top}Ax$, rank %g", "sine": r"$\sin(%g\,z)$",
    "cosine": r"$\cos(%g\,z) - 1$", "arctan": r"$z\arctan(z/2)$, $\Vert\beta\Vert = %g$",
}  # fmt: skip


def _load(job):
    errors = figures.table(job.table)
    return (errors.assign(relative=errors.rmse / errors["size"]),)


def _draw(errors):
    figure, panels = style.new_figure(["AB"], 3.2)
    named = dict(zip(dict.fromkeys(errors.target), MARKS, strict=False))
    for target, (color, marker) in named.items():
        own = errors[errors.target == target]
        line = {"color": color, "marker": marker, "markersize": 3.5}
        solid, dashed = series.SERIES["network"], series.SERIES["prediction"]
        gid = target.replace(".", "_")
        style.band(panels[0], own, "n", "relative", gid=f"error-{gid}", **line | solid)
        style.band(panels[1], own, "n", "l1", gid=f"l1-{gid}", **line | solid)
        style.band(panels[1], own, "n", "bound", color=color, gid=f"bound-{gid}", **dashed)
    sizes = sorted(errors.n.unique())
    half = [(size / sizes[0]) ** -0.5 for size in sizes]
    panels[0].plot(sizes, half, color=style.GREY, **GUIDE)
    for panel, columns in zip(panels, (["relative"], ["l1", "bound"]), strict=True):
        style.widths_axis(panel, sizes, "training points $n$")
        panel.tick_params(axis="x", rotation=0)
        style.plain_log_axis(panel, errors[columns].min().min(), errors[columns].max().max())
    panels[0].set_ylabel("root mean square error / size of $g$")
    panels[1].set_ylabel(r"mean of $|f(x) - g(x)|$")
    style.name_panels(panels, ["error on new points", "error and bound"])
    entries = [
        style.banded_handle(_named(target), color=color, marker=marker, markersize=3.5)
        for target, (color, marker) in named.items()
    ]
    dashed = {"color": style.GREY} | series.SERIES["prediction"]
    entries.append(style.handle(r"bound $\sqrt{2\,y^{\top}(H^{\infty})^{-1}y\,/\,n}$", **dashed))
    entries.append(style.handle(r"slope of $n^{-1/2}$", color=style.GREY, **GUIDE))
    style.legend(figure, entries, columns=3)
    return figure


def _named(target):
    kind = target.rstrip("0123456789.")
    return KINDS[kind] % float(target[len(kind) :] or 1) if kind in KINDS else NAMES[kind]


def _words(errors, job):
    draws = style.counted(errors.repetition.nunique(), "draw")
    yield (
        "The kernel predictor h(x)ᵀ(H^∞)⁻¹y, trained on y_i = g(x_i) without noise at n points "
        f"drawn uniformly from the unit sphere; z = βᵀx, ‖β‖ = 1; median of {draws} of points and "
        "directions, in a band from smallest to largest. Left: root mean square error on new "
        "points over the root mean square of g. Right: solid, mean absolute error; dashed, the "
        "bound √(2 yᵀ(H^∞)⁻¹y/n) of theorem 5.1, without its terms for the network's width."
    )
    yield figures.HOW_TO_READ
    ends = errors.n.min(), errors.n.max()
    fallen = []
    for target, own in errors.groupby("target", sort=False):
        first, last = (style.number(own[own.n == n].relative.median()) for n in ends)
        fallen.append(f"{first} to {last} for {target}")
    largest = style.number((errors.l1 / errors.bound).max())
    yield (
        f"Here the median of the left panel goes from n = {ends[0]} to n = {ends[1]} from "
        f"{style.enumerated(fallen)}; the mean absolute error is at most {largest} of its bound."
    )


main = figures.program(Samples, "Samples needed, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
