"""Times of networks without and with skip connections, a line for each seed.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550).
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Skips


def _draw(table):
    own = table[table.begin == "zero"]
    depths = sorted(own["H"].unique())
    figure, (panel,) = style.new_figure(["A"], 3.2, _title(own))
    for place, depth in enumerate(depths):
        some = own[depth == own["H"]]
        for row in some.itertuples():
            ends = [place - 0.25, place + 0.25]
            slower = style.VERMILLION if row.ratio >= 1 else style.BLUE
            look = {"color": slower, "marker": "o", "markersize": 3, "linewidth": 1}
            panel.plot(ends, [row.plain, row.skips], gid=f"pair-{depth}-{row.seed}", **look)
    panel.set(yscale="log", ylabel="time $t$ to one loss")
    panel.set_xticks(
        [place + side for place in range(len(depths)) for side in (-0.25, 0.25)],
        ["without", "with"] * len(depths),
    )
    top = panel.secondary_xaxis("top")
    top.set_xticks(range(len(depths)), [f"H = {depth}" for depth in depths])
    return figure


def _title(own):
    ratios = own.groupby("H").ratio.median()
    share = f"{style.number(ratios.iloc[0])} of the time with {ratios.index[0]} layer"
    return (
        f"With skip connections networks take {share}{'s' * int(ratios.index[0] > 1)}, "
        f"and {style.number(ratios.iloc[-1])} with {ratios.index[-1]}"
    )


def _words(table, job):
    yield (
        "Time of gradient flow until the loss is L* + (L_0 − L*)/10 of the network without skip "
        "connections (L_{10}), from the same B and W(0) = 0."
    )


main = figures.program(Skips, "Skip connections", _draw, _words)

if __name__ == "__main__":
    main()
