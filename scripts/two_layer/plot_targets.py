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
BESIDE = {"textcoords": "offset points", "va": "center"}  # a name beside what it names


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
    figure, panels = style.new_figure(rows, 3.2 + 0.22 * len(names), _title(norms))
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
    """How much norms grow, bounded ones and others, in each dimension."""
    last = norms[norms.n == norms.n.max()]
    grown = last.groupby(["kind", "d", "target"]).growth.median()
    names = {BOUNDED: "bounded norms", UNBOUNDED: "others"}
    said = []
    for d in sorted(norms.d.unique()):
        times = {kind: grown[kind, d] for kind in names if (kind, d) in grown.index}
        each = [f"{names[kind]} {style.span(own)} times" for kind, own in times.items()]
        said.append(f"{', '.join(each)} (d\u00a0=\u00a0{d})")
    return f"Growth from n = {norms.n.min()} to {norms.n.max()}: {'; '.join(said)}"


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
    # Bounded functions that look as if they were not are named.
    ends = medians[(medians.n == sizes[-1]) & (medians.kind == BOUNDED)]
    for own in ends[ends.growth > half[-1]].itertuples():
        named = series.function_name(own.target)
        panel.annotate(named, (own.n, own.growth), (4, 0), **BESIDE)


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
    for target, place in places.items():
        if target not in largest.index:
            panel.annotate("rank above $d$", (0, place), (4, 0), **BESIDE)
    below = {"zorder": 0.9, "gid": "sharp", "label": "sharp bound"}
    panel.axvline(1, color=style.BLACK, linewidth=0.8, **below)
    said = [series.function_name(target) if named else "" for target in places]
    panel.set_yticks([*places.values()], said)
    panel.set(xlabel="norm / sharp bound", ylabel="", ylim=(len(places) - 0.5, -0.5))
    panel.set_xlim(0, None)


def _words(norms, job):
    draws = style.counted(norms.repetition.nunique(), "draw")
    yield (
        "Norm √(yᵀ(H^∞)⁻¹y) of y_i = g(x_i), n points x_i drawn from the unit sphere in d "
        f"dimensions; z = βᵀx, ‖β‖ = 1 unless given; {draws}. Above: medians, a line for each "
        "function g. Below: largest norm over the sharp bound of the proof; published: the bound "
        "as printed."
    )


main = figures.program(Targets, "Learnable functions, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
