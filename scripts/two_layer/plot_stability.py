"""The rate of theorem 3.1 at every step, and the edge of stability at 2/λ_max(H∞).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 3.1 and eq. (7). Left: by how much
the worst step of each network misses or beats the promised 1 − ηλ₀/2. Right: losses against the
learning rate, the largest and the last over the first, of the linear dynamics and of networks.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Stability

LINES = {
    ("linear", "peak"): ("linear dynamics, largest Φ", style.VERMILLION, "s", "-"),
    ("linear", "end"): ("linear dynamics, last Φ", style.VERMILLION, "s", (0, (1, 1.2))),
    ("network", "peak"): ("networks, largest Φ", style.BLUE, "o", "-"),
    ("network", "end"): ("networks, last Φ", style.BLUE, "o", (0, (1, 1.2))),
}
# Of each network at each rate.
KEPT = {True: ("keeps the rate", style.BLUE, "o"), False: ("does not", style.VERMILLION, "^")}
HIGHEST = 1e4  # of Φ over its start in the picture: linear dynamics leave it at once


def _draw(found, swept):
    figure, panels = style.new_figure(["ABB"], 3.4)
    _draw_rates(panels[0], found)
    for (series, column), (_, color, marker, dashes) in LINES.items():
        own = swept[swept.series == series]
        look = {"color": color, "marker": marker, "linestyle": dashes, "gid": f"{series}-{column}"}
        style.band(panels[1], own, "factor", column, **look)
    panels[1].axvline(2, color=style.GREY, linewidth=1, gid="edge")
    panels[1].axhline(1, color=style.GREY, linewidth=0.6, gid="start")
    panels[1].set_yscale("log")
    least = swept[["peak", "end"]].min().min()
    panels[1].set_ylim(max(least, 1e-6) / 2, min(HIGHEST, 3 * swept.peak.max()))
    panels[1].set(xlabel=r"$\eta\,\lambda_{\max}$", ylabel=r"$\Phi(k)\,/\,\Phi(0)$")
    style.name_panels(panels, ["worst step of each network", "around the edge 2"])
    entries = [
        style.handle(said, color=color, marker=marker, linestyle=dashes)
        for said, color, marker, dashes in LINES.values()
    ]
    entries += [
        style.handle(f"(a) {said}", color=color, marker=marker, linestyle="none")
        for said, color, marker in KEPT.values()
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _draw_rates(panel, found):
    """Excess over the promised rate, in units of what it promises: −1 is twice as fast."""
    shown = found.assign(relative=found.excess / (1 - found.bound))
    for at, (_, own) in enumerate(shown.groupby("rate", sort=False)):
        aside = own.repetition * 0.14 + at - 0.14 * own.repetition.mean()
        for kept, (_, color, marker) in KEPT.items():
            chosen = (own.excess <= 0) == kept
            if chosen.any():
                named = {"color": color, "gid": f"rate-{at}-{'kept' if kept else 'missed'}"}
                panel.plot(own.relative[chosen], aside[chosen], marker, **named)
    said = [rf"${_said(rate, maths=True)}$" for rate in shown.rate.unique()]
    panel.axvline(0, color=style.GREY, linewidth=1, gid="promise")
    panel.set_xscale("symlog", linthresh=1)
    panel.set_yticks(range(len(said)), said)
    panel.set_xticks([-1e3, 0, 1, 1e3], ["$-10^3$", "0", "1", "$10^3$"])
    panel.margins(x=0.12)
    panel.set_xlabel("excess, in ηλ₀/2")
    panel.set_ylabel("learning rate η")


def _words(found, swept, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks with true labels in float64, {job.training}; {seeds}. (a) The largest "
        "Φ(k+1)/Φ(k) over every step less 1 − ηλ₀/2, in units of ηλ₀/2: at most 0 is what theorem "
        "3.1 promises; blue circles keep it, orange triangles do not. (b) The largest and last "
        "loss over the first against the learning rate, median and band from smallest to largest; "
        "the linear dynamics (7) leave the panel above."
    )
    kept = [rate for rate, own in found.groupby("rate", sort=False) if (own.excess <= 0).all()]
    said = [_said(rate) for rate in kept]
    networks = swept[swept.series == "network"]
    rising = networks[networks.peak > 1]
    beyond = networks[networks.factor > 2]
    risen = (
        f"networks rise above their start from η = {rising.factor.min():g}/λ_max on, "
        f"to {style.number(rising.peak.max())} times it at most; above the edge all end at "
        f"{style.number(beyond.end.max())} times it at most"
        if len(rising)
        else "no network ever rises above its start"
    )
    yield f"Here every step keeps the rate at η = {style.enumerated(said or ['none'])}; {risen}."


def _said(rate, maths=False):
    """A learning rate by its name in the table, as text or as LaTeX."""
    if rate == "theorem":
        return r"\lambda_0/n^2" if maths else "λ₀/n²"
    largest = r"\lambda_{\max}" if maths else "λ_max"
    own = "(H(0))" if rate.startswith("own") else ""
    return f"{rate.removeprefix('own').removeprefix('rate')}/{largest}{own}"


main = figures.program(Stability, "Rate and stability, {name}", _draw, _words)

if __name__ == "__main__":
    main()
