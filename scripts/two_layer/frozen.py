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

from pipeline import experiment
from scripts.two_layer.slice import Frozen


@experiment.program(Frozen)
def main(settings: Frozen, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import labels as labellings
    from overparam import networks, schedules
    from overparam.seeds import generator
    from overparam.two_layer import linearised
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    inputs, true, true_test = files.load_arrays(job.problem, "inputs", "labels", "test_labels")
    eigenvalues, least = files.load_arrays(job.spectrum, "eigenvalues", "least")
    vectors = files.load_array(job.eigenvectors) if job.eigenvectors else least[None]
    limit = files.load_array(job.gram)
    rate = schedules.learning_rate(job.eta, job.eta_unit, eigenvalues[0])
    trained = [
        (m, kind, repetition, phi)
        for path, m, kind, start in zip(job.arrays, job.width, job.labels, job.first, strict=True)
        for repetition, phi in enumerate(files.load_arrays(path, "phi")[0], start)
    ]

    def split(m: int, kind: str, repetition: int, phi: np.ndarray) -> dict[str, float | str]:
        y, _ = labellings.draw(kind, true, true_test, vectors, job.seed, job.name, repetition)
        rng = generator(job.seed, job.name, "init", m, repetition)
        weights, signs = networks.initialise(m, inputs.shape[1], job.kappa, job.antisymmetric, rng)
        own, last = networks.empirical_gram(inputs, weights), len(phi) - 1
        ahead = y - networks.outputs(inputs, weights, signs)
        frozen = linearised.residuals(own, ahead, rate, last)
        predicted = linearised.residuals(limit, y, rate, last)
        curves = {
            "deviation": np.sqrt(2 * phi) - predicted,
            "movement": np.sqrt(2 * phi) - frozen,
            "finite": frozen - predicted,
        }
        sizes = {key: np.abs(curve).max() / np.linalg.norm(y) for key, curve in curves.items()}
        case = {"width": m, "labels": kind, "repetition": repetition}
        return case | sizes | {"gram": np.linalg.norm(own - limit)}

    found = pd.DataFrame([split(*network) for network in track(trained, len(trained), job.name)])
    files.save_table(job.table, found)
    save(job.metrics, {
        f"{kind}.m{m}.{column}": measured(
            own[column].median(), per_seed=own[column], unit="‖y‖, median over seeds",
            where=f"{job.name}, n = {len(true)}, m = {m}, {kind} labels",
        )
        for (m, kind), own in found.groupby(["width", "labels"])
        for column in ("deviation", "movement", "finite")
    })  # fmt: skip


if __name__ == "__main__":
    main()
