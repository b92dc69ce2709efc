"""What width buys: deviation from eq. (8), distances from the start and flips against m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584): theorem 4.1 and eq. (8); lemma 5.3,
‖W(k) − W(0)‖_F ≤ √(yᵀ(H∞)⁻¹y) + … and max_r ‖w_r(k) − w_r(0)‖₂ = O(1/√m). The networks are those
of equation 8: all trained alike but for m.

Writes `table`, a row per network: width, labels, repetition; deviation, the largest
|‖y − u(k)‖ − (8)|/‖y‖ over every step k; crossover, the first k at which that difference exceeds
(8) itself, the dominating term (no value where it never does), and dominating, (8)/‖y‖ there;
distance ‖W(K) − W(0)‖_F, needed √(yᵀ(H∞)⁻¹y) and their ratio; distance_max, max_r of
‖w_r(K) − w_r(0)‖₂, and flips, the share of changed ReLU patterns, both at the end.
"""

from pipeline import experiment
from scripts.two_layer.slice import Widths


@experiment.program(Widths)
def main(settings: Widths, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, schedules, spectra
    from overparam import labels as labellings
    from pipeline import files
    from pipeline.metrics import measured, save

    true, true_test = files.load_arrays(job.problem, "labels", "test_labels")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    vectors = files.load_array(job.eigenvectors)
    rate = schedules.learning_rate(job.eta, job.eta_unit, eigenvalues[0])

    rows = []
    read = zip(job.networks, job.arrays, job.width, job.labels, strict=True)
    for measurements, path, m, kind in read:
        (losses,) = files.load_arrays(path, "phi")
        followed = pd.read_csv(measurements).groupby("repetition")
        for (repetition, measured_steps), phi in zip(followed, losses, strict=True):
            y, _ = labellings.draw(kind, true, true_test, vectors, job.seed, job.name, repetition)
            coefficients = spectra.project(vectors, y)
            size, every = np.linalg.norm(y), np.arange(len(phi))
            predicted = spectra.predicted_residual(eigenvalues, coefficients, rate, every) / size
            difference = np.abs(np.sqrt(2 * phi) / size - predicted)
            beyond = np.flatnonzero(difference > predicted)
            at = beyond[0] if len(beyond) else None
            end = measured_steps.iloc[-1]
            needed = np.sqrt(np.sum(coefficients**2 / eigenvalues))
            rows.append({
                "width": m, "labels": kind, "repetition": repetition,
                "deviation": difference.max(),
                "crossover": at, "dominating": None if at is None else predicted[at],
                "distance": end.distance, "needed": needed, "ratio": end.distance / needed,
                "distance_max": end.distance_max, "flips": end.flips,
            })  # fmt: skip
    found = pd.DataFrame(rows).astype({"crossover": "Int64", "dominating": float})
    files.save_table(job.table, found)

    figures = {}
    columns = ("deviation", "ratio", "distance_max", "flips")
    for kind, own in found.groupby("labels"):
        by_width = dict(iter(own.groupby("width")))
        where = f"{job.name}, n = {len(true)}, {kind} labels"
        for m, alike in by_width.items():
            for column in columns:
                figures[f"{kind}.m{m}.{column}"] = measured(
                    alike[column].median(), per_seed=alike[column], where=f"{where}, m = {m}",
                    unit="median over seeds",
                )  # fmt: skip
            reached = alike.crossover.fillna(len(phi))
            figures[f"{kind}.m{m}.crossover"] = measured(
                reached.median(), per_seed=reached, where=f"{where}, m = {m}",
                unit=f"steps, {len(phi)}: later than any",
            )  # fmt: skip
        if len(by_width) < 2:
            continue
        sizes = f"{where}, m = {', '.join(str(m) for m in by_width)}"
        for column in columns:
            values = [list(alike[column]) for alike in by_width.values()]
            medians = np.median(values, axis=1)
            figures[f"{kind}.{column}"] = measured(
                medians, per_seed=np.array(values).T, unit="median of each width", where=sizes
            )
            if column != "ratio":
                fit = fits.power_law(list(by_width), values)
                figures[f"{kind}.{column}.exponent"] = measured(
                    fit.exponent, per_seed=fits.slopes(list(by_width), values),
                    interval=(fit.low, fit.high), unit="exponent of m", where=sizes,
                )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
