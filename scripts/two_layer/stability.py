"""The rate that theorem 3.1 promises for every step, and the learning rate at which it ends.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 3.1: Φ(k+1) ≤ (1 − ηλ₀/2) Φ(k) with
λ₀ = λ_min(H∞) and η = O(λ₀/n²). The linear dynamics (7) converge below 2/λ_max(H∞) and diverge
above. Training is in float64: at η = λ₀/n² float32 would round most of a step away. Networks start
at u(0) = 0 (unless told otherwise).

Writes `rates`, a row for each network at η = λ₀/n² and at multiples of 1/λ_max: rate, eta, factor
(η λ_max), repetition, bound 1 − ηλ₀/2, ratio (the largest Φ(k+1)/Φ(k) over every step), its step,
and excess, ratio − bound: at most 0 where the theorem's rate holds. Rates above 2 are tried in
units of each network's own 1/λ_max(H(0)) as well: a finite network has an edge of its own. `sweep`
has learning rates on both sides of 2/λ_max: series (linear or network), factor, repetition, peak
max_k Φ(k)/Φ(0) and end Φ(K)/Φ(0). The linear dynamics' own edge is found by bisection. `harder` has
other labels at one rate η: labels, width, repetition, excess in units of ηλ₀/2, and `broken`, the
first step whose ratio is above the bound, empty if none is.
"""

from pipeline import experiment
from scripts.two_layer.slice import Stability

LABELS = "true"  # of the networks at several rates
HARDER = ("random", "worst")  # labels that move along the smallest eigenvalues too


@experiment.program(Stability)
def main(settings: Stability, job: experiment.Job) -> None:
    import itertools

    import numpy as np
    import pandas as pd

    from overparam import labels as labellings
    from overparam import networks
    from overparam.seeds import generator
    from overparam.two_layer import linearised, stability
    from overparam.two_layer.trajectories import losses, trajectory
    from pipeline import files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    name, width, steps = job.name, settings.width, settings.steps
    inputs, true, true_test = files.load_arrays(job.problem, "inputs", "labels", "test_labels")
    eigenvalues, least = files.load_arrays(job.spectrum, "eigenvalues", "least")
    limit = files.load_array(job.gram)
    n, largest, smallest = len(true), eigenvalues[0], eigenvalues[-1]
    seeds = range(settings.repetitions)

    def draw(kind: str) -> list[np.ndarray]:
        return [
            labellings.draw(kind, true, true_test, least[None], job.seed, name, repetition)[0]
            for repetition in seeds
        ]

    def start(repetition: int, m: int) -> tuple[np.ndarray, np.ndarray]:
        rng = generator(job.seed, name, "init", m, repetition)
        return networks.initialise(m, inputs.shape[1], settings.kappa, settings.antisymmetric, rng)

    def follow(
        repetition: int, eta: float, last: int, y: np.ndarray | None = None, m: int = width
    ) -> np.ndarray:
        y = drawn[repetition] if y is None else y
        path = trajectory(inputs, y, *start(repetition, m), eta, last, "float64")
        return losses(path, last + 1)

    drawn = draw(LABELS)

    own_gram = [
        networks.empirical_gram(inputs, start(repetition, width)[0]) for repetition in seeds
    ]
    own_largest = np.array([np.linalg.eigvalsh(gram)[-1] for gram in own_gram])
    beyond_edge = [factor for factor in settings.rate if factor > 2]
    etas = {"theorem": [smallest / n**2] * len(seeds)}
    etas |= {f"rate{factor:g}": [factor / largest] * len(seeds) for factor in settings.rate}
    etas |= {f"own{factor:g}": factor / own_largest for factor in beyond_edge}
    cases, rows = list(itertools.product(etas, seeds)), []
    for said, repetition in track(cases, len(cases), f"{name}: rates"):
        eta = etas[said][repetition]
        ratio, step = stability.largest_ratio(follow(repetition, eta, steps))
        bound = 1 - eta * smallest / 2
        rows.append({
            "rate": said, "eta": eta, "factor": eta * largest, "repetition": repetition,
            "bound": bound, "ratio": ratio, "step": step, "excess": ratio - bound,
        })  # fmt: skip
    found = pd.DataFrame(rows)
    files.save_table(job.rates, found)

    highest, sweep_steps = settings.highest, settings.sweep_steps
    spaced = np.linspace(settings.lowest, highest, settings.factors).round(6).tolist()
    cases, rows = list(itertools.product(spaced, seeds)), []
    for factor, repetition in track(cases, len(cases), f"{name}: sweep"):
        eta = factor / largest
        norms = linearised.residuals(limit, drawn[repetition], eta, sweep_steps)
        curves = {"linear": norms**2 / 2, "network": follow(repetition, eta, sweep_steps)}
        case = {"factor": factor, "repetition": repetition}
        rows += [{"series": key} | case | stability.summary(phi) for key, phi in curves.items()]
    swept = pd.DataFrame(rows)
    files.save_table(job.sweep, swept)

    bound = 1 - settings.harder_rate * smallest / largest / 2
    cases, rows = list(itertools.product(HARDER, settings.harder_width, seeds)), []
    others = {kind: draw(kind) for kind in HARDER}
    for kind, m, repetition in track(cases, len(cases), f"{name}: other labels"):
        eta = settings.harder_rate / largest
        phi = follow(repetition, eta, steps, others[kind][repetition], m)
        ratio, _ = stability.largest_ratio(phi)
        rows.append({
            "labels": kind, "width": m, "repetition": repetition,
            "excess": (ratio - bound) / (1 - bound), "broken": stability.first_above(phi, bound),
        })  # fmt: skip
    other = pd.DataFrame(rows)
    files.save_table(job.harder, other.astype({"broken": "Int64"}))

    where = f"{name}, n = {n}, {LABELS} labels, m = {width}"
    networks_swept = swept[swept.series == "network"]
    beyond = networks_swept[networks_swept.factor > 2].groupby("repetition")
    # A network that never rises above its start has its edge beyond the sweep.
    above = networks_swept[networks_swept.peak > 1].groupby("repetition").factor.min()
    edges = above.reindex(seeds, fill_value=highest)
    slow = found[found.factor <= 1].groupby("repetition").excess.max()
    figures = {
        "excess": measured(
            slow.max(), per_seed=slow, where=f"{where}, η up to 1/λ_max, {steps} steps",
            unit="largest Φ(k+1)/Φ(k) less 1 − ηλ₀/2",
        ),
        "linear.edge": measured(
            stability.edge(limit, drawn[0], largest), unit="η λ_max", where=f"{name}, n = {n}"
        ),
        "network.edge": measured(
            edges.median(), per_seed=edges, where=where,
            unit="least η λ_max at which Φ ever exceeds its start",
        ),
    }  # fmt: skip
    for factor in beyond_edge:
        above = factor * own_largest / largest
        figures[f"rate{factor:g}".replace(".", "_") + ".own"] = measured(
            np.median(above), per_seed=above, unit="η λ_max(H(0))",
            where=f"{where}, η = {factor:g}/λ_max(H∞)",
        )  # fmt: skip
    for said, own in found.groupby("rate"):
        figures[f"{said.replace('.', '_')}.ratio"] = measured(
            own.ratio.median(), per_seed=own.ratio, where=f"{where}, {steps} steps",
            unit="largest Φ(k+1)/Φ(k)",
        )  # fmt: skip
    for kind, own in other.groupby("labels", sort=False):
        by_width = own.groupby("width").excess.median()
        told = ", ".join(
            f"m = {m}: {'none' if pd.isna(at) else f'{at:.0f}'}"
            for m, at in own.groupby("width").broken.median().items()
        )
        by_seed = own.pivot_table(index="repetition", columns="width", values="excess")
        figures[f"{kind}.excess"] = measured(
            by_width, unit="in ηλ₀/2, median over seeds", per_seed=by_seed.to_numpy(),
            where=f"{name}, n = {n}, {kind} labels, m = {', '.join(map(str, by_width.index))}, "
            f"η = {settings.harder_rate:g}/λ_max, {steps} steps; first step above the rate, "
            f"median of seeds that have one: {told}",
        )  # fmt: skip
    if len(beyond):
        for column in ("peak", "end"):
            per_seed = beyond[column].max()
            figures[f"network.beyond.{column}"] = measured(
                per_seed.max(), per_seed=per_seed, unit="Φ over its start, largest",
                where=f"{where}, η λ_max above 2, up to {highest:g}, {sweep_steps} steps",
            )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
