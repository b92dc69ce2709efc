"""What data are like for the kernel: cosines between training inputs, and the spectrum's spread.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3): H_ij depends on x_iᵀx_j alone.
"""

from pipeline import figures, style
from scripts.two_layer.slice import Inputs

COLORS = {"one group": style.BLUE, "two groups": style.VERMILLION}
DASHES = {"one group": "-", "two groups": "--"}


def _load(job):
    from pipeline import files

    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    left_out, unused, inputs = files.load_arrays(job.problem, "left_out", "unused", "inputs")
    return figures.table(job.table), eigenvalues, left_out, unused, inputs.shape


def _draw(found, eigenvalues, left_out, unused, shape):
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


def _words(found, eigenvalues, left_out, unused, shape, job):
    n, d = shape
    yield (
        f"{n} training inputs x_i of unit length in d = {d} dimensions. The kernel H^∞ depends on "
        "the cosines x_iᵀx_j alone; its largest eigenvalue is λ₁, its condition number "
        f"{style.number(eigenvalues[0] / eigenvalues[-1])}."
    )
    if len(left_out):
        yield f"{style.counted(len(left_out), 'point')} left out: zero, or parallel to another."
    if len(unused):
        listed = ", ".join(unused[:5]) + (" …" if len(unused) > 5 else "")
        yield f"Classes of neither group, not used: {listed}."
    yield figures.HOW_TO_READ


main = figures.program(Inputs, "Inputs, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
