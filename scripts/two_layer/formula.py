"""The kernel's closed form, what makes it singular, and the identities of its linear dynamics.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584): eq. (3) against Monte Carlo; λ_min(H∞) > 0
unless inputs are parallel (section 3); eq. (7) iterated against the sum in eq. (8); the auxiliary
sequence of eq. (11), ‖W̃(∞)‖_F = √(yᵀH(0)⁻¹y) (lemma 5.3); the triangle inequality behind
corollary 6.2; antisymmetric networks, and the size of u(0).

Writes `pairs`, a row for each seed and pair: angle, cosine, exact, sampled and its standard error;
`least`, λ_min for each seed, case (`angle`: two inputs at that angle; `antipodes`: so many
antipodal pairs in 10 dimensions) and size; and the figures, of which the value is the worst seed's.
"""

from pipeline import experiment
from scripts.two_layer.slice import Formula

ANGLES = [10.0**power for power in range(-8, 0)]
FITTED = 1e-2  # beyond, the closest pair is not the only one that counts
EDGES = (1.0, 1.9)  # learning rates in units of 1/λ_max
KAPPA = 0.3  # a scale that differs from its square
SUMMANDS = ["linear", "power2", "power4", "quadratic5", "cosine1", "arctan1"]
SMALLEST = {"antipodes.full", "start.power"}  # of which the worst is the smallest


@experiment.program(Formula)
def main(settings: Formula, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, labels
    from overparam.seeds import generator
    from overparam.two_layer import identities, synthetic
    from overparam.two_layer.synthetic import ANTIPODES, DIMENSION, ROUNDING
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d, width, angles = settings.n, settings.d, settings.width, settings.angles
    real = files.load_arrays(job.problem, "inputs")[0][:n] if job.problem else None
    theta, near = np.linspace(0, np.pi, angles), np.array(ANGLES)

    def closed_form(rng: np.random.Generator) -> tuple[dict[str, float], pd.DataFrame]:
        """The closed form against samples, and for the pairs whose value is known."""
        drawn = identities.sampled_pairs(theta, d, settings.samples, rng)
        sampled = pd.DataFrame({"angle": theta} | drawn)
        gap = np.abs(sampled.exact - sampled.sampled)
        known = np.abs(sampled.exact.to_numpy()[[angles // 2, -1]])
        return {
            "sampled.standard_errors": np.max(gap / np.maximum(sampled.error, ROUNDING)),
            "sampled.difference": gap.max(),
            "orthogonal": known[0],
            "opposite": known[1],
        }, sampled

    def singular(rng: np.random.Generator) -> tuple[dict[str, float], pd.DataFrame]:
        """λ_min with copies, with opposites, and as two inputs come close."""
        spread, few = synthetic.sphere(n, d, rng), synthetic.sphere(12 * DIMENSION, DIMENSION, rng)
        paired, null = identities.antipodes(few, [*ANTIPODES.values()])
        closing = identities.closest_pair(spread, near, rng)
        law = 2 * np.pi * closing[near < FITTED**2] / near[near < FITTED**2]
        alone = identities.parallel(spread, rng)
        found = alone if real is None else identities.parallel(real, rng)
        found |= {"antipode.sphere": alone["antipode"]}
        found |= {
            f"antipodes.{case}": paired[at] for at, case in enumerate(ANTIPODES) if case != "one"
        }
        return found | {"antipodes.null": null[-1], "angle.law": np.abs(law - 1).max()}, pd.concat(
            [
                pd.DataFrame({"case": "antipodes", "size": ANTIPODES.values(), "least": paired}),
                pd.DataFrame({"case": "angle", "size": near, "least": closing}),
            ]
        )

    def linear(rng: np.random.Generator) -> dict[str, float]:
        """The trace, the linear dynamics of outputs and weights, the norm, and the start."""
        inputs, few = synthetic.sphere(n, d, rng), synthetic.sphere(2 * d, d, rng)
        y, few_y = (labels.random_signs(len(x), rng) for x in (inputs, few))
        plain, twofold = (
            identities.auxiliary(few, few_y, width, two, rng) for two in (False, True)
        )
        doubled = identities.doubled(few, width, rng)
        return (
            identities.trace(inputs)
            | {f"auxiliary.{key}": max(plain[key], twofold[key]) for key in plain}
            | {f"doubled.{key}": gap for key, gap in doubled.items()}
            | {
                "recursion": max(
                    identities.recursion(inputs, y, edge, settings.steps) for edge in EDGES
                ),
                "sum_rule": identities.sum_rule(inputs, SUMMANDS, 50, rng),
                "start.power": identities.start_power(few, width, KAPPA, settings.starts, rng),
            }
        )

    found, sampled, eigenvalues = [], [], []
    for repetition in range(settings.seeds):
        draws = [generator(job.seed, job.name, "formula", part, repetition) for part in "abc"]
        formula, pairs = closed_form(draws[0])
        degenerate, least = singular(draws[1])
        sampled.append(pairs.assign(repetition=repetition))
        eigenvalues.append(least.assign(repetition=repetition))
        found.append(formula | degenerate | linear(draws[2]))

    files.save_table(job.pairs, pd.concat(sampled))
    files.save_table(job.least, pd.concat(eigenvalues))
    pairwise, sphere = f"{angles} pairs, d = {d}", f"sphere, n = {n}, d = {d}"
    given = sphere if real is None else f"given inputs, n = {len(real)}, d = {real.shape[1]}"
    few = f"sphere, n = {2 * d}, d = {d}, m = {width}"
    # By key, or by what it begins with.
    places = {
        "sampled": f"{pairwise}, {settings.samples} samples a seed", "orthogonal": pairwise,
        "opposite": pairwise, "duplicate": given, "antipode": given, "antipode.sphere": sphere,
        "antipodes": f"sphere, n = {12 * DIMENSION}, d = {DIMENSION}", "angle": sphere,
        "diagonal": sphere, "trace": sphere, "recursion": f"{sphere}, {settings.steps} steps",
        "sum_rule": sphere, "auxiliary": few, "doubled": few,
        "start": f"{few}, κ = {KAPPA:g}, {settings.starts} networks a seed",
    }  # fmt: skip
    figures = {}
    for key in found[0]:
        values = [float(figure[key]) for figure in found]
        worst = min(values) if key in SMALLEST else max(values, key=abs)
        where = places.get(key, places[key.partition(".")[0]])
        figures[key] = measured(worst, per_seed=values, where=where)
    grown = pd.concat(eigenvalues).query("case == 'angle' and size <= @FITTED")
    table = grown.pivot(index="size", columns="repetition", values="least")
    sizes, values = table.index.to_numpy(), np.maximum(table.to_numpy(), ROUNDING)
    fit = fits.power_law(sizes, values)
    figures["angle.exponent"] = measured(
        fit.exponent,
        per_seed=fits.slopes(sizes, values),
        interval=(fit.low, fit.high),
        where=places["angle"],
    )
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
