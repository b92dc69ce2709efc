"""Networks and their linearisations, trained side by side; and what the limit's kernel predicts.

Source: Lee's survey (2019), "Implication on Training Dynamics": sup_t |f̂_t − f_t| = O(1/√m).

Gradient descent on ½Σ(f − y)², all layers, η = 1/λ_max of each network's kernel at the start,
float64. The outputs at the start are added to the labels, so that f − f₀ learns y and gaps are
those of networks that start at 0; but for `limit`, where networks learn y itself.

Writes `table`: activation, L, m, seed, `gap`, sup |f − f̂| over steps and test points; `curves`:
activation, L, m, step, `network` and `linear`, losses ½Σ(f − f₀ − y)² of seed 0 over that at the
start.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Linearisation

ACTIVATIONS = ("erf", "softplus", "relu")
WORDS = {1: "one", 2: "two"}
LIMIT = "relu", 2  # the networks that are held against the limit


@experiment.program(Linearisation)
def main(settings: Linearisation, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.infinite_width import activations, dense, moments, networks, orders
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    widths, seeds, steps = sorted(settings.widths), settings.seeds, settings.steps
    names = ("inputs", "labels", "test_inputs")
    points, labels, tests = files.load_arrays(job.problem, *names)
    x, y, new = points[: settings.n], labels[: settings.n], tests[: settings.n]
    moments.check_rows(x)
    n, every = len(x), np.concatenate([x, new])

    def drawn(name: str, depth: int, m: int) -> networks.Networks:
        axes = "linearisation", name, depth, m
        rngs = [generator(job.seed, job.name, *axes, seed) for seed in range(seeds)]
        return networks.draw(rngs, x.shape[1], m, depth, name)

    def started(nets: networks.Networks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Kernels of all points with those that are learned, f₀ of all points, and η."""
        kernel = networks.tangent_kernel(nets, every, n)
        eta = 1 / np.linalg.eigvalsh(kernel[:, :n])[:, -1]
        return kernel, networks.forward(nets, every).outputs, eta

    def outputs(nets: networks.Networks, goal: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """f of all points at every step: (steps + 1, S, N)."""
        path = networks.descend(nets, x, goal, [eta] * (len(nets.weights) + 1), steps)
        return np.stack([
            np.concatenate([run.outputs, networks.forward(now, new).outputs], axis=1)
            for now, run in path
        ])  # fmt: skip

    rows, curves = [], []
    for name in ACTIVATIONS:
        for depth in WORDS:
            for m in widths:
                nets = drawn(name, depth, m)
                kernel, begun, eta = started(nets)
                goal = y + begun[:, :n]
                found = outputs(nets, goal, eta)
                linear = networks.linearised(kernel, begun, goal, eta, steps)
                gaps = np.abs(found - linear)[:, :, n:].max(axis=(0, 2))
                rows += [
                    {"activation": name, "L": depth, "m": m, "seed": seed, "gap": gap}
                    for seed, gap in enumerate(gaps)
                ]
                losses = [
                    np.sum((each[:, 0, :n] - goal[0]) ** 2, axis=1) / np.sum(y**2)
                    for each in (found, linear)
                ]
                curves.append(pd.DataFrame({
                    "activation": name, "L": depth, "m": m, "step": range(steps + 1),
                    "network": losses[0], "linear": losses[1],
                }))  # fmt: skip
    table = pd.DataFrame(rows)
    files.save_table(job.table, table)
    files.save_table(job.curves, pd.concat(curves))

    def limit() -> np.ndarray:
        """Root mean square of f less what the limit predicts, new points, last step: (S,)."""
        name, depth = LIMIT
        nets = drawn(name, depth, widths[-1])
        network, wanted = dense.Dense(name, gain=activations.c_sigma(name)), (depth, "ntk")
        _, _, eta = started(nets)
        kernel = dense.grams(every, x, network, [wanted])[wanted]
        zeros = np.zeros((seeds, len(every)))
        kernel = np.broadcast_to(kernel, (seeds, *kernel.shape))
        predicted = networks.linearised(kernel, zeros, y, eta, steps)[-1]
        return orders.root_mean_square((outputs(nets, y, eta)[-1] - predicted)[:, n:])

    size = f"n = {n}, m = {', '.join(map(str, widths))}, {steps} steps, {seeds} networks"
    metrics = {}
    for (name, depth), own in table.groupby(["activation", "L"]):
        gaps = own.pivot(index="m", columns="seed", values="gap")
        fit = orders.power_law(gaps.index.to_numpy(), gaps.to_numpy(), orders.mean)
        key = f"{name}.{WORDS[depth]}"
        metrics[key] = measured(fit.exponent, interval=(fit.low, fit.high), where=size)
    apart = limit()
    metrics["limit"] = measured(apart.mean(), per_seed=apart, where=f"m = {widths[-1]}, {size}")
    save(job.metrics, metrics)


if __name__ == "__main__":
    main()
