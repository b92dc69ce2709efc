"""How close the Gram matrix H(0) at the start comes to H∞, against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.3: ‖H(0) − H∞‖_F falls as m^(−1/2).

Medians over networks, in bands from smallest to largest: (a) ‖H(0) − H∞‖_F, and as a dashed line
the root of its expected square, which is known exactly; (b) ‖H(0) − H∞‖₂ over λ_max(H∞); (c)
λ_min(H(0)) over λ_min(H∞), which has to come close to 1 for the theorems to say anything.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Concentration


def _load(job):
    distances = figures.table(job.table)
    return (distances.assign(ratio=distances.least / distances.least_limit),)


def _draw(distances):
    widths = sorted(distances.width.unique())
    title = (
        f"From m = {widths[0]} to {widths[-1]} the Frobenius distance of H(0) from $H^\\infty$ "
        f"{style.change(distances, 'width', 'frobenius')}"
    )
    figure, panels = style.new_figure(["ABC"], 2.8, title)
    look = {"color": style.BLUE, "marker": "o", "markeredgewidth": 0}
    for panel, column in zip(panels, ("frobenius", "spectral", "ratio"), strict=True):
        name = "networks: median, smallest to largest"
        style.band(panel, distances, "width", column, gid=column, label=name, **look)
        style.widths_axis(panel, widths, "width $m$")
    expected = distances.groupby("width").expected.first()
    line = {"color": style.BLACK, "gid": "expected"} | series.SERIES["prediction"]
    panels[0].plot(expected.index, expected, label="root of the expected square", **line)
    for panel, column in zip(panels, ("frobenius", "spectral"), strict=False):
        style.plain_log_axis(panel, distances[column].min(), distances[column].max())
    panels[2].axhline(1, color=style.GREY, **series.GUIDE, label="limit")
    panels[2].set_ylim(min(0, distances.ratio.min()), None)
    panels[0].set_ylabel(r"$\Vert H(0) - H^\infty\Vert_F$")
    panels[1].set_ylabel(r"$\Vert H(0) - H^\infty\Vert_2\,/\,\lambda_{\max}(H^\infty)$")
    panels[2].set_ylabel(r"$\lambda_{\min}(H(0))\,/\,\lambda_{\min}(H^\infty)$")
    style.name_panels(panels, ["Frobenius distance", "spectral distance", "smallest eigenvalue"])
    style.shared_legend(figure, panels, columns=3)
    return figure


def _words(distances, job):
    count = distances.repetition.nunique()
    medians = distances.groupby("width")[["frobenius", "expected"]].median()
    below = (
        " Medians lie below the dashed root of the expected square, which far networks raise."
        if (medians.frobenius < medians.expected).all()
        else ""
    )
    yield (
        "H(0): Gram matrix of a network of m neurons at its start; H^∞: its limit; λ_max, λ_min: "
        f"largest and smallest eigenvalue. {style.counted(count, 'network')} of each width."
        f"{below}"
    )


main = figures.program(Concentration, "Gram matrix at the start, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
