"""Coefficients of the two-layer ReLU kernels.

Source: Lee's survey (2019), "What is learnable?", which prints c_j ≍ 1/j².
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Kernels

KERNELS = {
    "c1": ("$K_1$, weights $w$", -1.5, {"color": style.BLUE, "marker": "o"}),
    "c2": ("$K_2$, weights $a$", -2.5, {"color": style.VERMILLION, "marker": "s"}),
}
LINE = {"color": style.BLACK, "linewidth": 1.1}
PRINTED = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}
SHOWN = 30  # marks


def _draw(table):
    import numpy as np

    figure, (panel,) = style.new_figure(["A"], 3.4, _title(table))
    at = np.unique(np.geomspace(1, len(table), SHOWN).astype(int) - 1)
    shown, last = table.iloc[at], table.iloc[-1]
    for key, (said, slope, look) in KERNELS.items():
        law = last[key] * (table.j / last.j) ** slope
        panel.plot(table.j, law, gid=f"law-{key}", **LINE)
        panel.plot(shown.j, shown[key], linestyle="", markersize=4, gid=key, label=said, **look)
    printed = table.c1.iloc[0] * (table.j / table.j.iloc[0]) ** -2.0
    panel.plot(table.j, printed, gid="printed", **PRINTED)
    panel.set(xscale="log", yscale="log", xlabel="even $j$", ylabel="coefficient $c_j$")
    entries = [style.handle(said, linestyle="", **look) for said, _, look in KERNELS.values()]
    entries += [style.handle("slopes −3/2, −5/2", **LINE), style.handle("printed: −2", **PRINTED)]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    return (
        "Coefficients of the two-layer ReLU kernels fall as $j^{-3/2}$ and $j^{-5/2}$, neither as "
        "$j^{-2}$"
    )


def _words(table, job):
    yield (
        "Coefficients of ρʲ for even j, exact; of odd j only that of j = 1 is not 0. Lines go "
        "through the last mark; the dashed one through the first of K₁."
    )


main = figures.program(Kernels, "Series of the kernels", _draw, _words)

if __name__ == "__main__":
    main()
