"""What weights W' of given spectral norm do: ReLUs that flip, hidden vectors that move.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), steps 2 to 4; Zou, Cao, Zhou, Gu 2019 (arXiv
1811.08888), theorem 5.3. Every trained layer gets a W'_l of spectral norm ω; all but the random one
are made for each input apart, and of rank one. Worst ones are found by search: lower bounds of a
maximum. float32.

Writes `table`: adversary, depth, omega, network, input, `flips`, the share of the last layer's
ReLUs, `most`, the largest of all layers', `shift` ‖Δh_L‖, `top`, the norm of the s largest entries
of a row of vᵀ ∏ D W over √(s ln m), largest over layers, s = L^(4/3)ω^(2/3)m, and `product`, the
norm of W_L D … W_1 over what it was, at two ω; `trained`, the same of networks after gradient
descent on the squared loss: depth, network, input, `loss` F/F(0), `omega`, the largest layer's
‖W'‖₂, `flips` and `shift`."""

from pipeline import experiment
from scripts.deep_relu.slice import Perturbation

ORDER = ("random", "gradient", "layer", "all", "search")
ORDERED = (4, 2)  # depths at which adversaries are compared
SHOWN = 0.1  # ω at which they are
LAW = 0.03  # ω from which one layer's flips are held to their law
LITTLE = 0.01  # ω at which hidden vectors are moved farthest, and of the gradient's law
MANY = 10  # mω^(2/3) from which counts of flips say something
DEEP = 8  # L up to which hidden vectors are asked to move as far as the bound says
REACHES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  # in standard deviations of what enters a ReLU
LEARNT = (0.5, 0.1, 0.01)  # F/F(0) at which trained networks are looked at


@experiment.program(Perturbation)
def main(settings: Perturbation, job: experiment.Job) -> None:
    from collections.abc import Iterator
    from itertools import chain, islice

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import descent, inputs, laws, networks, products
    from overparam.deep_relu import perturbations as perturb
    from overparam.seeds import generator
    from pipeline import files, progress
    from pipeline.metrics import measured, save

    m, depths = settings.m, settings.depths
    # Of too few ReLUs no count says anything; where all are, there is nothing better.
    omegas = [omega for omega in settings.omegas if m * omega ** (2 / 3) >= MANY]
    omegas = omegas if len(omegas) > 1 else settings.omegas
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    y, n = labels[: settings.n].astype(np.float32), len(given)

    def near(values: list[float], wanted: float) -> float:
        """The value nearest by ratio."""
        return min(values, key=lambda value: abs(np.log(value / wanted)))

    shown, little = near(omegas, SHOWN), near(omegas, LITTLE)

    def rng(what: str, *axes: str | int) -> np.random.Generator:
        return generator(job.seed, job.name, "perturbation", what, *axes)

    # Searches pass all inputs under every ω side by side: weights are read once for all.
    every = np.repeat(omegas, n)
    x, omega_of = np.tile(given, (len(omegas), 1)), every[:, None].astype(np.float32)

    def adversaries(
        nets: networks.Networks, start: networks.Pass, at: int
    ) -> Iterator[tuple[str, perturb.Directions]]:
        """Directions by name, the random W' left out."""
        draws = [rng("aligned", f"{omega:g}", at) for omega in omegas]
        aligned = [
            perturb.unit(np.hstack([draw.standard_normal((1, n, m), np.float32) for draw in draws]))
            for _ in nets.weights[1:]
        ]
        yield "aligned", aligned
        yield "gradient", [perturb.unit(each) for each in perturb.back(nets, start.active, start)]
        yield "layer", perturb.finish(nets, x, start, perturb.none(nets, len(x)), omega_of)[0]
        pushed = perturb.flip_all(nets, x, start, omega_of, REACHES)
        yield "all", pushed
        yield "search", perturb.search(nets, x, start, pushed, omega_of)
        yield "farthest", perturb.farthest(nets, x, start, omega_of, aligned)

    def top(nets: networks.Networks, rows: list[np.ndarray], omega: float) -> np.ndarray:
        """The largest over layers of the s largest entries of a row, over √(s ln m): (n,)."""
        s = max(1, min(m, int((len(nets.weights) - 1) ** (4 / 3) * omega ** (2 / 3) * m)))
        sizes = [np.linalg.norm(products.largest(row[0].T, s), axis=0) for row in rows]
        return np.max(sizes, axis=0) / np.sqrt(s * np.log(m))

    def measure(
        nets: networks.Networks, start: networks.Pass, now: networks.Pass
    ) -> dict[str, np.ndarray]:
        """Each (n,)."""
        flipped = [perturb.flips(start, now, at)[0] for at in range(1, len(nets.weights))]
        moved = now.hidden[-1] - start.hidden[-1]
        return {
            "flips": flipped[-1], "most": np.max(flipped, axis=0),
            "shift": perturb.lengths(moved)[0, :, 0],
        }  # fmt: skip

    def worst(
        nets: networks.Networks, at: int
    ) -> Iterator[tuple[str, np.ndarray, dict[str, np.ndarray]]]:
        """Adversary, ω, and what it does to one network."""
        start, power = networks.forward(nets.weights, x), rng("power", len(nets.weights), at)
        some = np.isin(every, (shown, little))
        size = perturb.product_norms(nets, part(start, every == shown), power)
        for name, steps in adversaries(nets, start, at):
            now = perturb.perturbed(nets, x, steps, omega_of)
            back = perturb.back(nets, now.active, now, steps, omega_of)
            rows = [
                b @ matrix + omega_of * np.sum(b * step, axis=-1, keepdims=True) * perturb.unit(h)
                for b, matrix, step, h in zip(
                    back, nets.weights[1:], steps, now.hidden[1:-1], strict=True
                )
            ]
            tops = [top(nets, [row[:, every == omega] for row in rows], omega) for omega in omegas]
            found = measure(nets, start, now) | {"top": np.concatenate(tops)}
            if name in ("search", "farthest"):
                there = [step[:, some] for step in steps]
                after = perturb.product_norms(nets, part(now, some), power, there, omega_of[some])
                found["product"] = np.full(len(every), np.nan)
                found["product"][some] = (after.reshape(-1, n) / size).ravel()
            yield name, every, found

    def part(run: networks.Pass, which: np.ndarray) -> networks.Pass:
        """What the networks make of some inputs."""
        return networks.Pass(*([each[:, which] for each in layers] for layers in run))

    def random(
        nets: networks.Networks, start: networks.Pass, at: int
    ) -> Iterator[tuple[str, np.ndarray, dict[str, np.ndarray]]]:
        """The same of a random W', one for all inputs."""
        drawn = perturb.gaussian(nets, [rng("random", len(nets.weights), at)])
        for omega in omegas:
            moved = perturb.added(nets, drawn, omega)
            now = networks.forward(moved.weights, given)
            found = measure(nets, start, now)
            flipped = start.active[-1] != now.active[-1]
            found["union"] = np.sum(np.any(flipped, axis=1)) / max(1, np.sum(flipped))
            if at == 0:
                power = rng("power", len(nets.weights), f"{omega:g}")
                norms = [products.spectral_norm(matrix[0], power) for matrix in moved.weights[1:]]
                found["norm"] = max(norms) / (2 * np.sqrt(2) + omega)
            yield "random", np.repeat(omega, n), found

    def train(nets: networks.Networks, start: networks.Pass) -> Iterator[pd.DataFrame]:
        """Trained networks, when the loss is first below some shares of the first."""
        eta = 1 / np.linalg.eigvalsh(descent.tangent_kernel(nets, given))[:, -1]
        power, left = rng("power", "trained"), list(LEARNT)
        path = descent.descend(nets, given, descent.squared(y), eta)
        for step, state in enumerate(islice(path, settings.steps + 1)):
            loss = float(np.sum((state.outputs - y) ** 2))
            if step == 0:
                first = loss
            if loss <= left[0] * first:
                left = [level for level in left if loss > level * first]
                now = networks.forward(state.weights, given)
                moved = zip(state.weights[1:], nets.weights[1:], strict=True)
                norm = max(
                    products.spectral_norm(after[0] - before[0], power) for after, before in moved
                )
                yield pd.DataFrame(
                    measure(nets, start, now) | {"omega": norm, "loss": loss / first}
                )
            if not left:
                return

    frames, trained = [], []
    for depth in progress.track(depths, len(depths), "depths"):
        for at in range(max(settings.seeds, settings.random_seeds)):
            nets = networks.allen_zhu(
                [rng("start", depth, at)], given.shape[1], m, depth, 1, np.float32
            )
            start = networks.forward(nets.weights, given)
            told, searched = {"depth": depth, "network": at}, at < settings.seeds
            found = chain(
                random(nets, start, at) if at < settings.random_seeds else (),
                worst(nets, at) if searched else (),
            )
            for name, omega, each in found:
                own = {"adversary": name, "omega": omega, "input": np.arange(len(omega)) % n}
                frames.append(pd.DataFrame(told | own | each))
            if searched and depth == near(depths, ORDERED[0]):
                trained += [each.assign(**told, input=range(n)) for each in train(nets, start)]
    columns = ["depth", "network", "input", "loss", "omega", "flips", "shift"]
    whole = pd.concat(frames)
    files.save_table(job.table, whole.drop(columns=["union", "norm"]))
    files.save_table(
        job.trained, pd.concat(trained)[columns] if trained else pd.DataFrame(columns=columns)
    )

    largest = max(omegas)
    keys = ["flips", "most", "shift", "product"]
    mean = whole.groupby(["adversary", "depth", "omega"])[keys].mean().reset_index()

    def of(name: str, omega: float) -> pd.DataFrame:
        return mean[(mean.adversary == name) & (mean.omega == omega)]

    def law(table: pd.DataFrame, key: str, formula, omega: float) -> float:
        """A mean over its law of ω and depth, farthest from 1 over depths."""
        return fits.farthest_from_one(
            table[key] / [formula(omega, int(depth)) for depth in table.depth]
        )

    def order(depth: int) -> list[float]:
        own = mean[(mean.depth == near(depths, depth)) & (mean.omega == shown)]
        return [own.set_index("adversary").flips[name] for name in ORDER]

    far = of("farthest", little)
    reached = far["shift"] / (little * far.depth**1.5)
    held = mean[(mean.adversary == "layer") & (mean.omega >= min(LAW, largest))]
    searched = whole[(whole.adversary == "search") & (whole.omega == little)]
    grown = searched.groupby(["depth", "network"]).flips.mean().unstack()
    power = (
        fits.power_law(grown.index.to_numpy(), grown.to_numpy().clip(1e-12))
        if len(grown) > 1
        else None
    )
    size = f"m = {m}, n = {n}, L = {', '.join(map(str, depths))}"
    few, many = f"{settings.seeds} networks, {size}", f"{settings.random_seeds} networks, {size}"
    save(job.metrics, {
        "layer": measured(
            fits.farthest_from_one(held.flips / held.omega.map(laws.worst_flips)),
            where=f"ω ≥ {LAW}, {few}",
        ),
        "random": measured(
            law(of("random", largest), "flips",
                lambda omega, depth: laws.random_flips(omega, depth + 1, 1)[-1], largest),
            where=f"ω = {largest:g}, {many}",
        ),
        "gradient": measured(
            law(of("gradient", little), "flips", laws.gradient_flips, little),
            where=f"ω = {little:g}, {few}",
        ),
        "order": measured(order(ORDERED[0]), where=f"ω = {shown:g}, {few}"),
        "order.shallow": measured(order(ORDERED[1]), where=f"ω = {shown:g}, {few}"),
        "bound": measured(
            (mean.flips / (mean.depth * mean.omega ** (2 / 3))).max(), where=few
        ),
        "bound.zou": measured(
            (mean.most / (mean.depth ** (4 / 3) * mean.omega ** (2 / 3))).max(), where=few
        ),
        "depth": measured(power.exponent, interval=(power.low, power.high), where=few)
        if power else measured(np.nan, per_seed=[], where=f"one depth, {few}"),
        "union": measured(whole.union.max(), where=f"random W', {many}"),
        "norm": measured(whole.norm.max(), where=f"random W', first network, {size}"),
        "shift.random": measured(
            law(
                of("random", shown), "shift", lambda omega, depth: omega * (depth / 8) ** 0.5, shown
            ),
            where=f"ω = {shown:g}, {many}",
        ),
        "shift.law": measured(
            law(of("random", shown), "shift", laws.random_shift, shown),
            where=f"ω = {shown:g}, {many}",
        ),
        "shift.worst": measured(reached.max(), where=f"ω = {little:g}, {few}"),
        "shift.least": measured(
            reached[far.depth <= DEEP].min() if min(depths) <= DEEP else np.nan,
            where=f"ω = {little:g}, {few}",
        ),
        "product": measured(
            mean[mean.omega == shown]["product"].max(), where=f"ω = {shown:g}, {few}"
        ),
        "product.little": measured(
            mean[mean.omega == little]["product"].max(), where=f"ω = {little:g}, {few}"
        ),
        # (vi) of theorem 5.3 is L√(s ln m).
        "top": measured((whole.top / whole.depth).max(), where=few),
        "top.constant": measured(whole.top.max(), where=few),
        "top.little": measured(
            whole[whole.omega <= little].top.max(), where=f"ω ≤ {little:g}, {few}"
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
