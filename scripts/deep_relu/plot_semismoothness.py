"""How far the loss leaves its linearisation, against theorem 4's two terms.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 4.

The widest networks; means over networks.
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
BOUND = {"color": style.BLACK, "linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(table):
    figure, panels = style.new_figure(["AB"], 3.3, _title(table))
    wide = table[table.m == table.m.max()].groupby(["direction", "omega"])[["first", "both"]].mean()
    for panel, key in zip(panels, ("both", "first"), strict=True):
        for name, look in LOOKS.items():
            own = wide.loc[name][key]
            own = own[own > 0]
            panel.plot(own.index, own, linestyle=":", linewidth=0.8, gid=f"{key}-{name}", **look)
        panel.axhline(1 if key == "both" else 0.25, gid=f"bound-{key}", **BOUND)
        panel.set(xscale="log", yscale="log", xlabel="norm of $W'$")
    panels[0].set_ylabel("remainder over $T_1 + T_2$")
    panels[1].set_ylabel("remainder over $T_1$")
    style.name_panels(panels, ["both terms; dashed: 1", "the first alone; dashed: ¼"])
    entries = [style.handle(name, linestyle="", **look) for name, look in LOOKS.items()]
    style.legend(figure, entries, columns=6)
    return figure


def _title(table):
    most = table.groupby(["direction", "m", "omega"]).both.mean().max()
    return f"The loss leaves its linearisation by at most {most:.2f} of theorem 4's two terms"


def _words(table, job):
    yield (
        f"F(W + W') − F − ⟨∇F, W'⟩ at m = {table.m.max()}, means over networks, for W' of the same "
        "norm in every layer: along the gradient (ascent, down), along that of the sum of the "
        "outputs, of the outputs with random signs, and Gaussian. T₁ = nL²m‖W'‖², T₂ = √(nm ln "
        "m)‖W'‖√F. Where there is no mark the remainder is not positive."
    )


main = figures.program(Semismoothness, "Semi-smoothness", _draw, _words)

if __name__ == "__main__":
    main()
