"""Losses beside Du et al.'s bound.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), theorem 5.1.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Rates

LOOKS = [style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE]
BOUND = {"linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(curves):
    figure, panels = style.new_figure(["AB"], 3.2, _title(curves))
    curves = curves[curves.network == 0]
    colors = dict(zip(sorted(curves.H.unique()), LOOKS * 9, strict=False))
    for panel, said in zip(panels, ("true", "worst"), strict=True):
        for depth, color in colors.items():
            own = curves[(depth == curves.H) & (curves.labels == said)]
            fallen = 1 - own.loss if said == "worst" else own.loss
            bound = 1 - own.bound if said == "worst" else own.bound
            panel.plot(own.step, fallen, color=color, gid=f"{said}-{depth}", label=f"H = {depth}")
            panel.plot(own.step, bound, color=color, gid=f"bound-{said}-{depth}", **BOUND)
        panel.set_xlabel("step $k$")
    true, worst = panels
    true.set(yscale="log", ylabel="$L(k)/L(0)$")
    worst.set(xscale="log", yscale="log", ylabel="$1 - L(k)/L(0)$")
    style.name_panels(panels, ["true labels", "worst labels: fall from the start"])
    entries = [style.handle(f"H = {depth}", color=color) for depth, color in colors.items()]
    entries.append(style.handle("bound", color=style.BLACK, **BOUND))
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(curves):
    last = curves[(curves.labels == "true") & (curves.step == curves.step.max())]
    return (
        f"After {curves.step.max()} steps the loss of true labels is below "
        f"{style.number(last.loss.max())} of its start, where the bound "
        f"promises a fall by {style.number((1 - last.bound).max())} of it"
    )


def _words(curves, job):
    yield (
        "The first network of each depth. (a) Losses, dashed: (1 − ηλ_min(K^(H))/2)^k. (b) What "
        "the loss has fallen by for labels f(0) + v_min/2, dashed: what the bound promises; more "
        "is faster."
    )


main = figures.program(Rates, "Du et al.'s rate", _draw, _words)

if __name__ == "__main__":
    main()
