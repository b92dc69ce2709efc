"""Series, norms and ranks of kernels.

Sources: Lee's survey (2019), "What is learnable?" and "What functions can be efficiently learned?";
Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804) for ranks; Arora, Du, Hu, Li, Wang 2019 (arXiv
1901.08584), eq. (3), for H∞. No network, and nothing drawn but points on the sphere.

Writes `table`: j even, `c1` and `c2`, coefficients of ρʲ in K1 and K2.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Kernels

POWERS = (1, 2, 4, 6)
TAIL = 256  # from which on exponents are fitted
INSIDE = 0.98  # cosines at which 2 048 terms are all
FEW, MANY = 20, 100  # points for ranks: fewer than 70, and more


@experiment.program(Kernels)
def main(settings: Kernels, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd
    from scipy.linalg import cho_factor, cho_solve

    from overparam import fits
    from overparam.infinite_width import activations, dense, laws
    from overparam.kernels import relu_gram
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    def sphere(n: int, d: int, what: str) -> np.ndarray:
        rng = generator(job.seed, job.name, "kernels", what, n, d)
        return unit_rows(rng.standard_normal((n, d)))

    one, two = laws.coefficients(settings.last)
    j = np.arange(2, settings.last + 1, 2)
    files.save_table(job.table, pd.DataFrame({"j": j, "c1": one[j], "c2": two[j]}))
    tail = j[j >= TAIL]

    def exponent(coefficients: np.ndarray) -> float:
        return fits.slope(np.log(tail), np.log(coefficients[tail]))

    rho = np.linspace(-1, 1, 1001)
    inside = np.linspace(-INSIDE, INSIDE, 1001)
    odd = max(
        np.abs(kernel(rho) - kernel(-rho) - rho / 2).max() for kernel in (laws.first, laws.second)
    )
    distance = max(
        np.abs(np.polynomial.polynomial.polyval(inside, c) - kernel(inside)).max()
        for c, kernel in ((one, laws.first), (two, laws.second))
    )

    def square(depth: int, n: int) -> np.ndarray:
        """Eigenvalues of K^(H) of σ(z) = z², over the largest."""
        network = dense.Dense("square", gain=activations.c_sigma("square"))
        wanted = (depth, "last")
        gram = dense.grams(sphere(n, settings.d, "ranks"), None, network, [wanted])[wanted]
        values = np.linalg.eigvalsh(gram)
        return values / values[-1]

    def rank(depth: int, n: int) -> int:
        return int(np.sum(square(depth, n) > n * np.finfo(float).eps))

    norms = {k: laws.power_norm(laws.first, k, settings.sphere_d) for k in POWERS}
    over = {k: norms[k] * np.sqrt(one[k]) for k in POWERS}

    def interpolated(n: int) -> list[float]:
        """Norms of interpolants of (βᵀx)^k at n points, β the first axis, over that of all."""
        x = sphere(n, settings.sphere_d, "norms")
        factor = cho_factor(relu_gram(x), lower=True)
        values = {k: x[:, 0] ** k for k in POWERS}
        return [np.sqrt(y @ cho_solve(factor, y)) / norms[k] for k, y in values.items()]

    points = sphere(MANY, settings.d, "today")
    network = dense.Dense("relu")
    today = dense.grams(points, None, network, [(1, "first")])[1, "first"] - relu_gram(points)
    where = f"j = {tail[0]} to {tail[-1]}"
    on = f"d = {settings.sphere_d}, k = {', '.join(map(str, POWERS))}"
    save(job.metrics, {
        "square.rank": measured(
            [rank(1, FEW), rank(2, MANY)], where=f"d = {settings.d}, n = {FEW} and {MANY}"
        ),
        "square.few": measured(square(2, FEW)[0], where=f"d = {settings.d}, n = {FEW}, H = 2"),
        "norms.largest": measured(max(over.values()), where=on),
        "norms.first": measured(over[1], where=f"d = {settings.sphere_d}"),
        "norms.even": measured(max(over[k] for k in POWERS if k > 1), where=on),
        "norms.interpolated": measured(
            max(max(interpolated(n)) for n in settings.points),
            where=f"n = {', '.join(map(str, settings.points))}, {on}",
        ),
        "series.first": measured(exponent(one), where=where),
        "series.second": measured(exponent(two), where=where),
        "series.odd": measured(odd, where=f"{len(rho)} cosines"),
        "series.constant": measured(one[j[-1]] * j[-1] ** 1.5, where=f"j = {j[-1]}"),
        "series.distance": measured(distance, where=f"{len(inside)} cosines, {len(j)} even terms"),
        "today": measured(np.abs(today).max(), where=f"n = {MANY}, d = {settings.d}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
