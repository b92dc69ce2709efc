"""The tangent kernel at the start beside its limit, and its least eigenvalue.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 3 and the section on neural kernels:
K_ij = ⟨∇f(x_i), ∇f(x_j)⟩ over the trained layers, one output. Kernels are in units of m/2. δ is the
least distance of two inputs. The residuals of theorem 3 are f(x_i) − y_i, the loss F is a sum.

Writes `table`: depth, m, network, `rms` over pairs of K − K∞,
both as K_ij/√(K_ii K_jj); `trace` over nL; `upper`,
‖∇F‖²/(FLnm). `least`: data, depth, n, delta, `ratio` λ_min(K∞)/δ, `law`
L(L+1)/2π, and `pair`, λ_min(K∞) over that of the closest pair alone.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Tangent

SHOWN = 256  # the width at which the distance from the limit is told


@experiment.program(Tangent)
def main(settings: Tangent, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd
    from scipy.linalg import eigvalsh

    from overparam import fits, sampling
    from overparam.deep_relu import inputs, laws, networks
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    widths, depths, seeds = settings.widths, settings.depths, settings.seeds
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given, y = inputs.lifted(points[: settings.n]), labels[: settings.n]
    n = len(given)

    def normalised(kernel: np.ndarray) -> np.ndarray:
        """K_ij/√(K_ii K_jj): lengths, which scatter as in `norms`, left out."""
        root = np.sqrt(np.diagonal(kernel, axis1=-2, axis2=-1))
        return kernel / (root[..., :, None] * root[..., None, :])

    def finite(depth: int, m: int) -> pd.DataFrame:
        """Every network's row."""
        every = networks.blocks(seeds, given.shape[1], m, depth)
        return pd.concat([some(depth, m, chosen) for chosen in every])

    def some(depth: int, m: int, chosen: range) -> pd.DataFrame:
        """The rows of some networks."""
        rngs = [generator(job.seed, job.name, "tangent", depth, m, at) for at in chosen]
        drawn = networks.allen_zhu(rngs, given.shape[1], m, depth)
        run = networks.forward(drawn.weights, given)
        back = networks.backward(drawn.weights, run.active, drawn.top)
        kernel = networks.tangent_kernel(run, back, drawn.fixed) * 2 / m
        limit = laws.tangent_kernel(given @ given.T, depth + 1, drawn.fixed)
        residual = networks.outputs(drawn, run)[..., 0] - y
        gradient = np.einsum("si,sij,sj->s", residual, kernel, residual) * m / 2
        return pd.DataFrame({
            "depth": depth, "m": m, "network": chosen,
            "rms": np.sqrt(np.mean((normalised(kernel) - normalised(limit)) ** 2, axis=(1, 2))),
            "trace": np.trace(kernel, axis1=1, axis2=2) / (n * depth),
            "upper": 2 * gradient / np.sum(residual**2, axis=1) / (depth * n * m),
        })  # fmt: skip

    def least(data: str, chosen: np.ndarray, depth: int) -> dict:
        """The least eigenvalue of the limit on these inputs."""
        cosines = chosen @ chosen.T
        np.fill_diagonal(cosines, 1)
        others = cosines[~np.eye(len(chosen), dtype=bool)]
        delta = np.sqrt(2 - 2 * others.max())
        kernel = laws.tangent_kernel(cosines, depth + 1, 1)
        value = eigvalsh(kernel, subset_by_index=[0, 0])[0]
        # K∞ falls with the distance.
        pair = kernel[0, 0] - kernel[~np.eye(len(chosen), dtype=bool)].max()
        return {"data": data, "depth": depth, "n": len(chosen), "delta": delta,
                "ratio": value / delta, "law": depth * (depth + 1) / (2 * np.pi),
                "pair": value / pair}  # fmt: skip

    table = pd.concat([finite(depth, m) for depth in depths for m in widths])
    files.save_table(job.table, table)
    drawn = unit_rows(
        generator(job.seed, job.name, "tangent", "sphere").standard_normal(
            (max(settings.sizes), points.shape[1])
        )
    )
    sizes = sorted({min(size, len(points)) for size in settings.sizes})
    limits = pd.DataFrame([
        least(data, inputs.lifted(whole[:size]), depth)
        for data, whole in ((job.name, points), ("sphere", drawn))
        for depth in depths for size in sizes
    ])  # fmt: skip
    files.save_table(job.least, limits)

    def exponent(values: pd.DataFrame) -> fits.Fit:
        return fits.power_law(values.index.to_numpy(), values.to_numpy())

    def told(fit: fits.Fit | None, where: str) -> dict:
        if fit is None:
            return measured(np.nan, per_seed=[], where=f"one size, {where}")
        return measured(fit.exponent, interval=(fit.low, fit.high), where=where)

    def apart(own: pd.DataFrame) -> float:
        return sampling.standard_errors(own["trace"].to_numpy(), 1)

    allowed = 1 + 3 * np.sqrt(10 * (table.depth + 1) / table.m)
    shown = table[table.m == SHOWN]
    size = f"n = {n}, m = {', '.join(map(str, widths))}, L = {', '.join(map(str, depths))}"
    size += f", {seeds} networks"
    limits["over"] = limits.ratio / limits.law
    ratios = limits.over.to_numpy()
    inputs_said = f"{job.name} and sphere, n = {', '.join(map(str, sizes))}"
    figures = {
        "upper": measured((table.upper / allowed).max(), where=size),
        "trace": measured(max(apart(own) for _, own in table.groupby(["depth", "m"])), where=size),
        "least": measured(
            ratios[np.argmax(np.abs(np.log(ratios)))], where=inputs_said
        ),
        "least.pair": measured(limits.pair.min(), where=inputs_said),
        "near": measured(1 / limits.delta.max(), where=inputs_said),
        "points": measured(max(sizes), where=inputs_said),
        "distance": measured(
            shown.groupby("depth").rms.median().max(), where=f"m = {SHOWN}, {size}"
        ) if len(shown) else measured(np.nan, per_seed=[], where=f"no width {SHOWN}, {size}"),
    }  # fmt: skip
    distances = [
        own.pivot(index="m", columns="network", values="rms") for _, own in table.groupby("depth")
    ]
    found = map(exponent, distances if len(widths) > 1 else [])
    figures["exponent"] = told(
        max(found, key=lambda fit: abs(fit.exponent + 0.5), default=None), size
    )
    falling = limits.pivot(index="n", columns=["data", "depth"], values="over")
    figures["least.exponent"] = told(exponent(falling) if len(sizes) > 1 else None, inputs_said)
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
