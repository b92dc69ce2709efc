"""Excess kurtosis of outputs by width.

Source: Lee's survey (2019), "Deep net Infinite-Width".
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Gaussian

COLORS = [style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE]
MARKERS = "os^D"


def _draw(table):
    import numpy as np

    from overparam.infinite_width import laws

    figure, (panel,) = style.new_figure(["A"], 3.3, _title(table))
    line = np.geomspace(table.m.min(), table.m.max())
    depths = sorted(table.depth.unique())
    for L, color, marker in zip(depths, COLORS * 9, MARKERS * 9, strict=False):
        own = table[table.depth == L]
        panel.errorbar(own.m, own.measured, own.error, color=color, marker=marker, linestyle="",
                       markersize=5, gid=f"measured-{L}",
                       label=f"L = {L}, networks")  # fmt: skip
        panel.plot(line, laws.kurtosis(line, L), color=color, gid=f"exact-{L}",
                   linewidth=1.1, label=f"L = {L}, exact")  # fmt: skip
    style.plain_log_axis(panel, table.measured.min(), table.measured.max())
    style.widths_axis(panel, sorted(table.m.unique()), "width $m$")
    panel.set_ylabel("excess kurtosis of $f$")
    panel.legend(frameon=False)
    return figure


def _title(table):
    least = table[table.m == table.m.max()]
    return (
        f"Outputs become Gaussian as 1/m: excess kurtosis {style.span(least.measured)} at "
        f"m = {table.m.max()}, {style.span(least.exact)} exactly"
    )


def _words(table, job):
    yield "Mean over inputs; bars: one standard error, from blocks of networks."


main = figures.program(Gaussian, "The Gaussian limit", _draw, _words)

if __name__ == "__main__":
    main()
