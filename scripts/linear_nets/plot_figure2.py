"""Figure 2 of source 004: losses and their bounds at rising imbalance.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), figure 2.

A column for each σ. Above: log₁₀(L/N), solid, and its bound's, Π ρ or Π f, dashed. Below: their
difference, seed by seed. Lines: means over seeds, of losses and differences in bands from least to
largest. Dotted: where rounding begins, for losses that fall so far.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Figure2

# Label and colour of each rule.
LINES = {"ft": ("$f(\\eta, t)$", style.BLUE), "rho": ("$\\rho(\\eta, t)$", style.VERMILLION)}
DASHED = (0, (3.2, 1.8))
FLOOR = {"color": style.GREY, "linestyle": ":", "linewidth": 1.3}


def _means(curves):
    return curves.groupby(["rule", "sigma", "step"])[["loss", "bound"]].mean().reset_index()


def _floors(means):
    """log₁₀(L/N) at which rounding begins, for each σ of which a loss falls below it."""
    import numpy as np

    from overparam.linear_nets.bounds import ROUNDING

    begun = means[means.step == 0].groupby("sigma").loss.max() + np.log10(ROUNDING)
    return begun[means.groupby("sigma").loss.min() < begun].to_dict()


def _draw(curves):
    floors = _floors(_means(curves))
    curves = curves.assign(gap=curves.bound - curves.loss)
    sigmas = list(curves.sigma.unique())
    letters = "ABCDEFGHIJKLMNOP"[: 2 * len(sigmas)]
    rows = [letters[: len(sigmas)], letters[len(sigmas) :]]
    figure, panels = style.new_figure(rows, 4.6, _title(curves))
    above, below = panels[: len(sigmas)], panels[len(sigmas) :]
    for losses, gaps, sigma in zip(above, below, sigmas, strict=True):
        for rule, (_, color) in LINES.items():
            own = curves[(curves.sigma == sigma) & (curves.rule == rule)]
            for panel, kind in ((losses, "loss"), (gaps, "gap")):
                look = {"color": color, "zorder": 3, "gid": f"{kind}-{rule}-{sigma:g}"}
                style.band(panel, own, "step", kind, middle="mean", **look)
            # Without a band, which would cross the loss's: how far they are apart is below.
            bounds = own.groupby("step").bound.mean()
            look = {"color": color, "linestyle": DASHED, "gid": f"bound-{rule}-{sigma:g}"}
            losses.plot(bounds.index, bounds, **look)
        if sigma in floors:
            losses.axhline(floors[sigma], gid=f"floor-{sigma:g}", **FLOOR)
        losses.set(xlabel="", ylabel="", ylim=(curves.loss.min() - 1, curves.loss.max() + 1))
        gaps.set(xlabel="step $t$", ylabel="", ylim=(0, 1.05 * curves.gap.max()))
    ends = curves[(curves.sigma == sigmas[-1]) & (curves.step == curves.step.max())]
    _name(above[-1], ends, {"bound": "bound, ", "loss": "loss, "})
    _name(below[-1], ends, {"gap": ""})
    above[0].set_ylabel("$\\log_{10}(L/N)$")
    below[0].set_ylabel("decades")
    for panel in [*above[1:], *below[1:]]:
        panel.tick_params(labelleft=False)
    titles = [
        f"{said}, $\\sigma = {sigma:g}$"
        for said in ("loss, bound", "bound over loss")
        for sigma in sigmas
    ]
    style.name_panels(panels, titles)
    entries = [style.banded_handle("mean over seeds, least to largest", color=style.BLACK)]
    entries.append(style.handle("bound: mean over seeds", color=style.BLACK, linestyle=DASHED))
    if floors:
        entries.append(style.handle("where rounding begins", **FLOOR))
    style.legend(figure, entries, columns=3)
    return figure


def _name(panel, ends, kinds):
    """Names of the lines of some columns, beside the last panel of a row."""
    means = ends.groupby("rule")[[*kinds]].mean()
    named = {
        (said + name, color): means[kind][rule]
        for kind, said in kinds.items()
        for rule, (name, color) in LINES.items()
    }
    style.name_lines(panel, ends.step.max(), named)


def _title(curves):
    last = curves[curves.step == curves.step.max()]
    gaps = last.groupby(["rule", "sigma"]).gap.mean()
    said = {rule: f"{gaps[rule].min():.1f} to {gaps[rule].max():.1f}" for rule in LINES}
    return (
        f"The bound from ρ ends {said['rho']} decades above its loss, that from f {said['ft']}, "
        "as the imbalance grows"
    )


def _words(curves, job):
    below = " Below the dotted line rounding decides a step." if _floors(_means(curves)) else ""
    yield (
        "Width h, N = n inputs, m outputs, loss L; imbalance σ = r² − r⁻², Gaussian layers times r "
        "and 1/r. Steps minimise ρ or f (with drift c₁, c₂); dashed: products of these "
        f"bounds.{below}"
    )


main = figures.program(Figure2, "Figure 2, how tight the bounds are", _draw, _words)

if __name__ == "__main__":
    main()
