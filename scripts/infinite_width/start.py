"""Kernels and outputs of two-layer networks by how their weights are drawn.

Source: Lee's survey (2019), "Kernel is initialization dependent", "Infinite-width" and "Common
initialization schemes". Networks are f = Σ_j a_j σ(w_jᵀx), with K1 the kernel of the w_j and K2
that of the a_j. float64.

Writes `table`: quantity, m, seed, value.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Start

WIDE = 1024  # the claims on traces are for widths from here on
BLOCK = 10  # networks at once


@experiment.program(Start)
def main(settings: Start, job: experiment.Job) -> None:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd

    from overparam import dense, ensembles
    from overparam.fits import Fit
    from overparam.infinite_width import networks, orders
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d, seeds = settings.n, settings.d, settings.seeds
    points = unit_rows(generator(job.seed, job.name, "start", "points").standard_normal((n, d)))
    product = points @ points.T

    def drawn(
        role: str, m: int, some: range, activation: str, deviations: tuple[float, float]
    ) -> networks.Networks:
        rngs = [generator(job.seed, job.name, "start", role, m, seed) for seed in some]
        return networks.draw(rngs, d, m, 1, activation, 1.0, deviations)

    def kernels(nets: networks.Networks) -> np.ndarray:
        """K1 and K2: (2, S, n, n)."""
        run = networks.forward(nets, points)
        return networks.layer_grams(run, networks.backward(nets, run))

    def ratio(nets: networks.Networks) -> np.ndarray:
        one, two = np.trace(kernels(nets), axis1=2, axis2=3)
        return two / one

    def signs(nets: networks.Networks) -> networks.Networks:
        """The same with a_j² = 1/m."""
        return nets._replace(top=np.sign(nets.top) / np.sqrt(nets.top.shape[1]))

    def normed(nets: networks.Networks) -> networks.Networks:
        """The same with ‖w_j‖² = 1/d."""
        lengths = np.linalg.norm(nets.weights[0], axis=2, keepdims=True)
        return nets._replace(weights=[nets.weights[0] / lengths / np.sqrt(d)])

    def distance(found: np.ndarray, limit: np.ndarray) -> np.ndarray:
        return np.linalg.norm(found - limit, axis=(1, 2)) / np.linalg.norm(limit)

    # --- what is measured of some networks of width m: name to (S,) or (S, n) --------------------
    def traces(m: int, some: range) -> dict[str, np.ndarray]:
        nets = signs(drawn("traces", m, some, "relu", (1 / np.sqrt(d), 1)))
        return {
            "ratio.drawn": ratio(nets) / (m / d),
            "ratio.printed": ratio(normed(nets)) / (m / d**2),
        }

    # As printed, with w ~ N(0, I) inside and s_a = s_w = 1: what dense networks have with c = 1.
    printed = {
        name: dense.recursion(points, None, dense.Dense(name), 1) for name in ("relu", "tanh")
    }

    def narrow(m: int, some: range) -> dict[str, np.ndarray]:
        both = (1 / np.sqrt(m), 1 / np.sqrt(m))
        relu = kernels(drawn("narrow", m, some, "relu", both))
        tanh = kernels(drawn("narrow", m, some, "tanh", both))
        return {
            "relu.first": distance(relu[0], printed["relu"].layer(1)),
            "relu.second": distance(relu[1], printed["relu"].layer(2)),
            "tanh.printed": distance(tanh[1], printed["tanh"].layer(2)),
            "tanh.linear": distance(tanh[1], product),
        }

    def outputs(m: int, some: range) -> dict[str, np.ndarray]:
        ones = networks.forward(drawn("outputs", m, some, "relu", (1, 1)), points).outputs
        rms = orders.root_mean_square(ones)
        # The same networks with a of size 1/√m, of another draw: the claims are two.
        scaled = drawn("scaled", m, some, "relu", (1, 1 / np.sqrt(m)))
        return {
            "output.ones": rms,
            "output.scaled": orders.root_mean_square(networks.forward(scaled, points).outputs),
        }

    def measure(m: int) -> pd.DataFrame:
        found: dict[str, list[np.ndarray]] = {}
        kinds: list[Callable[[int, range], dict[str, np.ndarray]]] = [traces, narrow, outputs]
        for kind in kinds:
            for some in ensembles.blocks(seeds, BLOCK):
                for name, values in kind(m, some).items():
                    found.setdefault(name, []).append(values)
        return pd.concat([
            pd.DataFrame({
                "quantity": name, "m": m, "seed": range(seeds), "value": np.concatenate(parts)
            })
            for name, parts in found.items()
        ])  # fmt: skip

    table = pd.concat([measure(m) for m in settings.widths])
    files.save_table(job.table, table)

    def values(name: str) -> np.ndarray:
        """(widths, seeds)."""
        return table[table.quantity == name].value.to_numpy().reshape(-1, seeds)

    def exponent(name: str) -> Fit:
        return orders.power_law(settings.widths, values(name), orders.root_mean_square)

    size = f"{seeds} networks, n = {n}, d = {d}"
    every = f"m = {', '.join(map(str, settings.widths))}; {size}"
    wide = [m for m in settings.widths if m >= min(WIDE, max(settings.widths))]
    widest = f"m = {max(settings.widths)}, {size}"

    def fitted(fit: Fit) -> dict:
        return measured(fit.exponent, interval=[fit.low, fit.high], where=every)

    def trace(name: str) -> dict:
        means = values(name).mean(axis=1)[-len(wide) :]
        where = f"m = {', '.join(map(str, wide))}; {size}"
        return measured(means[np.argmax(np.abs(means - 1))], where=where)

    def last(name: str) -> dict:
        return measured(values(name)[-1].mean(), per_seed=values(name)[-1], where=widest)

    save(job.metrics, {
        "ratio.drawn": trace("ratio.drawn"),
        "ratio.printed": trace("ratio.printed"),
        "relu.exponent": fitted(
            orders.farthest([exponent("relu.first"), exponent("relu.second")], -0.5)
        ),
        "tanh.printed": last("tanh.printed"),
        "tanh.linear": last("tanh.linear"),
        "output.scaled": fitted(exponent("output.scaled")),
        "output.ones": fitted(exponent("output.ones")),
    })  # fmt: skip


if __name__ == "__main__":
    main()
