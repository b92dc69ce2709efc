"""What kernels learn, with how many samples, of functions on a sphere.

Source: Lee's survey (2019), "What functions can be efficiently learned?", "What is learnable?" and
"Teacher network". Interpolation without a ridge, at points uniform on the sphere; samples of a seed
hold the smaller ones. Kernels: `plain`, K1 of two-layer ReLU networks; `biased`, their whole
kernel with biases, w and b N(0, 1); `smooth`, 1/(2 − xᵀy). Targets: x_1^k, and networks
Σ a_j σ(w_jᵀx)/√J with a and w N(0, 1), or, `.unit`, with these w scaled to ‖w_j‖ = 1.

Writes `table`: target, kernel, n, seed, `error`, root mean square on new points over that of the
target; of the best linear function for the cubic, kernel `linear`, exact.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Regression

POWERS = {"linear": 1, "quadratic": 2, "cubic": 3, "quartic": 4}
BOUNDED = ("linear", "quadratic", "quartic")
SMOOTH = ("tanh", "erf", "softplus", "square")
TEACHERS = (*SMOOTH, "relu")


@experiment.program(Regression)
def main(settings: Regression, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd
    from scipy.linalg import cholesky, solve_triangular

    from overparam import fits
    from overparam.infinite_width import activations, dense, laws, orders
    from overparam.kernels import relu_cross_gram
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    sizes, d, seeds = sorted(settings.sizes), settings.d, settings.seeds
    most = sizes[-1]
    biased = dense.Dense("relu", sigma_b=1.0)
    kernels = {
        "plain": relu_cross_gram,
        "biased": lambda left, right: dense.grams(
            left, None if right is left else right, biased, [(1, "ntk")]
        )[1, "ntk"],
        "smooth": lambda left, right: 1 / (2 - left @ right.T),
    }

    def sphere(what: str, seed: int, n: int) -> np.ndarray:
        rng = generator(job.seed, job.name, "regression", what, d, seed)
        return unit_rows(rng.standard_normal((n, d)))

    def targets(seed: int, x: np.ndarray) -> dict[str, np.ndarray]:
        found = {name: x[:, 0] ** power for name, power in POWERS.items()}
        for name in TEACHERS:
            rng = generator(job.seed, job.name, "regression", "teacher", name, d, seed)
            w = rng.standard_normal((settings.neurons, d))
            a = rng.standard_normal(settings.neurons) / np.sqrt(settings.neurons)
            found[name] = activations.named(name).value(x @ w.T) @ a
            found[f"{name}.unit"] = activations.named(name).value(x @ unit_rows(w).T) @ a
        return found

    def learned(seed: int) -> list[dict]:
        x, new = sphere("points", seed, most), sphere("tests", seed, settings.test)
        (y, wanted), rows = (targets(seed, each) for each in (x, new)), []
        labels, goal = (np.stack(list(each.values()), axis=1) for each in (y, wanted))
        for kernel, function in kernels.items():
            # A sample's factor is a leading block of the largest one's, and so are the solutions.
            factor = cholesky(function(x, x), lower=True, overwrite_a=True)
            whole = solve_triangular(factor, labels, lower=True)
            across = solve_triangular(factor, function(x, new), lower=True, overwrite_b=True)
            for n in sizes:
                errors = orders.root_mean_square((across[:n].T @ whole[:n] - goal).T)
                errors = errors / orders.root_mean_square(goal.T)
                rows += [
                    {"target": target, "kernel": kernel, "n": n, "seed": seed, "error": error}
                    for target, error in zip(y, errors, strict=True)
                ]
        return rows

    table = pd.DataFrame([row for seed in range(seeds) for row in learned(seed)])
    floor = [
        {"target": "cubic", "kernel": "linear", "n": n, "error": laws.cubic_floor(d)} for n in sizes
    ]
    files.save_table(job.table, pd.concat([table, pd.DataFrame(floor)]))

    means = table.groupby(["kernel", "target", "n"]).error.mean()
    # Root mean squares of x_1^k on the sphere: E x_1^2k = Π (2i − 1)/(d + 2i − 2), i = 1 … k.
    size_of = {
        name: np.sqrt(np.prod([(2 * i - 1) / (d + 2 * i - 2) for i in range(1, k + 1)]))
        for name, k in POWERS.items()
    }
    bounds = [
        means["plain", name, n] * size_of[name] * np.sqrt(n)
        / laws.power_norm(laws.first, POWERS[name], d)
        for name in BOUNDED for n in sizes
    ]  # fmt: skip
    ratios = {
        name: means["smooth", name, most] / means["biased", name, most]
        for teacher in TEACHERS
        for name in (teacher, f"{teacher}.unit")
    }
    quartic = table[(table.kernel == "plain") & (table.target == "quartic")]
    own = quartic.pivot(index="n", columns="seed", values="error")
    slopes = fits.slopes(own.index.to_numpy(), own.to_numpy())
    size = f"d = {d}, {seeds} seeds"

    def last(kernel: str) -> dict:
        chosen = (table.kernel == kernel) & (table.target == "cubic") & (table.n == most)
        errors = table[chosen].error
        return measured(errors.mean(), per_seed=errors, where=f"n = {most}, {size}")

    save(job.metrics, {
        "cubic.plain": last("plain"),
        "cubic.biased": last("biased"),
        "bound.largest": measured(
            max(bounds), where=f"n = {', '.join(map(str, sizes))}, k = 1, 2, 4, {size}"
        ),
        "quartic.slope": measured(
            slopes.mean(), per_seed=slopes, where=f"n = {', '.join(map(str, sizes))}, {size}"
        ),
        "teachers.smooth": measured(
            max(ratios[name] for name in SMOOTH),
            where=f"{', '.join(SMOOTH)}, {settings.neurons} neurons, n = {most}, {size}",
        ),
        "teachers.unit": measured(
            max(ratios[f"{name}.unit"] for name in SMOOTH),
            where=f"{', '.join(SMOOTH)}, {settings.neurons} neurons, n = {most}, {size}",
        ),
        "teachers.relu": measured(
            ratios["relu"], where=f"{settings.neurons} neurons, n = {most}, {size}"
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
