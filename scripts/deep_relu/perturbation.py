"""What weights W' of given spectral norm do: flips, hidden vectors, backward vectors, kernel.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), steps 2 to 4 and the section on neural kernels;
Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), theorem 5.3. Every trained layer gets a W'_l of spectral
norm ω; all but the random one are made for each input apart, and of rank one. Worst ones are found
by search: lower bounds of a maximum. float32.

Writes `table`: adversary, depth, omega, network, input, `flips`, the share of the last layer's
ReLUs, `most`, the largest of all layers', `shift` ‖Δh_L‖, `back`, the relative distance of the
backward vectors of all trained layers, `gradient`, of the gradient, `kernel` |K' − K|/K at the
input, `line`, the distance of the output from its linearisation, and `top`, the s largest entries
of a backward matrix's row over L^(5/3)ω^(1/3)√(m ln m), largest over layers."""

from pipeline import experiment
from scripts.deep_relu.slice import Perturbation

ORDER = ("random", "gradient", "layer", "all", "search")
SHOWN = 0.1  # ω at which adversaries are compared
LAW = 0.03  # ω from which one layer's flips are held to their law
LITTLE = 0.01  # ω at which hidden vectors are moved farthest
MANY = 10  # mω^(2/3) from which counts of flips say something
REACHES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  # in standard deviations of what enters a ReLU


@experiment.program(Perturbation)
def main(settings: Perturbation, job: experiment.Job) -> None:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import inputs, laws, networks, products
    from overparam.deep_relu import perturbations as perturb
    from overparam.seeds import generator
    from pipeline import files, progress
    from pipeline.metrics import measured, save

    m, depths, seeds, omegas = settings.m, settings.depths, settings.seeds, settings.omegas
    (points,) = files.load_arrays(job.problem, "inputs")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    n = len(given)

    def rngs(what: str, *axes: str | int) -> list[np.random.Generator]:
        return [
            generator(job.seed, job.name, "perturbation", what, *axes, at) for at in range(seeds)
        ]

    def adversaries(
        nets: networks.Networks, start: networks.Pass, omega: float
    ) -> Iterator[tuple[str, perturb.Directions]]:
        """Directions by name, the random W' left out."""
        drawn = [rng.standard_normal((n, m), np.float32) for rng in rngs("aligned", f"{omega:g}")]
        aligned = [perturb.unit(np.roll(np.stack(drawn), at, axis=2)) for at in range(depth)]
        yield "aligned", aligned
        yield "gradient", [perturb.unit(each) for each in perturb.back(nets, start)]
        last = perturb.finish(nets, given, start, perturb.none(nets, n), omega)
        yield "layer", last
        every = perturb.flip_all(nets, given, start, omega, REACHES)
        yield "all", every
        yield "search", perturb.search(nets, given, start, every, omega)
        yield "farthest", perturb.farthest(nets, given, start, omega, aligned)
        line = perturb.none(nets, n)
        line[-1] = perturb.leave_line(nets, start, omega)
        yield "line", line

    def gradient(
        run: networks.Pass, nets: networks.Networks
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Backward vector and hidden vector below of each trained layer."""
        return list(zip(perturb.back(nets, run), run.hidden[nets.fixed : -1], strict=True))

    def inner(one: list, other: list) -> np.ndarray:
        """⟨∇f, ∇f'⟩ at each input."""
        return sum(
            np.sum(b * c, axis=-1) * np.sum(h * k, axis=-1)
            for (b, h), (c, k) in zip(one, other, strict=True)
        )

    def measure(
        nets: networks.Networks, start: networks.Pass, now: networks.Pass, told: np.ndarray,
        omega: float, weights: list[np.ndarray],
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Each (seeds, n). told: what the linearisation says of the output's change."""
        here, there = gradient(start, nets), gradient(now, nets)
        own, cross, after = inner(here, here), inner(here, there), inner(there, there)
        moved = sum(
            np.sum((c - b) ** 2, axis=-1) for (b, _), (c, _) in zip(here, there, strict=True)
        )
        size = sum(np.sum(b**2, axis=-1) for b, _ in here)
        change = networks.outputs(nets, now) - networks.outputs(nets, start)
        flipped = [perturb.flips(start, now, at) for at in range(nets.fixed, len(weights))]
        s = max(1, min(m, int(depth ** (4 / 3) * omega ** (2 / 3) * m)))
        # Row vᵀ ∏ D W of a trained layer and those above: its backward vector times its weights.
        rows = [c @ matrix for (c, _), matrix in zip(there, weights[nets.fixed :], strict=True)]
        tops = [
            np.linalg.norm(products.largest(row.reshape(-1, m).T, s), axis=0).reshape(seeds, n)
            for row in rows
        ]
        bound = depth ** (5 / 3) * omega ** (1 / 3) * np.sqrt(m * np.log(m))
        return {
            "flips": flipped[-1], "most": np.max(flipped, axis=0),
            "shift": perturb.lengths(now.hidden[-1] - start.hidden[-1])[..., 0],
            "back": np.sqrt(moved / size),
            "gradient": np.sqrt(np.maximum(own + after - 2 * cross, 0) / own),
            "kernel": np.abs(after - own) / own, "line": change[..., 0] - told,
            "top": np.max(tops, axis=0) / bound,
        }  # fmt: skip

    def cases() -> Iterator[tuple[int, float, str, dict[str, np.ndarray]]]:
        for omega in omegas:
            weights = perturb.gaussian(nets, omega, rngs("random", depth, f"{omega:g}"))
            now = networks.forward(weights, given)
            told = sum(
                np.sum(b * (h @ _turned(after - before)), axis=-1)
                for (b, h), after, before in zip(
                    gradient(start, nets), weights[1:], nets.weights[1:], strict=True
                )
            )
            union = np.mean(np.any(start.active[-1] != now.active[-1], axis=1), axis=-1)
            norm = max(products.spectral_norm(matrix[0], rng) for matrix in weights[1:])
            extra = {"union": union, "norm": norm / (2 * np.sqrt(2) + omega)}
            yield depth, omega, "random", measure(nets, start, now, told, omega, weights) | extra
            for name, steps in adversaries(nets, start, omega):
                now = perturb.perturbed(nets, given, steps, omega)
                told = sum(
                    omega * perturb.lengths(h)[..., 0] * np.sum(b * step, axis=-1)
                    for (b, h), step in zip(gradient(start, nets), steps, strict=True)
                )
                yield depth, omega, name, measure(nets, start, now, told, omega, nets.weights)

    rng = generator(job.seed, job.name, "perturbation", "power")
    frames, unions, norms = [], [], []
    for depth in progress.track(depths, len(depths), "depths"):
        nets = networks.allen_zhu(rngs("start", depth), given.shape[1], m, depth, 1, np.float32)
        start = networks.forward(nets.weights, given)
        for _, omega, name, found in cases():
            if name == "random":
                norms.append(found.pop("norm"))
                unions.append(
                    np.max(found.pop("union") / (n * found["flips"].mean(axis=1) + 1e-12))
                )
            index = pd.MultiIndex.from_product([range(seeds), range(n)], names=["network", "input"])
            frame = pd.DataFrame({key: each.ravel() for key, each in found.items()}, index=index)
            frames.append(frame.reset_index().assign(adversary=name, depth=depth, omega=omega))
    table = pd.concat(frames)
    files.save_table(job.table, table)

    def of(name: str, **kept: float) -> pd.DataFrame:
        own = table[table.adversary == name]
        for key, value in kept.items():
            own = own[own[key] == value]
        return own

    def farthest(ratios: pd.Series) -> float:
        """The ratio farthest from 1."""
        values = ratios.to_numpy()
        return values[np.argmax(np.abs(np.log(values)))] if len(values) else np.nan

    def exponent(name: str, key: str) -> dict:
        """Of ω, at the deepest networks."""
        own = of(name, depth=deepest).pivot(index="omega", columns=["network", "input"], values=key)
        own = own.clip(lower=1e-12)
        fit = fits.power_law(own.index.to_numpy(), own.to_numpy())
        return measured(fit.exponent, interval=(fit.low, fit.high), where=f"L = {deepest}, {size}")

    deepest, largest = max(depths), max(omegas)
    size = f"m = {m}, n = {n}, {seeds} networks, L = {', '.join(map(str, depths))}"
    mean = table.groupby(["adversary", "depth", "omega"])[["flips", "most", "shift"]].mean()
    mean = mean.reset_index()
    held = mean[(mean.adversary == "layer") & (mean.omega >= LAW)]
    random = mean[(mean.adversary == "random") & (mean.omega == largest)]
    random_law = [laws.random_flips(largest, depth + 1, 1)[-1] for depth in random.depth]
    shown = min(omegas, key=lambda omega: abs(np.log(omega / SHOWN)))
    little = min(omegas, key=lambda omega: abs(np.log(omega / LITTLE)))
    order = mean[(mean.depth == deepest) & (mean.omega == shown)].set_index("adversary").flips
    counted = mean[m * mean.omega ** (2 / 3) >= MANY]
    drift = mean[(mean.adversary == "random") & (mean.omega == shown)]
    worst = mean[(mean.adversary == "farthest") & (mean.omega == little)]
    line = of("line", omega=largest).groupby("depth").line.mean()
    scattered = of("random", depth=deepest)
    spread = scattered.assign(line=np.abs(scattered.line))
    rms = spread.pivot(index="omega", columns=["network", "input"], values="line").clip(lower=1e-12)
    cancel = fits.power_law(rms.index.to_numpy(), rms.to_numpy())
    ratio = line / laws.worst_linearisation(largest, m)
    save(job.metrics, {
        "layer": measured(
            farthest(held.flips / held.omega.map(laws.worst_flips)), where=f"ω ≥ {LAW}, {size}"
        ),
        "random": measured(farthest(random.flips / random_law), where=f"ω = {largest:g}, {size}"),
        "order": measured([order[name] for name in ORDER], where=f"ω = {shown:g}, {size}"),
        "bound": measured(
            (counted.flips / (counted.depth * counted.omega ** (2 / 3))).max(), where=size
        ),
        "bound.zou": measured(
            (counted.most / (counted.depth ** (4 / 3) * counted.omega ** (2 / 3))).max(), where=size
        ),
        "union": measured(max(unions), where=f"random W', {size}"),
        "norm": measured(max(norms), where=f"random W', first network, {size}"),
        "shift.random": measured(
            farthest(drift["shift"] / (shown * np.sqrt(drift.depth / 8))),
            where=f"ω = {shown:g}, {size}",
        ),
        "shift.worst": measured(
            (worst["shift"] / (little * worst.depth**1.5)).max(), where=f"ω = {little:g}, {size}"
        ),
        "backward.worst": exponent("layer", "back"),
        "backward.random": exponent("random", "back"),
        "gradient.worst": exponent("layer", "gradient"),
        "gradient.random": exponent("random", "gradient"),
        "kernel": exponent("layer", "kernel"),
        "linear.worst": measured(
            farthest(ratio) * laws.worst_linearisation(1, 1), where=f"ω = {largest:g}, {size}"
        ),
        "linear.random": measured(
            cancel.exponent, interval=(cancel.low, cancel.high), where=f"L = {deepest}, {size}"
        ),
        "top": measured(table.top.max(), where=size),
    })  # fmt: skip


def _turned(matrices):
    """Each matrix transposed."""
    return matrices.swapaxes(-1, -2)


if __name__ == "__main__":
    main()
