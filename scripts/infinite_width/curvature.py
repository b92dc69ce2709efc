"""How far the linearised solution is, and how curved a network is.

Source: Lee's survey (2019), "Loss with unique root" and "Curvature". float64.

Writes `table`: net (signs, gaussian: one hidden layer with a_j = ±1 or N(0, 1); deep: three), m,
seed, norm, ‖∇²f‖ at the problem's first point, tanh; and, with net linearised, the relative excess
of √((y−f₀)ᵀΘ̂⁻¹(y−f₀)) over that of the limit, ReLU.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Curvature

DEEP = 3  # hidden layers
SMOOTH = "tanh"
BLOCK = 20  # networks at once
COMPARED = 10  # networks of the least width of which both ways to the norm are taken


@experiment.program(Curvature)
def main(settings: Curvature, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import dense, ensembles
    from overparam.fits import Fit
    from overparam.infinite_width import curvature, networks, orders
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    seeds, widths = settings.seeds, settings.widths
    (points,) = files.load_arrays(job.problem, "inputs")
    points = points[: settings.n].astype(float)
    n, d = points.shape
    point = points[0]

    def rng(*axes: str | int) -> np.random.Generator:
        return generator(job.seed, job.name, "curvature", *axes)

    def drawn(
        role: str, m: int, some: range, depth: int = 1, activation: str = SMOOTH
    ) -> networks.Networks:
        return networks.draw([rng(role, m, seed) for seed in some], d, m, depth, activation)

    # --- curvature -------------------------------------------------------------------------------
    def signs(m: int, some: range) -> networks.Networks:
        nets = drawn("signs", m, some)
        return nets._replace(top=np.sign(nets.top))

    every = range(seeds)
    norms = {
        "signs": [curvature.two_layers(signs(m, every), point) for m in widths],
        "gaussian": [curvature.two_layers(drawn("gaussian", m, every), point) for m in widths],
        "deep": [
            curvature.norms(drawn("deep", m, every, DEEP), point, rng("iteration", m))
            for m in settings.deep_widths
        ],
    }
    some = range(min(COMPARED, seeds))
    m = min(widths)
    both = [
        (curvature.two_layers(nets, point), curvature.norms(nets, point, rng("iteration", m)))
        for nets in (signs(m, some), drawn("gaussian", m, some))
    ]
    blocks = max(np.max(np.abs(iterated / exact - 1)) for exact, iterated in both)

    # --- distance to the linearised solution -----------------------------------------------------
    labels = rng("labels").choice([-1.0, 1.0], size=(settings.distances, n))
    limit = dense.recursion(points, None, dense.Dense("relu", gain=2), 1).tangent()

    def excess(m: int, some: range) -> np.ndarray:
        nets = drawn("linearised", m, some, activation="relu")
        left = (labels[some] - networks.forward(nets, points).outputs)[..., None]
        found, expected = (
            np.sqrt(np.sum(left * np.linalg.solve(kernel, left), axis=(1, 2)))
            for kernel in (
                networks.tangent_kernel(nets, points),
                np.broadcast_to(limit, (len(some), n, n)),
            )
        )
        return found / expected - 1

    widest = max(widths)
    several = ensembles.blocks(settings.distances, BLOCK)
    distances = {m: np.concatenate([excess(m, some) for some in several]) for m in widths}
    files.save_table(job.table, pd.concat([
        pd.DataFrame({"net": net, "m": m, "seed": range(len(values)), "norm": values})
        for net, sizes, found in (
            *((net, settings.deep_widths if net == "deep" else widths, each)
              for net, each in norms.items()),
            ("linearised", widths, distances.values()),
        )
        for m, values in zip(sizes, found, strict=True)
    ]))  # fmt: skip

    def fitted(net: str, sizes: list[int]) -> dict:
        fit: Fit = orders.power_law(sizes, np.array(norms[net]), orders.mean)
        where = f"m = {', '.join(map(str, sizes))}; {seeds} networks, {SMOOTH}"
        return measured(fit.exponent, interval=[fit.low, fit.high], where=where)

    def falls() -> dict:
        """The exponent of the excess, where its mean is above 0 at every width."""
        where = f"ReLU, m = {', '.join(map(str, widths))}, n = {n}, {settings.distances} networks"
        found = np.array([*distances.values()])
        if np.any(found.mean(axis=1) <= 0):
            return measured(np.nan, per_seed=[], where=f"no excess at some width, {where}")
        fit = orders.power_law(widths, found, orders.mean)
        return measured(fit.exponent, interval=[fit.low, fit.high], where=where)

    save(job.metrics, {
        "distance": measured(
            distances[widest].mean(), per_seed=distances[widest],
            where=f"ReLU, m = {widest}, n = {n}, {settings.distances} networks",
        ),
        "distance.exponent": falls(),
        "signs": fitted("signs", widths),
        "gaussian": fitted("gaussian", widths),
        "deep": fitted("deep", settings.deep_widths),
        "blocks": measured(
            blocks, where=f"m = {m}, {len(some)} networks of each kind"
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
