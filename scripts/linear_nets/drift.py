"""How far gradient descent moves the imbalance D, in a step and in all, against the learning rate.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206): eq. (12), lemmas A.3 and C.3.
From the Gaussian starts of figure 2 (σ = 1), at η = η_max, η_max/2, η_max/4 …, until L ≤ 10⁻⁸ L(0).

Writes `table`: seed, halving, eta, `step` and `total`, ‖D(1) − D(0)‖_F and ‖D(T) − D(0)‖_F, and
their bounds `step_bound` and `total_bound`; and the figures.
"""

from pipeline import cli

DONE = 1e-8  # of L(0): where a descent has converged
ROUNDING = 1e-12  # of ‖D‖_F: the least step that is seen
SIGMA = 1.0  # imbalance of the start
FITTED = 4  # the smallest rates


@cli.program
@cli.option("--name", default="linear", help="Name of the problem, an axis of every seed.")
@cli.option("--n", type=cli.count(), default=5, help="Rows of W.")
@cli.option("--m", type=cli.count(), default=3, help="Columns of W.")
@cli.option("--h", type=cli.count(), default=1000, help="Width of the hidden layer.")
@cli.option("--c1", default=0.5, help="How far α may fall, as a share of α₀, in (0, 1).")
@cli.option("--c2", default=1.5, help="How far β may grow, as a multiple of β₀, above 1.")
@cli.option("--halvings", type=cli.count(FITTED), default=8, help="Learning rates.")
@cli.option("--seeds", type=cli.count(), default=10, help="Repetitions.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="Every drift, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    name: str, n: int, m: int, h: int, c1: float, c2: float, halvings: int, seeds: int, seed: int,
    table: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.linear_nets import bounds, draws, dynamics, rates
    from overparam.linear_nets.operators import imbalance, norm
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    rngs = [generator(seed, name, "drift", n, m, one) for one in range(seeds)]
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
                    one, one_bound = stepped, limit
            before, limit = now, bounds.step_drift(given, at, eta)
            if np.all(at.loss <= DONE * begun.loss):
                break
        rows.append(pd.DataFrame({
            "seed": range(seeds), "halving": halving, "eta": eta, "step": one,
            "step_bound": one_bound, "total": moved, "total_bound": total,
        }))  # fmt: skip

    drifts = pd.concat(rows)
    files.save_table(table, drifts)
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
    save(metrics, figures)


if __name__ == "__main__":
    main()
