"""Projections v_iᵀy of each labelling on the eigenvectors of H∞: do true labels lie along the top?

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 4, figure 1 (b, d). For random
labels every v_iᵀy has mean 0 and variance 1, so that (v_iᵀy)² should follow χ² with one degree of
freedom, and the top k of n eigenvectors hold k/n of ‖y‖².

Writes `coefficients`, an .npz with `kinds` (q,), `repetitions` (q,) and `coefficients` (q, n);
`energy`, a table of the share of ‖y‖² in the top k eigenvectors; `random`, a row per draw of random
labels: distance and probability of the Kolmogorov–Smirnov test, largest |v_iᵀy| and the probability
of one so extreme; and the figures measured, among them the steps at η = 1/λ_max after which eq. (8)
has 1 % of the loss at the start left.
"""

from pipeline import cli


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option("--eigenvectors", type=cli.InputFile(), required=True, help="Rows v_i, (n, n), .npy.")
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--draws", type=cli.count(), required=True, help="Draws of random labels.")
@cli.option("--more", multiple=True, help="Another kind of labels, e.g. shuffled; repeatable.")
@cli.option("--top", type=int, multiple=True, default=(10, 100), help="A number k; repeatable.")
@cli.option("--seed", type=int, required=True, help="Master seed of the run.")
@cli.option("--coefficients", type=cli.OutputFile(), required=True, help="Projections, .npz.")
@cli.option("--energy", type=cli.OutputFile(), required=True, help="Energy in the top k, .csv.")
@cli.option("--random", type=cli.OutputFile(), required=True, help="Draws of labels, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    problem: str, spectrum: str, eigenvectors: str, name: str, draws: int, more: tuple[str, ...],
    top: tuple[int, ...], seed: int, coefficients: str, energy: str, random: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import label_kinds, labels, sampling, spectra
    from overparam.two_layer import normality
    from pipeline import files
    from pipeline.metrics import measured, save

    true, true_test = files.load_arrays(problem, "labels", "test_labels")
    (eigenvalues,) = files.load_arrays(spectrum, "eigenvalues")
    vectors = files.load_array(eigenvectors)
    labellings = [
        (kind, draw)
        for kind in ("true", "worst", "random", *more)
        for draw in range(draws if label_kinds.is_drawn(kind) else 1)
    ]
    drawn = np.column_stack(
        [labels.draw(kind, true, true_test, vectors, seed, name, at)[0] for kind, at in labellings]
    )
    projected = spectra.project(vectors, drawn)
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
    unlabelled = projected.T[2 : 2 + draws]
    tests = np.array([normality.chi_square_test(draw) for draw in unlabelled])
    largest = np.abs(unlabelled).max(axis=1)
    tails = np.array([normality.largest_normal_tail(value, n) for value in largest])
    columns = {
        "draw": np.arange(draws), "statistic": tests[:, 0], "probability": tests[:, 1],
        "largest": largest, "largest_probability": tails,
    }  # fmt: skip
    files.save_table(random, pd.DataFrame(columns))

    # The least of several probabilities is held to a level, so each of them is.
    figures = {
        "lambda_max": measured(eigenvalues[0], where=where),
        "lambda_min": measured(eigenvalues[-1], where=where),
        "random.probability": measured(tests[:, 1].min(), per_seed=tests[:, 1], where=where),
        "random.largest": measured(np.median(largest), per_seed=largest, where=where),
        "random.largest.probability": measured(tails.min(), per_seed=tails, where=where),
    }
    for k in (k for k in top if k < n):
        drawn_energy, unit = shares[k - 1, 2 : 2 + draws], "share of ‖y‖²"
        spread = sampling.top_energy_error(drawn_energy, k, n)
        figures |= {
            f"true.top{k}": measured(shares[k - 1, 0], unit=unit, where=where),
            f"random.top{k}": measured(
                drawn_energy.mean(), per_seed=drawn_energy, unit=unit, where=where
            ),
            f"random.top{k}.spread": measured(
                spread,
                per_seed=[sampling.top_energy_error(share[None], k, n) for share in drawn_energy],
                unit="standard errors of the mean from k/n; each draw: its own distance",
                where=where,
            ),
        }
    first = projected.T[: 2 + draws]  # the paper's labels
    steps = np.array(
        [spectra.steps_to(0.01, eigenvalues, each, 1 / eigenvalues[0]) for each in first]
    )
    for key, own in (("true", steps[:1]), ("worst", steps[1:2]), ("random", steps[2:])):
        figures[f"{key}.steps"] = measured(
            np.median(own), per_seed=own, where=f"{where}, η = 1/λ_max", unit="steps, eq. (8)"
        )
    figures["steps"] = measured(
        [steps[0], np.median(steps[2:])],
        per_seed=[[steps[0], drawn_steps] for drawn_steps in steps[2:]],
        unit="steps, eq. (8): true labels, random labels",
        where=f"{where}, η = 1/λ_max, median over draws",
    )
    save(metrics, figures)


if __name__ == "__main__":
    main()
