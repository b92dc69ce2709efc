"""How fast wide networks forget each eigenvector: slopes of log (v_iᵀ(y − u(k)))² against the step.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1 and section 4: each term of
eq. (8) falls by the factor (1 − ηλ_i)² a step, alone.

The labels are Σ_i ±v_i over the top eigenvectors: random ±1 labels have a projection of that size
on each of them on average, here none is so small that its neighbours' fluctuations drown it. They
start at u(0) = 0 (unless told otherwise), with η below 1/λ_max: at 1/λ_max the first term would be
gone after one step. The line through the logarithms goes from step 0 to the step at which eq. (8)
says that 1/e is left, some 1/(2ηλ_i): far above rounding, and before weights have moved much.

Writes `table`, a row per network and eigenvector: repetition, index i from 1, eigenvalue λ_i, the
last step of the fit, slope, predicted slope 2 log |1 − ηλ_i| and their relative difference; and
`curves`: repetition, index, step k, left = (v_iᵀ(y − u(k)))², which starts at 1.
"""

from pipeline import experiment
from scripts.two_layer.slice import Decay

POINTS_PER_DECADE = 20  # rows of `curves` per factor ten of steps


@experiment.program(Decay)
def main(settings: Decay, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, networks, schedules
    from overparam.device import array
    from overparam.seeds import generator
    from overparam.two_layer.trajectories import trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, width, top = job.name, settings.width, settings.top
    (inputs,) = files.load_arrays(job.problem, "inputs")
    eigenvalues, leading = files.load_arrays(job.spectrum, "eigenvalues", "leading")
    vectors, kept = leading[:top], eigenvalues[:top]
    rate = schedules.learning_rate(settings.eta, settings.eta_unit, eigenvalues[0])
    schedules.check_decay(rate, eigenvalues[0])
    predicted = 2 * np.log(np.abs(1 - rate * kept))
    last = np.ceil(-1 / predicted).astype(int)
    shown = schedules.schedule(int(last[-1]), POINTS_PER_DECADE)

    rows, drawn = [], []
    for repetition in range(settings.repetitions):
        rng = generator(job.seed, name, "labels", "train", "leading", repetition)
        labels = rng.choice(np.array([-1.0, 1.0]), size=len(kept)) @ vectors
        init = generator(job.seed, name, "init", width, repetition)
        start = networks.initialise(
            width, inputs.shape[1], settings.kappa, settings.antisymmetric, init
        )
        steps = trajectory(inputs, labels, *start, rate, int(last[-1]))
        followed = track(steps, last[-1] + 1, f"{name} {repetition}")
        left = np.array([(vectors @ array(step.residual)) ** 2 for step in followed])
        for i, (end, expected) in enumerate(zip(last, predicted, strict=True)):
            case = {"repetition": repetition, "index": i + 1}
            found = fits.slope(np.arange(end + 1), np.log(left[: end + 1, i]))
            rows.append(case | {
                "eigenvalue": kept[i], "last": end, "slope": found, "predicted": expected,
                "difference": found / expected - 1,
            })  # fmt: skip
            drawn.append(pd.DataFrame(case | {"k": shown, "left": left[shown, i]}))
    slopes = pd.DataFrame(rows)
    files.save_table(job.table, slopes)
    files.save_table(job.curves, pd.concat(drawn))

    medians = slopes.groupby("index").difference.median()
    worst = medians.abs().idxmax()
    per_seed = slopes.assign(size=slopes.difference.abs()).groupby("repetition")["size"]
    where = (
        f"{name}, n = {len(inputs)}, m = {width}, η = {rate:.3g}, "
        f"labels Σ ±v_i over the top {len(kept)}, fitted until 1/e is left"
    )
    save(job.metrics, {
        "difference": measured(
            per_seed.max().median(), per_seed=per_seed.max(), where=where,
            unit="largest over i, median over seeds",
        ),
        "difference.median": measured(
            abs(medians[worst]), where=f"{where}; spread: each network's along i = {worst}",
            per_seed=slopes.difference[slopes["index"] == worst] * np.sign(medians[worst]),
            unit="median over seeds, largest over i",
        ),
        "difference.typical": measured(
            per_seed.median().median(), per_seed=per_seed.median(), where=where,
            unit="median over i, median over seeds",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
