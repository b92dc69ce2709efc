"""Where the deviation from eq. (8) comes from: weights that move, or a width that is finite.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584): eq. (7) and (8) replace a network's kernel
H(k) by H∞. Between them stands H(0), the kernel at the network's own start, kept as it is. What
lies between the network and the linear dynamics of H(0) is movement (lemma C.2); what lies between
those and eq. (8) is the finite width (lemma C.3). The start is drawn again from the seed that
training used, and H(0)'s dynamics begin at its y − u(0).

Writes `table`, a row per network: width, labels, repetition; deviation, movement and finite, the
largest of |network − (8)|, |network − H(0)| and |H(0) − (8)| over every step, each over ‖y‖; and
gram, ‖H(0) − H∞‖_F.
"""

from pipeline import cli


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--gram", type=cli.InputFile(), required=True, help="H∞, (n, n), .npy.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--width", type=int, multiple=True, required=True, help="Width m of each file.")
@cli.option("--labels", multiple=True, required=True, help="Labels of each file.")
@cli.option("--first", type=int, multiple=True, required=True, help="First repetition of each.")
@cli.option("--arrays", type=cli.InputFile(), multiple=True, required=True, help="Losses, .npz.")
@cli.option("--kappa", type=float, required=True, help="Initialisation scale κ of the networks.")
@cli.option("--antisymmetric/--no-antisymmetric", default=False, help="They start at u(0) = 0.")
@cli.option("--eta", type=float, required=True, help="Learning rate for the summed loss Φ.")
@cli.option("--eta-unit", default="1/lambda_max", help="1/lambda_max or absolute.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="A row per network, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    problem: str, gram: str, spectrum: str, name: str, width: tuple[int, ...],
    labels: tuple[str, ...], first: tuple[int, ...], arrays: tuple[str, ...], kappa: float,
    antisymmetric: bool, eta: float, eta_unit: str, seed: int, table: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import labels as labellings
    from overparam import networks, schedules
    from overparam.seeds import generator
    from overparam.two_layer import linearised
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    inputs, true, true_test = files.load_arrays(problem, "inputs", "labels", "test_labels")
    eigenvalues, least = files.load_arrays(spectrum, "eigenvalues", "least")
    limit = files.load_array(gram)
    rate = schedules.learning_rate(eta, eta_unit, eigenvalues[0])
    trained = [
        (m, kind, repetition, phi)
        for path, m, kind, start in zip(arrays, width, labels, first, strict=True)
        for repetition, phi in enumerate(files.load_arrays(path, "phi")[0], start)
    ]

    def split(m: int, kind: str, repetition: int, phi: np.ndarray) -> dict[str, float | str]:
        y, _ = labellings.draw(kind, true, true_test, least, seed, name, repetition)
        rng = generator(seed, name, "init", m, repetition)
        weights, signs = networks.initialise(m, inputs.shape[1], kappa, antisymmetric, rng)
        own, last = networks.empirical_gram(inputs, weights), len(phi) - 1
        ahead = y - networks.outputs(inputs, weights, signs)
        frozen = linearised.residuals(own, ahead, rate, last)
        predicted = linearised.residuals(limit, y, rate, last)
        curves = {
            "deviation": np.sqrt(2 * phi) - predicted,
            "movement": np.sqrt(2 * phi) - frozen,
            "finite": frozen - predicted,
        }
        sizes = {key: np.abs(one).max() / np.linalg.norm(y) for key, one in curves.items()}
        case = {"width": m, "labels": kind, "repetition": repetition}
        return case | sizes | {"gram": np.linalg.norm(own - limit)}

    found = pd.DataFrame([split(*one) for one in track(trained, len(trained), name)])
    files.save_table(table, found)
    save(metrics, {
        f"{kind}.m{m}.{column}": measured(
            own[column].median(), per_seed=own[column], unit="‖y‖, median over seeds",
            where=f"{name}, n = {len(true)}, m = {m}, {kind} labels",
        )
        for (m, kind), own in found.groupby(["width", "labels"])
        for column in ("deviation", "movement", "finite")
    })  # fmt: skip


if __name__ == "__main__":
    main()
