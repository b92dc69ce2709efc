"""How hard functions are to learn: √(yᵀ(H∞)⁻¹y) for y_i = g(x_i) on the sphere, against n.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 6.1, corollary 6.2, examples 6.1 to
6.4: bounded whatever n for linear functions, even powers and their sums. Functions without a bound
(odd powers from 3 on, sine, sign, ReLU, |z|) are the negative controls.

Writes `table`: d, target, n, repetition, norm, and the bounds, published and sharp (of the proof),
where there are any; and figures. `<family>.of_sharp` and `.of_published` are the largest norm over
its bound; `<control>.exponent` is that of n in the first dimension d; `bounded.late` and
`unbounded.late` are the largest and the smallest exponent of all, between the last two n in the
last d; `quadratic.square.exponent` is that of t in yᵀ(H∞)⁻¹y for the quadratic form tA.
"""

from pipeline import experiment
from scripts.two_layer.slice import Targets

# Functions g; ranks over d are left out.
TARGETS = [
    "linear", "power2", "power4", "power6",
    "quadratic1", "quadratic2", "quadratic5", "quadratic10", "quadratic20",
    "cosine0.5", "cosine1", "cosine2", "cosine4", "arctan0.25", "arctan0.5", "arctan1", "sum",
    "power3", "power5", "sine5", "sign", "relu", "absolute",
]  # fmt: skip
SCALES = [1.0, 10.0, 100.0]  # t: ‖tA‖_* = t‖A‖_*


@experiment.program(Targets)
def main(settings: Targets, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, kernels, matrices, measures
    from overparam.seeds import generator
    from overparam.two_layer import synthetic, targets
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d = settings.n, settings.d

    def norms(dimension: int, size: int, repetition: int) -> pd.DataFrame:
        """The norm of every target at one draw of the inputs."""
        names = [target for target in TARGETS if targets.exists(target, dimension)]
        axes = (job.seed, job.name, "targets", dimension)
        inputs = synthetic.sphere(size, dimension, generator(*axes, "inputs", size, repetition))
        drawn = [
            targets.draw(target, dimension, generator(*axes, "target", target, repetition))
            for target in names
        ]
        factor = measures.factorise(kernels.relu_gram(inputs))
        values = np.column_stack([function.values(inputs) for function in drawn])
        case = {"d": dimension, "n": size, "repetition": repetition, "target": names}
        bounds = pd.DataFrame([function.bounds for function in drawn]).replace(np.inf, np.nan)
        return pd.DataFrame(case | {"norm": matrices.inverse_norm(factor, values)}).join(bounds)

    def scaled(repetition: int) -> float:
        """The exponent of t in yᵀ(H∞)⁻¹y for y = xᵀ(tA)x, A of rank 1."""
        axes = (job.seed, job.name, "targets", d[0])
        inputs = synthetic.sphere(min(n), d[0], generator(*axes, "inputs", min(n), repetition))
        form = targets.draw("quadratic1", d[0], generator(*axes, "scaled", repetition))
        factor = measures.factorise(kernels.relu_gram(inputs))
        values = np.outer(form.values(inputs), SCALES)
        return fits.slope(np.log(SCALES), 2 * np.log(matrices.inverse_norm(factor, values)))

    def exponents(rows: pd.DataFrame) -> tuple[fits.Fit, np.ndarray]:
        """The exponent of n: of the medians over seeds, and of each seed."""
        wide = rows.pivot(index="n", columns="repetition", values="norm")
        sizes, values = wide.index.to_numpy(), wide.to_numpy()
        return fits.power_law(sizes, values), fits.slopes(sizes, values)

    found = pd.concat(
        norms(dimension, size, repetition)
        for dimension in d
        for size in n
        for repetition in range(settings.seeds)
    )
    files.save_table(job.table, found)

    sizes = f"n = {min(n)} to {max(n)}"
    where = f"sphere, d = {', '.join(map(str, d))}, {sizes}"
    bounded = found[found.sharp.notna()]
    figures = {}
    for bound in ("sharp", "published"):
        shares = (bounded.norm / bounded[bound]).groupby(
            [bounded.target.map(lambda target: targets.split(target)[0]), bounded.repetition]
        )
        for family, share in shares.max().groupby(level=0):
            figures[f"{family}.of_{bound}"] = measured(share.max(), per_seed=share, where=where)
    largest = found[(found.target == "linear") & (found.n == max(n)) & (found.d == d[0])]
    if len(largest):
        figures["linear.norm"] = measured(
            largest.norm.median(), per_seed=largest.norm, where=f"d = {d[0]}, n = {max(n)}"
        )
    late = {"bounded": [], "unbounded": []}
    for (dimension, target), rows in found.groupby(["d", "target"]):
        side = "unbounded" if rows.sharp.isna().all() else "bounded"
        if dimension == d[0] and side == "unbounded":
            fit, each = exponents(rows)
            figures[f"{target}.exponent"] = measured(
                fit.exponent, per_seed=each, interval=(fit.low, fit.high),
                where=f"sphere, d = {dimension}, {sizes}",
            )  # fmt: skip
        if dimension == d[-1]:
            late[side].append(exponents(rows[rows.n.isin(sorted(n)[-2:])]))
    for side, choose in (("bounded", max), ("unbounded", min)):
        if late[side]:
            fit, each = choose(late[side], key=lambda pair: pair[0].exponent)
            figures[f"{side}.late"] = measured(
                fit.exponent, per_seed=each, interval=(fit.low, fit.high),
                where=f"d = {d[-1]}, the two largest n",
            )  # fmt: skip
    squares = [scaled(repetition) for repetition in range(settings.seeds)]
    figures["quadratic.square.exponent"] = measured(
        max(squares, key=abs), per_seed=squares, unit="exponent of ‖A‖_* in yᵀ(H∞)⁻¹y",
        where=f"sphere, d = {d[0]}, n = {min(n)}, A of rank 1 times 1 to {max(SCALES):g}",
    )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
