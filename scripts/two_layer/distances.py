"""How far networks travel for other labels than the true ones: random signs, a linear function.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma 5.3,
‖W(k) − W(0)‖_F ≤ √(yᵀ(H∞)⁻¹y) + …, for any labels. Networks start at u(0) = 0 (antisymmetric,
κ = 1) and take steps of η = 1/λ_max(H∞); every labelling has ‖y‖ = √n.

Writes `table`, a row per network: labels, repetition; deviation, the largest
|‖y − u(k)‖ − (8)|/‖y‖ over every step k; distance ‖W(K) − W(0)‖_F, needed √(yᵀ(H∞)⁻¹y) and ratio.
"""

from pipeline import cli


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option("--eigenvectors", type=cli.InputFile(), required=True, help="Rows v_i, (n, n), .npy.")
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--width", default=3200, help="Neurons m, both halves counted.")
@cli.option("--repetitions", default=3, help="Seeds of the initialisation and the labels.")
@cli.option("--steps", default=1500, help="Gradient steps K.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="A row per network, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    problem: str, spectrum: str, eigenvectors: str, name: str, width: int, repetitions: int,
    steps: int, seed: int, table: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import labels, networks, spectra
    from overparam.device import array
    from overparam.seeds import generator
    from overparam.two_layer.trajectories import trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    (inputs,) = files.load_arrays(problem, "inputs")
    (eigenvalues,) = files.load_arrays(spectrum, "eigenvalues")
    vectors, eta = files.load_array(eigenvectors), 1 / eigenvalues[0]
    n, d = inputs.shape

    def drawn(kind: str, repetition: int) -> np.ndarray:
        rng = generator(seed, name, "labels", "train", kind, repetition)
        if kind == "random":
            return labels.random_signs(n, rng)
        values = inputs @ rng.standard_normal(d)
        return np.sqrt(n) * values / np.linalg.norm(values)

    def follow(kind: str, repetition: int) -> dict[str, float | str]:
        y = drawn(kind, repetition)
        rng = generator(seed, name, "init", width, repetition)
        weights, signs = networks.initialise(width, d, 1.0, True, rng)
        left = np.empty(steps + 1)
        descent = trajectory(inputs, y, weights, signs, eta, steps)
        for step in track(descent, steps + 1, f"{name} {kind} {repetition}"):
            left[step.k] = np.sqrt(2 * step.loss)
        coefficients = spectra.project(vectors, y)
        predicted = spectra.predicted_residual(eigenvalues, coefficients, eta, np.arange(steps + 1))
        distance = np.linalg.norm(array(step.weights) - networks.row_span(inputs).T @ weights)
        needed = np.sqrt(np.sum(coefficients**2 / eigenvalues))
        return {
            "labels": kind, "repetition": repetition,
            "deviation": np.abs(left - predicted).max() / np.sqrt(n),
            "distance": distance, "needed": needed, "ratio": distance / needed,
        }  # fmt: skip

    cases = [(kind, one) for kind in ("random", "linear") for one in range(repetitions)]
    found = pd.DataFrame([follow(*case) for case in cases])
    files.save_table(table, found)
    save(metrics, {
        f"{kind}.{column}": measured(
            own[column].median(), per_seed=own[column], unit="median over seeds",
            where=f"{name}, n = {n}, {kind} labels, m = {width}, {steps} steps",
        )
        for kind, own in found.groupby("labels")
        for column in ("deviation", "ratio")
    })  # fmt: skip


if __name__ == "__main__":
    main()
