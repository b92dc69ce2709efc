"""How fast the loss falls, by the exponent p of its slope.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), theorems 4.1 and 4.2, with −ℓ' ≥ min{α₀, α₁ℓ^p}.
Losses (1 − z)₊^q/q of the margin z = y f(x), with a tangent for z < 0, p = (q − 1)/q, and the
logistic one, p = 1. L is their mean over the inputs; the learning rate is n/(λλ_max(K)), λ the
bound of ℓ'' (½ for q = 1.5, which has none). float64.

Writes `table`: loss, p, network, step, `value`, L, and `fall`, −dL/dk over the steps to the next
row; exponents are fitted from a tenth of L(0) on.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Losses

KINDS = {"q1.5": 0.5, "q2": 1.0, "q3": 2.0, "q4": 3.0, "q6": 5.0, "logistic": 0.25}  # λ
HELD = ("q2", "q3", "q4", "q6")
LATE, LATER = 0.1, 0.01  # of L(0), from which on exponents are fitted
LEAST = 1e-13  # of L, below which rounding decides
EMPTY = (0.1, 0.2, 0.3, 0.4)  # exponents p that no smooth loss has
GRIDS = 10_000, 100  # points, and times as many


@experiment.program(Losses)
def main(settings: Losses, job: experiment.Job) -> None:
    from collections.abc import Sequence
    from itertools import islice

    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import descent, inputs, losses, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    m, depth, seeds, steps = settings.m, settings.depth, settings.seeds, settings.steps
    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    given, y = inputs.lifted(points[: settings.n]), labels[: settings.n]
    basis = inputs.span(given)
    n, x = len(given), given @ basis
    rngs = [generator(job.seed, job.name, "losses", m, depth, at) for at in range(seeds)]
    drawn = networks.zou(rngs, given.shape[1], m, depth).within(basis)
    sharpest = np.linalg.eigvalsh(descent.tangent_kernel(drawn, x))[:, -1]

    def train(name: str, bound: float) -> np.ndarray:
        """L at every step, (steps + 1, seeds)."""
        loss = losses.of(name)
        path = descent.descend(drawn, x, losses.mean(loss, y), n / (bound * sharpest))
        return np.array([
            loss.value(y * state.outputs).mean(axis=1) for state in islice(path, steps + 1)
        ])  # fmt: skip

    shown = np.unique(np.geomspace(1, steps, 200).astype(int))

    def rows(name: str, found: np.ndarray) -> pd.DataFrame:
        """L and its fall between the steps that are shown, of each network."""
        value, fall = found[shown[:-1]], -np.diff(found[shown], axis=0) / np.diff(shown)[:, None]
        return pd.concat([
            pd.DataFrame({"loss": name, "p": losses.of(name).p, "network": at, "step": shown[:-1],
                          "value": value[:, at], "fall": fall[:, at]})
            for at in range(seeds)
        ])  # fmt: skip

    found = {name: train(name, KINDS[name]) for name in settings.kinds}
    table = pd.concat([rows(name, values) for name, values in found.items()])
    files.save_table(job.table, table)

    def exponents(name: str, start: float = LATE) -> list[float]:
        """2p as it is found, of each network; NaN if the loss did not fall that far."""
        each = []
        for at in range(seeds):
            own = table[(table.loss == name) & (table.network == at)]
            late = own[
                (own.value < start * found[name][0, at]) & (own.value > LEAST) & (own.fall > 0)
            ]
            few = len(late) < 3
            each.append(np.nan if few else fits.slope(np.log(late.value), np.log(late.fall)))
        return each

    def straight(values: np.ndarray) -> float:
        """R² of ln L against the step, from a tenth of the start on."""
        kept = (values < LATE * values[0]) & (values > LEAST)
        if kept.sum() < 3:
            return np.nan
        return np.corrcoef(np.flatnonzero(kept), np.log(values[kept]))[0, 1] ** 2

    def sharp(p: float, count: int) -> float:
        """The largest |ℓ''| of the power with exponent p as a grid shows it."""
        grid = np.linspace(0, 1, count + 1)
        return np.max(np.abs(np.diff(losses.power(1 / (1 - p)).slope(grid)) * count))

    size = f"n = {n}, L = {depth}, m = {m}, {seeds} networks, {steps} steps"

    def none(names: Sequence[str]) -> dict:
        return measured(np.nan, per_seed=[], where=f"{', '.join(names)}: not among the losses")

    def powers(start: float) -> dict:
        """The largest distance of an exponent from 2p, and every exponent."""
        fitted = {name: np.median(exponents(name, start)) for name in HELD if name in found}
        if not fitted:
            return none(HELD)
        apart = [abs(value - 2 * losses.of(name).p) for name, value in fitted.items()]
        told = ", ".join(f"q = {name[1:]}: {value:.3f}" for name, value in fitted.items())
        return measured(max(apart), where=f"{told}; from {start:g} L(0) on; {size}")

    logistic = exponents("logistic") if "logistic" in found else []
    coarse, finer = GRIDS
    grown = [sharp(p, coarse * finer) / sharp(p, coarse) for p in EMPTY]
    save(job.metrics, {
        "powers": powers(LATE),
        "powers.late": powers(LATER),
        "straight": measured(min(straight(each) for each in found["q2"].T), where=size)
        if "q2" in found else none(["q2"]),
        "finite": measured(found["q1.5"][-1].max(), where=size)
        if "q1.5" in found else none(["q1.5"]),
        "logistic": measured(np.median(logistic), per_seed=logistic, where=size)
        if "logistic" in found else none(["logistic"]),
        "empty": measured(
            min(grown),
            where=f"{', '.join(f'{each:.3g}' for each in grown)} for p = "
            f"{', '.join(map(str, EMPTY))}; {coarse} points and {finer} times as many",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
