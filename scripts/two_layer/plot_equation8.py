"""Equation (8): how closely networks follow the loss curve that the spectrum predicts.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1 and eq. (8):
‖y − u(k)‖₂ = √Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)² ± ε, ε falling with the width m.

A row of panels for each labelling: ‖y − u(k)‖/‖y‖ of the networks (median, and a band from
smallest to largest over all seeds) and the prediction, dashed; the size of their difference at
each step; and its largest value against the width m, each seed a dot, the median a bar. Read the
last one first: small against 1, and falling with m, is agreement.
"""

from overparam.house import cli, files, style


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--training", required=True, help="Initialisation and learning rate in words.")
@cli.option("--curves", type=cli.InputFile(), required=True, help="Both curves, .csv.")
@cli.option("--deviation", type=cli.InputFile(), required=True, help="Largest deviations, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, training: str, curves: str, deviation: str, sheet: str, svg: str,
    png: str, caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    drawn, largest = pd.read_csv(curves), pd.read_csv(deviation)
    with style.applied(sheet):
        style.save_figure(_draw(drawn, largest), svg, png)
    words = [f"**Equation (8), {name}** ({about}).", *_words(drawn, largest, training)]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _draw(curves, deviations):
    kinds = [kind for kind in style.LABELLINGS if kind in set(curves.labels)]
    widths = sorted(curves.width.unique())
    colors = dict(zip(widths, style.shades(len(widths)), strict=True))
    rows = ["ABCDEFGHI"[3 * at : 3 * at + 3] for at in range(len(kinds))]
    figure, panels = style.new_figure(rows, 2.15 * len(rows) + 0.65)
    for at, kind in enumerate(kinds):
        own = curves[curves.labels == kind]
        _draw_norms(panels[3 * at], own, colors)
        _draw_differences(panels[3 * at + 1], own, colors)
        _draw_largest(panels[3 * at + 2], deviations[deviations.labels == kind], colors)
    titles = [
        title
        for kind in kinds
        for title in (style.LABELLINGS[kind].name, "deviation", "largest deviation")
    ]
    style.name_panels(panels, titles)
    style.legend(figure, _entries(colors), columns=4 if len(widths) > 1 else 3)
    return figure


def _draw_norms(panel, curves, colors):
    for width, color in colors.items():
        own = {"color": color, "gid": f"network-{width}"} | style.SERIES["network"]
        style.band(panel, curves[curves.width == width], "k", "network", **own)
    own = {"color": style.BLACK, "gid": "prediction"} | style.SERIES["prediction"]
    style.band(panel, curves, "k", "prediction", opacity=0.13, **own)
    style.decades_axis(panel, "gradient step $k$", curves.k.max(), zero=True)
    panel.set(ylabel=r"$\Vert y - u(k)\Vert\,/\,\Vert y\Vert$", ylim=(0, None))


def _draw_differences(panel, curves, colors):
    """On logarithmic axes, over three decades at most: single seeds cross the prediction."""
    later = curves[curves.k > 0]
    for width, color in colors.items():
        own = {"color": color, "gid": f"difference-{width}"} | style.SERIES["network"]
        style.band(panel, later[later.width == width], "k", "difference", **own)
    middles = later.groupby(["width", "k"]).difference.median()
    panel.set_yscale("log")
    style.decades_axis(panel, "gradient step $k$", curves.k.max())
    top = later.difference.max()
    panel.set_ylim(max(middles.min() / 2, top / 1000), top * 1.5)
    panel.set_ylabel(r"|difference| $/\,\Vert y\Vert$")


def _draw_largest(panel, deviations, colors):
    medians = deviations.groupby("width").deviation.median()
    for width, color in colors.items():
        own = deviations[deviations.width == width].sort_values("repetition")
        # Side by side, so that equal values do not hide each other.
        aside = [width * 1.08 ** (at - (len(own) - 1) / 2) for at in range(len(own))]
        aside = aside if len(own) <= 9 else [width * 1.08 ** (at % 9 - 4) for at in range(len(own))]
        panel.plot(aside, own.deviation, "o", color=color, markersize=3, alpha=0.8)
    panel.plot(medians.index, medians, "_", color=style.BLACK, markersize=13, markeredgewidth=1.4)
    if len(medians) > 1:
        panel.plot(medians.index, medians, color=style.BLACK, linewidth=0.8)
        guide = medians.iloc[0] * (medians.index / medians.index[0]) ** -0.5
        panel.plot(medians.index, guide, ":", color=style.GREY, linewidth=1)
    style.widths_axis(panel, medians.index, "width $m$")
    low, high = deviations.deviation.min(), deviations.deviation.max()
    panel.set(yscale="log", ylim=(low / 1.6, high * 1.6))
    panel.set_ylabel(r"$\max_k$ |difference| $/\,\Vert y\Vert$")


def _entries(colors):
    entries = [
        style.banded_handle(f"networks, $m = {width}$", color=color, **style.SERIES["network"])
        for width, color in colors.items()
    ]
    line = {"color": style.BLACK} | style.SERIES["prediction"]
    entries.append(style.handle("prediction, eq. (8)", **line))
    bar = {"marker": "_", "linestyle": "none", "markersize": 11, "markeredgewidth": 1.4}
    entries.append(style.handle("median over seeds", color=style.BLACK, **bar))
    if len(colors) > 1:
        guide = {"linestyle": ":", "linewidth": 1}
        entries.append(style.handle(r"slope of $m^{-1/2}$", color=style.GREY, **guide))
    return entries


def _words(curves, deviations, training):
    yield "x"


if __name__ == "__main__":
    main()
