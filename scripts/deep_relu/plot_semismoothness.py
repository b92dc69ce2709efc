"""How far the loss leaves its linearisation, against theorem 4's two terms.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 4.

The least, a middle and the largest width; means over networks.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Semismoothness

LOOKS = {
    "outputs up": {"color": style.VERMILLION, "marker": "^"},
    "outputs down": {"color": style.VERMILLION, "marker": "v", "markerfacecolor": "none"},
    "ascent": {"color": style.BLUE, "marker": "s"},
    "down": {"color": style.BLUE, "marker": "o", "markerfacecolor": "none"},
    "signs": {"color": style.GREEN, "marker": "D"},
    "random": {"color": style.BLACK, "marker": "x"},
}
SMALL = 0.01  # below which the axis is linear
BOUND = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _widths(table):
    """Three of the widths at most."""
    found = sorted(table.m.unique())
    return found if len(found) < 4 else [found[0], found[len(found) // 2], found[-1]]


def _draw(table):
    widths = _widths(table)
    figure, panels = style.new_figure(["ABC"[: len(widths)]], 3.5, _title(table))
    own = table[table.depth == table.depth.max()]
    mean = own.groupby(["m", "direction", "omega"]).both.agg(["mean", "min", "max"])
    for panel, m in zip(panels, widths, strict=True):
        for at, (name, look) in enumerate(LOOKS.items()):
            here = mean.loc[(m, name)]
            bars = [here["mean"] - here["min"], here["max"] - here["mean"]]
            # Side by side: some differ little.
            panel.errorbar(
                here.index * 1.13 ** (at - 2.5), here["mean"], bars, linestyle="", elinewidth=0.8,
                gid=f"both-{name.replace(' ', '-')}-{m}", **look,
            )  # fmt: skip
        panel.axhline(1, gid=f"bound-{m}", **BOUND)
        style.widths_axis(panel, sorted(own.omega.unique()), "norm of $W'$")
        panel.set_yscale("symlog", linthresh=SMALL, linscale=0.4)
        panel.set_ylim(min(-SMALL / 2, mean["min"].min()), 2 * max(1, mean["max"].max()))
    for panel in panels[1:]:
        panel.set_yticklabels([])
    panels[0].set_ylabel("remainder over $T_1 + T_2$")
    style.name_panels(panels, [f"m = {m}" for m in widths])
    entries = [style.handle(name, linestyle="", **look) for name, look in LOOKS.items()]
    entries.append(style.handle("bound", **BOUND))
    style.legend(figure, entries, columns=7)
    return figure


def _title(table):
    most = table.groupby(["direction", "depth", "m", "omega"]).both.mean().max()
    return (
        f"The loss leaves its linearisation by at most {most:.2f} of theorem 4's two terms "
        "in the mean over networks, at every width"
    )


def _words(table, job):
    yield (
        f"F(W + W') − F − ⟨∇F, W'⟩ with L = {table.depth.max()}, over T₁ + T₂ = nL²m‖W'‖² + √(nm "
        "ln m)‖W'‖√F; means over networks, bars over all. W': along the gradient of F (ascent, "
        "down), of the outputs' sum, of outputs with random signs; Gaussian. "
        f"Linear below {SMALL:g}."
    )


main = figures.program(Semismoothness, "Semi-smoothness", _draw, _words)

if __name__ == "__main__":
    main()
