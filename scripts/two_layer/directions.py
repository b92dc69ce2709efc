"""Loss per eigen-direction: what is left of the labels along groups of eigenvectors.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (8): along v_i a wide network forgets
its residual as (1 − ηλ_i)^k, so what is left of ‖y‖² in a group G of eigenvectors at step k is
Σ_{i∈G} (1 − ηλ_i)^{2k} (v_iᵀy)². Groups are about equally long in log i.

Writes `table`, tidy: labels, repetition, step k, the group's first and last index, `network` =
Σ_{i∈G} (v_iᵀ(y − u(k)))² / ‖y‖² and `prediction`, the same of eq. (8).
"""

from pipeline import experiment
from scripts.two_layer.slice import Directions

POINTS_PER_DECADE = 15


@experiment.program(Directions)
def main(settings: Directions, job: experiment.Job) -> None:
    import itertools

    import numpy as np
    import pandas as pd

    from overparam import labels, networks, schedules, spectra
    from overparam.device import array
    from overparam.seeds import generator
    from overparam.two_layer.trajectories import trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, width, steps = job.name, settings.width, settings.steps
    inputs, true, test = files.load_arrays(job.problem, "inputs", "labels", "test_labels")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    vectors = files.load_array(job.eigenvectors)
    eta = schedules.learning_rate(settings.eta, settings.eta_unit, eigenvalues[0])
    schedules.check_stable(eta, eigenvalues[0])
    n, d = inputs.shape
    firsts = np.unique(np.round(np.geomspace(1, n + 1, settings.groups + 1)).astype(int))[:-1]
    shown = schedules.schedule(steps, POINTS_PER_DECADE)

    def energies(coefficients: np.ndarray) -> np.ndarray:
        """Of each group, the sum of squares over n, which is ‖y‖²."""
        return np.add.reduceat(coefficients**2, firsts - 1) / n

    def follow(kind: str, repetition: int) -> pd.DataFrame:
        y, _ = labels.draw(kind, true, test, vectors, job.seed, name, repetition)
        rng = generator(job.seed, name, "init", width, repetition)
        start = networks.initialise(width, d, settings.kappa, settings.antisymmetric, rng)
        descent = track(trajectory(inputs, y, *start, eta, steps), steps + 1, f"{name} {kind}")
        left = [energies(vectors @ array(step.residual)) for step in descent if step.k in shown]
        coefficients = spectra.project(vectors, y)
        foretold = [energies((1 - eta * eigenvalues) ** int(k) * coefficients) for k in shown]
        case = {"labels": kind, "repetition": repetition}
        return pd.DataFrame({
            **case, "k": np.repeat(shown, len(firsts)), "first": np.tile(firsts, len(shown)),
            "last": np.tile([*(firsts[1:] - 1), n], len(shown)),
            "network": np.concatenate(left), "prediction": np.concatenate(foretold),
        })  # fmt: skip

    cases = itertools.product(settings.labels, range(settings.repetitions))
    table = pd.concat([follow(*case) for case in cases], ignore_index=True)
    files.save_table(job.table, table)
    away = (table.network - table.prediction).abs().groupby([table.labels, table.repetition]).max()
    where = f"{name}, n = {n}, m = {width}, {len(firsts)} groups, measured steps to {steps}"
    save(job.metrics, {
        f"{kind}.deviation": measured(
            own.median(), per_seed=own, where=where,
            unit="‖y‖², largest over groups and steps, median over seeds",
        )
        for kind, own in away.groupby("labels")
    })  # fmt: skip


if __name__ == "__main__":
    main()
