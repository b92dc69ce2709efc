"""What data are like for the kernel: how inputs lie to each other, and what that does to H∞.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3): the kernel sees the cosines
x_iᵀx_j alone. Inputs that all point one way (columns that were not centred, say) put nearly all of
the trace into one eigenvalue, and what tells the groups apart is left to the others.

Writes `table`, tidy: cosine of a pair of training inputs, and whether both are of one group.
"""

from pipeline import experiment
from scripts.two_layer.slice import Inputs


@experiment.program(Inputs)
def main(settings: Inputs, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    inputs, y = files.load_arrays(job.problem, "inputs", "labels")
    test, left_out = files.load_arrays(job.problem, "test_labels", "left_out")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    i, j = np.triu_indices(len(y), 1)
    cosines, same = (inputs @ inputs.T)[i, j], y[i] == y[j]
    pairs = np.arange(len(cosines))
    if len(pairs) > settings.pairs:
        drawn = generator(job.seed, job.name, "pairs").choice(pairs, settings.pairs, replace=False)
        pairs = np.sort(drawn)
    kinds = np.where(same, "one group", "two groups")
    files.save_table(job.table, pd.DataFrame({"cosine": cosines[pairs], "pair": kinds[pairs]}))

    where = f"{job.name}, all pairs of {len(y)} inputs"
    counts = {
        "n": len(y), "n.test": len(test), "d": inputs.shape[1], "n.positive": int((y > 0).sum()),
        "left_out": len(left_out),
    }  # fmt: skip
    figures = {key: measured(count, where=job.name) for key, count in counts.items()}
    for kind, chosen in (("same", same), ("other", ~same)):
        if chosen.any():
            figures[f"cosine.{kind}"] = measured(np.median(cosines[chosen]), where=where)
    figures["cosine.largest"] = measured(cosines.max(), where=where)
    figures["top_share"] = measured(
        eigenvalues[0] / eigenvalues.sum(), unit="trace of H∞", where=job.name
    )
    figures["condition"] = measured(
        eigenvalues[0] / eigenvalues[-1], unit="λ_max/λ_min of H∞", where=job.name
    )
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
