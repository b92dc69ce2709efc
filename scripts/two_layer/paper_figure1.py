"""The paper's figure 1 on its own axes: eq. (8) as far as its curves go, at the rate inferred.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 and eq. (8): the loss
½ Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)² / n. It is closed form, so no network is trained. The learning rate η
is stated nowhere; the one inferred stands in scripts/two_layer/published/arora2019.yaml.

Writes `curves`, tidy: labels, repetition, step k, t = ηk, loss Φ/n, and at the steps
listed there `paper`, the loss of its networks; and `projections`: index i, eigenvalue, labels,
|v_iᵀy|; of many indices the first and then evenly spaced ones.
"""

from pipeline import experiment
from scripts.two_layer.slice import PaperFigure1


@experiment.program(PaperFigure1)
def main(settings: PaperFigure1, job: experiment.Job) -> None:
    import pandas as pd

    from overparam.errors import Refusal
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.two_layer import paper

    if not job.dataset:
        raise Refusal(f"paper_figure1: found {job.name}, expected a data set of the paper's")
    theirs = paper.dataset(paper.load(job.published), job.dataset)
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    projected = files.load_arrays(job.coefficients, "kinds", "repetitions", "coefficients")
    labellings = [each for each in zip(*projected, strict=True) if each[0] in paper.KINDS]
    curves = pd.concat([_curve(eigenvalues, *each, theirs, settings.points) for each in labellings])
    files.save_table(job.curves, curves)
    first = [each for each in labellings if each[1] == 0]
    files.save_table(job.projections, _projections(eigenvalues, first, settings.indices))
    # One step beyond the last that is known says that they stay together.
    parted = pd.Series(paper.parted(curves)).fillna(theirs.losses.steps[-1] + 1)
    where = f"{job.name}, n = {len(eigenvalues)}, η = {theirs.inferred_eta:g}"
    unit = (
        f"step from which on they differ by {paper.PART} or more; {', '.join(parted.index)} labels"
    )
    save(job.metrics, {"parted": measured(parted, unit=unit, where=where)})


def _curve(eigenvalues, kind, repetition, projected, theirs, count):
    """Eq. (8) at evenly spaced steps, at the first ones, and where the paper's loss is known."""
    import numpy as np
    import pandas as pd

    from overparam import schedules, spectra

    last, rate = theirs.losses.steps[-1], theirs.inferred_eta
    read = pd.Series(getattr(theirs.losses, kind), index=theirs.losses.steps)
    every = [np.linspace(0, last, count).astype(int), schedules.schedule(last, 10), read.index]
    steps = np.unique(np.concatenate(every))
    residual = spectra.predicted_residual(eigenvalues, projected, rate, steps)
    return pd.DataFrame({
        "labels": kind, "repetition": repetition, "k": steps, "t": rate * steps,
        "loss": residual**2 / 2 / len(eigenvalues), "paper": read.reindex(steps).to_numpy(),
    })  # fmt: skip


def _projections(eigenvalues, labellings, count):
    import numpy as np
    import pandas as pd

    n = len(eigenvalues)
    index = np.unique(np.concatenate([np.arange(1, min(n, count // 10) + 1),
                                      np.linspace(1, n, min(n, count)).astype(int)]))  # fmt: skip
    return pd.concat([
        pd.DataFrame({
            "index": index, "eigenvalue": eigenvalues[index - 1], "labels": kind,
            "abs_projection": np.abs(projected[index - 1]),
        })
        for kind, _, projected in labellings
    ])  # fmt: skip


if __name__ == "__main__":
    main()
