"""How many samples a function needs: the kernel predictor's error on new points against n.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1 and section 6.

Left: root mean square error over the function's own size. Right: mean absolute error over the
bound √(2 yᵀ(H^∞)⁻¹y / n). Medians over draws, in bands from smallest to largest.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Samples

MARKS = [
    (style.BLUE, "o"), (style.GREEN, "s"), (style.VERMILLION, "^"), (style.PURPLE, "v"),
    (style.BLACK, "D"), (style.GREY, "P"),
]  # fmt: skip
# In grey, lines are told apart by their dashes.
DASHES = ["", (5, 1.5), (2, 1.2), (5, 1.5, 1, 1.5)]


def _load(job):
    errors = figures.table(job.table)
    shares = {"relative": errors.rmse / errors["size"], "share": errors.l1 / errors.bound}
    return (errors.assign(**shares),)


def _draw(errors):
    figure, panels = style.new_figure(["AB"], 3.1, _title(errors))
    targets = [*dict.fromkeys(errors.target)]
    names = [*map(series.function_name, targets)]
    dashes = (DASHES * len(names))[: len(names)]
    look = style.told_apart("target", names, MARKS) | {"dashes": dashes, "markersize": 4.5}
    drawn = errors.assign(target=errors.target.map(dict(zip(targets, names, strict=True))))
    sizes = sorted(errors.n.unique())
    for panel, column in zip(panels, ("relative", "share"), strict=True):
        style.band(panel, drawn, "n", column, gid=column, **look)
        style.widths_axis(panel, sizes, "training points $n$")
    half = [(size / sizes[0]) ** -0.5 for size in sizes]
    guide = {"color": style.GREY, "gid": "guide", "label": "slope of $n^{-1/2}$"} | series.GUIDE
    panels[0].plot(sizes, half, **guide)
    panels[1].axhline(1, color=style.BLACK, linewidth=0.8, gid="bound", label="bound")
    style.plain_log_axis(panels[0], errors.relative.min(), errors.relative.max())
    style.plain_log_axis(panels[1], errors.share.min(), max(1, errors.share.max()))
    panels[0].set_ylabel("relative error")
    panels[1].set_ylabel("error / bound")
    style.name_panels(panels, ["error on new points", "mean error over its bound"])
    style.shared_legend(figure, panels, columns=6)
    return figure


def _title(errors):
    ends = [errors[errors.n == n].groupby("target").relative.median() for n in _ends(errors)]
    fallen = [
        f"{style.number(ends[0][target] / ends[1][target])}\u00a0({series.function_name(target)})"
        for target in dict.fromkeys(errors.target)
    ]
    first, last = _ends(errors)
    return f"From n = {first} to {last} the error falls by a factor of {style.enumerated(fallen)}"


def _ends(errors):
    return errors.n.min(), errors.n.max()


def _words(errors, job):
    draws = style.counted(errors.repetition.nunique(), "draw")
    yield (
        "Kernel predictor h(x)ᵀ(H^∞)⁻¹y, trained on y_i = g(x_i) at n points of the unit "
        f"sphere; z = βᵀx, ‖β‖ = 1; {draws}: median, smallest to largest. "
        "(a) Root mean square error over that of g. (b) Mean absolute error over "
        "√(2 yᵀ(H^∞)⁻¹y/n), theorem 5.1's bound without terms for the width."
    )


main = figures.program(Samples, "Samples needed, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
