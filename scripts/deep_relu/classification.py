"""Zero training error by depth, and Zou et al.'s gradient bounds on the way.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), corollary 4.3, lemma 5.4. Logistic loss, the
mean over inputs; learning rate 4n/λ_max of the network's own tangent kernel, whole or in batches,
which are drawn anew for every step. float32.

Writes `table`: labels, depth, B (n: the whole gradient), network, and `steps` to zero training
error, NaN if it was not reached; in batches it is looked for every fifth step. Of the whole
gradient also the extremes on the way, looked at every tenth step: `lower`, least
‖∇_{W_L}‖_F²n⁵/(mφ(Σℓ')²), `upper`, largest ‖∇_{W_l}‖_F/(√(m/2) mean |ℓ'|) of the layers, `begun`,
that at the start, and `own`, the largest with max_i ‖v D …‖‖h_i‖ as it is in place of √(m/2); φ is
the least distance of inputs with different labels."""

from pipeline import experiment
from scripts.deep_relu.slice import Classification

LOOK = 10  # steps between looks at the gradients
GLANCE = 5  # steps between looks at the whole training set, in batches
PILOT = 10_000  # steps within which a pilot's networks were done
PARTS = (4, 2, 1)  # parts of the points, for the exponent of n
NARROW = 3  # layers of the networks whose least width is looked for


@experiment.program(Classification)
def main(settings: Classification, job: experiment.Job) -> None:
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import descent, inputs, losses, networks
    from overparam.labels import random_signs
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    m, seeds, steps = settings.m, settings.seeds, settings.steps
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    n = len(given)
    coin = generator(job.seed, job.name, "classification", "labels")
    kinds = {"true": labels[:n], "random": random_signs(n, coin)}

    def separation(count: int, y: np.ndarray) -> float:
        """φ: the least distance of inputs with different labels; 2 if there are none."""
        apart = np.linalg.norm(given[:count, None] - given[None, :count], axis=2)
        return float(np.min(apart[y[:, None] != y], initial=2))

    def start(
        depth: int, width: int, data: np.ndarray
    ) -> tuple[networks.Networks, np.ndarray, np.ndarray]:
        """Networks, the inputs as they take them, and the learning rate of each."""
        rngs = [
            generator(job.seed, job.name, "classification", "start", depth, width, at)
            for at in range(seeds)
        ]
        basis = inputs.span(data)
        drawn = networks.zou(rngs, data.shape[1], width, depth, np.float32).within(basis)
        x = data @ basis
        most = np.linalg.eigvalsh(descent.tangent_kernel(drawn, x))[:, -1]
        # A narrow network may have no ReLU that is active at any input: it learns nothing.
        return drawn, x, np.divide(4 * len(data), most, out=np.zeros_like(most), where=most > 0)

    def largest(
        drawn: networks.Networks, weights: list[np.ndarray], data: np.ndarray
    ) -> np.ndarray:
        """max_i ‖v D …‖‖h_i‖ of each layer, (layers, seeds)."""
        run = networks.forward(weights, data)
        back = networks.backward(weights, run.active, drawn.top)
        pairs = zip(back, run.hidden[:-1], strict=True)
        found = np.array([
            np.max(np.linalg.norm(above, axis=2) * np.linalg.norm(below, axis=2), axis=1)
            for above, below in pairs
        ])  # fmt: skip
        # Where no ReLU is active the gradient is 0 as well.
        return np.maximum(found, np.finfo(np.float32).tiny)

    def train(kind: str, depth: int, count: int, width: int, most: int = steps) -> pd.DataFrame:
        """A row for each network; those that are done go on, and cost no more than the rest."""
        y, (drawn, data, eta) = kinds[kind][:count], start(depth, width, given[:count])
        phi, loss = separation(count, y), losses.LOGISTIC
        done, begun = np.full(seeds, np.nan), np.zeros(seeds)
        lower, upper, own = np.full(seeds, np.inf), np.zeros(seeds), np.zeros(seeds)
        path = descent.descend(drawn, data, losses.mean(loss, y), eta)
        for at, state in enumerate(islice(path, most + 1)):
            margins = y * state.outputs
            done = np.where(np.isnan(done) & np.all(margins > 0, axis=1), at, done)
            if at % LOOK == 0:
                slopes = -loss.slope(margins).astype(float)
                norms = np.array([np.linalg.norm(each, axis=(1, 2)) for each in state.gradients])
                ratios = norms / slopes.mean(axis=1)
                bound = width * phi / count**5 * slopes.sum(axis=1) ** 2
                lower = np.minimum(lower, norms[-1].astype(float) ** 2 / bound)
                upper = np.maximum(upper, ratios.max(axis=0))
                own = np.maximum(own, np.max(ratios / largest(drawn, state.weights, data), axis=0))
                begun = begun if at else upper
            if not np.isnan(done).any():
                break
        room = np.sqrt(width / 2)
        return pd.DataFrame({
            "labels": kind, "depth": depth, "B": count, "m": width, "network": range(seeds),
            "steps": done, "lower": lower, "upper": upper / room, "begun": begun / room, "own": own,
        })  # fmt: skip

    def in_batches(kind: str, depth: int, size: int) -> pd.DataFrame:
        """The same of steps alone."""
        y, (drawn, data, eta) = kinds[kind], start(depth, m, given)
        rng = generator(job.seed, job.name, "classification", "order", kind, depth, size)
        order = descent.batches(n, size, steps + 1, rng)
        done = np.full(seeds, np.nan)
        path = descent.descend(drawn, data, losses.mean(losses.LOGISTIC, y), eta, order)
        for at, state in enumerate(path):
            if at % GLANCE:
                continue
            run = networks.forward(state.weights, data)
            right = np.all(y * networks.outputs(drawn, run)[..., 0] > 0, axis=1)
            done = np.where(np.isnan(done) & right, at, done)
            if not np.isnan(done).any():
                break
        return pd.DataFrame({"labels": kind, "depth": depth, "B": size, "m": m,
                             "network": range(seeds), "steps": done})  # fmt: skip

    depths = settings.depths
    batch = min(settings.batch, n - 1)
    whole = pd.concat([train(kind, depth, n, m) for kind in kinds for depth in depths])
    some = pd.concat([in_batches(kind, depth, batch) for kind in kinds for depth in depths])
    parts = pd.concat([
        train("random", max(depths), n // part, m) for part in PARTS if n // part > 1
    ])  # fmt: skip
    narrow = pd.concat([
        train("random", NARROW, n, width, min(steps, PILOT)) for width in settings.widths
    ])  # fmt: skip
    files.save_table(job.table, pd.concat([whole, some]))

    size = f"n = {n}, m = {m}, L = {', '.join(map(str, depths))}, {seeds} networks"
    typical = whole.fillna({"steps": np.inf}).groupby(["labels", "depth"]).steps.median()
    slack = parts.pivot_table(index="B", columns="network", values="lower")
    fit = fits.Fit(np.nan, np.nan, np.nan)
    if len(slack) > 1 and np.all(slack > 0) and np.all(np.isfinite(slack)):
        fit = fits.power_law(slack.index.to_numpy(), slack.to_numpy())
    enough = narrow.groupby("m").steps.apply(lambda each: each.notna().all())
    least = min((width for width in enough.index if enough[width]), default=np.nan)
    phi = separation(n, kinds["random"])
    log_theory = 26 * np.log10(n) + 38 * np.log10(NARROW) - 8 * np.log10(phi)
    axes = ["labels", "depth", "network"]
    # Where all labels are the same, a network may be right from the start.
    first, last = (part.set_index(axes).steps.clip(lower=1) for part in (whole, some))
    logs = np.log(last / first)
    by_depth = np.exp(logs.groupby("depth").agg(lambda each: each.mean(skipna=False)))
    early = min(steps, PILOT)
    ends = [typical["true"][depth] for depth in (min(depths), max(depths))]
    save(job.metrics, {
        "unfinished": measured((~(whole.steps <= early)).sum(), where=f"{size}, {early} steps"),
        "unfinished.longer": measured(whole.steps.isna().sum(), where=f"{size}, {steps} steps"),
        "batches": measured(
            by_depth.iloc[np.argmax(np.abs(np.log(by_depth.fillna(np.inf))))],
            where=f"B = {batch}: {', '.join(f'{each:.2f}' for each in by_depth)} for {size}",
        ),
        "steps.random": measured(list(typical["random"]), where=size),
        "steps.true": measured(
            ends[1] / max(1, ends[0]) if np.isfinite(ends).all() else np.nan, where=size
        ),
        "lower": measured(whole.lower.min(), where=size),
        "upper": measured(
            whole.upper.max(),
            where=f"{', '.join(f'{each:.2f}' for each in whole.groupby('depth').upper.max())} for "
            f"{size}",
        ),
        "upper.start": measured(whole.begun.max(), where=size),
        "upper.own": measured(whole.own.max(), where=size),
        "upper.lemma": measured((whole.upper / whole.depth**2).max(), where=size),
        "lower.exponent": measured(
            fit.exponent, interval=(fit.low, fit.high),
            where=f"n = {', '.join(map(str, slack.index))}, L = {max(depths)}, {size}",
        ),
        "width": measured(
            10 ** (log_theory - np.log10(least)),
            per_seed=[] if np.isnan(least) else None,
            where=f"n = {n}, L = {NARROW}, φ = {phi:.2g}, least width {least:g} of "
            f"{', '.join(map(str, settings.widths))}",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
