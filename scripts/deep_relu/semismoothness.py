"""How far the loss leaves its linearisation, against theorem 4's two terms.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 4. F = ½ Σ (f(x_i) − y_i)², a sum;
every trained layer gets a W'_l of the same spectral norm. Directions: Gaussian; down and up the
gradient; up and down with all outputs; and what moves the outputs as random signs say. float64.

Writes `table`: direction, m, omega, network, `remainder` F(W + W') − F − ⟨∇F, W'⟩, over `first`
T₁ = nL²m‖W'‖² and over `both` T₁ + T₂, T₂ = √(nm ln m)‖W'‖√F, for one output.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Semismoothness


@experiment.program(Semismoothness)
def main(settings: Semismoothness, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.deep_relu import inputs, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    depth, seeds, widths = settings.depth, settings.seeds, settings.widths
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given, y = inputs.lifted(points[: settings.n]), labels[: settings.n]
    n = len(given)

    def scaled(layers: list[np.ndarray]) -> list[np.ndarray]:
        """Each layer of each network over its spectral norm."""
        return [layer / np.linalg.norm(layer, 2, axis=(1, 2))[:, None, None] for layer in layers]

    def measure(m: int) -> pd.DataFrame:
        rngs = [generator(job.seed, job.name, "semismoothness", m, at) for at in range(seeds)]
        nets = networks.allen_zhu(rngs, given.shape[1], m, depth)
        run = networks.forward(nets.weights, given)
        residual = networks.outputs(nets, run)[..., 0] - y
        loss = np.sum(residual**2, axis=1) / 2
        signs = np.stack([rng.choice([-1.0, 1.0], n) for rng in rngs])

        def along(weight: np.ndarray) -> list[np.ndarray]:
            """The gradient of Σ weight_i f(x_i) by each trained layer."""
            back = networks.backward(nets.weights, run.active, nets.top * weight[..., None])
            return networks.gradients(run, back, nets.fixed)

        gradient, up = along(residual), along(np.ones((seeds, n)))
        gauss = [
            np.stack([rng.standard_normal(matrix.shape[1:]) for rng in rngs])
            for matrix in nets.weights[1:]
        ]
        directions = {
            "random": gauss, "down": [-each for each in gradient], "ascent": gradient,
            "outputs up": up, "outputs down": [-each for each in up], "signs": along(signs),
        }  # fmt: skip
        return pd.concat([
            remainder(nets, name, scaled(layers), gradient, loss, m)
            for name, layers in directions.items()
        ])  # fmt: skip

    def remainder(
        nets: networks.Networks, name: str, layers: list[np.ndarray], gradient: list[np.ndarray],
        loss: np.ndarray, m: int,
    ) -> pd.DataFrame:  # fmt: skip
        rows = []
        slope = sum(
            np.sum(one * other, axis=(1, 2)) for one, other in zip(gradient, layers, strict=True)
        )
        for omega in settings.omegas:
            moved = [before + omega * layer
                     for before, layer in zip(nets.weights[1:], layers, strict=True)]  # fmt: skip
            there = networks.forward([nets.weights[0], *moved], given)
            after = np.sum((networks.outputs(nets, there)[..., 0] - y) ** 2, axis=1) / 2
            left = after - loss - omega * slope
            first = n * depth**2 * m * omega**2
            second = np.sqrt(n * m * np.log(m) * loss) * omega
            rows.append(pd.DataFrame({
                "direction": name, "m": m, "omega": omega, "network": range(seeds),
                "remainder": left, "first": left / first, "both": left / (first + second),
            }))  # fmt: skip
        return pd.concat(rows)

    table = pd.concat([measure(m) for m in widths])
    files.save_table(job.table, table)
    mean = table.groupby(["direction", "m", "omega"])[["first", "both"]].mean().reset_index()
    most = mean.groupby("m").both.max()
    up = mean[mean.direction == "outputs up"]
    constant = (1 + np.sqrt(10 * (depth + 1) / up.m)) ** 2 / 4
    size = f"n = {n}, L = {depth}, m = {', '.join(map(str, widths))}, {seeds} networks"
    save(job.metrics, {
        "both": measured(mean.both.max(), where=size),
        "width": measured(most[max(widths)] / most[min(widths)], where=size),
        "first": measured((up["first"] / constant).max(), where=size),
    })  # fmt: skip


if __name__ == "__main__":
    main()
