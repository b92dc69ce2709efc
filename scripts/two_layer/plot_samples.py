"""How many samples a function needs: the kernel predictor's error on new points against n.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1 and section 6.

Left: root mean square error over the function's own size. Right: mean absolute error, and dashed
the bound √(2 yᵀ(H^∞)⁻¹y / n). Medians over draws, in bands from smallest to largest.
"""

from pipeline import cli, files, style
from scripts.two_layer import looks

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


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--how-to-read", required=True, help="What to look at and what counts as agreement.")
@cli.option("--table", type=cli.InputFile(), required=True, help="Every error, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, how_to_read: str, table: str, sheet: str, svg: str, png: str,
    caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    errors = pd.read_csv(table)
    errors["relative"] = errors.rmse / errors["size"]
    with style.applied(sheet):
        style.save_figure(_draw(errors), svg, png)
    words = [f"**Samples needed, {name}** ({about}).", *_words(errors, how_to_read)]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _draw(errors):
    figure, panels = style.new_figure(["AB"], 3.2)
    named = dict(zip(dict.fromkeys(errors.target), MARKS, strict=False))
    for target, (color, marker) in named.items():
        own = errors[errors.target == target]
        line = {"color": color, "marker": marker, "markersize": 3.5}
        solid, dashed = looks.SERIES["network"], looks.SERIES["prediction"]
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
    dashed = {"color": style.GREY} | looks.SERIES["prediction"]
    entries.append(style.handle(r"bound $\sqrt{2\,y^{\top}(H^{\infty})^{-1}y\,/\,n}$", **dashed))
    entries.append(style.handle(r"slope of $n^{-1/2}$", color=style.GREY, **GUIDE))
    style.legend(figure, entries, columns=3)
    return figure


def _named(target):
    kind = target.rstrip("0123456789.")
    return KINDS[kind] % float(target[len(kind) :] or 1) if kind in KINDS else NAMES[kind]


def _words(errors, how_to_read):
    draws = style.counted(errors.repetition.nunique(), "draw")
    yield (
        "The kernel predictor h(x)ᵀ(H^∞)⁻¹y, trained on y_i = g(x_i) without noise at n points "
        f"drawn uniformly from the unit sphere; z = βᵀx, ‖β‖ = 1; median of {draws} of points and "
        "directions, in a band from smallest to largest. Left: root mean square error on new "
        "points over the root mean square of g. Right: solid, mean absolute error; dashed, the "
        "bound √(2 yᵀ(H^∞)⁻¹y/n) of theorem 5.1, without its terms for the network's width."
    )
    yield f"**How to read it.** {how_to_read}"
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


if __name__ == "__main__":
    main()
