"""Random features, alone and as what a network with small output weights is.

Source: Lee's survey (2019), "Relation to Neural Nets (Warm-up)" and "Restrict to two-layer". Of
both, f = Σ_j a_j φ(w_jᵀx). Networks start with ‖w_j‖ = 1 and a_j ~ N(0, 10⁻⁶/m), and learn y = sign
x₁ by gradient descent on ½Σ(f − y)², η = 1/λ_max of the random features' kernel: all layers beside
the output layer alone. float64.

Writes `table`: kind (step, relu), m, seed, error, the root mean square over inputs of the mean of m
features less its limit, and exact, that over draws too; `trained`: m, seed, weights,
‖ΔW‖_F/‖W‖_F after the last step, and function, sup|f − f_RF| over steps and n test points.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Features

SMALL = 1e-3  # √m times the standard deviation of a_j
BLOCK = 5  # networks trained at once


@experiment.program(Features)
def main(settings: Features, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import ensembles
    from overparam.fits import Fit
    from overparam.infinite_width import features, networks, orders
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d, widths = settings.n, settings.d, settings.widths

    def rng(*axes: str | int) -> np.random.Generator:
        return generator(job.seed, job.name, "features", *axes)

    def sphere(count: int, *axes: str | int) -> np.ndarray:
        return unit_rows(rng(*axes).standard_normal((count, d)))

    points, others = sphere(n, "points"), sphere(n, "test points")

    # --- random features -------------------------------------------------------------------------
    def error(kind: str, m: int, draw: int) -> float:
        feature = features.FEATURES[kind]
        weights = rng(kind, m, draw).standard_normal((m, d))
        apart = features.mean(feature, points, weights) - feature.limit(points[:, 0])
        return float(orders.root_mean_square(apart))

    table = pd.concat([
        pd.DataFrame({
            "kind": kind, "m": m, "seed": range(settings.draws),
            "error": [error(kind, m, draw) for draw in range(settings.draws)],
            "exact": features.expected_error(feature, points, m),
        })
        for kind, feature in features.FEATURES.items() for m in widths
    ])  # fmt: skip
    files.save_table(job.table, table)

    # --- networks --------------------------------------------------------------------------------
    labels = np.where(points[:, 0] >= 0, 1.0, -1.0)

    def start(m: int, some: range) -> networks.Networks:
        rngs = [rng("trained", m, seed) for seed in some]
        nets = networks.draw(rngs, d, m, 1, "relu", 1.0, (1, SMALL / np.sqrt(m)))
        lengths = np.linalg.norm(nets.weights[0], axis=2, keepdims=True)
        return nets._replace(weights=[nets.weights[0] / lengths])

    def trained(m: int, some: range) -> tuple[np.ndarray, np.ndarray]:
        """‖ΔW‖/‖W‖ and sup|f − f_RF|, each (S,)."""
        nets = start(m, some)
        hidden = networks.forward(nets, points).hidden[-1]
        rate = 1 / np.linalg.eigvalsh(hidden @ hidden.swapaxes(1, 2))[:, -1]
        both, alone = (
            networks.descend(nets, points, labels, rates, settings.steps)
            for rates in ([rate, rate], [np.zeros_like(rate), rate])
        )
        largest = np.zeros(len(some))
        frozen = networks.forward(nets, others).hidden[-1]
        for (now, _), (fixed, _) in zip(both, alone, strict=True):
            apart = networks.forward(now, others).outputs - (frozen @ fixed.top[..., None])[..., 0]
            largest = np.maximum(largest, np.abs(apart).max(axis=1))
        moved = np.linalg.norm(now.weights[0] - nets.weights[0], axis=(1, 2)) / np.sqrt(m)
        return moved, largest

    def rows(m: int) -> pd.DataFrame:
        blocks = [trained(m, some) for some in ensembles.blocks(settings.seeds, BLOCK)]
        moved, apart = (np.concatenate(each) for each in zip(*blocks, strict=True))
        return pd.DataFrame(
            {"m": m, "seed": range(settings.seeds), "weights": moved, "function": apart}
        )

    after = pd.concat([rows(m) for m in widths])
    files.save_table(job.trained, after)

    def of_kind(kind: str) -> np.ndarray:
        return table[table.kind == kind].error.to_numpy().reshape(len(widths), -1)

    def exponent(column: str) -> Fit:
        values = after[column].to_numpy().reshape(len(widths), -1)
        return orders.power_law(widths, values, orders.mean)

    sizes = f"m = {', '.join(map(str, widths))}"
    drawn = f"{sizes}; {settings.draws} draws, n = {n}, d = {d}"
    taught = f"{sizes}; {settings.seeds} networks, {settings.steps} steps, n = {n}, d = {d}"

    def fitted(fit: Fit, where: str) -> dict:
        return measured(fit.exponent, interval=[fit.low, fit.high], where=where)

    groups = table.groupby(["kind", "m"])
    constants = (groups.error.agg(orders.root_mean_square) / groups.exact.first()).to_numpy()
    fits = [
        orders.power_law(widths, of_kind(kind), orders.root_mean_square)
        for kind in features.FEATURES
    ]
    save(job.metrics, {
        "exponent": fitted(orders.farthest(fits, -0.5), drawn),
        "constant": measured(constants[np.argmax(np.abs(constants - 1))], where=drawn),
        "weights.exponent": fitted(exponent("weights"), taught),
        "function.exponent": fitted(exponent("function"), taught),
    })  # fmt: skip


if __name__ == "__main__":
    main()
