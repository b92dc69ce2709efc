"""Test error of trained networks against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1: the bound knows no m. Test
0–1 error, training error and loss Φ/n where the networks stopped: medians in bands over seeds, for
each way to start.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Capacity

LOOKS = [(style.PURPLE, "s"), (style.BLACK, "o"), (style.GREY, "^")]
PANELS = {
    "error": "share of points", "train_error": "share of points", "loss": "Φ/n",
}  # fmt: skip


def _load(job):
    starts = dict(each.split("=", 1) for each in job.arm)
    return figures.table(job.table), starts


def _draw(found, starts):
    figure, panels = style.new_figure(["ABC"], 2.8, _title(found, starts))
    names = [said for start, said in starts.items() if start in set(found.arm)]
    look = style.told_apart("arm", names, LOOKS)
    drawn = found.assign(arm=found.arm.map(starts))
    for panel, column in zip(panels, PANELS, strict=True):
        style.band(panel, drawn, "width", column, gid=column, **look)
        style.widths_axis(panel, sorted(found.width.unique()), "width $m$")
        panel.margins(y=0.15)
        panel.set_ylabel(PANELS[column])
    key = {"color": style.GREY, "alpha": 0.22, "linewidth": 0}
    panels[0].fill_between([], [], label="band: all seeds, line: median", **key)
    style.name_panels(panels, ["test error", "training error", "training loss"])
    style.shared_legend(figure, panels, columns=len(names) + 1)
    return figure


def _title(found, starts):
    ends = style.enumerated([f"m = {found.width.min()}", str(found.width.max())])
    said = [
        f"{style.change(own, 'width', 'error')} ({starts[start]})"
        for start, own in found.groupby("arm", sort=False)
    ]
    return f"Between {ends} the median test error {style.enumerated(said)}{_overlap(found)}"


def _overlap(found):
    """Whether, of each start, seeds of the narrowest and the widest networks err alike."""
    ends = found[found.width.isin([found.width.min(), found.width.max()])]
    ranges = ends.groupby(["arm", "width"]).error.agg(["min", "max"]).groupby("arm")
    overlap = (ranges["min"].max() <= ranges["max"].min()).all()
    return "; ranges overlap" if overlap else ""


def _words(found, starts, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of width m, initial weights N(0, κ²), antisymmetric: u(0) = 0; {job.training} "
        f"(p: share of random labels); {seeds}: median, range. Theorem 5.1's √(2 yᵀ(H^∞)⁻¹y/n): "
        f"{style.number(found.complexity.mean())} at every m."
    )


main = figures.program(Capacity, "Width and test error, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
