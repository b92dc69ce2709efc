"""Figure 1 of source 004: loss and learning rate of every step rule.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), figure 1.

Left: mean over seeds of log₁₀(L/N), from least to largest as a band. Right: mean of log₁₀ η.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Figure1

# Label, colour and line style of each rule.
LINES = {
    "f0": ("$f(\\eta, 0)$", style.BLUE, "-"),
    "ft": ("$f(\\eta, t)$", style.GREEN, (0, (5, 1.5))),
    "rho_hat": ("$\\hat\\rho(\\eta, t)$", style.VERMILLION, "-"),
    "rho": ("$\\rho(\\eta, t)$", style.BLACK, (0, (2, 2))),
    "arora": ("Arora et al. 2018", style.PURPLE, "-"),
    "du": ("Du et al. 2018", style.GREY, (0, (5, 1.5, 1, 1.5))),
}
SAID = {"f0": "f(η, 0)", "ft": "f(η, t)", "rho_hat": "ρ̂", "rho": "ρ", "arora": "Arora et al.",
        "du": "Du et al."}  # fmt: skip


def _draw(curves):
    figure, panels = style.new_figure(["AB"], 3.0)
    for rule, own in curves.groupby("rule", sort=False):
        _, color, dashes = LINES[rule]
        line = {"color": color, "linestyle": dashes}
        panels[0].fill_between(
            own.step, own.least, own.largest, color=color, alpha=0.15, linewidth=0, zorder=1
        )
        for ends in (own.least, own.largest):  # bands that overlap are told apart by their edges
            panels[0].plot(own.step, ends, color=color, linewidth=0.5, alpha=0.5, zorder=1)
        panels[0].plot(own.step, own.loss, gid=f"loss-{rule}", **line)
        panels[1].plot(own.step, own.rate, gid=f"rate-{rule}", **line)
        for panel, key in zip(panels, ("read_loss", "read_rate"), strict=True):
            for row in own[own[key].notna()].itertuples():
                panel.plot(
                    [row.step + 3 if row.step else -3], [getattr(row, key)], marker="x",
                    color=color, markersize=5, linestyle="none", clip_on=False,
                )  # fmt: skip
    for panel in panels:
        panel.set_xlabel("step $t$")
    panels[0].set_ylabel("$\\log_{10}(L/N)$")
    panels[1].set_ylabel("$\\log_{10}\\eta$")
    style.name_panels(panels, ["loss", "learning rate"])
    entries = [
        style.handle(LINES[rule][0], color=LINES[rule][1], linestyle=LINES[rule][2])
        for rule in curves.rule.unique()
    ]
    if curves.read_loss.any():
        cross = {"marker": "x", "linestyle": "none", "color": style.BLACK}
        entries.append(style.handle("Xu et al. 2023, read off", **cross))
    style.legend(figure, entries, columns=4)
    return figure


def _words(curves, job):
    crosses = "Crosses: the paper's values, read off its figure. "
    yield (
        "Gradient descent on ½‖Y − X W1 W2‖² with X = I from balanced starts close to the target. "
        "(a) Mean over seeds of log₁₀(L/N), in a band from least to largest. (b) Mean of log₁₀ of "
        f"the learning rate. {crosses if curves.read_loss.any() else ''}f(η, 0): one rate "
        "that minimises the bound at the start; f(η, t), ρ̂ and ρ: at every step the rate that "
        "minimises the bound, at most η_max."
    )
    yield figures.HOW_TO_READ
    last = curves[curves.step == curves.step.max()]
    ends = [f"{style.number(row.loss)} ({SAID[row.rule]})" for row in last.itertuples()]
    yield f"Here log₁₀(L/N) ends at {style.enumerated(ends)}."


main = figures.program(Figure1, "Figure 1, step rules of linear networks", _draw, _words)

if __name__ == "__main__":
    main()
