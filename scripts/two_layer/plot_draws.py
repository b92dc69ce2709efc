"""λ_min of the Gram matrix, and the complexity measure, against the number of points.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), definition 5.1 and theorem 5.1.

Over random subsets of n points: (a) λ_min(H∞), a dot for each subset, a bar for the median, and the
middle nine tenths as a band; (b) √(2 yᵀ(H∞)⁻¹y / n) for true labels and its expectation for random
ones, medians in bands from smallest to largest.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Draws


def _draw(measures):
    figure, panels = style.new_figure(["AB"], 3.1)
    sizes = sorted(measures["size"].unique())
    quantiles = measures.groupby("size").least.quantile([0.05, 0.95]).unstack()
    panels[0].fill_between(
        quantiles.index, quantiles[0.05], quantiles[0.95], color=style.BLUE, alpha=0.18,
        linewidth=0, gid="quantiles",
    )  # fmt: skip
    series.dots(panels[0], measures, "size", "least", style.BLUE)
    style.plain_log_axis(panels[0], measures.least.min(), measures.least.max())
    panels[0].set_ylabel(r"$\lambda_{\min}(H^\infty)$")
    for column, kind in (("true", "true"), ("random", "random")):
        look = series.LABELLINGS[kind]
        own = {"color": look.color, "marker": look.marker, "gid": f"complexity-{kind}"}
        style.band(panels[1], measures, "size", column, **own)
    panels[1].set_ylim(0, None)
    panels[1].set_ylabel(r"$\sqrt{2\,y^{\top}(H^{\infty})^{-1}y\,/\,n}$")
    panels[1].axhline(1, color=style.GREY, linestyle=":", linewidth=1)
    for panel in panels:
        style.widths_axis(panel, sizes, "points $n$")
    style.name_panels(panels, ["smallest eigenvalue", "complexity"])
    entries = [
        style.banded_handle("one subset, and nine tenths", color=style.BLUE, **series.DOT),
        style.handle("median", color=style.BLACK, linestyle="none", **series.BAR),
    ]
    for kind in ("true", "random"):
        look = series.LABELLINGS[kind]
        entries.append(style.banded_handle(look.name, color=look.color, marker=look.marker))
    style.legend(figure, entries, columns=4)
    return figure


def _words(measures, job):
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
    yield figures.HOW_TO_READ
    first, last = (measures[measures["size"] == end(measures["size"])] for end in (min, max))
    told = [
        f"λ_min is {style.spread(own.least, 'median')} and the complexity "
        f"{style.spread(own.true, 'median')} for true and {style.spread(own.random, 'median')} "
        f"for random labels at n = {own['size'].iloc[0]}"
        for own in (first, last)
    ]
    yield f"Here, in the median (smallest to largest), {style.enumerated(told)}."


main = figures.program(Draws, "Subsets of n points, {name}", _draw, _words)

if __name__ == "__main__":
    main()
