"""What data are like for the kernel: cosines between training inputs, and the spectrum's spread.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3): H_ij depends on x_iᵀx_j alone.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Inputs

COLORS = {"one group": style.BLUE, "two groups": style.VERMILLION}
DASHES = {"one group": "-", "two groups": "--"}

SHOWN = 4  # classes in the caption


def _load(job):
    from pipeline import files

    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    named = ("inputs", "classes", "test_classes", "left_out")
    return figures.table(job.table), eigenvalues, *files.load_arrays(job.problem, *named)


def _draw(found, eigenvalues, *_):
    import seaborn

    figure, (panel,) = style.new_figure(["A"], 2.8, _title(found, eigenvalues))
    for kind, color in COLORS.items():
        own = found[found.pair == kind]
        if len(own):
            seaborn.histplot(
                own, x="cosine", stat="density", bins=60, binrange=_range(found), element="step",
                fill=False, color=color, linestyle=DASHES[kind], ax=panel, gid=kind[:3],
            )  # fmt: skip
    panel.set(xlabel=r"$x_i^{\top}x_j$", ylabel="density")
    named = [style.handle(f"both inputs of {kind}" if kind == "one group" else "of two groups",
                          color=color, linestyle=DASHES[kind])
             for kind, color in COLORS.items()]  # fmt: skip
    style.legend(figure, named, columns=2)
    return figure


def _range(found):
    low, high = found.cosine.min(), found.cosine.max()
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _title(found, eigenvalues):
    medians = found.groupby("pair").cosine.median()
    said = [f"{style.number(medians[kind])} in {kind}" for kind in COLORS if kind in medians]
    share = 100 * eigenvalues[0] / eigenvalues.sum()
    return (
        f"Cosines between inputs: {style.enumerated(said)} (medians); λ₁ holds "
        f"{style.number(share)} % of the trace"
    )


def _words(found, eigenvalues, inputs, classes, test_classes, left_out, job):
    n, d = inputs.shape
    yield (
        f"{n} training inputs x_i in d = {d} dimensions ({_counts(classes)}), and "
        f"{len(test_classes)} test inputs ({_counts(test_classes)}), each scaled to unit length. "
        f"Left out: {len(left_out) or 'none'}. "
        f"H^∞ depends on {_seen(job.kernel)}; λ₁: its largest eigenvalue; condition number "
        f"{style.number(eigenvalues[0] / eigenvalues[-1])}."
    )
    yield figures.HOW_TO_READ


def _seen(kernel):
    """What a kernel is a function of."""
    deep = kernel and kernel.startswith("convolutional")
    return "all pairs of 3 × 3 patches" if deep else "the cosines x_iᵀx_j alone"


def _counts(classes):
    """Of each class its points; of many how many there are."""
    import numpy as np

    names, counts = np.unique(classes.astype(str), return_counts=True)
    listed = [f"{names[at]}: {counts[at]}" for at in np.argsort(-counts, kind="stable")]
    return ", ".join(listed) if len(listed) <= SHOWN else f"{len(listed)} classes"


main = figures.program(Inputs, "Inputs, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
