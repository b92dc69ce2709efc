"""How close the Gram matrix H(0) at the start comes to H∞, against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.3: ‖H(0) − H∞‖_F falls as m^(−1/2).

A dot for each network, a bar for the median of its width: (a) ‖H(0) − H∞‖_F, and as a dashed line
the root of its expected square, which is known exactly; (b) ‖H(0) − H∞‖₂ over λ_max(H∞); (c)
λ_min(H(0)) over λ_min(H∞), which has to come close to 1 for the theorems to say anything.
"""

from pipeline import cli, files, style
from scripts.two_layer import looks


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--how-to-read", required=True, help="What to look at, for the caption.")
@cli.option("--table", type=cli.InputFile(), required=True, help="Distances, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, how_to_read: str, table: str, sheet: str, svg: str, png: str,
    caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    distances = pd.read_csv(table)
    distances["ratio"] = distances.least / distances.least_limit
    with style.applied(sheet):
        style.save_figure(_draw(distances), svg, png)
    words = [f"**Gram matrix at the start, {name}** ({about}).", *_words(distances, how_to_read)]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _draw(distances):
    figure, panels = style.new_figure(["ABC"], 2.9)
    for panel, column in zip(panels, ("frobenius", "spectral", "ratio"), strict=True):
        looks.dots(panel, distances, "width", column, style.BLUE)
        style.widths_axis(panel, sorted(distances.width.unique()), "width $m$")
    expected = distances.groupby("width").expected.first()
    line = {"color": style.BLACK, "gid": "expected"} | looks.SERIES["prediction"]
    panels[0].plot(expected.index, expected, **line)
    for panel, column in zip(panels, ("frobenius", "spectral"), strict=False):
        style.plain_log_axis(panel, distances[column].min(), distances[column].max())
    panels[2].axhline(1, color=style.GREY, linestyle=":", linewidth=1)
    panels[2].set_ylim(min(0, distances.ratio.min()), None)
    panels[0].set_ylabel(r"$\Vert H(0) - H^\infty\Vert_F$")
    panels[1].set_ylabel(r"$\Vert H(0) - H^\infty\Vert_2\,/\,\lambda_{\max}$")
    panels[2].set_ylabel(r"$\lambda_{\min}(H(0))\,/\,\lambda_{\min}(H^\infty)$")
    style.name_panels(panels, ["distance", "relative to the top", "smallest eigenvalue"])
    entries = [
        style.handle("one network", color=style.BLUE, **looks.DOT),
        style.handle("median", color=style.BLACK, linestyle="none", **looks.BAR),
        style.handle(
            "root of the expected square", color=style.BLACK, **looks.SERIES["prediction"]
        ),
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _words(distances, how_to_read):
    count = distances.repetition.nunique()
    yield (
        "H(0) is the Gram matrix of a network with m neurons at its start; it depends on the signs "
        "of Gaussian weights alone, so neither on κ nor on the second layer. A dot for each of "
        f"{style.counted(count, 'network')} of each width, a bar for their median. (a) "
        "‖H(0) − H^∞‖_F; dashed, the root of its expected square, "
        "√(Σ_ij H^∞_ij (x_iᵀx_j − H^∞_ij)/m), falls as m^(−1/2) exactly. (b) Largest eigenvalue of "
        "the difference over that of H^∞. (c) Smallest eigenvalue over that of H^∞."
    )
    yield f"**How to read it.** {how_to_read}"
    first, last = (distances[distances.width == end(distances.width)] for end in (min, max))
    told = [
        f"‖H(0) − H^∞‖_F is {style.spread(own.frobenius, 'median')} and λ_min(H(0)) is "
        f"{style.spread(own.ratio, 'median')} of λ_min(H^∞) at m = {own.width.iloc[0]}"
        for own in (first, last)
    ]
    yield f"Here, in the median (smallest to largest), {style.enumerated(told)}."


if __name__ == "__main__":
    main()
