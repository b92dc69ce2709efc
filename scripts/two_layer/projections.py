"""Projections v_iᵀy of each labelling on the eigenvectors of H∞, and the energy in the top k.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 4, figure 1 (b, d).

Writes `coefficients`, an .npz with `kinds` (q,), `repetitions` (q,) and `coefficients` (q, n);
`energy`, a table of the share of ‖y‖² in the top k eigenvectors; and the figures measured.
"""

from overparam.house import cli


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option("--eigenvectors", type=cli.InputFile(), required=True, help="Rows v_i, (n, n), .npy.")
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--draws", default=5, help="Draws of random labels.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--coefficients", type=cli.OutputFile(), required=True, help="Projections, .npz.")
@cli.option("--energy", type=cli.OutputFile(), required=True, help="Energy in the top k, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    problem: str, spectrum: str, eigenvectors: str, name: str, draws: int, seed: int,
    coefficients: str, energy: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import labels, spectra
    from overparam.house import files
    from overparam.house.metrics import measured, save

    true, true_test = files.load_arrays(problem, "labels", "test_labels")
    eigenvalues, least = files.load_arrays(spectrum, "eigenvalues", "least")
    labellings = [("true", 0), ("worst", 0), *(("random", draw) for draw in range(draws))]
    drawn = np.column_stack(
        [labels.draw(kind, true, true_test, least, seed, name, rep)[0] for kind, rep in labellings]
    )
    projected = spectra.project(files.load_array(eigenvectors), drawn)
    shares = spectra.energy(projected)

    n = len(true)
    tops = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if k < n]
    files.save_arrays(
        coefficients,
        {
            "kinds": np.array([kind for kind, _ in labellings]),
            "repetitions": np.array([repetition for _, repetition in labellings]),
            "coefficients": projected.T,
        },
    )
    files.save_table(
        energy,
        pd.DataFrame(
            {"labels": kind, "repetition": repetition, "top": k, "energy": shares[k - 1, column]}
            for column, (kind, repetition) in enumerate(labellings)
            for k in tops
        ),
    )

    where = f"{name}, n = {n}"
    ends = {"lambda_max": eigenvalues[0], "lambda_min": eigenvalues[-1]}
    save(metrics, {key: measured(value, where=where) for key, value in ends.items()})


if __name__ == "__main__":
    main()
