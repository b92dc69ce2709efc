"""How the empirical kernel moves while a network trains: its relative change against the step.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.2. A panel for each labelling, a
shade for each width: median and a band from smallest to largest over seeds.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import KernelChange

MARKERS = "os^Dv"


def _draw(found):
    kinds = series.looks(found.labels)
    rows = series.in_rows(len(kinds))
    figure, panels = style.new_figure(rows, 2.5 * len(rows) + 0.7, _title(found, kinds))
    widths = sorted(found.width.unique())
    moved = found[found.k > 0].assign(change=100 * found.change)  # in %
    drawn = moved.assign(width=moved.width.map("$m = {}$".format))
    markers = (MARKERS * len(widths))[: len(widths)]
    looks = zip(style.shades(len(widths)), markers, strict=True)
    look = style.told_apart("width", [f"$m = {m}$" for m in widths], [*looks])
    for kind, panel in zip(kinds, panels, strict=True):
        own = drawn[drawn.labels == kind]
        style.band(panel, own, "k", "change", gid=f"change-{kind}", markevery=5, **look)
        style.decades_axis(panel, "gradient step $k$", found.k.max())
        panel.set_ylabel("")
        style.plain_log_axis(panel, moved.change[moved.change > 0].min(), moved.change.max())
    panels[0].set_ylabel(r"$\Vert H(k) - H(0)\Vert_F\,/\,\Vert H(0)\Vert_F$ in %")
    style.name_panels(panels, [look.name for look in kinds.values()])
    style.shared_legend(figure, panels, columns=4)
    return figure


def _title(found, kinds):
    """How much the kernel has changed at the last step, in the narrowest and widest networks."""
    ends = found[found.k == found.k.max()].groupby(["labels", "width"]).change.median()
    said = [
        f"{style.number(100 * ends[kind].iloc[0])} % at m = {ends[kind].index[0]}, "
        f"{style.number(100 * ends[kind].iloc[-1])} % at m = {ends[kind].index[-1]} "
        f"({look.name})"
        for kind, look in kinds.items()
    ]
    return f"By step {found.k.max()} the kernel has moved by {'; '.join(said)}"


def _words(found, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        "H(k): Gram matrix of a network's own features after k gradient steps, its empirical "
        f"neural tangent kernel. Networks of width m, {job.training}; {seeds}: median, smallest to "
        "largest."
    )


main = figures.program(KernelChange, "Kernel during training, {name}", _draw, _words)

if __name__ == "__main__":
    main()
