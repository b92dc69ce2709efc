"""How the empirical kernel moves while a network trains, against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.2:
‖H(k) − H(0)‖_F = O(n³ / (√m λ₀ κ δ^{3/2})), H(k) the Gram matrix of the network at step k, with
H_ij = x_iᵀx_j · (1/m) #{r : w_rᵀx_i ≥ 0 and w_rᵀx_j ≥ 0}. In lazy training it hardly moves.

Writes `table`, tidy: labels, width, repetition, step k and `change`, ‖H(k) − H(0)‖_F / ‖H(0)‖_F.
"""

from pipeline import experiment
from scripts.two_layer.slice import KernelChange

POINTS_PER_DECADE = 15


@experiment.program(KernelChange)
def main(settings: KernelChange, job: experiment.Job) -> None:
    import itertools

    import numpy as np
    import pandas as pd

    from overparam import fits, labels, networks, schedules
    from overparam.device import array
    from overparam.seeds import generator
    from overparam.two_layer.trajectories import trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, steps, width = job.name, settings.steps, sorted(settings.width)
    inputs, true, test = files.load_arrays(job.problem, "inputs", "labels", "test_labels")
    eigenvalues, least = files.load_arrays(job.spectrum, "eigenvalues", "least")
    vectors = files.load_array(job.eigenvectors) if job.eigenvectors else least[None]
    eta = schedules.learning_rate(settings.eta, settings.eta_unit, eigenvalues[0])
    schedules.check_stable(eta, eigenvalues[0])
    n, d = inputs.shape
    coordinates = inputs @ networks.row_span(inputs)  # those of a step's weights
    shown = schedules.schedule(steps, POINTS_PER_DECADE)

    def follow(kind: str, m: int, repetition: int) -> pd.DataFrame:
        y, _ = labels.draw(kind, true, test, vectors, job.seed, name, repetition)
        rng = generator(job.seed, name, "init", m, repetition)
        start = networks.initialise(m, d, settings.kappa, settings.antisymmetric, rng)
        descent = track(trajectory(inputs, y, *start, eta, steps), steps + 1, f"{name} {m} {kind}")
        grams = (
            networks.empirical_gram(coordinates, array(step.weights))
            for step in descent
            if step.k in shown
        )
        first = next(grams)
        moved = [0.0, *(np.linalg.norm(gram - first) for gram in grams)]
        case = {"labels": kind, "width": m, "repetition": repetition}
        return pd.DataFrame({**case, "k": shown, "change": moved / np.linalg.norm(first)})

    cases = itertools.product(settings.labels, width, range(settings.repetitions))
    table = pd.concat([follow(*case) for case in cases], ignore_index=True)
    files.save_table(job.table, table)

    where = f"{name}, n = {n}, largest over measured steps to {steps}"
    figures = {}
    for kind in settings.labels:
        own = table[table.labels == kind].groupby(["width", "repetition"]).change.max().unstack()
        for m, per_seed in own.iterrows():
            figures[f"{kind}.m{m}.change"] = measured(
                per_seed.median(), per_seed=per_seed, where=f"{where}, m = {m}",
                unit="‖H(0)‖_F, median over seeds",
            )  # fmt: skip
        if len(width) > 1 and own.to_numpy().all():
            fit = fits.power_law(width, own.to_numpy())
            figures[f"{kind}.exponent"] = measured(
                fit.exponent, per_seed=fits.slopes(width, own.to_numpy()),
                interval=(fit.low, fit.high), unit="exponent of m",
                where=f"{where}, m = {width[0]} to {width[-1]}",
            )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
