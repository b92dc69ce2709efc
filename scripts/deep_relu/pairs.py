"""Steps that two inputs of opposite labels take, by their distance δ.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1: T ∝ δ⁻². Each pair, of an input and
a partner at distance δ with labels 1 and −1, has a network of its own. F = ½ Σ (f(x_i) − y_i)²,
learning rate 1/λ_max of the network's own tangent kernel K(0). float64.

Writes `table`: delta, pair, `steps` to 10⁻⁴, NaN if it was not reached, `linearised`, those of the
linearised network, and least eigenvalues over m: `start` and `end`, of K at the start and then,
`shared` and `shared_end`, of K with gradients through ReLUs alone that are active at both inputs.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Pairs

TOLD = 1e-4  # of F(0), at which a pair is told apart
LAZY, SPENT = 5, 2  # δ²√m from which ReLUs that tell apart do it all, and up to which too few do


@experiment.program(Pairs)
def main(settings: Pairs, job: experiment.Job) -> None:
    from collections.abc import Callable
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam.deep_relu import descent, inputs, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.deep_relu.exponents import exponent

    m, depth, deltas = settings.m, settings.depth, sorted(settings.deltas)
    (points,) = files.load_arrays(job.problem, "inputs")
    base, y = inputs.lifted(points[: settings.pairs]), np.array([1.0, -1.0])
    count = len(base)

    def train(delta: float) -> pd.DataFrame:
        """Rows of the pairs at a distance."""
        rng = generator(job.seed, job.name, "pairs", "partners", f"{delta:g}")
        data = np.stack([base, inputs.partners(base, delta, rng)], axis=1)
        rngs = [generator(job.seed, job.name, "pairs", "start", m, at) for at in range(count)]
        nets = networks.allen_zhu(rngs, data.shape[2], m, depth)
        kernel = descent.tangent_kernel(nets, data)
        eta = 1 / np.linalg.eigvalsh(kernel)[:, -1]
        residual = networks.outputs(nets, networks.forward(nets.weights, data))[..., 0] - y
        told = TOLD * np.sum(residual**2, axis=1)
        steps, ended = np.full(count, np.nan), [matrix.copy() for matrix in nets.weights]
        path = descent.descend(nets, data, descent.squared(y), eta)
        for at, state in enumerate(islice(path, settings.steps + 1)):
            low = np.sum((state.outputs - y) ** 2, axis=1) <= told
            # Each pair ends at its own step, whatever the others take.
            for which in np.flatnonzero(low & np.isnan(steps)):
                steps[which] = at
                for kept, matrix in zip(ended, state.weights, strict=True):
                    kept[which] = matrix[which]
            if not np.isnan(steps).any():
                break
        for kept, matrix in zip(ended, state.weights, strict=True):
            kept[np.isnan(steps)] = matrix[np.isnan(steps)]
        tried = np.arange(settings.steps + 1)
        each = zip(kernel, residual, eta, strict=True)
        low = 2 * np.array([descent.linearised(*own, tried) for own in each]) <= told[:, None]
        last = nets._replace(weights=ended)
        kernels = {
            "start": kernel, "shared": descent.tangent_kernel(nets, data, shared=True),
            "end": descent.tangent_kernel(last, data),
            "shared_end": descent.tangent_kernel(last, data, shared=True),
        }  # fmt: skip
        return pd.DataFrame({
            "delta": delta, "pair": range(count), "steps": steps,
            "linearised": np.where(low.any(axis=1), low.argmax(axis=1), np.nan),
            **{key: np.linalg.eigvalsh(each)[:, 0] / m for key, each in kernels.items()},
        })  # fmt: skip

    table = pd.concat([train(delta) for delta in deltas])
    files.save_table(job.table, table)
    size = f"{count} pairs, L = {depth}, m = {m}, δ = {', '.join(f'{each:g}' for each in deltas)}"

    failed = f"not told apart in {settings.steps} steps"
    nearest = table[table.delta == deltas[0]]
    used = nearest.shared_end / nearest.end
    slower = (table.steps / table.linearised).groupby(table.delta).median()
    reach = slower.index.to_numpy() ** 2 * np.sqrt(m)

    def over(which: np.ndarray, most: Callable, where: str) -> dict:
        """Steps over those of linearised networks."""
        if not which.any():
            return measured(np.nan, per_seed=[], where=f"no δ with {where}, {size}")
        return measured(most(slower[which]), where=f"{where}, {size}")

    save(job.metrics, {
        **{
            key: exponent(table.pivot(index="delta", columns="pair", values=key), size, failed)
            for key in ("steps", "linearised", "start", "shared")
        },
        "lazy": over(reach >= LAZY, np.max, f"δ²√m ≥ {LAZY}"),
        "spent": over(reach <= SPENT, np.min, f"δ²√m ≤ {SPENT}"),
        "used": measured(used.median(), per_seed=used, where=f"δ = {deltas[0]:g}, {size}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
