"""How far networks travel for other labels than the true ones: random signs, a linear function.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma 5.3,
‖W(k) − W(0)‖_F ≤ √(yᵀ(H∞)⁻¹y) + …, for any labels. Networks start at u(0) = 0 (unless
told otherwise) and take steps of the same η; every labelling has ‖y‖ = √n.

Writes `table`, a row per network: labels, repetition; deviation, the largest
|‖y − u(k)‖ − (8)|/‖y‖ over every step k; distance ‖W(K) − W(0)‖_F, needed √(yᵀ(H∞)⁻¹y) and ratio.
"""

from pipeline import experiment
from scripts.two_layer.slice import Distances


@experiment.program(Distances)
def main(settings: Distances, job: experiment.Job) -> None:
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
    (inputs,) = files.load_arrays(job.problem, "inputs")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    vectors = files.load_array(job.eigenvectors)
    eta = schedules.learning_rate(settings.eta, settings.eta_unit, eigenvalues[0])
    schedules.check_stable(eta, eigenvalues[0])
    n, d = inputs.shape

    def drawn(kind: str, repetition: int) -> np.ndarray:
        rng = generator(job.seed, name, "labels", "train", kind, repetition)
        if kind == "random":
            return labels.random_signs(n, rng)
        values = inputs @ rng.standard_normal(d)
        return np.sqrt(n) * values / np.linalg.norm(values)

    def follow(kind: str, repetition: int) -> dict[str, float | str]:
        y = drawn(kind, repetition)
        rng = generator(job.seed, name, "init", width, repetition)
        weights, signs = networks.initialise(width, d, settings.kappa, settings.antisymmetric, rng)
        left = np.empty(steps + 1)
        descent = trajectory(inputs, y, weights, signs, eta, steps)
        for step in track(descent, steps + 1, f"{name} {kind} {repetition}"):
            left[step.k] = np.sqrt(2 * step.loss)
        coefficients = spectra.project(vectors, y)
        predicted = spectra.predicted_residual(eigenvalues, coefficients, eta, np.arange(steps + 1))
        distance = np.linalg.norm(array(step.weights) - networks.row_span(inputs).T @ weights)
        needed = np.sqrt(np.sum(coefficients**2 / eigenvalues))
        return {
            "labels": kind, "repetition": repetition,
            "deviation": np.abs(left - predicted).max() / np.sqrt(n),
            "distance": distance, "needed": needed, "ratio": distance / needed,
        }  # fmt: skip

    cases = itertools.product(("random", "linear"), range(settings.repetitions))
    found = pd.DataFrame([follow(*case) for case in cases])
    files.save_table(job.table, found)
    save(job.metrics, {
        f"{kind}.{column}": measured(
            own[column].median(), per_seed=own[column], unit="median over seeds",
            where=f"{name}, n = {n}, {kind} labels, m = {width}, {steps} steps",
        )
        for kind, own in found.groupby("labels")
        for column in ("deviation", "ratio")
    })  # fmt: skip


if __name__ == "__main__":
    main()
