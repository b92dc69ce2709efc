"""Figure 2: how tight the bounds are, from Gaussian starts of rising imbalance.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), section 4.2, theorem of eq. (25)
to (28), eq. (33). X (n, n), Y = XΘ (n, m), W1 = r U0, W2 = V0/r, U0 and V0 Gaussian. `code` is the
data as the authors computed it: X orthogonal, r² − r⁻² = σ; `text` as printed: X Gaussian, r = σ.
What is compared with the source's figure is measured at its n, m and h alone.

Writes `table`: rule, sigma, step, `loss` and `bound`, the means over seeds of log₁₀(L/N) and of its
bound Π ρ or Π f; `spread`: rule, sigma, step, seed, `loss` and `bound` of each; and the figures.
"""

from pipeline import experiment
from scripts.linear_nets.slice import Figure2

PUBLISHED = {1.0: 0.505, 5.0: 0.555, 100.0: 0.600}  # α₀/β₀ by σ
SIZE = (20, 20, 1000)  # n, m and h of these


@experiment.program(Figure2)
def main(settings: Figure2, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.linear_nets import bounds, draws, dynamics, rates
    from overparam.linear_nets import steps as chosen
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, m, h, c1, c2 = settings.n, settings.m, job.h, settings.c1, settings.c2
    sigma, steps, seeds = settings.sigma, settings.steps, settings.seeds

    def started(imbalance: float, reading: str) -> draws.Started:
        # One draw for every imbalance: they differ by the scale alone.
        rngs = [generator(job.seed, job.name, "figure2", n, m, h, at) for at in range(seeds)]
        return draws.scaled_gaussians(rngs, n, m, h, imbalance, reading)

    def ratios(reading: str) -> dict[float, np.ndarray]:
        begun = {imbalance: rates.start(*started(imbalance, reading)) for imbalance in sigma}
        return {imbalance: start.alpha / start.beta for imbalance, start in begun.items()}

    def compared(value: float, where: str, per_seed: np.ndarray | None = None) -> dict:
        """What is held to the source's α₀/β₀: nothing at another size than the source's."""
        if (n, m, h) == SIZE:
            return measured(value, per_seed=per_seed, where=where)
        return measured(
            np.nan, per_seed=[], where=f"{where}; the source's n, m, h are {SIZE}: see code.ratios"
        )

    class Curves:
        """A descent: log₁₀(L/N) and its bound at every step, and what the theorem says."""

        def __init__(self, rule: str, imbalance: float) -> None:
            given, w1, w2 = started(imbalance, "code")
            begun = rates.start(given, w1, w2)
            choose = chosen.rule(rule, given, begun, c1, c2)
            losses, product, theorem, slack = [], [np.zeros(seeds)], [], []
            for at, eta in dynamics.descend(given, w1, w2, choose):
                losses.append(np.log10(at.loss / n))
                theorem.append(bounds.uniform_ratios(begun, at, c1, c2))
                slack.append(1 / theorem[-1][:2])
                if at.step == steps:
                    break
                uniform = rates.uniform(given, begun, at.loss, c1, c2)
                known = chosen.rho(given, at) if rule == "rho" else uniform
                product.append(product[-1] + np.log10(known.at(eta)))
            self.loss, self.product = np.stack(losses), np.stack(product)
            self.bound = self.loss[0] + self.product
            self.ratio = np.max(theorem, axis=(0, 1))
            self.slack = np.min(slack, axis=0)  # of λ_min and of λ_max, each (seeds,)
            self.seen = self.loss - self.loss[0] > np.log10(bounds.ROUNDING)
            # What f(η, 0) makes of the first learning rate, step after step.
            first = rates.uniform(given, begun, begun.loss, c1, c2)
            self.first = np.log10(first.at(chosen.rule("f0", given, begun, c1, c2)(at)))
            self.limits = [
                rates.limit(given, begun, *used) - (1 - 1 / given.condition)
                for used in ((c1, c2), (c2, c1))
            ]
            self.told = begun.alpha / begun.beta

    runs = {
        rule: {imbalance: Curves(rule, imbalance) for imbalance in sigma}
        for rule in ("f0", "ft", "rho")
    }
    files.save_table(job.table, pd.concat(
        pd.DataFrame({
            "rule": rule, "sigma": imbalance, "step": range(steps + 1),
            "loss": run.loss.mean(axis=1), "bound": run.bound.mean(axis=1),
        })
        for rule in ("ft", "rho")
        for imbalance, run in runs[rule].items()
    ))  # fmt: skip
    every_step, every_seed = (axis.ravel() for axis in np.indices((steps + 1, seeds)))
    files.save_table(job.spread, pd.concat(
        pd.DataFrame({
            "rule": rule, "sigma": imbalance, "step": every_step, "seed": every_seed,
            "loss": run.loss.ravel(), "bound": run.bound.ravel(),
        })
        for rule in ("ft", "rho")
        for imbalance, run in runs[rule].items()
    ))  # fmt: skip

    where = f"n = {n}, m = {m}, h = {h}, c₁ = {c1:g}, c₂ = {c2:g}"
    figures = {}
    listed = f"{where}, σ = {', '.join(f'{imbalance:g}' for imbalance in sigma)}"
    for reading in ("code", "text"):
        found = ratios(reading)
        means = {imbalance: values.mean() for imbalance, values in found.items()}
        for imbalance, values in found.items():
            said = f"{where}, σ = {imbalance:g}; mean of {seeds} seeds, sd {values.std(ddof=1):.3f}"
            ratio = compared if reading == "code" else measured
            figures[f"{reading}.ratio{imbalance:g}"] = ratio(
                means[imbalance], per_seed=values, where=said
            )
        distance = max(
            abs(means[imbalance] - PUBLISHED.get(imbalance, means[imbalance]))
            for imbalance in sigma
        )
        figures[f"{reading}.distance"] = compared(distance, f"{listed}, the largest")
        if reading == "code":
            figures["code.ratios"] = measured(
                [*means.values()], where=f"{listed}, means of {seeds} seeds"
            )
    every = [run for group in runs.values() for run in group.values()]
    most = f"{where}, {steps} steps of f0, ft and rho"
    ratio = np.max([run.ratio for run in every], axis=0)
    figures["bounds"] = measured(ratio.max(), per_seed=ratio, where=most)
    for at, key in enumerate(("least", "largest")):
        slack = np.min([run.slack[at] for run in every], axis=0)
        figures[f"slack.{key}"] = measured(slack.min(), per_seed=slack, where=most)
    # ln L(t) against Π f, and Π f(η_k, k) against f(η_0, 0)^t at the fixed rate.
    uniform = [run for rule in ("f0", "ft") for run in runs[rule].values()]
    over = [np.where(run.seen, run.loss - run.bound, -np.inf).max(axis=0) for run in uniform]
    power = [
        (run.product - run.first * np.arange(steps + 1)[:, None]).max(axis=0)
        for run in runs["f0"].values()
    ]
    excess = np.log(10) * np.max([*over, *power], axis=0)
    figures["rate"] = measured(excess.max(), per_seed=excess, where=f"{where}, f0 and ft")
    begun = np.min([10 ** -run.product[1] for run in uniform], axis=0)
    figures["printed_product"] = measured(begun.min(), per_seed=begun, where=f"{where}, t = 0")
    descent = runs["ft"][min(sigma)]
    apart = descent.bound[-1] - descent.loss[-1]
    figures["conservative"] = measured(
        apart.mean(), per_seed=apart, unit="decades", where=f"{where}, σ = {min(sigma):g}, ft"
    )
    right, wrong = (np.array([run.limits[at] for run in runs["ft"].values()]) for at in (0, 1))
    figures["limit.corrected"] = measured(right.min(), per_seed=right.min(axis=0), where=where)
    # Where α₀/β₀ is less, the printed form differs without contradicting itself.
    told = np.array([run.told for run in runs["ft"].values()])
    some = told > c1 / c2
    worst = np.where(some, wrong, -np.inf).max(axis=0)
    figures["limit.printed"] = measured(
        worst.max(), per_seed=worst[np.isfinite(worst)],
        where=f"{where}, {some.sum()} of {some.size} starts with α₀/β₀ > c₁/c₂, largest α₀/β₀ "
        f"{told.max():.3f}",
    )  # fmt: skip
    listed = f"{listed}, t = {steps}, {seeds} seeds"
    for rule in ("ft", "rho"):
        unseen = "; ".join(
            f"σ = {imbalance:g}: a seed below 10⁻²⁴ L(0) from t = {np.argmin(run.seen.all(axis=1))}"
            for imbalance, run in runs[rule].items()
            if not run.seen.all()
        )
        for kind in ("loss", "bound"):
            means = [getattr(run, kind)[-1].mean() for run in runs[rule].values()]
            said = f"{listed}; {unseen}" if unseen and kind == "loss" else listed
            figures[f"code.{rule}.{kind}"] = measured(means, unit="log₁₀(L/N)", where=said)
    tighter = []
    for imbalance in sigma:
        both = [runs[rule][imbalance] for rule in ("ft", "rho")]
        seen = both[0].seen & both[1].seen
        last = seen.cumprod(axis=0).sum(axis=0) - 1
        gaps = [np.take_along_axis(run.bound - run.loss, last[None], axis=0)[0] for run in both]
        tighter.append(gaps[0] - gaps[1])
    least = np.min(tighter, axis=0)
    figures["code.tighter"] = measured(least.min(), per_seed=least, unit="decades", where=listed)
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
