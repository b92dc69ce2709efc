"""Figure 2 of source 004: losses and their bounds at rising imbalance.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), figure 2.

A panel for each σ. Solid: mean over seeds of log₁₀(L/N). Dashed: that of its bound, Π ρ or Π f.
Dotted: where rounding begins, for losses that fall so far.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Figure2

# Label and colour of each rule.
LINES = {"ft": ("$f(\\eta, t)$", style.BLUE), "rho": ("$\\rho(\\eta, t)$", style.VERMILLION)}
SAID = {"ft": "f(η, t)", "rho": "ρ"}
DASHED = {"linestyle": (0, (3.2, 1.8))}
FLOOR = {"color": style.GREY, "linestyle": ":", "linewidth": 1.3}


def _floors(curves):
    """log₁₀(L/N) at which rounding begins, for each σ of which a loss falls below it."""
    import numpy as np

    from overparam.linear_nets.bounds import ROUNDING

    begun = curves[curves.step == 0].groupby("sigma").loss.max() + np.log10(ROUNDING)
    return begun[curves.groupby("sigma").loss.min() < begun].to_dict()


def _draw(curves):
    floors = _floors(curves)
    sigmas = list(curves.sigma.unique())
    figure, panels = style.new_figure(["ABCDEFGH"[: len(sigmas)]], 2.9)
    for panel, sigma in zip(panels, sigmas, strict=True):
        for rule, (_, color) in LINES.items():
            own = curves[(curves.sigma == sigma) & (curves.rule == rule)]
            panel.plot(own.step, own.loss, color=color, gid=f"loss-{rule}-{sigma:g}")
            panel.plot(own.step, own.bound, color=color, gid=f"bound-{rule}-{sigma:g}", **DASHED)
        if sigma in floors:
            panel.axhline(floors[sigma], gid=f"floor-{sigma:g}", **FLOOR)
        panel.set_xlabel("step $t$")
        panel.set_ylim(curves.loss.min() - 1, curves.loss.max() + 1)
    panels[0].set_ylabel("$\\log_{10}(L/N)$")
    style.name_panels(panels, [f"$\\sigma = {sigma:g}$" for sigma in sigmas])
    entries = []
    for said, color in LINES.values():
        entries.append(style.handle(f"loss, step of {said}", color=color))
        entries.append(style.handle("its bound", color=color, **DASHED))
    if floors:
        entries.append(style.handle("$10^{-24} L(0)$", **FLOOR))
    style.legend(figure, entries, columns=len(entries))
    return figure


def _words(curves, job):
    yield (
        "Gradient descent from Gaussian layers, the first multiplied and the second divided by r, "
        "where r² − r⁻² = σ. Solid: mean over seeds of log₁₀(L/N); dashed: of the bound on it, the "
        "product of ρ or of f over the steps so far. At every step the learning rate minimises "
        "that bound, among η ≤ η_max."
    )
    if _floors(curves):
        yield (
            "Dotted: 10⁻²⁴ L(0). Below it rounding has its share in a step, and no step's ratio of "
            "losses is judged."
        )
    yield figures.HOW_TO_READ
    last = curves[curves.step == curves.step.max()]
    gaps = [
        f"{style.number(row.bound - row.loss)} for {SAID[row.rule]} at σ = {row.sigma:g}"
        for row in last.itertuples()
    ]
    yield f"Here bound and loss end these decades apart: {style.enumerated(gaps)}."


main = figures.program(Figure2, "Figure 2, how tight the bounds are", _draw, _words)

if __name__ == "__main__":
    main()
