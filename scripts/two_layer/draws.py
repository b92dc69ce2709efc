"""λ_min of the Gram matrix, and the complexity measure, over random subsets of a set of points.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584): definition 5.1, by which a distribution is
non-degenerate if λ_min(H∞) of n draws stays above a λ₀ > 0 with probability 1 − δ; theorem 5.1,
C = √(2 yᵀ(H∞)⁻¹y / n) for true labels y, and √(2 tr (H∞)⁻¹ / n), what random labels give.

Every subset is drawn on its own, without replacement: those of different sizes are not nested, so
that nothing but the data orders them. Of a balanced set they are balanced. Writes `table`, a row
per size and draw, and the figures measured.
"""

from pipeline import experiment
from scripts.two_layer.slice import Draws

ROWS = 100  # of the Gram matrix, held to the inputs


@experiment.program(Draws)
def main(settings: Draws, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.seeds import generator
    from overparam.two_layer import subsets
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, sizes, draws = job.name, settings.n, settings.draws
    inputs, labels = files.load_arrays(job.problem, "inputs", "labels")
    whole = files.load_array(job.gram)
    cosines = np.clip(inputs[:ROWS] @ inputs.T, -1, 1)
    printed = cosines * (np.pi - np.arccos(cosines)) / (2 * np.pi)
    cases = [(n, draw) for n in sizes for draw in range(draws)]
    rows = []
    for n, draw in track(cases, len(cases), name):
        if n < len(labels) or draw == 0:  # all points are the same in every draw
            chosen = subsets.draw(labels, n, generator(job.seed, name, "subset", n, draw))
            found = subsets.figures(whole[np.ix_(chosen, chosen)], labels[chosen])
        rows.append({"size": n, "draw": draw} | found._asdict())
    measures = pd.DataFrame(rows)
    files.save_table(job.table, measures)

    where = f"{name}, {draws} subsets of {len(labels)} points, n = {', '.join(map(str, sizes))}"
    # All points are one subset, however often they are drawn: each subset counts once.
    distinct = measures.drop_duplicates(["size", "least"])
    figures = {
        "diagonal": measured(
            np.abs(whole.diagonal() - 0.5).max(), unit="largest |H_ii − ½|", where=name
        ),
        "inputs": measured(
            np.abs(whole[:ROWS] - printed).max(),
            where=f"{name}, first {len(printed)} rows",
            unit="largest distance of H_ij from eq. (3) at the training inputs",
        ),
        "lambda_min.least": measured(
            distinct.least.min(),
            per_seed=distinct.least,
            where=f"{name}, {len(distinct)} different subsets of {len(labels)} points",
        ),
    }
    for column, key in (
        ("least", "lambda_min"), ("true", "complexity.true"), ("random", "complexity.random"),
    ):  # fmt: skip
        by_size = measures[column].to_numpy().reshape(len(sizes), draws)
        figures[key] = measured(np.median(by_size, axis=1), per_seed=by_size.T, where=where)
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
