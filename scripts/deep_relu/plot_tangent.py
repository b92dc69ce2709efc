"""The tangent kernel at the start beside its limit, and its least eigenvalue.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 3.

Left: root mean square over pairs of K − K∞; median over networks, bars least to largest. Right: the
least eigenvalue of the limit, over the least distance of two inputs.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Tangent

COLORS = [style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE]
MARKERS = "os^D"
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}
LAW = {"linestyle": (0, (5, 1.5)), "linewidth": 1.1}


def _draw(table, least):
    figure, (distances, eigenvalues) = style.new_figure(["AB"], 3.3, _title(least))
    depths = sorted(table.depth.unique())
    looks = dict(zip(depths, zip(COLORS * 9, MARKERS * 9, strict=True), strict=False))
    for depth, (color, marker) in looks.items():
        rms = table[table.depth == depth].groupby("m").rms
        middle = rms.median()
        bars = [middle - rms.min(), rms.max() - middle]
        # Beside each other, so that bars of two depths do not cover one another.
        places = middle.index * 1.03 ** (2 * depths.index(depth) - len(depths) + 1)
        distances.errorbar(places, middle, bars, color=color, marker=marker, linestyle="",
                           markersize=4, gid=f"rms-{depth}", label=f"L = {depth}")  # fmt: skip
        guide = middle.iloc[0] * (middle.index / middle.index[0]) ** -0.5
        distances.plot(middle.index, guide, gid=f"guide-{depth}", **GUIDE)
        for data, own in least[least.depth == depth].groupby("data", sort=False):
            face = "none" if data == "sphere" else color
            look = {"color": color, "marker": marker, "markerfacecolor": face, "linestyle": ""}
            said = {"label": f"L = {depth}, {data}", "gid": f"least-{data}-{depth}"}
            eigenvalues.plot(own.n, own.ratio, **look, **said)
        law = least[least.depth == depth].law.iloc[0]
        eigenvalues.axhline(law, color=color, gid=f"law-{depth}", **LAW)
    style.plain_log_axis(distances, table.rms.min(), table.rms.max())
    distances.set_ylabel("distance of $K$ from its limit")
    style.widths_axis(distances, sorted(table.m.unique()), "width $m$")
    levels = [*least.ratio, *least.law]
    style.plain_log_axis(eigenvalues, min(levels), max(levels))
    style.widths_axis(eigenvalues, sorted(least.n.unique()), "inputs $n$")
    eigenvalues.set_ylabel("$2\\lambda_{\\min}(K)/(\\delta m)$")
    style.name_panels([distances, eigenvalues], ["networks near the limit", "least eigenvalue"])
    distances.legend(frameon=False, fontsize="small")
    eigenvalues.legend(frameon=False, fontsize="small", loc="center")
    return figure


def _title(least):
    ratios = least.ratio / least.law
    return (
        f"The least eigenvalue is {style.span(ratios)} of L(L+1)δm/4π for {least.n.min()} to "
        f"{least.n.max()} inputs: it falls with their distance δ, not as 1/n²"
    )


def _words(table, least, job):
    yield (
        "K: tangent kernel of the trained layers. (a) Root mean square over pairs of K − K∞, both "
        "as K_ij/√(K_ii K_jj), median and range; dotted: slope −½. (b) Least "
        "eigenvalue of the limit over the least distance δ; hollow: points on the sphere; dashed: "
        "L(L + 1)/2π."
    )


main = figures.program(Tangent, "Tangent kernel at the start", _draw, _words)

if __name__ == "__main__":
    main()
