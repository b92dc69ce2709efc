"""Where gradient descent goes from learning rates that are too large at the start.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1, whose learning rate is far smaller.
F = ½ Σ (f(x_i) − y_i)², learning rates over/λ_max of the network's own tangent kernel K(0).
Networks at one learning rate go on until all have F ≤ 10⁻¹⁰ F(0). float64.

Writes `table`: over, network, `least`, the least F/F(0), and ηλ_max(K) at the `last` step, in the
`mean` over the last 100, and `most` over those; infinite where F did not come to 10⁻⁶ F(0).
"""

from pipeline import experiment
from scripts.deep_relu.slice import Sharpness

END = 1e-10  # of F(0), at which a descent ends
REACHED = 1e-6  # at which a network counts as converged
LAST = 100  # steps of the mean


@experiment.program(Sharpness)
def main(settings: Sharpness, job: experiment.Job) -> None:
    from collections import deque
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam.deep_relu import descent, inputs, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    m, depth, seeds = settings.m, settings.depth, settings.seeds
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given, y = inputs.lifted(points[: settings.n]), labels[: settings.n]
    rngs = [generator(job.seed, job.name, "sharpness", m, depth, at) for at in range(seeds)]
    start = networks.allen_zhu(rngs, given.shape[1], m, depth)
    sharpest = np.linalg.eigvalsh(descent.tangent_kernel(start, given))[:, -1]

    def train(over: float) -> pd.DataFrame:
        """Rows for a learning rate."""
        eta, losses = over / sharpest, []
        kept: deque[list[np.ndarray]] = deque(maxlen=LAST)
        path = descent.descend(start, given, descent.squared(y), eta)
        for state in islice(path, settings.steps + 1):
            losses.append(np.sum((state.outputs - y) ** 2, axis=1) / 2)
            if not np.all(np.isfinite(losses[-1])):
                break
            kept.append([matrix.copy() for matrix in state.weights[start.fixed :]])
            if np.all(losses[-1] <= END * losses[0]):
                break
        fixed = start.weights[: start.fixed]
        kernels = [
            descent.tangent_kernel(start._replace(weights=[*fixed, *each]), given) for each in kept
        ]
        sharp = eta * np.linalg.eigvalsh(np.array(kernels))[..., -1]
        least = np.nanmin(losses, axis=0) / losses[0]
        sharp = np.where(np.isfinite(losses[-1]) & (least <= REACHED), sharp, np.inf)
        return pd.DataFrame({
            "over": over, "network": range(seeds), "least": least,
            "last": sharp[-1], "mean": sharp.mean(axis=0), "most": sharp.max(axis=0),
        })  # fmt: skip

    with np.errstate(over="ignore", invalid="ignore"):
        table = pd.concat([train(over) for over in settings.etas])
    files.save_table(job.table, table)
    where = (
        f"η = {', '.join(f'{over:g}' for over in settings.etas)} over λ_max, n = {len(given)}, "
        f"L = {depth}, m = {m}, {seeds} networks"
    )
    save(job.metrics, {
        key: measured(table[column].max(), where=where)
        for key, column in (("edge", "last"), ("mean", "mean"))
    })  # fmt: skip


if __name__ == "__main__":
    main()
