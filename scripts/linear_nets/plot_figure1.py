"""Figure 1 of source 004: loss and learning rate of every step rule.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), figure 1.

Left: log₁₀(L/N) and log₁₀ η of every rule. Right: those of f(η, t) less those of f(η, 0), seed by
seed. Lines: means over seeds, in bands from least to largest. Curves of one panel that lie closer
than `CLOSE` of its height are drawn once, under all their names, with ≈ between them.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Figure1

# Name and colour of each rule.
RULES = {
    "f0": ("$f(\\eta, 0)$", style.BLUE),
    "ft": ("$f(\\eta, t)$", style.BLUE),
    "rho_hat": ("$\\hat\\rho$", style.VERMILLION),
    "rho": ("$\\rho$", style.VERMILLION),
    "arora": ("Arora", style.GREY),
    "du": ("Du", style.PURPLE),
}
KINDS = {"loss": "$\\log_{10}(L/N)$", "rate": "$\\log_{10}\\eta$"}
CLOSE = 0.03
CROSS = {"marker": "x", "linestyle": "none", "color": style.BLACK, "markersize": 4}


def drawn_once(means):
    """Rules whose curves, the columns of `means`, cannot be told apart, in lists."""
    height = means.max(axis=None) - means.min(axis=None)
    found = []
    for rule in means:
        for others in found:
            if (means[others[0]] - means[rule]).abs().max() < CLOSE * height:
                others.append(rule)
                break
        else:
            found.append([rule])
    return found


def _draw(curves, spread):
    figure, panels = style.new_figure(["AB", "CD"], 5.0, _title(curves))
    for at, kind in enumerate(KINDS):
        _all_rules(panels[2 * at], curves, spread, kind)
        _gained(panels[2 * at + 1], curves, spread, kind)
    titles = [
        f"{said}{of}"
        for said in ("loss", "learning rate")
        for of in (" of every rule", ", $f(\\eta, t)$ less $f(\\eta, 0)$")
    ]
    style.name_panels(panels, titles)
    entries = [style.banded_handle("mean over seeds, least to largest", color=style.BLUE)]
    if curves.read_loss.any():
        entries.append(style.handle("Xu et al. 2023, read off their figure", **CROSS))
    style.legend(figure, entries, columns=2)
    return figure


def _title(curves):
    last = curves[curves.step == curves.step.max()].set_index("rule")
    return (
        f"By step {curves.step.max()} log₁₀(L/N) is {style.number(last.loss['rho'])} with "
        f"the learning rate from ρ, {style.number(last.loss['f0'])} with that from f(η,\u00a00)"
    )


def _all_rules(panel, curves, spread, kind):
    means = curves.pivot(index="step", columns="rule", values=kind)[curves.rule.unique()]
    read = curves.pivot(index="step", columns="rule", values=f"read_{kind}")
    last, ends = means.index[-1], {}
    for rules in drawn_once(means):
        name, color = " ≈ ".join(RULES[rule][0] for rule in rules), RULES[rules[0]][1]
        own = spread[spread.rule == rules[0]]
        style.band(panel, own, "step", kind, middle="mean", color=color, gid=f"{kind}-{rules[0]}")
        ends[name, color] = means[rules[0]].iloc[-1]
        for rule in [rule for rule in rules if read[rule].any()][:1]:
            _crosses(panel, read[rule])
    style.name_lines(panel, last, ends)
    panel.set(xlabel="step $t$", ylabel=KINDS[kind])


def _gained(panel, curves, spread, kind):
    wide = spread.pivot(index=["step", "seed"], columns="rule", values=kind)
    gained = (wide.ft - wide.f0).rename("gained").reset_index()
    line = {"color": style.BLUE, "gid": f"gained-{kind}"}
    style.band(panel, gained, "step", "gained", middle="mean", **line)
    read = curves.pivot(index="step", columns="rule", values=f"read_{kind}")
    _crosses(panel, read.ft - read.f0)
    panel.axhline(0, color=style.GREY, linewidth=0.8)
    panel.set(xlabel="step $t$", ylabel=f"difference of {KINDS[kind]}")


def _crosses(panel, read):
    """The source's values, by step; NaN where none was read off."""
    read = read.dropna()
    if not read.empty:
        panel.plot(read.index, read, clip_on=False, zorder=5, **CROSS)


def _words(curves, spread, job):
    crosses = " Crosses: the paper's." if curves.read_loss.any() else ""
    yield (
        "Width h, N = n inputs, m outputs, loss L. η minimises ρ ≤ ρ̂ ≤ f, bounds on L(t+1)/L(t), "
        "or is Arora's or Du's; f(η, t) knows the loss at t and the start, up to drift c₁, c₂. ≈: "
        f"one line.{crosses}"
    )


main = figures.program(Figure1, "Figure 1, step rules of linear networks", _draw, _words)

if __name__ == "__main__":
    main()
