"""How far gradient descent moves the imbalance D, in a step and in all, against the learning rate.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206): eq. (12), lemmas A.3 and C.3.
From the Gaussian starts of figure 2 (σ = 1), at η = η_max, η_max/2, η_max/4 …, until L ≤ 10⁻⁸ L(0).

Writes `table`: seed, halving, eta, `step` and `total`, ‖D(1) − D(0)‖_F and ‖D(T) − D(0)‖_F, and
their bounds `step_bound` and `total_bound`; and the figures.
"""

from pipeline import experiment
from scripts.linear_nets.slice import Drift

DONE = 1e-8  # of L(0): where a descent has converged
ROUNDING = 1e-12  # of ‖D‖_F: the least step that is seen
SIGMA = 1.0  # imbalance of the start
FITTED = 4  # the smallest rates


@experiment.program(Drift)
def main(settings: Drift, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.linear_nets import bounds, draws, dynamics, rates
    from overparam.linear_nets.operators import imbalance, norm
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, m, h, c1, c2 = settings.n, settings.m, job.h, settings.c1, settings.c2
    halvings, seeds = settings.halvings, settings.seeds
    rngs = [generator(job.seed, job.name, "drift", n, m, seed) for seed in range(seeds)]
    given, w1, w2 = draws.scaled_gaussians(rngs, n, m, h, SIGMA)
    begun = rates.start(given, w1, w2)
    largest = rates.largest_step(given, begun, c1, c2)
    first = imbalance(w1, w2)

    rows, worst = [], {"step.bound": np.zeros(seeds), "total.bound": np.zeros(seeds)}
    for halving in range(halvings):
        eta = largest / 2**halving
        total = bounds.total_drift(given, begun, eta, c1, c2)
        before, limit = None, None
        for at, _ in dynamics.descend(given, w1, w2, lambda at, eta=eta: eta):
            now = imbalance(at.w1, at.w2)
            moved = norm(now - first)
            worst["total.bound"] = np.maximum(worst["total.bound"], moved / total)
            if before is not None:
                stepped = norm(now - before)
                # Below, only the rounding of D moves.
                ratio = np.where(limit > ROUNDING * norm(now), stepped / limit, 0)
                worst["step.bound"] = np.maximum(worst["step.bound"], ratio)
                if at.step == 1:
                    first_step, first_bound = stepped, limit
            before, limit = now, bounds.step_drift(given, at, eta)
            if np.all(at.loss <= DONE * begun.loss):
                break
        rows.append(pd.DataFrame({
            "seed": range(seeds), "halving": halving, "eta": eta, "step": first_step,
            "step_bound": first_bound, "total": moved, "total_bound": total,
        }))  # fmt: skip

    drifts = pd.concat(rows)
    files.save_table(job.table, drifts)
    where = f"n = {n}, m = {m}, h = {h}, c₁ = {c1:g}, c₂ = {c2:g}, η = η_max/2^k, k < {halvings}"
    figures = {
        key: measured(values.max(), per_seed=values, where=where) for key, values in worst.items()
    }
    for key, smallest in (("step", halvings), ("total", FITTED)):
        wide = drifts[drifts.halving >= halvings - smallest].pivot(
            index="halving", columns="seed", values=key
        )
        # Halvings are the same for every seed, η_max is not.
        sizes, values = 0.5 ** wide.index.to_numpy(), wide.to_numpy()
        fit = fits.power_law(sizes, values)
        figures[f"{key}.exponent"] = measured(
            fit.exponent, per_seed=fits.slopes(sizes, values), interval=(fit.low, fit.high),
            where=where,
        )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
