"""λ_min of the Gram matrix, and the complexity measure, against the number of points.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), definition 5.1 and theorem 5.1.

Over random subsets of n points: (a) λ_min(H∞), a dot for each subset, a bar for the median, and the
middle nine tenths as a band; (b) √(2 yᵀ(H∞)⁻¹y / n) for true labels and its expectation for random
ones, medians in bands from smallest to largest.
"""

from pipeline import cli, files, style
from scripts.two_layer import looks


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--how-to-read", required=True, help="What to look at, for the caption.")
@cli.option("--table", type=cli.InputFile(), required=True, help="Measures of subsets, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, how_to_read: str, table: str, sheet: str, svg: str, png: str,
    caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    measures = pd.read_csv(table)
    with style.applied(sheet):
        style.save_figure(_draw(measures), svg, png)
    words = [f"**Subsets of n points, {name}** ({about}).", *_words(measures, how_to_read)]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _draw(measures):
    figure, panels = style.new_figure(["AB"], 3.1)
    sizes = sorted(measures["size"].unique())
    quantiles = measures.groupby("size").least.quantile([0.05, 0.95]).unstack()
    panels[0].fill_between(
        quantiles.index, quantiles[0.05], quantiles[0.95], color=style.BLUE, alpha=0.18,
        linewidth=0, gid="quantiles",
    )  # fmt: skip
    looks.dots(panels[0], measures, "size", "least", style.BLUE)
    style.plain_log_axis(panels[0], measures.least.min(), measures.least.max())
    panels[0].set_ylabel(r"$\lambda_{\min}(H^\infty)$")
    for column, kind in (("true", "true"), ("random", "random")):
        look = looks.LABELLINGS[kind]
        own = {"color": look.color, "marker": look.marker, "gid": f"complexity-{kind}"}
        style.band(panels[1], measures, "size", column, **own)
    panels[1].set_ylim(0, None)
    panels[1].set_ylabel(r"$\sqrt{2\,y^{\top}(H^{\infty})^{-1}y\,/\,n}$")
    panels[1].axhline(1, color=style.GREY, linestyle=":", linewidth=1)
    for panel in panels:
        style.widths_axis(panel, sizes, "points $n$")
    style.name_panels(panels, ["smallest eigenvalue", "complexity"])
    entries = [
        style.banded_handle("one subset, and nine tenths", color=style.BLUE, **looks.DOT),
        style.handle("median", color=style.BLACK, linestyle="none", **looks.BAR),
    ]
    for kind in ("true", "random"):
        look = looks.LABELLINGS[kind]
        entries.append(style.banded_handle(look.name, color=look.color, marker=look.marker))
    style.legend(figure, entries, columns=4)
    return figure


def _words(measures, how_to_read):
    draws = style.counted(measures.draw.nunique(), "random subset")
    alike = measures.groupby("size").least.nunique() == 1
    whole = "".join(f"; all {n} points are one" for n in alike.index[alike])
    yield (
        f"{draws} of each size n, every one drawn on its own, without replacement (half of each "
        f"group if the whole set is balanced){whole}. (a) λ_min(H^∞): a dot for each subset, a bar "
        "for the median, the band from the 5 % to the 95 % quantile. (b) √(2 yᵀ(H^∞)⁻¹y/n) for "
        "true labels y, and for random ones its expectation √(2 tr (H^∞)⁻¹/n): median, in a band "
        "from smallest to largest. Dotted: 1, below which theorem 5.1 says something."
    )
    yield f"**How to read it.** {how_to_read}"
    first, last = (measures[measures["size"] == end(measures["size"])] for end in (min, max))
    told = [
        f"λ_min is {style.spread(own.least, 'median')} and the complexity "
        f"{style.spread(own.true, 'median')} for true and {style.spread(own.random, 'median')} "
        f"for random labels at n = {own['size'].iloc[0]}"
        for own in (first, last)
    ]
    yield f"Here, in the median (smallest to largest), {style.enumerated(told)}."


if __name__ == "__main__":
    main()
