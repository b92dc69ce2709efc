"""Test error of trained networks and the bound's complexity against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1: the bound knows no m. Left:
test 0–1 error; right: loss Φ/n and training error where the networks stopped. A dot for each seed,
medians joined; the complexity √(2 yᵀ(H∞)⁻¹y/n) of the same labels stands in the caption.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Capacity

ERROR = {"color": style.BLUE, "marker": "o", "linestyle": "-"}
TRAIN = {"color": style.VERMILLION, "marker": "s", "linestyle": (0, (3.2, 1.8))}
LOSS = {"color": style.GREEN, "marker": "^", "linestyle": (0, (1, 1.2))}


def _load(job):
    return figures.table(job.table), dict(each.split("=", 1) for each in job.arm)


def _draw(found, starts):
    rows = [["AB", "CD", "EF", "GH"][at] for at in range(len(starts))]
    figure, panels = style.new_figure(rows, 2.15 * len(rows) + 0.65)
    for at, start in enumerate(starts):
        own, (left, right) = found[found.arm == start], panels[2 * at : 2 * at + 2]
        series.seeds(left, own, "width", "error", f"error-{start}", **ERROR)
        series.seeds(right, own, "width", "train_error", f"train-{start}", **TRAIN)
        series.seeds(right, own, "width", "loss", f"loss-{start}", **LOSS)
        for panel, label in ((left, "test 0–1 error"), (right, "at the last step")):
            style.widths_axis(panel, sorted(own.width.unique()), "width $m$")
            panel.set_ylabel(label)
        left.set_ylim(0, max(0.05, found.error.max() * 1.25))
        right.set_ylim(0, None)
    titles = [title for said in starts.values() for title in (said, "training")]
    style.name_panels(panels, titles)
    entries = [
        style.handle("test error", **ERROR),
        style.handle("training error", **TRAIN),
        style.handle("loss Φ/n", **LOSS),
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _words(found, starts, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of {style.counted(found.width.nunique(), 'width')} m, {job.training}; {seeds}, "
        "whose labels are the same at every width. Medians joined, dots for single seeds. Left "
        "test 0–1 error; right training error and loss Φ/n where they stop, at step "
        f"{style.span(found.steps)}. A row for each way to start."
    )
    for start, said in starts.items():
        yield _found(found[found.arm == start], said)


def _found(found, said):
    by_width = found.groupby("width")[["error", "train_error", "loss"]].median()
    medians = by_width.error
    ends = [
        f"{style.number(at.train_error)} and {style.number(at.loss)} at m = {m}"
        for m, at in by_width.iloc[[0, -1]].iterrows()
    ]
    return (
        f"Here ({said}) the median test error is {style.number(medians.iloc[0])} at "
        f"m = {medians.index[0]} and {style.number(medians.iloc[-1])} at m = {medians.index[-1]}, "
        f"between {style.number(medians.min())} and {style.number(medians.max())} at all of them; "
        f"training error and loss are {style.enumerated(ends)}; the "
        f"complexity √(2 yᵀ(H^∞)⁻¹y/n) is {style.spread(found.complexity, 'mean')} at any m."
    )


main = figures.program(Capacity, "Width and test error, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
