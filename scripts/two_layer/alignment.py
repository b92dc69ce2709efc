"""Do true labels lie along the top eigenvectors, and random ones along all alike?

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 4, figure 1 (b, d). For random
labels every v_iᵀy has mean 0 and variance 1, so that (v_iᵀy)² should follow χ² with one degree of
freedom, and the top k of n eigenvectors hold k/n of ‖y‖².

Writes `table`, a row per draw of random labels: distance and probability of the
Kolmogorov–Smirnov test, largest |v_iᵀy| and the probability of one so extreme; and the figures.
"""

from overparam.house import cli


@cli.program
@cli.option("--coefficients", type=cli.InputFile(), required=True, help="Projections, .npz.")
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--top", type=int, multiple=True, default=(10, 100), help="A number k; repeatable.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="Draws of labels, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(coefficients: str, name: str, top: tuple[int, ...], table: str, metrics: str) -> None:
    import numpy as np
    import pandas as pd

    from overparam import sampling, spectra
    from overparam.house import files
    from overparam.house.metrics import measured, save

    kinds, projected = files.load_arrays(coefficients, "kinds", "coefficients")
    (true,), random = projected[kinds == "true"], projected[kinds == "random"]
    n = len(true)
    tests = np.array([sampling.chi_square_test(draw) for draw in random])
    largest = np.abs(random).max(axis=1)
    tails = np.array([sampling.largest_normal_tail(one, n) for one in largest])
    columns = {
        "draw": np.arange(len(random)), "statistic": tests[:, 0], "probability": tests[:, 1],
        "largest": largest, "largest_probability": tails,
    }  # fmt: skip
    files.save_table(table, pd.DataFrame(columns))

    where = f"{name}, n = {n}"
    # The least of several probabilities is held to a level, so each of them is.
    figures = {
        "random.probability": measured(tests[:, 1].min(), per_seed=tests[:, 1], where=where),
        "random.largest": measured(np.median(largest), per_seed=largest, where=where),
        "random.largest.probability": measured(tails.min(), per_seed=tails, where=where),
    }
    share, shares = spectra.energy(true), spectra.energy(random.T)
    for k in (one for one in top if one < n):
        drawn, unit = shares[k - 1], "share of ‖y‖²"
        figures |= {
            f"true.top{k}": measured(share[k - 1], unit=unit, where=where),
            f"random.top{k}": measured(drawn.mean(), per_seed=drawn, unit=unit, where=where),
            f"random.top{k}.spread": measured(
                sampling.top_energy_error(drawn, k, n), unit="standard errors from k/n", where=where
            ),
        }
    save(metrics, figures)


if __name__ == "__main__":
    main()
