"""How near outputs of finite networks are to a Gaussian process.

Source: Lee's survey (2019), "Deep net Infinite-Width": pre-activations follow a Gaussian process
when the widths go to infinity. For ReLU the outputs' excess kurtosis is exact at every width
(`laws.kurtosis`). float64.

Writes `table`: m, depth L (ReLU layers), measured, the excess kurtosis of f over networks, the mean
over inputs; error, its standard error from blocks of networks; exact; covariance, the largest
|sample covariance − Σ^(L)| over the variance.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Gaussian

BLOCKS = 20  # of networks, for standard errors


@experiment.program(Gaussian)
def main(settings: Gaussian, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.infinite_width import dense, laws, networks
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d = settings.n, settings.d
    points = unit_rows(generator(job.seed, job.name, "gaussian", "points").standard_normal((n, d)))
    size = settings.draws // BLOCKS

    def outputs(m: int, L: int) -> np.ndarray:
        """f of networks in blocks: (BLOCKS, size, n)."""
        found = []
        for block in range(BLOCKS):
            # One generator for the networks of a block: a hundred thousand take too long to make.
            rng = generator(job.seed, job.name, "gaussian", m, L, block)
            nets = networks.draw([rng] * size, d, m, L, "relu")
            found.append(networks.forward(nets, points).outputs)
        return np.array(found)

    def excess(f: np.ndarray) -> np.ndarray:
        """Excess kurtosis of networks (…, S, n), whose mean is 0, the mean over inputs: (…)."""
        fourth = np.mean(f**4, axis=-2)
        return np.mean(fourth / np.mean(f**2, axis=-2) ** 2 - 3, axis=-1)

    rows = []
    for L in settings.depths:
        limit = dense.recursion(points, None, dense.Dense("relu", gain=2), L).covariances[-1]
        for m in settings.widths:
            f = outputs(m, L)
            every = f.reshape(-1, n)
            sample = every.T @ every / len(every)
            rows.append({
                "m": m, "depth": L, "measured": excess(every),
                "error": excess(f).std(ddof=1) / np.sqrt(BLOCKS), "exact": laws.kurtosis(m, L),
                "covariance": np.max(np.abs(sample - limit)) / limit[0, 0],
            })  # fmt: skip
    table = pd.DataFrame(rows)
    files.save_table(job.table, table)

    deepest = max(settings.depths)
    apart = table[table.depth == deepest].covariance.to_numpy()
    exponent = fits.slopes(settings.widths, apart[:, None])[0]
    widest = table[table.m == max(settings.widths)]
    ratios = (widest.measured / widest.exact).to_numpy()
    depths = " and ".join(map(str, settings.depths))
    size_of = f"{size * BLOCKS} networks, n = {n}"
    widths = f"m = {', '.join(map(str, settings.widths))}"
    where = f"m = {max(settings.widths)}, L = {depths}, {size_of}"
    save(job.metrics, {
        "kurtosis": measured(ratios[np.argmax(np.abs(ratios - 1))], where=where),
        "covariance.exponent": measured(exponent, where=f"{widths}, L = {deepest}, {size_of}"),
        "covariance": measured(widest.covariance.max(), where=where),
    })  # fmt: skip


if __name__ == "__main__":
    main()
