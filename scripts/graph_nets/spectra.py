"""The theorem's σ_min(X S^H), by depth and operator.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1. X and S are not scaled
here, I are the training nodes.

Writes `table`: seed, operator (gcn; gin, A + I; bare, gcn without self loops), H, `least`, the
min(m_x, k)-th singular value of (X S^H)_{*I}, 0 where it is rounding, `positive`, the smallest that
is not, `largest`, `rank`, `full`, the rank that it could have, and `start`, λ_min(P_HᵀP_H) of
Gaussian layers, no number if these are narrower than the features.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Spectra

OPERATORS = ("gcn", "gin", "bare")
EARLY = 6  # layers of the rows on Cora


@experiment.program(Spectra)
def main(settings: Spectra, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.graph_nets import graphs, linear
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    depth, given = settings.depth, drawn.graphs_of(settings, job)
    m = given[0].x.shape[1]

    def starts() -> np.ndarray:
        """λ_min(P_HᵀP_H), (depth + 1, graphs)."""
        nets = drawn.start(job, len(given), job.width, (1, m), depth, skips=False)
        each = [linear.least_eigenvalue(nets, (layer,)) for layer in range(depth + 1)]
        return np.array([np.broadcast_to(values, len(given)) for values in each])

    beginning = starts() if m <= job.width else np.full((depth + 1, len(given)), np.nan)
    rows = []
    for seed, graph in enumerate(given):
        for operator in OPERATORS:
            for layer, z in enumerate(graphs.smoothed(graph, operator, depth, unscaled=True)):
                values = np.linalg.svd(z, compute_uv=False)
                rank = graphs.rank(values, z.shape)
                rows.append({
                    "seed": seed, "operator": operator, "H": layer,
                    "least": values[-1] if rank == len(values) else 0.0,
                    "positive": values[rank - 1], "largest": values[0],
                    "rank": rank, "full": len(values), "start": beginning[layer, seed],
                })  # fmt: skip
    table = pd.DataFrame(rows)
    files.save_table(job.table, table)

    def of(operator: str, column: str) -> np.ndarray:
        """(graphs, depth + 1)."""
        return table[table.operator == operator][column].to_numpy().reshape(len(given), -1)

    least, relative = of("gcn", "least"), of("gcn", "least") / of("gcn", "largest")
    slopes = [
        fits.slope(np.arange(1, depth + 1), np.log(each[1:])) if each.min() > 0 else np.nan
        for each in least
    ]
    growth = of("gin", "largest")[:, -1] / of("gin", "largest")[:, -2]
    size = f"gcn, H = 0 to {depth}, {len(given)} graphs, m_x = {m}, |I| = {len(given[0].train)}"
    early = f"gcn, H = 0 to {min(EARLY, depth)}, m_x = {m}, |I| = {len(given[0].train)}"
    save(job.metrics, {
        "positive": measured(relative.min(), per_seed=relative.min(axis=1), where=size),
        "positive.early": measured(
            relative[:, : EARLY + 1].min(), per_seed=relative[:, : EARLY + 1].min(axis=1),
            where=early,
        ),
        "sigmas": measured(np.median(least, axis=0)[: EARLY + 1], where=early),
        "slope": measured(np.median(slopes), per_seed=slopes, where=size),
        "gin.growth": measured(np.median(growth), per_seed=growth, where=f"gin, H = {depth}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
