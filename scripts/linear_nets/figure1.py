"""Figure 1: the loss and the learning rate of every step rule, from balanced starts.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), section 4.1: X = I (n, n),
Y = X W(0) + noise · ε (n, m), W(0) and ε Gaussian. The rules f0, ft, rho_hat and rho minimise the
bounds f(η, 0), f(η, t), ρ̂ and ρ over η ≤ η_max; arora and du are the competitors'. ρ and ρ̂ are
tried in two more readings: over all η, and with c1 λ_min(τ) in place of λ_min(τ).

Writes `table`: rule, step, `loss`, the mean over seeds of log₁₀(L/N), with the least and the
largest, `rate`, that of log₁₀ η, and, where the set-up is the source's, `read_loss` and
`read_rate`, its own values where they were read off its figure; `spread`: rule, step, seed, `loss`
and `rate`, log₁₀(L/N) and log₁₀ η of each; and the figures: `code` with the c1 and c2 given, `text`
with the printed ones, `talk` with the talk's noise.
"""

from pipeline import experiment
from scripts.linear_nets.slice import Figure1

RULES = ("f0", "ft", "rho_hat", "rho", "arora", "du")
# Read off the source's figure, at its set-up: log₁₀(L/N) at the last step, log₁₀ η at some.
SETUP = {"n": 20, "m": 1, "noise": 0.04, "c₁": 0.8, "c₂": 1.2, "steps": 100}
LOSSES = {"f0": -12.6, "ft": -12.95, "rho": -21.95, "arora": -3.05, "du": -3.05}
RATES = {"f0": {99: -1.35}, "rho": {99: -1.08}, "du": {0: -2.5, 99: -4.5}}
CLOSE = 0.5  # decades from it within which a reading is named
TEXT = (0.5, 1.5)  # c1 and c2 as printed
TALK = 0.01  # noise of the talk
LATE = 10  # steps over which the rate at the end is measured


@experiment.program(Figure1)
def main(settings: Figure1, job: experiment.Job) -> None:
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam.linear_nets import draws, dynamics, rates
    from overparam.linear_nets import steps as chosen
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, m, h, noise = settings.n, settings.m, job.h, settings.noise
    c1, c2, steps, seeds = settings.c1, settings.c2, settings.steps, settings.seeds

    def started(noise: float) -> tuple[draws.Started, rates.Start]:
        rngs = [generator(job.seed, job.name, "figure1", n, m, at) for at in range(seeds)]
        given, w1, w2 = draws.near_target(rngs, n, m, h, noise)
        return (given, w1, w2), rates.start(given, w1, w2)

    def curves(rule: str, noise: float, used: tuple[float, float], reading: str = "capped"):
        """log₁₀(L/N) and log₁₀ η at every step, each (steps, seeds)."""
        (given, w1, w2), begun = started(noise)
        choose = chosen.rule(rule, given, begun, *used, reading)
        states = [*islice(dynamics.descend(given, w1, w2, choose), steps)]
        losses = np.stack([at.loss for at, _ in states])
        return np.log10(losses / n), np.log10(np.stack([eta for _, eta in states]))

    def ordered(last: dict[str, np.ndarray]) -> np.ndarray:
        """Seeds in which ρ, ρ̂ < f(η, t) ≤ f(η, 0) < the competitors."""
        ours = np.maximum(last["rho"], last["rho_hat"])
        theirs = np.minimum(last["arora"], last["du"])
        return (ours < last["ft"]) & (last["ft"] <= last["f0"]) & (last["f0"] < theirs)

    here = dict(zip(SETUP, (n, m, noise, c1, c2, steps), strict=True))

    def compared(value: float | list[float], where: str, **said: object) -> dict:
        """What is held to the source's figure: nothing at another set-up than its own."""
        if here == SETUP:
            return measured(value, where=where, **said)
        theirs = ", ".join(f"{name} = {value:g}" for name, value in SETUP.items())
        return measured(np.nan, per_seed=[], where=f"{where}; the source's are {theirs}")

    def read(rule: str) -> dict[str, pd.Series]:
        """Its own values at some steps of a rule."""
        losses = {steps - 1: LOSSES[rule]} if rule in LOSSES else {}
        known = (losses, RATES.get(rule, {})) if here == SETUP else ({}, {})
        return {
            name: pd.Series(range(steps)).map(values)
            for name, values in zip(("read_loss", "read_rate"), known, strict=True)
        }

    found = {rule: curves(rule, noise, (c1, c2)) for rule in RULES}
    files.save_table(job.table, pd.concat(
        pd.DataFrame({
            "rule": rule, "step": range(steps), "loss": losses.mean(axis=1),
            "least": losses.min(axis=1), "largest": losses.max(axis=1), "rate": etas.mean(axis=1),
            **read(rule),
        })
        for rule, (losses, etas) in found.items()
    ))  # fmt: skip
    every_step, every_seed = (axis.ravel() for axis in np.indices((steps, seeds)))
    files.save_table(job.spread, pd.concat(
        pd.DataFrame({
            "rule": rule, "step": every_step, "seed": every_seed, "loss": losses.ravel(),
            "rate": etas.ravel(),
        })
        for rule, (losses, etas) in found.items()
    ))  # fmt: skip

    last = {rule: losses[-1] for rule, (losses, _) in found.items()}
    where = f"n = {n}, m = {m}, h = {h}, noise {noise:g}, c₁ = {c1:g}, c₂ = {c2:g}, t = {steps - 1}"
    figures = {}
    for rule, values in last.items():
        said = f"{where}; mean of {seeds} seeds, sd {values.std(ddof=1):.2f}"
        figures[f"code.{rule}.loss"] = compared(
            values.mean(), per_seed=values, unit="log₁₀(L/N)", where=said
        )
    moved = np.max(
        [np.abs(found[rule][0] - found[rule][0][0]).max(axis=0) for rule in ("arora", "du")], axis=0
    )
    figures["code.flat"] = compared(
        moved.max(), per_seed=moved, unit="decades", where=f"{where}, {seeds} seeds"
    )
    last_rate = found["rho"][1][-1]
    figures["code.rho.rate"] = compared(
        last_rate.mean(), per_seed=last_rate, unit="log₁₀ η", where=where
    )
    figures["code.du.rates"] = compared(
        [found["du"][1][at].mean() for at in (0, -1)], unit="log₁₀ η",
        where=f"{where}; first and last step, means of {seeds} seeds",
    )  # fmt: skip
    final = found["ft"][1]
    rising = np.min(10 ** np.diff(final, axis=0) - 1, axis=0)
    figures["code.ft.rate"] = measured(
        final[-1].mean(), per_seed=final[-1], unit="log₁₀ η", where=where
    )
    figures["code.ft.rising"] = measured(rising.min(), per_seed=rising, where=where)
    risen = final[-1] - final[0]
    figures["code.ft.risen"] = measured(risen.min(), per_seed=risen, unit="decades", where=where)
    ends = {
        (rule, reading): curves(rule, noise, (c1, c2), reading)[0][-1]
        for rule in ("rho", "rho_hat")
        for reading in chosen.READINGS
    }
    gaps = [np.abs(ends["rho", reading] - ends["rho_hat", reading]) for reading in chosen.READINGS]
    said = ", ".join(
        f"{reading} {gap.max():.2g}" for reading, gap in zip(chosen.READINGS, gaps, strict=True)
    )
    gap = np.max(gaps, axis=0)
    figures["code.equal"] = measured(
        gap.mean(), per_seed=gap, unit="decades", where=f"{where}; largest by reading: {said}"
    )
    figures["code.ordered"] = measured(ordered(last).mean(), where=f"{where}, {seeds} seeds")
    near = []
    for (rule, reading), values in ends.items():
        mean, sd = values.mean(), values.std(ddof=1)
        error, away = sd / np.sqrt(seeds), abs(mean - LOSSES["rho"])
        said = f"{where}; mean of {seeds} seeds {mean:.2f} ± {error:.2f}, sd {sd:.2f}"
        figures[f"code.{rule}.{reading}.distance"] = compared(away, said, unit="decades")
        if away <= CLOSE:
            near.append(f"{rule} {reading} ({away:.2f} ± {error:.2f} decades)")
    figures["code.close"] = compared(
        len(near), f"{where}; of {len(ends)}: {', '.join(near) or 'none'}", unit="readings"
    )

    (given, *_), begun = started(noise)
    end = c1 * begun.alpha / (c2**2 * begun.beta**2 * given.smooth)
    away = np.abs(10 ** final[-1] / end - 1)
    figures["code.limit"] = measured(away.max(), per_seed=away, where=where)
    losses = found["ft"][0]
    rate = 10 ** ((losses[-1] - losses[-1 - LATE]) / LATE)
    right, wrong = (rates.linear_limit(given, begun, *used) for used in ((c1, c2), (c2, c1)))
    figures["code.rate.corrected"] = measured(
        (rate - right).max(), per_seed=rate - right,
        where=f"{where}; means: measured {rate.mean():.3f}, corrected {right.mean():.3f}",
    )  # fmt: skip
    figures["code.rate.printed"] = measured(
        (rate - wrong).min(), per_seed=rate - wrong,
        where=f"{where}; means: measured {rate.mean():.3f}, printed {wrong.mean():.3f}",
    )  # fmt: skip

    printed = {rule: curves(rule, noise, TEXT)[0][-1] for rule in ("f0", "ft")}
    said = f"n = {n}, m = {m}, noise {noise:g}, c₁ = {TEXT[0]:g}, c₂ = {TEXT[1]:g}, {seeds} seeds"
    figures["text.distance"] = compared(
        abs(printed["f0"].mean() - LOSSES["f0"]), unit="decades",
        where=f"{said}; f(η, 0) reaches {printed['f0'].mean():.2f}",
    )  # fmt: skip
    figures["text.ft.loss"] = measured(
        printed["ft"].mean(), per_seed=printed["ft"], unit="log₁₀(L/N)", where=said
    )
    talk = {rule: curves(rule, TALK, (c1, c2))[0][-1] for rule in RULES}
    said = ", ".join(f"{rule} {values.mean():.2f}" for rule, values in talk.items())
    figures["talk.ordered"] = measured(
        ordered(talk).mean(), where=f"noise {TALK:g}, {seeds} seeds; log₁₀(L/N): {said}"
    )
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
