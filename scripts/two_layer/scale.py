"""The initialisation's scale κ against the width m: where eq. (8) is best met without doubling.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1: κ has to be small, for
u(0) ≈ 0, *and* m has to be large against 1/κ², since small weights are soon turned round. Its error
term O(√n κ + poly(n)/(√m κ)) has its minimum in between. Initialisation as in the paper (plain).

Writes `table`, a row per network: labels, width, kappa, repetition; deviation, the largest
|‖y − u(k)‖ − (8)|/‖y‖ over every step, the step where, and start, its value at step 0.
"""

from pipeline import experiment
from scripts.two_layer.slice import Scale


@experiment.program(Scale)
def main(settings: Scale, job: experiment.Job) -> None:
    import itertools

    import numpy as np
    import pandas as pd

    from overparam import labels as labellings
    from overparam import networks, schedules, spectra
    from overparam.seeds import generator
    from overparam.two_layer.trajectories import losses, trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, steps = job.name, settings.steps
    inputs, true, true_test = files.load_arrays(job.problem, "inputs", "labels", "test_labels")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    vectors = files.load_array(job.eigenvectors)
    rate = schedules.learning_rate(settings.eta, settings.eta_unit, eigenvalues[0])
    schedules.check_stable(rate, eigenvalues[0])

    def follow(kind: str, m: int, scale: float, repetition: int) -> dict[str, float | str]:
        y, _ = labellings.draw(kind, true, true_test, vectors, job.seed, name, repetition)
        rng = generator(job.seed, name, "init", m, repetition)
        start = networks.initialise(m, inputs.shape[1], scale, False, rng)
        phi = losses(trajectory(inputs, y, *start, rate, steps), steps + 1)
        coefficients = spectra.project(vectors, y)
        predicted = spectra.predicted_residual(eigenvalues, coefficients, rate, range(steps + 1))
        difference = np.abs(np.sqrt(2 * phi) - predicted) / np.linalg.norm(y)
        return {
            "labels": kind, "width": m, "kappa": scale, "repetition": repetition,
            "deviation": difference.max(), "step": int(difference.argmax()),
            "start": difference[0],
        }  # fmt: skip

    axes = (settings.labels, settings.width, settings.kappa, range(settings.repetitions))
    grid = list(itertools.product(*axes))
    found = pd.DataFrame([follow(*case) for case in track(grid, len(grid), name)])
    files.save_table(job.table, found)

    figures = {}
    for (kind, m), own in found.groupby(["labels", "width"]):
        where = f"{name}, n = {len(true)}, m = {m}, {kind} labels, plain, steps 0 to {steps}"
        deviations = own.pivot(index="kappa", columns="repetition", values="deviation")
        for scale, per_seed in deviations.iterrows():
            named = f"kappa{scale:g}".replace(".", "_")
            figures[f"{kind}.m{m}.{named}.deviation"] = measured(
                per_seed.median(), per_seed=per_seed, where=f"{where}, κ = {scale:g}",
                unit="‖y‖, median over seeds",
            )  # fmt: skip
        medians = deviations.median(axis=1)
        figures[f"{kind}.m{m}.best"] = measured(
            medians.idxmin(), per_seed=deviations.idxmin(), where=where,
            unit="κ of the smallest median deviation",
        )  # fmt: skip
        figures[f"{kind}.m{m}.gain"] = measured(
            medians.iloc[0] / medians.min(), per_seed=deviations.iloc[0] / deviations.min(),
            where=where, unit="deviation at the smallest κ over that at the best",
        )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
