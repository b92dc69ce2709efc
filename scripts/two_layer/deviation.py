"""How far networks stray from the loss curve that the spectrum predicts, at every step.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 4.1 and eq. (8). The deviation of
a network is max_k |‖y − u(k)‖ − √Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)²| / ‖y‖ over every step k; if
η > 2/λ_max, over those at which the prediction has not grown beyond its start.

Writes `curves`, tidy: width, labels, repetition, step k, t = ηk, both norms over ‖y‖ and their
difference, empty where they are not finite; `table`: width, labels, repetition, deviation and the
step of the largest; and figures.
"""

from pipeline import cli
from pipeline.settings import option
from scripts.two_layer.slice import Arm, Started, Train


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option("--eigenvectors", type=cli.InputFile(), required=True, help="Rows v_i, (n, n), .npy.")
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@option(Started, "width")
@option(Started, "labels")
@option(Started, "first")
@cli.option("--arrays", type=cli.InputFile(), multiple=True, required=True, help="Losses, .npz.")
@option(Train, "eta")
@option(Train, "eta_unit")
@option(Arm, "steps")
@option(Train, "points_per_decade")
@cli.option("--seed", type=int, required=True, help="Master seed of the run.")
@cli.option("--curves", type=cli.OutputFile(), required=True, help="Both curves, .csv.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="Largest deviations, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    problem: str, spectrum: str, eigenvectors: str, name: str, width: tuple[int, ...],
    labels: tuple[str, ...], first: tuple[int, ...], arrays: tuple[str, ...], eta: float,
    eta_unit: str, steps: int, points_per_decade: int, seed: int, curves: str, table: str,
    metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import labels as labellings
    from overparam import schedules, spectra
    from pipeline import files
    from pipeline.metrics import measured, save

    true, true_test = files.load_arrays(problem, "labels", "test_labels")
    (eigenvalues,) = files.load_arrays(spectrum, "eigenvalues")
    vectors = files.load_array(eigenvectors)
    rate = schedules.learning_rate(eta, eta_unit, eigenvalues[0])
    every, shown = np.arange(steps + 1), schedules.schedule(steps, points_per_decade)

    drawn, rows, last = [], [], steps
    for path, m, kind, start in zip(arrays, width, labels, first, strict=True):
        for repetition, phi in enumerate(files.load_arrays(path, "phi")[0], start):
            y, _ = labellings.draw(kind, true, true_test, vectors, seed, name, repetition)
            predicted = spectra.predicted_residual(
                eigenvalues, spectra.project(vectors, y), rate, every
            )
            network, predicted = np.sqrt(2 * phi) / np.linalg.norm(y), predicted / np.linalg.norm(y)
            foretold = spectra.foretold(predicted)
            difference = np.abs(network - predicted)
            case = {"width": m, "labels": kind, "repetition": repetition}
            at = int(np.nanargmax(np.where(foretold, difference, np.nan)))
            last = min(last, int(np.flatnonzero(foretold)[-1]))
            rows.append(case | {"deviation": difference[at], "step": at})
            columns = {"network": network, "prediction": predicted, "difference": difference}
            columns = {
                key: np.where(np.isfinite(values), values, np.nan)
                for key, values in columns.items()
            }
            drawn.append(
                pd.DataFrame(case | {"k": shown, "t": rate * shown}
                | {key: values[shown] for key, values in columns.items()})
            )  # fmt: skip
    deviations = pd.DataFrame(rows)
    files.save_table(curves, pd.concat(drawn))
    files.save_table(table, deviations)
    figures = {}
    for (m, kind), group in deviations.groupby(["width", "labels"]):
        figures[f"{kind}.m{m}.deviation"] = measured(
            group.deviation.median(),
            per_seed=group.deviation,
            unit="‖y‖, median over seeds",
            where=f"{name}, n = {len(true)}, m = {m}, steps 0 to {last}",
        )
    save(metrics, figures)


if __name__ == "__main__":
    main()
