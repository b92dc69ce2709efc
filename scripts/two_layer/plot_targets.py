"""Which functions are learnable: √(yᵀ(H^∞)⁻¹y) against the number n of points on the sphere.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 6.1, corollary 6.2 and examples.

A column of panels for each dimension d. Above: each function's norm over its value at the smallest
n, median over draws; bounded functions against those without a bound. Below: the largest norm of a
bounded function over the sharp bound of its proof, so that 1 is never passed, and the published
bound.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Targets

BOUNDED, UNBOUNDED = "functions that theorem 6.1 bounds", "others"
COLORS = {BOUNDED: style.BLUE, UNBOUNDED: style.VERMILLION}
DASHES = {BOUNDED: "", UNBOUNDED: (3.2, 1.8)}
SHARES = {
    "share": {"color": style.BLUE, "label": "largest norm"},
    "published": {"color": style.GREY, "marker": "|", "label": "published bound"},
}
NAMES = {
    "linear": r"$z$", "power": r"$z^{%g}$", "sum": "sum of powers", "sign": r"sign $z$",
    "quadratic": r"$x^{\top}Ax$, rank %g", "sine": r"$\sin %g z$", "relu": r"$\max(z, 0)$",
    "cosine": r"$\cos(%g z) - 1$", "arctan": r"$z\arctan(z/2)$, $\Vert\beta\Vert = %g$",
    "absolute": r"$|z|$",
}  # fmt: skip


def _load(job):
    norms = figures.table(job.table)
    first = norms[norms.n == norms.n.min()].groupby(["d", "target"]).norm.median()
    norms["share"] = norms.norm / norms.sharp
    norms["growth"] = norms.norm / first.loc[zip(norms.d, norms.target, strict=True)].to_numpy()
    norms["kind"] = norms.sharp.notna().map({True: BOUNDED, False: UNBOUNDED})
    return (norms,)


def _draw(norms):
    dimensions = sorted(norms.d.unique())
    names = [*dict.fromkeys(norms[norms.sharp.notna()].target)]
    growing, sharing = ("ABCDEFGH"[at : at + len(dimensions)] for at in (0, len(dimensions)))
    rows = [growing] * 5 + [sharing] * (2 + len(names) // 3)
    figure, panels = style.new_figure(rows, 3.2 + 0.2 * len(names), _title(norms))
    highest = norms.groupby(["d", "target", "n"]).growth.median().max()
    for at, d in enumerate(dimensions):
        own = norms[norms.d == d]
        _draw_growth(panels[at], own, highest)
        _draw_shares(panels[len(dimensions) + at], own, names, named=at == 0)
    titles = [f"$d = {d}$: {said}" for said in ("growth with n", "share of the bound")
              for d in dimensions]  # fmt: skip
    style.name_panels(panels, titles)
    style.shared_legend(figure, panels, columns=3)
    return figure


def _title(norms):
    """How much the norms grow in the smallest dimension, where bounded ones have levelled off."""
    last = norms[(norms.n == norms.n.max()) & (norms.d == norms.d.min())]
    grown = last.groupby(["kind", "target"]).growth.median()
    said = [
        f"{'bounded' if kind == BOUNDED else 'other'} norms grow {style.span(grown[kind])} times"
        for kind in (BOUNDED, UNBOUNDED)
        if kind in grown
    ]
    return (
        f"From n = {norms.n.min()} to {norms.n.max()}, d = {norms.d.min()}: "
        f"{style.enumerated(said)}"
    )


def _draw_growth(panel, norms, highest):
    """A line for each function: bands of so many would hide each other."""
    import seaborn

    medians = norms.groupby(["kind", "target", "n"], as_index=False).growth.median()
    kinds = [kind for kind in COLORS if kind in set(norms.kind)]
    seaborn.lineplot(
        medians, x="n", y="growth", hue="kind", style="kind", units="target", estimator=None,
        hue_order=kinds, style_order=kinds, palette=COLORS, dashes=DASHES, linewidth=1, ax=panel,
        gid="growth",
    )  # fmt: skip
    sizes = sorted(norms.n.unique())
    half = [(size / sizes[0]) ** 0.5 for size in sizes]
    guide = {"color": style.BLACK, "gid": "guide", "label": "slope of $n^{1/2}$"} | series.GUIDE
    panel.plot(sizes, half, **guide)
    style.widths_axis(panel, sizes, "points $n$")
    style.plain_log_axis(panel, medians.growth.min(), max(half[-1], highest))
    panel.set_ylabel(f"norm / norm at n = {sizes[0]}")


def _draw_shares(panel, norms, targets, named):
    """The largest norm of each bounded function, over all n and draws."""
    import seaborn

    bounded = norms[norms.sharp.notna()]
    if bounded.empty:
        panel.set_axis_off()
        return
    places = {target: at for at, target in enumerate(targets)}
    largest = bounded.groupby("target").agg(
        share=("share", "max"), sharp=("sharp", "first"), published=("published", "first")
    )
    largest = largest.assign(published=largest.published / largest.sharp)
    for column, look in SHARES.items():
        drawn = largest.assign(place=largest.index.map(places))
        seaborn.scatterplot(
            drawn, x=column, y="place", s=22, linewidth=1, gid=column, ax=panel, **look
        )
    panel.axvline(1, color=style.BLACK, linewidth=0.8, gid="sharp", label="sharp bound")
    panel.set_yticks([*places.values()], [_named(target) if named else "" for target in places])
    panel.set(xlabel="norm / sharp bound", ylabel="", ylim=(len(places) - 0.5, -0.5))
    panel.set_xlim(0, None)


def _named(target):
    kind = target.rstrip("0123456789.")
    name = NAMES.get(kind, target)
    return name % float(target[len(kind) :] or 1) if "%g" in name else name


def _words(norms, job):
    draws = style.counted(norms.repetition.nunique(), "draw")
    yield (
        "Norm √(yᵀ(H^∞)⁻¹y) of y_i = g(x_i), n points x_i drawn from the unit sphere in d "
        f"dimensions; z = βᵀx, ‖β‖ = 1 unless given; {draws}. Above: a line for each function "
        "g, median. Below: largest norm over the sharp bound, that of the proof; published: the "
        "bound that is printed."
    )


main = figures.program(Targets, "Learnable functions, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
