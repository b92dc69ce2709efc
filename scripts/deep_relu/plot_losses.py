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
    "logistic": ("logistic", {"color": style.BLACK, "linestyle": (0, (9, 2))}),
}
GUIDE = {"linestyle": ":", "linewidth": 1.0}


def _draw(table):
    figure, (fallen, rates) = style.new_figure(["AB"], 3.3, _title(table))
    first = table[(table.network == 0) & (table.value > 1e-7)]
    drawn = {name: look for name, look in LOOKS.items() if name in set(table.loss)}
    for name, (said, look) in drawn.items():
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
    entries = [style.handle(said, **look) for said, look in drawn.values()]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    import numpy as np

    from overparam import fits

    def fitted(name):
        """The exponent over the lower half of what is drawn, on logarithmic axes."""
        own = table[(table.loss == name) & (table.network == 0) & (table.value > 1e-7)]
        late = own[(own.fall > 0) & (own.value < np.sqrt(own.value.min() * own.value.max()))]
        return fits.slope(np.log(late.value), np.log(late.fall)) if len(late) > 2 else np.nan

    told = [name for name in ("q2", "q6") if name in set(table.loss)]
    powers = {name: 2 * table[table.loss == name].p.iloc[0] for name in told}
    said = [f"{fitted(name):.2f} for q = {name[1:]}" for name in powers]
    if not said or "nan" in " ".join(said):
        return "The slope of a loss near 0 sets the rate at which it falls"
    law = " and ".join(f"{power:.2f}" for power in powers.values())
    return f"−dL/dk goes as a power of L: {' and '.join(said)}, near 2p = {law}"


def _words(table, job):
    yield (
        "L: mean of ℓ(z) = (1−z)₊^q/q, a tangent for z < 0, or of the logistic loss; "
        "−ℓ' ∝ ℓ^p, p = (q−1)/q or 1. (b) Dotted: slopes 2p. q = 1.5, whose ℓ'' "
        "has no bound, overshoots. Title: lower half."
    )


main = figures.program(Losses, "Loss families", _draw, _words)

if __name__ == "__main__":
    main()
