"""How near two inputs come to each other with depth.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), separateness of h_l.

Marks: median over networks of δ_l/δ; bars: the middle half of them. Lines: the recursion.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Separation

COLORS = [style.BLACK, style.PURPLE, style.BLUE, style.GREEN, style.VERMILLION]
MARKERS = "ov^sD"
HALF = {"color": style.GREY, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(table):
    table = table[table.m == table.m.max()]
    figure, (panel,) = style.new_figure(["A"], 3.4, _title(table))
    deltas = sorted(table.delta.unique())
    depth = table.layer.max()
    shown = table[table.layer.isin(range(0, depth + 1, max(1, depth // 8))) & (table.layer > 0)]
    for at, delta in enumerate(deltas):
        color, marker = COLORS[at % len(COLORS)], MARKERS[at % len(MARKERS)]
        law = table[table.delta == delta].groupby("layer").law.first()
        ratios = shown[shown.delta == delta].groupby("layer").ratio
        middle = ratios.median()
        bars = [middle - ratios.quantile(0.25), ratios.quantile(0.75) - middle]
        # Beside each other, so that bars of two distances do not cover one another.
        places = middle.index + 0.12 * (at - (len(deltas) - 1) / 2)
        panel.plot(law.index, law, color=color, linewidth=1.1, gid=f"law-{delta:g}")
        panel.errorbar(places, middle, bars, color=color, marker=marker, linestyle="",
                       markersize=4, gid=f"ratio-{delta:g}")  # fmt: skip
        panel.annotate(f"δ = {delta:g}", (law.index[-1], law.iloc[-1]), (13, -3),
                       textcoords="offset points", color=color)  # fmt: skip
    panel.axhline(0.5, gid="half", **HALF)
    panel.set(xlabel="ReLU layers below", ylabel="distance left, $\\delta_l/\\delta$")
    panel.set_xlim(0, depth * 1.12)
    panel.set_ylim(0, max(1.1, panel.get_ylim()[1]))
    return figure


def _title(table):
    last = table[table.layer == table.layer.max()].groupby("delta").ratio.median()
    return (
        f"Above {table.layer.max()} layers inputs {last.index[-1]:g} apart keep "
        f"{100 * last.iloc[-1]:.0f} % of their distance, inputs {last.index[0]:g} apart "
        f"{100 * last.iloc[0]:.0f} %"
    )


def _words(table, job):
    yield (
        "Distance of hidden vectors, each scaled to length 1, over that of the inputs. Marks: "
        "median over networks; bars: the middle half. Lines: the recursion of the arc-cosine "
        "kernel. Dashed: half, which Zou et al. 2019 promise for close inputs."
    )


main = figures.program(Separation, "Separation by depth", _draw, _words)

if __name__ == "__main__":
    main()
