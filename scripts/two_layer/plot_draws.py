"""λ_min of the Gram matrix, and the complexity measure, against the number of points.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), definition 5.1 and theorem 5.1.

Medians over random subsets of s points, in bands from smallest to largest: (a) λ_min(H∞); (b)
√(2 yᵀ(H∞)⁻¹y / s) for true labels and its expectation for random ones.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Draws


def _load(job):
    return figures.table(job.table), series.complexity("s", job.kernel)


def _draw(measures, formula):
    sizes = sorted(measures["size"].unique())
    figure, panels = style.new_figure(["AB"], 3.0, _title(measures))
    look = {"color": style.BLACK, "marker": "D", "markeredgewidth": 0}
    name = r"$\lambda_{\min}$: of inputs alone"
    style.band(panels[0], measures, "size", "least", gid="least", label=name, **look)
    panels[0].set_ylabel(r"$\lambda_{\min}(H^\infty)$")
    both = measures.melt("size", ["true", "random"], "labels", "complexity")
    both, looks = series.labelled(both)
    style.band(panels[1], both, "size", "complexity", gid="complexity", **looks)
    panels[1].set_ylabel(formula)
    below = "below 1 the bound is not vacuous"
    panels[1].axhline(1, color=style.GREY, **series.GUIDE, label=below)
    for panel in panels:
        panel.set_ylim(0, None)
        style.widths_axis(panel, sizes, "points in a subset, $s$")
    style.name_panels(panels, ["smallest eigenvalue", "complexity"])
    style.shared_legend(figure, panels, columns=4)
    return figure


def _title(measures):
    sizes = measures["size"]
    true, random = (style.change(measures, "size", kind) for kind in ("true", "random"))
    return (
        f"From s = {sizes.min()} to {sizes.max()} points the complexity of true labels {true}, "
        f"that of random ones {random}; "
        f"$\\lambda_{{\\min}}$ is {style.number(measures.least.min())} or more"
    )


def _words(measures, _, job):
    alike = measures.groupby("size").least.nunique() == 1
    whole = "".join(f"; all {n} points are one set" for n in alike.index[alike])
    vacuous = measures[["true", "random"]].min(axis=None) >= 1
    empty = " All exceed 1: the bound is vacuous." if vacuous else ""
    yield (
        f"{style.counted(measures.draw.nunique(), 'random subset')} of each size s{whole}: median, "
        "smallest to largest. H^∞: the kernel's Gram matrix. (b) Complexity of labels y, of random "
        f"ones {'2 √(tr H^∞ tr (H^∞)⁻¹)/s' if job.kernel else '√(2 tr (H^∞)⁻¹/s)'}.{empty}"
    )


main = figures.program(Draws, "Subsets of points, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
