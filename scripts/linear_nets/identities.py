"""What holds to rounding: τ and its bounds, the flow, a step of the product, single layers.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206): eq. (3) to (16). Layers are W1
(n, h) and W2 (h, m), for several shapes; starts are balanced (D = 0) or not.

Writes the figures alone, of which the value is the worst seed's.
"""

from collections.abc import Iterable

from pipeline import experiment
from scripts.linear_nets.slice import Identities

# Layers of random pairs and what they are scaled by: the first are balanced.
KINDS = (("spectral", 1.0), ("spectral", 2.0), ("gaussian", 1.0), ("gaussian", 3.0))
SPECTRAL = (1.0, 2.0)  # the same of starts close to their target
SWEEP = (1.0, 1.5, 2.0, 3.0)
MARGINS = (0.25, 0.5, 1.0, 1.5)  # the target's least singular value
RATES = (0.1, 0.5, 1.0, 1.5, 1.9)  # learning rates in units of 1/K
RISING = {"flow.product", "single.printed", "gradient.printed"}  # the worst is the smallest


@experiment.program(Identities)
def main(settings: Identities, job: experiment.Job) -> None:
    import numpy as np

    from overparam.linear_nets import draws, identities, rates
    from overparam.linear_nets.draws import conditioned, scaled_gaussians
    from overparam.linear_nets.operators import tau_extremes
    from overparam.seeds import generator
    from pipeline.metrics import measured, save

    shapes, h = list(zip(settings.n, settings.m, strict=True)), job.h
    pairs, seeds = settings.pairs, settings.seeds

    def rngs(*axes: str | int) -> list[np.random.Generator]:
        return [generator(job.seed, job.name, "identities", *axes, at) for at in range(seeds)]

    def flows(rows: int, columns: int) -> list[identities.Flow]:
        """Starts close to their target, the balanced one first, and Gaussian layers."""
        found = [
            identities.flow(*conditioned(rngs("flow", rows, columns), rows, columns, h, 0.1, ratio))
            for ratio in SPECTRAL
        ]
        start = scaled_gaussians(rngs("gaussian", rows, columns), rows, columns, h, 1.0)
        return [*found, identities.flow(*start)]

    def swept(drawn: list[draws.Started]) -> np.ndarray:
        """Medians of the decades that the flow loses in one time, start after start."""
        given, *layers = drawn[0]
        time = 1 / (given.pl * tau_extremes(*layers)[0])
        return np.median([identities.flow(*start, time).decades for start in drawn], axis=1)

    def margins(drawn: list[draws.Started]) -> list[float]:
        """The least p₁ over seeds of each start."""
        return [rates.start(*start).p1.min().round(3) for start in drawn]

    found: dict[str, np.ndarray] = {}
    alphas, extremes, updates = [], [], []
    for rows, columns in shapes:
        for kind, ratio in KINDS:
            axes = ("pairs", rows, columns, kind, str(ratio))
            rng = generator(job.seed, job.name, "identities", *axes)
            layers = identities.pairs([rng] * pairs, rows, columns, h, ratio, kind)
            alphas.append(identities.tau_bound(*layers))
            extremes.append(identities.tau_spectrum(*layers))
        updates.append(identities.product_update(rngs("update", rows, columns), rows, columns, h))
    grouped = [flows(*shape) for shape in shapes]
    flowed = [flow for group in grouped for flow in group]
    uneven = [flow for _, *group in grouped for flow in group]  # a balanced D has no size
    found["flow.drift"] = np.max([flow.drift for flow in uneven], axis=0)
    found["flow.product"] = np.min([flow.product for flow in uneven], axis=0)
    found["flow.bound"] = np.max([flow.bound for flow in flowed], axis=0)
    found["flow.alpha"] = np.max([flow.alpha for flow in flowed], axis=0)
    found["flow.constant"] = np.max([flow.constant for flow in flowed], axis=0)
    found["product.update"] = np.max(updates, axis=0)

    rows, columns = shapes[0]
    given, *_ = conditioned(rngs("single"), rows, columns, h, 1.0, 1.0)
    stretched = rates.problem(2 * given.x, given.y)  # μ = 4, so that κ is not K
    begun = draws.gaussian(rngs("single start"), rows, columns)
    single = [identities.single_layer(stretched, begun, rate, 60) for rate in RATES]
    found["single.rate"] = np.max([excess for excess, _ in single], axis=0)
    found["single.printed"] = np.max([printed for _, printed in single], axis=0)
    found["single.best"] = identities.single_best(stretched)

    slopes = [
        identities.gradients(*scaled_gaussians(rngs("gradient", *shape), *shape, h, 1.0))
        for shape in shapes
    ]
    found["gradient.sign"] = np.max([right for right, _ in slopes], axis=0)
    found["gradient.printed"] = np.min([printed for _, printed in slopes], axis=0)

    where = f"(n, m) = {', '.join(f'({a}, {b})' for a, b in shapes)}, h = {h}"
    shares = [flow.begun for flow in flowed]
    told = {
        "flow.bound": f"{where}; α₀/λ_min(τ) at the start {np.min(shares):.2g} to "
        f"{np.max(shares):.2g}",
        **dict.fromkeys(
            ("single.rate", "single.printed", "single.best"),
            f"n = {rows}, m = {columns}, η = {', '.join(f'{rate:g}' for rate in RATES)}/K",
        ),
    }
    figures = {
        key: measured(
            np.min(values) if key in RISING else np.max(values), per_seed=values,
            where=told.get(key, where),
        )
        for key, values in found.items()
    }  # fmt: skip
    count = f"{where}, {pairs} pairs each, balanced and imbalanced"
    figures["tau.alpha"] = measured(np.max(alphas), where=count)
    figures["tau.extremes"] = measured(np.max(extremes), where=count)
    widest = max(shapes, key=min)
    for key, said, drawn in (
        (
            "imbalance", f"W1 scaled by {_listed(SWEEP)}",
            [conditioned(rngs("sweep"), *widest, h, 0.1, ratio) for ratio in SWEEP],
        ),
        (
            "margin", f"the target's least singular value {_listed(MARGINS)}",
            [conditioned(rngs("margin"), *widest, h, 0.01, 1.0, least=value) for value in MARGINS],
        ),
    ):  # fmt: skip
        figures[f"flow.{key}"] = measured(
            swept(drawn), unit="log₁₀ L(T)/L(0)",
            where=f"(n, m) = {widest}; {said}; p₁ {_listed(margins(drawn))}; medians of {seeds} "
            "seeds",
        )  # fmt: skip
    save(job.metrics, figures)


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


if __name__ == "__main__":
    main()
