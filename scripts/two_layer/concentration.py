"""How close the Gram matrix H(0) of a network at its start comes to H∞, against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.3:
‖H(0) − H∞‖_F = O(n √log(n/δ) / √m). H(0) depends neither on κ nor on the second layer.

Writes `table`, a row per width and repetition: ‖H(0) − H∞‖_F and the root of its expected square,
which is known exactly; ‖H(0) − H∞‖₂/λ_max(H∞); λ_min(H(0)) and λ_min(H∞); and figures.
"""

from pipeline import experiment
from scripts.two_layer.slice import Concentration


@experiment.program(Concentration)
def main(settings: Concentration, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, kernels, networks, sampling
    from overparam.seeds import generator
    from overparam.two_layer import concentration
    from pipeline import files
    from pipeline.metrics import measured, save

    name, width = job.name, settings.width
    inputs = files.load_arrays(job.problem, "inputs")[0][: settings.points]
    coordinates = inputs @ networks.row_span(inputs)
    gram = kernels.relu_gram(inputs)
    limit = np.linalg.eigvalsh(gram)
    square = concentration.expected_square(inputs @ inputs.T, gram)

    rows = []
    for m in width:
        for repetition in range(settings.repetitions):
            rng = generator(job.seed, name, "concentration", m, repetition)
            start = concentration.initial_gram(coordinates, m, rng)
            spectral = np.abs(np.linalg.eigvalsh(start - gram)).max()
            distances = {
                "frobenius": np.linalg.norm(start - gram),
                "expected": np.sqrt(square / m),
                "spectral": spectral / limit[-1],
                "least": np.linalg.eigvalsh(start)[0],
                "least_limit": limit[0],
            }
            rows.append({"width": m, "repetition": repetition} | distances)
    measures = pd.DataFrame(rows)
    files.save_table(job.table, measures)

    where = f"{name}, n = {len(inputs)}"
    by_width = {column: measures[column].to_numpy().reshape(len(width), -1) for column in measures}
    squares = (by_width["frobenius"] / by_width["expected"]) ** 2
    figures = {
        "mean_square": measured(
            sampling.standard_errors(squares.ravel(), 1),
            per_seed=np.abs(sampling.distances(squares.mean(axis=0), 1)),
            unit="standard errors of the mean from its expectation; each seed: mean over widths",
            where=f"{where}, all {squares.size} networks",
        )
    }
    for key, values, unit in (
        ("spectral", by_width["spectral"], "λ_max(H∞)"),
        ("least", by_width["least"] / limit[0], "λ_min(H∞)"),
    ):
        figures[key] = measured(
            np.median(values, axis=1), per_seed=values.T, unit=unit, where=f"{where}, by width"
        )
    if len(width) > 1:
        fit = fits.power_law(width, by_width["frobenius"])
        slopes = [fits.power_law(width, each[:, None]).exponent for each in by_width["frobenius"].T]
        figures["slope"] = measured(
            fit.exponent, per_seed=slopes, interval=(fit.low, fit.high),
            unit="exponent of m", where=f"{where}, m = {min(width)} to {max(width)}",
        )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
