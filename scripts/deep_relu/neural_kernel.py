"""What weights W' of given norm do to backward vectors, gradient, linearisation and kernel.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), step 3 and the section on neural kernels. A
random W' has the spectral norm ω in every trained layer; the others are of rank one, in the last
layer, made for each input apart. float32.

Writes `table`: m, depth, adversary, omega, network, input, `flips`, the share of the last layer's
ReLUs, `back`, the relative distance of the backward vectors of all trained layers, `gradient`, of
the gradient, `kernel` K'/K − 1 at the input, and `line`, the distance of the output from its
linearisation; `patterns`: network, input, `distance` p, the share of the last layer's ReLUs that
are made others, the cheapest first, `omega`, the norm of the least W' that does it, and `back`."""

from pipeline import experiment
from scripts.deep_relu.slice import NeuralKernel

SMALL = (0.01, 0.1)  # ω between which the kernel is held to its law
MANY = 10  # mω^(2/3) from which counts of flips say something


@experiment.program(NeuralKernel)
def main(settings: NeuralKernel, job: experiment.Job) -> None:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import inputs, laws, networks
    from overparam.deep_relu import perturbations as perturb
    from overparam.seeds import generator
    from pipeline import files, progress
    from pipeline.metrics import measured, save

    m, depth, seeds = settings.m, settings.depth, settings.seeds
    (points,) = files.load_arrays(job.problem, "inputs")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    n = len(given)
    # Of too few ReLUs no count says anything; where all are, there is nothing better.
    omegas = [omega for omega in settings.omegas if m * omega ** (2 / 3) >= MANY]
    omegas = omegas if len(omegas) > 1 else settings.omegas

    def rng(what: str, *axes: str | int) -> np.random.Generator:
        return generator(job.seed, job.name, "neural kernel", what, *axes)

    def distance(here: list[np.ndarray], there: list[np.ndarray]) -> np.ndarray:
        """Of backward vectors, relative to their length: (n,)."""
        moved = sum(np.sum((c - b) ** 2, axis=-1) for b, c in zip(here, there, strict=True))
        return np.sqrt(moved / sum(np.sum(b**2, axis=-1) for b in here))[0]

    def inner(one: networks.Pass, b: list, other: networks.Pass, c: list) -> np.ndarray:
        """⟨∇f, ∇f'⟩ at each input, (n,)."""
        return sum(
            np.sum(v * w, axis=-1) * np.sum(h * k, axis=-1)
            for v, w, h, k in zip(b, c, one.hidden[1:-1], other.hidden[1:-1], strict=True)
        )[0]

    def measure(
        nets: networks.Networks, start: networks.Pass, now: networks.Pass, there: list, told: float
    ) -> dict[str, np.ndarray]:
        """Each (n,). there: backward vectors. told: what the linearisation says of the output."""
        here = perturb.back(nets, start.active, start)
        own, cross = inner(start, here, start, here), inner(start, here, now, there)
        after = inner(now, there, now, there)
        change = networks.outputs(nets, now) - networks.outputs(nets, start)
        return {
            "flips": perturb.flips(start, now)[0], "back": distance(here, there),
            "gradient": np.sqrt(np.maximum(own + after - 2 * cross, 0) / own),
            "kernel": after / own - 1, "line": change[0, :, 0] - told,
        }  # fmt: skip

    def cases(nets: networks.Networks, at: int) -> Iterator[pd.DataFrame]:
        start = networks.forward(nets.weights, given)
        here = perturb.back(nets, start.active, start)
        weight = np.broadcast_to(np.abs(nets.top[:, :1]), start.before[-1].shape)
        worth = np.sqrt(np.maximum(perturb.kernel_gain(nets, start), 0))
        drawn = perturb.gaussian(nets, [rng("random", at)])
        slope = sum(
            np.sum(b * (h @ step.swapaxes(1, 2)), axis=-1)
            for b, h, step in zip(here, start.hidden[1:-1], drawn, strict=True)
        )[0]
        for omega in omegas:
            moved = perturb.added(nets, drawn, omega)
            now = networks.forward(moved.weights, given)
            found = measure(nets, start, now, perturb.back(moved, now.active, now), omega * slope)
            yield pd.DataFrame({"adversary": "random", "omega": omega, "input": range(n)} | found)
            for name, last in (
                ("layer", perturb.flip_last(start, start, omega)),
                ("gain", perturb.flip_last(start, start, omega, weight * ~start.active[-1])),
                ("whole", perturb.flip_last(start, start, omega, worth)),
                ("line", perturb.leave_line(nets, start, omega)),
                ("farther", perturb.leave_line(nets, start, omega, 1.0)),
            ):
                steps = [*perturb.none(nets, n)[:-1], last]
                now = perturb.perturbed(nets, given, steps, omega)
                there = perturb.back(nets, now.active, now, steps, omega)
                told = (
                    omega
                    * (
                        perturb.lengths(start.hidden[-2])[..., 0] * np.sum(here[-1] * last, axis=-1)
                    )[0]
                )
                found = measure(nets, start, now, there, told)
                yield pd.DataFrame({"adversary": name, "omega": omega, "input": range(n)} | found)

    def patterns(nets: networks.Networks) -> Iterator[pd.DataFrame]:
        start = networks.forward(nets.weights, given)
        here = perturb.back(nets, start.active, start)
        for share in settings.distances:
            norm, last = perturb.cheapest(start, share)
            there = perturb.back(nets, [*start.active[:-1], last], start)
            yield pd.DataFrame({
                "distance": share, "input": range(n), "omega": norm[0],
                "back": distance(here, there),
            })  # fmt: skip

    frames, others = [], []
    for at in progress.track(range(seeds), seeds, "networks"):
        nets = networks.allen_zhu([rng("start", at)], given.shape[1], m, depth, 1, np.float32)
        frames.append(pd.concat(cases(nets, at)).assign(network=at))
        others.append(pd.concat(patterns(nets)).assign(network=at))
    table, flipped = pd.concat(frames), pd.concat(others)
    files.save_table(job.table, table.assign(depth=depth, m=m))
    files.save_table(job.patterns, flipped)

    size = f"m = {m}, n = {n}, L = {depth}, {seeds} networks"
    largest = max(omegas)

    def exponent(name: str, key: str) -> dict:
        """Of ω, of the root mean square over a network's inputs."""
        own = table[table.adversary == name]
        squares = (own[key] ** 2).groupby([own.omega, own.network]).mean().unstack()
        values = np.sqrt(squares.to_numpy()).clip(1e-12)
        fit = fits.power_law(squares.index.to_numpy(), values)
        return measured(fit.exponent, interval=(fit.low, fit.high), where=size)

    def line(name: str) -> dict:
        own = table[(table.adversary == name) & (table.omega == largest)]
        each = own.groupby("network").line.mean() / (m**0.5 * largest ** (4 / 3))
        return measured(each.mean(), per_seed=each, where=f"ω = {largest:g}, {size}")

    def gains(name: str, layers: int) -> dict:
        """Of the kernel over their law with that many layers, farthest from 1 over ω."""
        gain = table[table.adversary == name].groupby("omega").kernel.mean()
        low, high = SMALL
        inside = gain[(gain.index >= 0.99 * low) & (gain.index <= 1.01 * high)]
        gain = inside if len(inside) else gain
        return measured(
            fits.farthest_from_one(
                gain / [laws.kernel_gain(omega, layers) for omega in gain.index]
            ),
            where=f"ω = {', '.join(f'{omega:g}' for omega in gain.index)}, {size}",
        )

    pattern = flipped.groupby("distance")[["omega", "back"]].mean()
    save(job.metrics, {
        "backward.worst": exponent("layer", "back"),
        "backward.random": exponent("random", "back"),
        "gradient.worst": exponent("layer", "gradient"),
        "gradient.random": exponent("random", "gradient"),
        "kernel": exponent("layer", "kernel"),
        "kernel.gain": gains("gain", 1),
        "kernel.whole": gains("whole", depth),
        "kernel.whole.over": gains("whole", 1),
        "kernel.exponent": exponent("whole", "kernel"),
        "linear.worst": line("line"),
        "linear.farther": line("farther"),
        "linear.random": exponent("random", "line"),
        "pattern.back": measured(
            fits.farthest_from_one(pattern.back / np.sqrt(2 * pattern.index)), where=size
        ),
        "pattern.norm": measured(
            fits.farthest_from_one(pattern.omega / pattern.index.map(laws.pattern_norm)), where=size
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
