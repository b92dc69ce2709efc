"""Random features, alone and as what a network with small output weights is.

Source: Lee's survey (2019), "Relation to Neural Nets (Warm-up)" and "Restrict to two-layer".

Left: root mean square error of m random features on their exact lines. Right: how far the weights
of networks move, and their outputs from those of random features alone.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Features

KINDS = {
    "step": ("step", style.BLUE, "o", "-"),
    "relu": ("ReLU", style.VERMILLION, "s", (0, (5, 3))),
}
MOVED = {
    "weights": ("$\\Vert\\Delta W\\Vert/\\Vert W\\Vert$", style.GREEN, "^"),
    "function": ("$\\sup|f - f_{RF}|$", style.PURPLE, "D"),
}
GUIDES = [(-1, (":", 1.1)), (-2, ("-.", 1.1))]


def _draw(table, trained):
    import numpy as np

    figure, (errors, moves) = style.new_figure(["AB"], 3.3, _title(trained))
    for kind, (name, color, marker, line) in KINDS.items():
        own = table[table.kind == kind]
        rms = own.assign(square=own.error**2).groupby("m").square.mean() ** 0.5
        errors.plot(rms.index, rms, color=color, marker=marker, linestyle="", markersize=5,
                    gid=f"error-{kind}", label=name)  # fmt: skip
        exact = own.groupby("m").exact.first()
        errors.plot(exact.index, exact, color=color, linewidth=1.1, linestyle=line,
                    gid=f"exact-{kind}", label=f"{name}, exact")  # fmt: skip
    means = trained.groupby("m")[[*MOVED]].mean()
    m = means.index.to_numpy()
    for column, (name, color, marker) in MOVED.items():
        values = trained.groupby("m")[column]
        bars = values.std() / np.sqrt(values.count())
        moves.errorbar(m, means[column], bars, color=color, marker=marker, linestyle="",
                       markersize=5, gid=f"moved-{column}", label=name)  # fmt: skip
    for power, (style_, width) in GUIDES:
        line = means.weights.iloc[0] * (m / m[0]) ** power
        moves.plot(m, line, color=style.BLACK, linestyle=style_, linewidth=width,
                   gid=f"guide{power}", label=f"slope {style.number(power)}")  # fmt: skip
    style.plain_log_axis(errors, table.exact.min(), table.exact.max())
    style.plain_log_axis(moves, means.to_numpy().min(), means.to_numpy().max())
    widths = sorted(table.m.unique())
    style.widths_axis(errors, widths, "features $m$")
    style.widths_axis(moves, widths, "width $m$")
    errors.set_ylabel("root mean square error")
    moves.set_ylabel("relative movement, or distance")
    for panel in (errors, moves):
        panel.legend(frameon=False, fontsize="small")
    style.name_panels([errors, moves], ["random features", "networks, a ≈ 0"])
    return figure


def _title(trained):
    ends = trained.groupby("m").weights.mean()
    return (
        "Networks with small output weights train as random features: their first layer moves by "
        f"{style.number(ends.iloc[0])} at m = {ends.index[0]} and by "
        f"{style.number(ends.iloc[-1])} at m = {ends.index[-1]}"
    )


def _words(table, trained, job):
    yield (
        f"(a) Over inputs and {style.counted(table.seed.nunique(), 'draw')}. (b) Mean over "
        f"{style.counted(trained.seed.nunique(), 'network')}, bars: one standard error; outputs "
        "are compared at test points, at every step."
    )


main = figures.program(Features, "Random features", _draw, _words)

if __name__ == "__main__":
    main()
