"""Du et al.'s rate of gradient descent, for true labels and for the worst.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), theorem 5.1: L(k) ≤ (1 − ηλ_min(K^(H))/2)^k
L(0), K^(H) the limit's kernel of the last hidden layer. Softplus networks, all layers trained,
L = ½Σ(f − y)², η = 1/λ_max of each network's whole kernel Θ̂ at the start, float64. The worst labels
are f(0) + v_min/2 with Θ̂'s least eigenvector.

Writes `curves`: H, labels, network, step, `loss` and `bound`, both over L(0).
"""

from pipeline import experiment
from scripts.infinite_width.slice import Rates

ACTIVATION = "softplus"
FIRST = 10  # steps of the rate of the worst labels


@experiment.program(Rates)
def main(settings: Rates, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.infinite_width import activations, dense, moments, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    steps, seeds = settings.steps, settings.seeds
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    x, y = points[: settings.n], labels[: settings.n]
    moments.check_rows(x)
    network = dense.Dense(ACTIVATION, gain=activations.c_sigma(ACTIVATION))
    wanted = [(depth, "last") for depth in settings.depths]
    limits = dense.grams(x, None, network, wanted)

    def train(depth: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Curves of networks, their true labels' ln L(0)/L over the bound's, and rates of the
        worst labels over 2ηλ_min(Θ̂), (S,) each."""
        rngs = [
            generator(job.seed, job.name, "rates", depth, settings.m, seed) for seed in range(seeds)
        ]
        nets = networks.draw(rngs, x.shape[1], settings.m, depth, ACTIVATION)
        values, vectors = np.linalg.eigh(networks.tangent_kernel(nets, x))
        eta = 1 / values[:, -1]
        worst = networks.forward(nets, x).outputs + vectors[:, :, 0] / 2
        least = np.linalg.eigvalsh(limits[depth, "last"])[0]
        bound = np.arange(steps + 1)[:, None] * np.log1p(-eta * least / 2)
        found, logs = [], {}
        for said, goal in (("true", np.broadcast_to(y, worst.shape)), ("worst", worst)):
            path = networks.descend(nets, x, goal, [eta] * (depth + 1), steps)
            losses = np.array([np.sum((run.outputs - goal) ** 2, axis=1) for _, run in path])
            logs[said] = np.log(losses) - np.log(losses[0])
            found += [
                pd.DataFrame({
                    "H": depth, "labels": said, "network": seed, "step": range(steps + 1),
                    "loss": np.exp(logs[said][:, seed]), "bound": np.exp(bound[:, seed]),
                    "excess": logs[said][:, seed] - bound[:, seed],
                })
                for seed in range(seeds)
            ]  # fmt: skip
        first = min(FIRST, steps)
        rates = -logs["worst"][first] / first / (2 * eta * values[:, 0])
        return pd.concat(found), logs["true"][-1] / bound[-1], rates

    frames, factors, ratios = zip(*(train(depth) for depth in settings.depths), strict=True)
    curves = pd.concat(frames)
    files.save_table(job.curves, curves.drop(columns="excess"))

    # At step 0 both are L(0).
    excess = curves[curves.step > 0].excess
    farthest = max((each for ratio in ratios for each in ratio), key=lambda each: abs(each - 1))
    size = f"n = {len(x)}, m = {settings.m}, {steps} steps, {seeds} networks a depth"
    save(job.metrics, {
        "bound.excess": measured(excess.max(skipna=False), where=size),
        "true.factor": measured(
            np.median([factor.mean() for factor in factors]), per_seed=np.mean(factors, axis=0),
            where=size,
        ),
        "worst.ratio": measured(farthest, where=f"first {min(FIRST, steps)} steps, {size}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
