"""How fast the loss falls, by the exponent p of its slope.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), theorems 4.1 and 4.2.

Left: L by step. Right: −dL/dk against L, with slopes 2p. The first network.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Losses

LOOKS = {
    "q1.5": ("q = 1.5", {"color": style.GREY, "linestyle": "-"}),
    "q2": ("q = 2", {"color": style.BLUE, "linestyle": "-"}),
    "q3": ("q = 3", {"color": style.VERMILLION, "linestyle": (0, (5, 1.5))}),
    "q4": ("q = 4", {"color": style.GREEN, "linestyle": "-."}),
    "q6": ("q = 6", {"color": style.PURPLE, "linestyle": (0, (3, 1, 1, 1))}),
    "logistic": ("logistic", {"color": style.BLACK, "linestyle": (0, (1, 1))}),
}
GUIDE = {"linestyle": ":", "linewidth": 1.0}


def _draw(table):
    figure, (fallen, rates) = style.new_figure(["AB"], 3.3, _title(table))
    first = table[(table.network == 0) & (table.value > 1e-7)]
    for name, (said, look) in LOOKS.items():
        own = first[first.loss == name]
        falling = own[own.fall > 0]
        fallen.plot(own.step, own.value, gid=f"loss-{name}", label=said, **look)
        rates.plot(falling.value, falling.fall, gid=f"fall-{name}", **look)
        if name != "q1.5" and len(falling):
            at = falling.iloc[len(falling) // 2]
            line = falling.value.iloc[[0, -1]]
            guide = at.fall * (line / at.value) ** (2 * at.p)
            rates.plot(line, guide, color=look["color"], gid=f"guide-{name}", **GUIDE)
    fallen.set(xscale="log", yscale="log", xlabel="step $k$", ylabel="loss $L$")
    rates.set(xscale="log", yscale="log", xlabel="loss $L$", ylabel="$-dL/dk$")
    style.name_panels([fallen, rates], ["loss by step", "its fall, dotted: slopes $2p$"])
    entries = [style.handle(said, **look) for said, look in LOOKS.values()]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    last = table[table.network == 0].groupby("loss").value.last()
    return (
        f"After {table.step.max() + 1} steps the loss is {style.number(last['q2'])} for q = 2, "
        f"{style.number(last['q6'])} for q = 6: its slope near 0 sets the rate"
    )


def _words(table, job):
    yield (
        "L: mean of ℓ(y f(x)) over the inputs, ℓ(z) = (1 − z)₊^q/q with a tangent for z < 0, or "
        "logistic; −ℓ' ∝ ℓ^p with p = (q − 1)/q, and 1. (a) Gradient descent, the first network. "
        "(b) Its fall against its value; dotted, in its colour: the slope 2p. q = 1.5 violates the "
        "theorems' assumptions."
    )


main = figures.program(Losses, "Loss families", _draw, _words)

if __name__ == "__main__":
    main()
