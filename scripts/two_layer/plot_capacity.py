"""Test error of trained networks against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1: the bound knows no m. Test
0–1 error, training error and loss Φ/n where the networks stopped: medians in bands over seeds, for
each way to start.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Capacity

LOOKS = [(style.PURPLE, "s"), (style.BLACK, "o"), (style.GREY, "^")]
PANELS = {
    "error": "share of test points", "train_error": "share of training points", "loss": "Φ/n",
}  # fmt: skip


def _load(job):
    starts = dict(each.split("=", 1) for each in job.arm)
    return figures.table(job.table), starts


def _draw(found, starts):
    figure, panels = style.new_figure(["ABC"], 2.7, _title(found, starts))
    names = [said for start, said in starts.items() if start in set(found.arm)]
    look = style.told_apart("arm", names, LOOKS)
    drawn = found.assign(arm=found.arm.map(starts))
    for panel, column in zip(panels, PANELS, strict=True):
        style.band(panel, drawn, "width", column, gid=column, **look)
        style.widths_axis(panel, sorted(found.width.unique()), "width $m$")
        panel.margins(y=0.15)
        panel.set_ylabel(PANELS[column])
    style.name_panels(panels, ["test error", "training error", "training loss"])
    style.shared_legend(figure, panels, columns=len(names))
    return figure


def _title(found, starts):
    ends = style.enumerated([f"m = {found.width.min()}", str(found.width.max())])
    said = [
        f"{style.change(own, 'width', 'error')} ({starts[start]})"
        for start, own in found.groupby("arm", sort=False)
    ]
    return f"Between {ends} the test error {style.enumerated(said)}"


def _words(found, starts, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of width m, {job.training} (p: share of random labels); {seeds}: median, "
        "smallest to largest, where training stops. Theorem 5.1's complexity √(2 yᵀ(H^∞)⁻¹y/n): "
        f"{style.number(found.complexity.mean())} at every m."
    )


main = figures.program(Capacity, "Width and test error, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
