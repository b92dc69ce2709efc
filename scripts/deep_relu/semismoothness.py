"""How far the loss leaves its linearisation, against theorem 4's two terms.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 4. F = ½ Σ (f(x_i) − y_i)², a sum;
every trained layer gets a W'_l of the same spectral norm. Directions: Gaussian; down and up the
gradient; up and down with all outputs; and what moves the outputs as random signs say. float64.

Writes `table`: direction, depth, m, omega, network, `remainder` F(W + W') − F − ⟨∇F, W'⟩, over
`first` T₁ = nL²m‖W'‖², over `both` T₁ + T₂, T₂ = √(nm ln m)‖W'‖√F, for one output, and over
`gauss` ½ Σ ⟨∇f(x_i), W'⟩².
"""

from pipeline import experiment
from scripts.deep_relu.slice import Semismoothness


@experiment.program(Semismoothness)
def main(settings: Semismoothness, job: experiment.Job) -> None:
    from collections.abc import Callable, Iterator

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import inputs, laws, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    seeds, widths = settings.seeds, settings.widths
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given, y = inputs.lifted(points[: settings.n]), labels[: settings.n]
    n, omegas = len(given), settings.omegas
    Layer = Callable[[np.ndarray], np.ndarray]  # W' of a layer: vectors h (n, m) to W'h

    def norm(back: np.ndarray, hidden: np.ndarray) -> float:
        """‖Σ_i back_i hidden_iᵀ‖₂ from the n × n matrices of inner products."""
        values = np.linalg.eigvals((back @ back.T) @ (hidden @ hidden.T))
        return float(np.sqrt(values.real.max()))

    def plain(matrix: np.ndarray) -> Layer:
        return lambda vectors: vectors @ matrix.T

    def gradient(back: np.ndarray, hidden: np.ndarray) -> Layer:
        """Σ_i back_i hidden_iᵀ over its norm, which is never formed: its rank is n."""
        left = back / norm(back, hidden)
        return lambda vectors: (vectors @ hidden.T) @ left

    def measure(depth: int, m: int, at: int) -> Iterator[dict]:
        rng = generator(job.seed, job.name, "semismoothness", depth, m, at)
        nets = networks.allen_zhu([rng], given.shape[1], m, depth)
        run = networks.forward(nets.weights, given)
        residual = networks.outputs(nets, run)[0, :, 0] - y
        loss = np.sum(residual**2) / 2
        signs = rng.choice([-1.0, 1.0], n)

        def along(weight: np.ndarray) -> list[Layer]:
            """The gradient of Σ weight_i f(x_i) by each trained layer, of spectral norm 1."""
            back = networks.backward(nets.weights, run.active, nets.top * weight[:, None])
            pairs = zip(back[1:], run.hidden[1:-1], strict=True)
            return [gradient(above[0], below[0]) for above, below in pairs]

        def loss_at(layers: list[Layer]) -> np.ndarray:
            """F under W' of each norm, all side by side: (norms,)."""
            hidden = np.tile(run.hidden[1][0], (len(omegas), 1))
            for matrix, layer in zip(nets.weights[1:], layers, strict=True):
                entering = hidden @ matrix[0].T + np.repeat(omegas, n)[:, None] * layer(hidden)
                hidden = np.maximum(entering, 0)
            return np.sum(((hidden @ nets.top[0, 0]).reshape(-1, n) - y) ** 2, axis=1) / 2

        back = networks.backward(nets.weights, run.active, nets.top)
        # At large width the norm of such a matrix is 2√m.
        drawn = [rng.standard_normal((m, m)) / (2 * np.sqrt(m)) for _ in range(depth)]
        directions: dict[str, list[Layer]] = {
            "random": [plain(layer) for layer in drawn],
            "down": along(-residual), "ascent": along(residual), "outputs up": along(np.ones(n)),
            "outputs down": along(-np.ones(n)), "signs": along(signs),
        }  # fmt: skip
        for name, layers in directions.items():
            # ⟨∇f(x_i), W'⟩ of W' of norm 1.
            slopes = sum(
                np.sum(above[0] * layer(below[0]), axis=1)
                for above, below, layer in zip(back[1:], run.hidden[1:-1], layers, strict=True)
            )
            for omega, after in zip(omegas, loss_at(layers), strict=True):
                left = after - loss - omega * (residual @ slopes)
                first = n * depth**2 * m * omega**2
                second = np.sqrt(n * m * np.log(m) * loss) * omega
                yield {
                    "direction": name, "depth": depth, "m": m, "omega": omega, "network": at,
                    "remainder": left, "first": left / first, "both": left / (first + second),
                    "gauss": left / (omega**2 * np.sum(slopes**2) / 2),
                }  # fmt: skip

    table = pd.DataFrame([
        row for depth in settings.depths for m in widths for at in range(seeds)
        for row in measure(depth, m, at)
    ])  # fmt: skip
    files.save_table(job.table, table)
    mean = table.groupby(["direction", "depth", "m", "omega"])[["first", "both"]].mean()
    mean = mean.reset_index()
    most = mean.groupby(["depth", "m"]).both.max().unstack()
    up = mean[mean.direction == "outputs up"]
    alone = up.pivot(index=["depth", "omega"], columns="m", values="first").groupby("depth").max()
    constant = (1 + np.sqrt(10 * (up.depth + 1) / up.m)) ** 2 / 4
    little = table[
        (table.direction == "outputs up") & (table.omega == min(settings.omegas))
        & (table.m == max(widths))
    ].groupby("depth")  # fmt: skip
    limits = [laws.push_all(given @ given.T, depth + 1, 1) for depth in little.groups]

    size = (
        f"n = {n}, L = {', '.join(map(str, settings.depths))}, m = {', '.join(map(str, widths))}, "
        f"{seeds} networks"
    )
    save(job.metrics, {
        "both": measured(mean.both.max(), where=size),
        "width": measured((most[max(widths)] / most[min(widths)]).max(), where=size),
        "width.first": measured((alone[max(widths)] / alone[min(widths)]).max(), where=size),
        "first": measured((up["first"] / constant).max(), where=size),
        "gauss": measured(
            fits.farthest_from_one(little.gauss.median().to_numpy()),
            where=f"‖W'‖ = {min(settings.omegas):g}, m = {max(widths)}, {size}",
        ),
        "limit": measured(
            fits.farthest_from_one(little["first"].mean().to_numpy() / limits),
            where=f"‖W'‖ = {min(settings.omegas):g}, m = {max(widths)}, {size}",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
