"""Test error of trained networks against their width: the bound of theorem 5.1 knows no m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1 and corollary 5.2: the test
error is at most √(2 yᵀ(H∞)⁻¹y/n) and terms that vanish with n, whatever the number of neurons. The
networks stop at one step for every width; a seed's labels, noise in training and test labels
included, are the same at every width, so each seed is compared with itself: at that step, and at
equal training loss, the one that its slowest network ends at.

Writes `table`, a row per network: arm (its way to start), width, repetition, steps, loss Φ/n,
train_error, error (test 0–1 error), error_at_equal_loss, flips (the share of changed ReLU
patterns), and complexity √(2 yᵀ(H∞)⁻¹y/n) of its labels.
"""

from pipeline import experiment
from scripts.two_layer.slice import Capacity


@experiment.program(Capacity)
def main(settings: Capacity, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, measures
    from overparam import labels as labellings
    from pipeline import files
    from pipeline.metrics import measured, save

    name, labels = job.name, job.labels
    true, true_test = files.load_arrays(job.problem, "labels", "test_labels")
    trained = pd.concat(
        pd.read_csv(path).assign(arm=start, width=m)
        for path, start, m in zip(job.networks, job.arm, job.width, strict=True)
    )
    last = trained.groupby(["arm", "width", "repetition"], sort=False).tail(1)
    seeds = sorted(last.repetition.unique())
    drawn = [
        labellings.draw(labels, true, true_test, np.empty(0), job.seed, name, repetition)[0]
        for repetition in seeds
    ]
    factor = measures.factorise(files.load_array(job.gram))
    complexity = dict(zip(seeds, measures.complexity(factor, np.column_stack(drawn)), strict=True))
    found = pd.DataFrame({
        "arm": last.arm, "width": last.width, "repetition": last.repetition, "steps": last.k,
        "loss": last.loss, "train_error": last.train_error, "error": last.test_error,
        "flips": last.flips, "complexity": last.repetition.map(complexity),
    })  # fmt: skip
    slowest = found.groupby(["arm", "repetition"]).loss.max()
    equal = [
        _error_at(own, slowest[start, repetition])
        for (start, _, repetition), own in trained.groupby(
            ["arm", "width", "repetition"], sort=False
        )
    ]
    found["error_at_equal_loss"] = equal
    files.save_table(job.table, found)

    figures = {
        "complexity": measured(
            np.mean([*complexity.values()]), per_seed=[*complexity.values()],
            where=f"{name}, n = {len(true)}, {labels}, any m",
        )
    }  # fmt: skip
    for start, own in found.groupby("arm", sort=False):
        at = f"{name}, {start}, n = {len(true)}, {labels}"
        where = f"{at}, m = {', '.join(str(m) for m in own.width.unique())}"
        for key, column, what in (
            ("slope", "error", "test error"),
            ("slope.equal", "error_at_equal_loss", "test error at equal training loss"),
            ("slope.loss", "loss", "training loss Φ/n"),
        ):
            values = own.pivot(index="width", columns="repetition", values=column)
            trend = fits.trend(np.log2(values.index), values.to_numpy())
            figures[f"{start}.{key}"] = measured(
                trend.slope, per_seed=trend.per_seed, unit=f"{what}, per doubling of m", where=where
            )
            # Errors that are the same at every width, for every seed, have no slope and no doubt.
            error = trend.error if trend.error or trend.slope else 1.0
            # Seeds of few test points may agree on a slope: no number of errors says how far it is.
            with np.errstate(divide="ignore"):
                off, each = np.divide(trend.slope, error), np.divide(trend.per_seed, error)
            figures[f"{start}.{key}.errors"] = measured(
                off, per_seed=each, unit=f"slope of the {what} over its standard error", where=where
            )
        flips = own.pivot(index="width", columns="repetition", values="flips")
        figures[f"{start}.flips"] = measured(
            flips.median(axis=1), per_seed=flips.to_numpy().T, where=where,
            unit="share of changed ReLU patterns, median of each width",
        )  # fmt: skip
        least = flips.min()
        figures[f"{start}.flips.least"] = measured(
            least.min(), per_seed=least, unit="share of changed ReLU patterns, least over widths",
            where=where,
        )  # fmt: skip
        errors = own.pivot(index="width", columns="repetition", values="error")
        for m, per_seed in errors.iterrows():
            figures[f"{start}.m{m}.error"] = measured(
                per_seed.mean(), per_seed=per_seed, unit="test 0–1 error, mean over seeds",
                where=f"{at}, m = {m}",
            )  # fmt: skip
    save(job.metrics, figures)


def _error_at(network, loss):
    """A network's test error as its training loss comes down to a value, between measured steps."""
    import numpy as np

    falling = np.minimum.accumulate(network.loss.to_numpy())
    return float(np.interp(-loss, -falling, network.test_error))


if __name__ == "__main__":
    main()
