"""Zero training error by depth, and Zou et al.'s gradient bounds on the way.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), corollary 4.3, lemma 5.4. Logistic loss, the
mean over inputs; learning rate 4n/λ_max of the network's own tangent kernel. float32.

Writes `table`: labels, depth, n, network, `steps` to zero training error, NaN if it was not
reached, and the extremes on the way, looked at every tenth step: `lower`, least ‖∇_{W_L}‖_F²
n⁵/(mφ(Σℓ')²), and `upper`, largest ‖∇_{W_l}‖_F/(√(m/2) mean |ℓ'|) of the layers; φ is the least
distance of inputs with different labels."""

from pipeline import experiment
from scripts.deep_relu.slice import Classification

LOOK = 10  # steps between looks at the gradients
PARTS = (4, 2, 1)  # parts of the points, for the exponent of n
NARROW = 3  # layers of the networks whose least width is looked for


@experiment.program(Classification)
def main(settings: Classification, job: experiment.Job) -> None:
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import descent, inputs, losses, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    m, seeds, steps = settings.m, settings.seeds, settings.steps
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    n = len(given)
    coin = generator(job.seed, job.name, "classification", "labels")
    kinds = {"true": labels[:n], "random": coin.choice([-1.0, 1.0], n)}

    def separation(count: int, y: np.ndarray) -> float:
        """φ: the least distance of inputs with different labels; 2 if there are none."""
        apart = np.linalg.norm(given[:count, None] - given[None, :count], axis=2)
        return float(np.min(apart[y[:, None] != y], initial=2))

    def train(kind: str, depth: int, count: int, width: int) -> pd.DataFrame:
        """A row for each network; those that are done go on, and cost no more than the rest."""
        data, y = given[:count], kinds[kind][:count]
        rngs = [
            generator(job.seed, job.name, "classification", "start", depth, width, at)
            for at in range(seeds)
        ]
        drawn = networks.zou(rngs, data.shape[1], width, depth, np.float32)
        eta = 4 * count / np.linalg.eigvalsh(descent.tangent_kernel(drawn, data))[:, -1]
        phi, loss = separation(count, y), losses.LOGISTIC
        done = np.full(seeds, np.nan)
        lower, upper = np.full(seeds, np.inf), np.zeros(seeds)
        path = descent.descend(drawn, data, losses.mean(loss, y), eta)
        for at, state in enumerate(islice(path, steps + 1)):
            margins = y * state.outputs
            done = np.where(np.isnan(done) & np.all(margins > 0, axis=1), at, done)
            if at % LOOK == 0:
                slopes = -loss.slope(margins).astype(float)
                norms = np.array([np.linalg.norm(each, axis=(1, 2)) for each in state.gradients])
                bound = width * phi / count**5 * slopes.sum(axis=1) ** 2
                lower = np.minimum(lower, norms[-1].astype(float) ** 2 / bound)
                upper = np.maximum(upper, norms.max(axis=0) / slopes.mean(axis=1))
            if not np.isnan(done).any():
                break
        return pd.DataFrame({
            "labels": kind, "depth": depth, "n": count, "m": width, "network": range(seeds),
            "steps": done, "lower": lower, "upper": upper / np.sqrt(width / 2),
        })  # fmt: skip

    depths = settings.depths
    whole = pd.concat([train(kind, depth, n, m) for kind in kinds for depth in depths])
    parts = pd.concat([
        train("random", max(depths), n // part, m) for part in PARTS if n // part > 1
    ])  # fmt: skip
    narrow = pd.concat([train("random", NARROW, n, width) for width in settings.widths])
    files.save_table(job.table, whole)

    size = f"n = {n}, m = {m}, L = {', '.join(map(str, depths))}, {seeds} networks"
    typical = whole.fillna({"steps": np.inf}).groupby(["labels", "depth"]).steps.median()
    slack = parts.pivot_table(index="n", columns="network", values="lower")
    fit = fits.power_law(slack.index.to_numpy(), slack.to_numpy())
    enough = narrow.groupby("m").steps.apply(lambda each: each.notna().all())
    least = min((width for width in enough.index if enough[width]), default=np.nan)
    phi = separation(n, kinds["random"])
    log_theory = 26 * np.log10(n) + 38 * np.log10(NARROW) - 8 * np.log10(phi)
    save(job.metrics, {
        "unfinished": measured(whole.steps.isna().sum(), where=f"{size}, {steps} steps"),
        "steps.random": measured(list(typical["random"]), where=size),
        "steps.true": measured(
            typical["true"][max(depths)] / typical["true"][min(depths)], where=size
        ),
        "lower": measured(whole.lower.min(), where=size),
        "upper": measured(whole.upper.max(), where=size),
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
