"""Steps until every training label is fitted, for true and for random labels.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 1, after Zhang et al. 2017
(arXiv 1611.03530): over-parameterised networks fit any labels, random ones too, but those take
longer. The same networks learn both: the first training points of the problem, one start,
η in units of 1/λ_max of these points' own H∞.

Writes `table`, a row per network: labels, repetition, steps (the first k at which the sign of
u_i(k) is y_i for every i, or none), error, the share of labels not fitted at the last step looked
at, and loss, Φ/n there; and `curves`: labels, repetition, k and error at logarithmically spaced k.
"""

from pipeline import experiment
from scripts.two_layer.slice import Fit

POINTS_PER_DECADE = 20  # rows of `curves` per factor ten of steps


@experiment.program(Fit)
def main(settings: Fit, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import kernels, matrices, networks, predictions, schedules
    from overparam import labels as labellings
    from overparam.device import array
    from overparam.seeds import generator
    from overparam.two_layer.trajectories import trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, width, steps = job.name, settings.width, settings.steps
    inputs, true = (
        rows[: settings.points] for rows in files.load_arrays(job.problem, "inputs", "labels")
    )
    n = len(true)
    eigenvalues, _ = matrices.decompose(kernels.relu_gram(inputs))
    rate = schedules.learning_rate(settings.eta, settings.eta_unit, eigenvalues[0])
    schedules.check_stable(rate, eigenvalues[0])
    shown = set(schedules.schedule(steps, POINTS_PER_DECADE).tolist())

    rows, drawn = [], []
    for kind in ("true", "random"):
        for repetition in range(settings.repetitions):
            y, _ = labellings.draw(kind, true, true, np.empty(0), job.seed, name, repetition)
            rng = generator(job.seed, name, "init", width, repetition)
            start = networks.initialise(
                width, inputs.shape[1], settings.kappa, settings.antisymmetric, rng
            )
            path = trajectory(inputs, y, *start, rate, steps)
            case = {"labels": kind, "repetition": repetition}
            for step in track(path, steps + 1, f"{name} {kind} {repetition}"):
                error = float(predictions.zero_one_error(array(step.residual) + y, y))
                # At the start an antisymmetric network is 0, and its sign rounding's.
                fitted = step.k > 0 and error == 0
                if step.k in shown or fitted:
                    drawn.append(case | {"k": step.k, "error": error})
                if fitted:
                    break
            taken = step.k if fitted else None
            rows.append(case | {"steps": taken, "error": error, "loss": step.loss / n})
    found = pd.DataFrame(rows).astype({"steps": "Int64"})
    files.save_table(job.table, found)
    files.save_table(job.curves, pd.DataFrame(drawn))

    start = "antisymmetric" if settings.antisymmetric else "plain"
    where = f"{name}, n = {n}, m = {width}, κ = {settings.kappa:g}, {start}"
    # Labels never fitted count as if the last step had done it: the ratio is at least this.
    taken = found.assign(steps=found.steps.fillna(steps)).pivot(
        index="repetition", columns="labels", values="steps"
    )
    ratios = (taken.random / taken.true).astype(float)
    figures = {
        "ratio": measured(
            ratios.median(), per_seed=ratios, where=where,
            unit="steps for random over those for true labels, median over seeds",
        ),
        "error": measured(
            found.error.max(), per_seed=found.groupby("repetition").error.max(),
            unit="training error at the end, largest", where=f"{where}, up to {steps} steps",
        ),
    }  # fmt: skip
    for kind in taken:
        own = taken[kind].astype(float)
        figures[f"{kind}.steps"] = measured(
            own.median(), per_seed=own, unit="steps, median over seeds", where=where
        )
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
