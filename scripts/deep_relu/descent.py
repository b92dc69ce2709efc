"""Gradient descent on the squared loss, in float64: its rate, and how far weights move.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorems 1 and 3. F = ½ Σ (f(x_i) − y_i)² is a
sum, the learning rate 1/λ_max of the network's own tangent kernel K(0), unless said. A descent ends
at F = 10⁻¹⁰ F(0).

Writes `curves`: m, network, step, `loss` F/F(0), `kernel`, the same of the linearised network, and
`lower` and `upper`, ‖∇F‖²/(2Fλ_min(K(0))) and ‖∇F‖²/(FLnm), at some steps; `table`: m, network, the
`steps` to each power of ten, `ratio`, steps from 10⁻⁸ to 10⁻¹⁰ over those from 10⁻⁴ to 10⁻⁶,
`late_ratio`, over those from 10⁻⁶ to 10⁻⁸, `straight`, R² of ln F, `late`, the rate at the end over
2 ln(1 − ηλ_min(K(0))), `flips`, ReLUs of all inputs that change sides in a step there, `lower` and
`upper`, the extremes along the path, `end` and `there`, λ_min(K) at the last step and where `lower`
is least, over that at the start, and the weights' distance from the start: `spectral`, the largest
layer's, `frobenius`, `relative` to their size, and `least`, over √(rᵀK⁻¹r)."""

from pipeline import experiment
from scripts.deep_relu.slice import Descent

END = 1e-10  # of F(0), at which a descent ends
TAIL = 1e-8  # from which on flips are counted
WIDE = 128  # the width from which networks are held to the kernel at the start
TRIED = 500  # steps in more dimensions
DIMENSIONS = (10, 100)  # times as many


@experiment.program(Descent)
def main(settings: Descent, job: experiment.Job) -> None:
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam.deep_relu import descent, inputs, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.deep_relu.exponents import exponent

    widths, depth, seeds = settings.widths, settings.depth, settings.seeds
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given, y = inputs.lifted(points[: settings.n]), labels[: settings.n]
    n = len(given)

    def drawn(what: str, m: int, count: int) -> networks.Networks:
        rngs = [generator(job.seed, job.name, "descent", what, m, at) for at in range(count)]
        return networks.allen_zhu(rngs, given.shape[1], m, depth)

    def until(
        nets: networks.Networks, eta: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, descent.State]:
        """Losses F/F(0), ratios ‖∇F‖²/F and flips, each (steps, S), the kernel where the ratio is
        least, (S, n, n), and the last state."""
        losses, gradients, flips, before = [], [], [], None
        least, there = np.full(len(eta), np.inf), np.zeros((len(eta), n, n))
        path = descent.descend(nets, given, descent.squared(y), eta)
        for state in islice(path, settings.steps + 1):
            r, products = state.outputs - y, state.products
            losses.append(np.sum(r**2, axis=1) / 2)
            # A loss may come to 0 by rounding.
            gradients.append(np.divide(
                products.sum(axis=(1, 2)), losses[-1], out=np.full(len(losses[-1]), np.nan),
                where=losses[-1] > 0,
            ))  # fmt: skip
            lower = (gradients[-1] < least) & (losses[-1] >= END * losses[0]) & r.all(axis=1)
            least = np.where(lower, gradients[-1], least)
            # ∇F_i = r_i ∇f(x_i): so the kernel costs no second pass.
            there[lower] = products[lower] / (r[lower, :, None] * r[lower, None])
            now = np.concatenate(state.active, axis=2)
            flips.append(np.sum(now != (now if before is None else before), axis=(1, 2)))
            before = now
            if np.all(losses[-1] <= END * losses[0]) or not np.all(np.isfinite(losses[-1])):
                break
        return np.array(losses) / losses[0], np.array(gradients), np.array(flips), there, state

    def first(losses: np.ndarray, level: float) -> np.ndarray:
        """The first step at or below a level, (S,); NaN if none is."""
        below = losses <= level
        return np.where(below.any(axis=0), below.argmax(axis=0), np.nan)

    def straight(losses: np.ndarray) -> float:
        """R² of ln F against the step, from 10⁻⁴ to the end."""
        kept = (losses <= 1e-4) & (losses >= END)
        if kept.sum() < 3:
            return np.nan
        return np.corrcoef(np.flatnonzero(kept), np.log(losses[kept]))[0, 1] ** 2

    def least_eigenvalue(kernel: np.ndarray) -> np.ndarray:
        """Of kernels (S, n, n), (S,); 0 where these are not finite."""
        return np.linalg.eigvalsh(np.where(np.isfinite(kernel), kernel, 0))[:, 0]

    def train(m: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows of the table and of the curves for networks of one width."""
        nets = drawn("start", m, seeds)
        kernel = descent.tangent_kernel(nets, given)
        values = np.linalg.eigvalsh(kernel)
        eta = 1 / values[:, -1]
        losses, gradients, flips, there, last = until(nets, eta)
        end = descent.tangent_kernel(nets._replace(weights=last.weights), given)
        tail = (losses <= TAIL) & (losses >= END)
        path = np.where(losses >= END, gradients, np.nan)
        r = networks.outputs(nets, networks.forward(nets.weights, given))[..., 0] - y
        moved = [
            after - before for after, before in zip(last.weights[1:], nets.weights[1:], strict=True)
        ]
        size = np.sqrt(sum(np.sum(matrix**2, axis=(1, 2)) for matrix in nets.weights[1:]))
        distance = np.sqrt(sum(np.sum(change**2, axis=(1, 2)) for change in moved))
        spectral = np.max([np.linalg.norm(change, 2, axis=(1, 2)) for change in moved], axis=0)
        to = {power: first(losses, 10.0**-power) for power in (2, 4, 6, 8, 10)}
        nearest = np.sqrt(np.einsum("si,si->s", r, np.linalg.solve(kernel, r[..., None])[..., 0]))
        slope = np.log(100) / (to[10] - to[8])
        rows = pd.DataFrame({
            "m": m, "network": range(seeds), **{f"steps{power}": to[power] for power in to},
            "ratio": (to[10] - to[8]) / (to[6] - to[4]),
            "late_ratio": (to[10] - to[8]) / (to[8] - to[6]),
            "straight": [straight(each) for each in losses.T],
            "late": slope / (-2 * np.log(1 - eta * values[:, 0])),
            "flips": np.sum(flips * tail, axis=0) / np.maximum(tail.sum(axis=0), 1),
            "lower": np.nanmin(path, axis=0) / (2 * values[:, 0]),
            "upper": np.nanmax(path, axis=0) / (depth * n * m), 
            "end": least_eigenvalue(end) / values[:, 0],
            "there": least_eigenvalue(there) / values[:, 0],
            "spectral": spectral, "frobenius": distance, "relative": distance / size,
            "least": distance / nearest,
        })  # fmt: skip
        shown = np.unique(np.geomspace(1, len(losses), 120).astype(int) - 1)
        begun = np.sum(r**2, axis=1) / 2
        curves = [
            pd.DataFrame({
                "m": m, "network": at, "step": shown, "loss": losses[shown, at],
                "kernel": descent.linearised(kernel[at], r[at], eta[at], shown) / begun[at],
                "lower": path[shown, at] / (2 * values[at, 0]),
                "upper": path[shown, at] / (depth * n * m),
            })
            for at in range(seeds)
        ]  # fmt: skip
        return rows, pd.concat(curves)

    def tried(nets: networks.Networks, data: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """F of some steps, (steps, S)."""
        path = islice(descent.descend(nets, data, descent.squared(y), eta), TRIED)
        return np.array([np.sum((state.outputs - y) ** 2, axis=1) for state in path])

    def dimension() -> float:
        """The largest relative difference of losses when the same points lie in more dimensions."""
        nets = drawn("dimension", widths[0], 1)
        eta = 1 / np.linalg.eigvalsh(descent.tangent_kernel(nets, given))[:, -1]
        span, worst = inputs.span(given), 0.0
        losses = tried(nets, given, eta)
        for times in DIMENSIONS:
            rng = generator(job.seed, job.name, "descent", "dimension", times)
            shape = (times * given.shape[1], span.shape[1])
            basis = np.linalg.qr(rng.standard_normal(shape))[0]
            # A acts on the span of the points as before; what it does elsewhere they do not see.
            there = nets.within(span).within(basis.T)
            other = tried(there, given @ span @ basis.T, eta)
            # Near 0 there is nothing but rounding.
            kept = losses > END * losses[0]
            worst = max(worst, np.max(np.abs(other[kept] / losses[kept] - 1)))
        return worst

    def farthest(ratios: np.ndarray) -> float:
        """The one farthest from 1; one that is not finite, if there is any."""
        return ratios[np.argmax(np.where(np.isfinite(ratios), np.abs(np.log(ratios)), np.inf))]

    found = [train(m) for m in widths]
    table, curves = (pd.concat(part) for part in zip(*found, strict=True))
    files.save_table(job.table, table)
    files.save_table(job.curves, curves)

    wide, held = table[table.m == max(widths)], table[table.m >= WIDE]
    held = held if len(held) else table
    size = f"n = {n}, L = {depth}, m = {', '.join(map(str, widths))}, {seeds} networks"
    lowest = np.argmin(held.lower.fillna(np.inf))
    allowed = 1 + 3 * np.sqrt(10 * (depth + 1) / table.m)

    widest = f"m = {max(widths)}, {size}"
    figures = {
        "factors": measured(farthest(table.ratio.to_numpy()), where=size),
        "factors.late": measured(farthest(table.late_ratio.to_numpy()), where=size),
        "straight": measured(table.straight.min(skipna=False), where=size),
        "dimension": measured(dimension(), where=f"m = {widths[0]}, {TRIED} steps, n = {n}"),
        "tail": measured(wide.late.median(), per_seed=wide.late, where=widest),
        "flips": measured(wide.flips.median(), per_seed=wide.flips, where=widest),
        "lower": measured(held.lower.min(), where=f"m = {held.m.min()} or more, {size}"),
        **{
            key: measured(held[key].iloc[lowest], where=f"least ratio, {size}")
            for key in ("end", "there")
        },
        "upper": measured((table.upper / allowed).max(), where=size),
        "least": measured(wide.least.median(), per_seed=wide.least, where=widest),
        **{
            key: exponent(table.pivot(index="m", columns="network", values=key), size)
            for key in ("spectral", "frobenius", "relative")
        },
    }  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
