"""How close the Gram matrix H(0) at the start comes to H∞, against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.3: ‖H(0) − H∞‖_F falls as m^(−1/2).

A dot for each network, a bar for the median of its width: (a) ‖H(0) − H∞‖_F, and as a dashed line
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
    figure, panels = style.new_figure(["ABC"], 2.9)
    for panel, column in zip(panels, ("frobenius", "spectral", "ratio"), strict=True):
        series.dots(panel, distances, "width", column, style.BLUE)
        style.widths_axis(panel, sorted(distances.width.unique()), "width $m$")
    expected = distances.groupby("width").expected.first()
    line = {"color": style.BLACK, "gid": "expected"} | series.SERIES["prediction"]
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
        style.handle("one network", color=style.BLUE, **series.DOT),
        style.handle("median", color=style.BLACK, linestyle="none", **series.BAR),
        style.handle(
            "root of the expected square", color=style.BLACK, **series.SERIES["prediction"]
        ),
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _words(distances, job):
    count = distances.repetition.nunique()
    yield (
        "H(0) is the Gram matrix of a network with m neurons at its start; it depends on the signs "
        "of Gaussian weights alone, so neither on κ nor on the second layer. A dot for each of "
        f"{style.counted(count, 'network')} of each width, a bar for their median. (a) "
        "‖H(0) − H^∞‖_F; dashed, the root of its expected square, "
        "√(Σ_ij H^∞_ij (x_iᵀx_j − H^∞_ij)/m), falls as m^(−1/2) exactly. (b) Largest eigenvalue of "
        "the difference over that of H^∞. (c) Smallest eigenvalue over that of H^∞."
    )
    yield figures.HOW_TO_READ
    first, last = (distances[distances.width == end(distances.width)] for end in (min, max))
    told = [
        f"‖H(0) − H^∞‖_F is {style.spread(own.frobenius, 'median')} and λ_min(H(0)) is "
        f"{style.spread(own.ratio, 'median')} of λ_min(H^∞) at m = {own.width.iloc[0]}"
        for own in (first, last)
    ]
    yield f"Here, in the median (smallest to largest), {style.enumerated(told)}."


main = figures.program(Concentration, "Gram matrix at the start, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
