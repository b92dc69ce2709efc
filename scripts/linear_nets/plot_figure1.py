"""Figure 1 of source 004: loss and learning rate of every step rule.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), figure 1.

Left: mean over seeds of log₁₀(L/N), from least to largest as a band. Right: mean of log₁₀ η.
"""

from pipeline import cli, files, style


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="What it was run with, for the caption.")
@cli.option("--how-to-read", required=True, help="What to look at and what counts as agreement.")
@cli.option("--table", type=cli.InputFile(), required=True, help="Every curve, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, how_to_read: str, table: str, sheet: str, svg: str, png: str,
    caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    drawn = pd.read_csv(table)
    with style.applied(sheet):
        style.save_figure(_draw(drawn), svg, png)
    words = [f"**Figure 1, step rules of linear networks** ({about}).", *_words(drawn, how_to_read)]
    files.save_text(caption, "\n\n".join(words) + "\n")


LOOKS = {
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
        _, color, dashes = LOOKS[rule]
        line = {"color": color, "linestyle": dashes}
        panels[0].fill_between(
            own.step, own.least, own.largest, color=color, alpha=0.15, linewidth=0, zorder=1
        )
        for ends in (own.least, own.largest):  # bands that overlap are told apart by their edges
            panels[0].plot(own.step, ends, color=color, linewidth=0.5, alpha=0.5, zorder=1)
        panels[0].plot(own.step, own.loss, gid=f"loss-{rule}", **line)
        panels[1].plot(own.step, own.rate, gid=f"rate-{rule}", **line)
        for panel, key in zip(panels, ("read_loss", "read_rate"), strict=True):
            for one in own[own[key].notna()].itertuples():
                panel.plot(
                    [one.step + 3 if one.step else -3], [getattr(one, key)], marker="x",
                    color=color, markersize=5, linestyle="none", clip_on=False,
                )  # fmt: skip
    for panel in panels:
        panel.set_xlabel("step $t$")
    panels[0].set_ylabel("$\\log_{10}(L/N)$")
    panels[1].set_ylabel("$\\log_{10}\\eta$")
    style.name_panels(panels, ["loss", "learning rate"])
    entries = [
        style.handle(LOOKS[rule][0], color=LOOKS[rule][1], linestyle=LOOKS[rule][2])
        for rule in curves.rule.unique()
    ]
    if curves.read_loss.any():
        cross = {"marker": "x", "linestyle": "none", "color": style.BLACK}
        entries.append(style.handle("Xu et al. 2023, read off", **cross))
    style.legend(figure, entries, columns=4)
    return figure


def _words(curves, how_to_read):
    crosses = "Crosses: the paper's values, read off its figure. "
    yield (
        "Gradient descent on ½‖Y − X W1 W2‖² with X = I from balanced starts close to the target. "
        "(a) Mean over seeds of log₁₀(L/N), in a band from least to largest. (b) Mean of log₁₀ of "
        f"the learning rate. {crosses if curves.read_loss.any() else ''}f(η, 0): one rate "
        "that minimises the bound at the start; f(η, t), ρ̂ and ρ: at every step the rate that "
        "minimises the bound, at most η_max."
    )
    yield f"**How to read it.** {how_to_read}"
    last = curves[curves.step == curves.step.max()]
    ends = [f"{style.number(one.loss)} ({SAID[one.rule]})" for one in last.itertuples()]
    yield f"Here log₁₀(L/N) ends at {style.enumerated(ends)}."


if __name__ == "__main__":
    main()
