"""Gradient descent in batches beside the whole gradient.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), theorems 4.1 and 4.2. Logistic loss, the mean
over a batch, which is drawn anew for every step; learning rates are multiples of 4n/λ_max of the
network's own tangent kernel. The whole training set is looked at every fifth step. float32.

Writes `table`: labels, B (n: the whole gradient), eta, network, `steps` to zero training error, NaN
if it was not reached; `distances`: m, B, network, `distance`, the largest layer's ‖W_l − W_l(0)‖₂
at loss .05, random labels left out."""

from pipeline import experiment
from scripts.deep_relu.slice import Batches

LOOK = 5  # steps between looks at the whole training set
LOSS = 0.05  # at which distances are measured
MOST_SIZE = 16  # the largest batch that is compared at its best learning rate


@experiment.program(Batches)
def main(settings: Batches, job: experiment.Job) -> None:
    from collections.abc import Callable, Iterator
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import descent, inputs, losses, networks
    from overparam.labels import random_signs
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.deep_relu.exponents import exponent

    depth, seeds, steps = settings.depth, settings.seeds, settings.steps
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    basis = inputs.span(given)
    n, x = len(given), given @ basis
    coin = generator(job.seed, job.name, "batches", "labels")
    kinds = {"true": labels[:n], "random": random_signs(n, coin)}
    sizes = [size for size in settings.sizes if size < n]
    small = sorted(settings.etas)[min(1, len(settings.etas) - 1)]

    def drawn(m: int) -> tuple[networks.Networks, np.ndarray]:
        """Networks, and 4n/λ_max of each."""
        rngs = [generator(job.seed, job.name, "batches", "start", m, at) for at in range(seeds)]
        nets = networks.zou(rngs, given.shape[1], m, depth, np.float32).within(basis)
        return nets, 4 * n / np.linalg.eigvalsh(descent.tangent_kernel(nets, x))[:, -1]

    def batches(size: int, *axes: str | int) -> Iterator[np.ndarray] | None:
        """Indices of each step's inputs; none for the whole gradient."""
        if size == n:
            return None
        rng = generator(job.seed, job.name, "batches", "order", size, *axes)
        return descent.batches(n, size, steps + 1, rng)

    def until(
        reached: Callable[[np.ndarray], np.ndarray], kind: str, nets: networks.Networks,
        eta: np.ndarray, size: int,
    ) -> tuple[np.ndarray, list[list[np.ndarray]]]:  # fmt: skip
        """The step at which margins (seeds, n) are as wanted, NaN if never, and weights then."""
        y = kinds[kind]
        done, kept = np.full(seeds, np.nan), [[] for _ in range(seeds)]
        slope = losses.mean(losses.LOGISTIC, y)
        path = descent.descend(nets, x, slope, eta, batches(size, kind))
        for at, state in enumerate(islice(path, steps + 1)):
            if at % LOOK:
                continue
            run = networks.forward(state.weights, x)
            margins = y * networks.outputs(nets, run)[..., 0]
            for which in np.flatnonzero(reached(margins) & np.isnan(done)):
                done[which] = at
                kept[which] = [matrix[which].copy() for matrix in state.weights]
            if not np.isnan(done).any() or not np.all(np.isfinite(margins)):
                break
        return done, kept

    def right(margins: np.ndarray) -> np.ndarray:
        return np.all(margins > 0, axis=1)

    def low(margins: np.ndarray) -> np.ndarray:
        return losses.LOGISTIC.value(margins).mean(axis=1) <= LOSS

    def counted(kind: str, size: int, over: float) -> pd.DataFrame:
        """Rows of steps to zero error."""
        done, _ = until(right, kind, start, over * scale, size)
        return pd.DataFrame({"labels": kind, "B": size, "eta": over, "network": range(seeds),
                             "steps": done})  # fmt: skip

    def moved(m: int, size: int) -> pd.DataFrame:
        """Rows of distances from the start at a loss."""
        nets, rate = drawn(m)
        _, kept = until(low, "true", nets, rate, size)
        distances = [
            max(np.linalg.norm(after - before[at], 2)
                for after, before in zip(weights, nets.weights, strict=True))
            if weights else np.nan
            for at, weights in enumerate(kept)
        ]  # fmt: skip
        return pd.DataFrame({"m": m, "B": size, "network": range(seeds), "distance": distances})

    start, scale = drawn(settings.m)
    tried = [(size, over) for size in sizes for over in settings.etas] + [(n, small)]
    table = pd.concat([counted(kind, *case) for kind in kinds for case in tried])
    files.save_table(job.table, table)
    size = max(sizes)
    compared = [(m, n) for m in settings.widths] + [(settings.m, size)]
    distances = pd.concat([moved(*case) for case in dict.fromkeys(compared)])
    files.save_table(job.distances, distances)

    told = f"n = {n}, L = {depth}, m = {settings.m}, {seeds} networks"
    fixed = table[table.eta == small].pivot(
        index="B", columns=["labels", "network"], values="steps"
    )
    ratios = fixed.loc[sizes] / fixed.loc[n]
    little = [size for size in sizes if size <= MOST_SIZE]
    best = table[table.B.isin(little)].pivot_table(
        index="B", columns=["labels", "network"], values="steps", aggfunc="min"
    )
    whole = distances[n == distances.B].pivot(index="m", columns="network", values="distance")
    apart = distances[(size == distances.B) & (distances.m == settings.m)].distance.to_numpy()
    own = whole.loc[settings.m].to_numpy() if settings.m in whole.index else np.array([np.nan])

    def mean_slope(values: pd.DataFrame, where: str) -> dict:
        """The exponent of each network and kind of labels; medians over two kinds mean nothing."""
        kept = np.log(values.clip(lower=1))
        if len(kept) < 2:
            return measured(np.nan, per_seed=[], where=f"one size, {where}")
        if kept.isna().any(axis=None):
            return measured(np.nan, where=f"not reached in {steps} steps, {where}")
        fit = fits.trend(np.log(kept.index.to_numpy()), kept.to_numpy())
        ends = fit.slope + 1.96 * fit.error * np.array([-1, 1])
        return measured(fit.slope, interval=ends, per_seed=fit.per_seed, where=where)

    save(job.metrics, {
        "ratio": measured(
            np.exp(np.log(ratios.clip(lower=1e-9).to_numpy()).mean()),
            where=f"B = {', '.join(map(str, sizes))}, η = {small:g} · 4n/λ_max, {told}",
        ),
        "fixed": mean_slope(fixed, f"η = {small:g} · 4n/λ_max, {told}"),
        "best": mean_slope(best, f"B = {', '.join(map(str, little))}, {told}"),
        "distance": exponent(whole, f"loss {LOSS}, {told}", f"not reached in {steps} steps"),
        "distance.batches": measured(
            np.median(apart / own), per_seed=apart / own, where=f"B = {size}, loss {LOSS}, {told}"
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
