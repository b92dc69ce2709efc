"""Which functions are learnable: √(yᵀ(H^∞)⁻¹y) against the number n of points on the sphere.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 6.1, corollary 6.2 and examples.

A row of panels for each dimension d. Left and middle: functions with a bound, the norm over its
sharp bound (of the proof), so that 1 is never passed; dashes on the right edge are the published
bounds. Right: functions without one, over their value at the smallest n. Medians over draws, in
bands from smallest to largest.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Targets

SHARP = {"linestyle": "-", "linewidth": 0.8, "zorder": 1, "gid": "sharp"}
PUBLISHED = {"marker": "_", "markersize": 5, "markeredgewidth": 1.3, "linestyle": "none"}
GUIDE = {"linestyle": ":", "linewidth": 1, "gid": "guide"}
# Names, colour and marker of single functions …
SINGLE = {
    "linear": (r"$\beta^{\top}x$", style.BLACK, "o"),
    "power2": (r"$(\beta^{\top}x)^2$", style.BLUE, "s"),
    "power4": (r"$(\beta^{\top}x)^4$", style.GREEN, "^"),
    "power6": (r"$(\beta^{\top}x)^6$", style.PURPLE, "v"),
    "sum": (r"sum of powers 1, 2, 4", style.VERMILLION, "D"),
}
# … of families, of which every member is drawn …
FAMILIES = {
    "quadratic": (r"$x^{\top}Ax$, low rank on top", style.BLUE, "s"),
    "cosine": (r"$\cos(\beta^{\top}x) - 1$, small $\Vert\beta\Vert$ on top", style.VERMILLION, "o"),
    "arctan": (r"$z\arctan(z/2)$, small $\Vert\beta\Vert$ on top", style.GREEN, "^"),
}
# … and of those without a bound.
CONTROLS = {
    "sign": (r"sign $z$", style.BLACK, "o"),
    "sine5": (r"$\sin 5z$", style.BLUE, "s"),
    "power3": (r"$z^3$", style.GREEN, "^"),
    "power5": (r"$z^5$", style.PURPLE, "v"),
    "relu": (r"$\max(z, 0)$", style.VERMILLION, "D"),
    "absolute": (r"$|z|$", style.GREY, "x"),
}


def _load(job):
    norms = figures.table(job.table)
    first = norms[norms.n == norms.n.min()].groupby(["d", "target"]).norm.median()
    norms["share"] = norms.norm / norms.sharp
    norms["family"] = norms.target.str.rstrip("0123456789.")
    norms["growth"] = norms.norm / first.loc[zip(norms.d, norms.target, strict=True)].to_numpy()
    return (norms,)


def _draw(norms):
    dimensions = list(dict.fromkeys(norms.d))
    rows = ["ABCDEFGHI"[3 * at : 3 * at + 3] for at in range(len(dimensions))]
    figure, panels = style.new_figure(rows, 2.3 * len(rows) + 1.35)
    # One range for every dimension, so that flat and growing compare.
    shares = norms[norms.sharp.notna()].groupby("d").share.min()
    ranges = shares.min(), (norms.published / norms.sharp).max()
    for at, d in enumerate(dimensions):
        own = norms[norms.d == d]
        powers, families, controls = panels[3 * at : 3 * at + 3]
        _draw_bounded(powers, own, "target", SINGLE, ranges)
        _draw_bounded(families, own, "family", FAMILIES, ranges)
        _draw_controls(controls, own)
        for panel in (powers, families, controls):
            style.widths_axis(panel, sorted(norms.n.unique()), "points $n$")
            panel.tick_params(axis="x", rotation=0)
    titles = [
        f"$d = {d}$: {title}"
        for d in dimensions
        for title in ("powers", "other bounded", "unbounded")
    ]
    style.name_panels(panels, titles)
    style.legend(figure, _entries(), columns=3)
    return figure


def _draw_bounded(panel, norms, column, group, ranges):
    drawn = norms[norms[column].isin(group) & norms.sharp.notna()]
    for target, own in drawn.groupby("target", sort=False):
        _, color, marker = group[own[column].iloc[0]]
        line = {"color": color, "marker": marker, "markersize": 3, "linewidth": 1.1}
        style.band(panel, own, "n", "share", gid=f"bounded-{target.replace('.', '_')}", **line)
        edge = (own.published / own.sharp).iloc[0]
        panel.plot(norms.n.max() * 1.42, edge, color=color, gid="published", **PUBLISHED)
    panel.axhline(1, color=style.BLACK, **SHARP)
    if len(drawn):
        style.plain_log_axis(panel, *ranges)
    panel.set_ylabel("norm / sharp bound")


def _draw_controls(panel, norms):
    drawn = norms[norms.target.isin(CONTROLS)]
    for target, own in drawn.groupby("target", sort=False):
        _, color, marker = CONTROLS[target]
        line = {"color": color, "marker": marker, "markersize": 3, "linewidth": 1.1}
        style.band(panel, own, "n", "growth", gid=f"control-{target}", **line)
    sizes = sorted(norms.n.unique())
    half = [(size / sizes[0]) ** 0.5 for size in sizes]
    panel.plot(sizes, half, color=style.GREY, **GUIDE)
    style.plain_log_axis(panel, 1, max(half[-1], drawn.growth.max() if len(drawn) else 0))
    panel.set_ylabel(f"norm / norm at n = {sizes[0]}")


def _entries():
    """A column for each of the three groups, of six entries each."""

    def listed(group):
        return [
            style.handle(label, color=color, marker=marker, markersize=3, linewidth=1.1)
            for label, color, marker in group.values()
        ]

    return [
        *listed(SINGLE),
        style.handle("1: the sharp bound", color=style.BLACK, linewidth=0.8),
        *listed(FAMILIES),
        style.handle("the published bound", color=style.GREY, **PUBLISHED),
        style.handle(r"slope of $n^{1/2}$", color=style.GREY, **GUIDE),
        style.banded_handle("median, smallest to largest", color=style.GREY),
        *listed(CONTROLS),
    ]


def _words(norms, job):
    draws = style.counted(norms.repetition.nunique(), "draw")
    sizes = style.enumerated([str(size) for size in sorted(norms.n.unique())])
    yield (
        f"√(yᵀ(H^∞)⁻¹y) for y_i = g(x_i) and n = {sizes} points drawn uniformly from the unit "
        f"sphere; z = βᵀx; median of {draws} of points and directions, in a band from smallest to "
        "largest. A row for each dimension d. Left and middle: functions that the source bounds "
        "at every n, over the sharp bound of its proof; dashes at the right edge, in the same "
        "order of colours, the bound that it prints. Right: functions that it does not bound, over "
        "their median at the smallest n."
    )
    yield figures.HOW_TO_READ
    bounded = norms[norms.sharp.notna()]
    if len(bounded):
        shares = [
            f"{style.number(own.share.max())} ({style.number((own.norm / own.published).max())}) "
            f"for {family}"
            for family, own in bounded.groupby("family", sort=False)
        ]
        yield (
            "Here the largest norm over its sharp bound (over the published one) is "
            f"{style.enumerated(shares)}."
        )
    unbounded = norms[norms.sharp.isna() & (norms.n == norms.n.max())]
    if len(unbounded):
        grown = unbounded.groupby("d", sort=False).growth.agg(["min", "max"])
        parts = [
            f"{style.number(row['min'])} to {style.number(row['max'])} times at d = {d}"
            for d, row in grown.iterrows()
        ]
        yield f"Unbounded norms grow {style.enumerated(parts)}."


main = figures.program(Targets, "Learnable functions, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
