"""The rate that theorem 3.1 promises for every step, and the learning rate at which it ends.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 3.1: Φ(k+1) ≤ (1 − ηλ₀/2) Φ(k) with
λ₀ = λ_min(H∞) and η = O(λ₀/n²). The linear dynamics (7) converge below 2/λ_max(H∞) and diverge
above. Training is in float64: at η = λ₀/n² float32 would round most of a step away. Networks start
at u(0) = 0 (antisymmetric, κ = 1).

Writes `rates`, a row for each network at η = λ₀/n² and at multiples of 1/λ_max: rate, eta, factor
(η λ_max), repetition, bound 1 − ηλ₀/2, ratio (the largest Φ(k+1)/Φ(k) over every step), its step,
and excess, ratio − bound: at most 0 where the theorem's rate holds. Rates above 2 are tried in
units of each network's own 1/λ_max(H(0)) as well: a finite network has an edge of its own. `sweep`
has learning rates on both sides of 2/λ_max: series (linear or network), factor, repetition, peak
max_k Φ(k)/Φ(0) and end Φ(K)/Φ(0). The linear dynamics' own edge is found by bisection. `harder` has
other labels at η = 1/λ_max: labels, width, repetition, excess in units of ηλ₀/2, and `broken`, the
first step whose ratio is above the bound, empty if none is.
"""

from pipeline import cli

HARDER = ("random", "worst")  # labels that move along the smallest eigenvalues too


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--gram", type=cli.InputFile(), required=True, help="H∞, (n, n), .npy.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--labels", default="true", help="true, random, worst or noise<p>.")
@cli.option("--width", default=1024, help="Neurons m, both halves counted.")
@cli.option("--harder-labels", multiple=True, default=HARDER, help="Other labels; repeatable.")
@cli.option("--harder-width", type=int, multiple=True, default=(128, 512, 2048),
            help="Widths m of their networks; repeatable.")  # fmt: skip
@cli.option("--repetitions", default=3, help="Seeds of the initialisation.")
@cli.option(
    "--rate",
    type=float,
    multiple=True,
    default=(0.1, 1.0, 1.9, 2.2),
    help="An η λ_max; repeatable.",
)
@cli.option("--steps", default=500, help="Gradient steps at each rate.")
@cli.option("--lowest", default=1.5, help="Smallest η λ_max of the sweep.")
@cli.option("--highest", default=2.5, help="Largest η λ_max of the sweep.")
@cli.option("--factors", default=11, help="Learning rates of the sweep, evenly spaced.")
@cli.option("--sweep-steps", default=200, help="Gradient steps at each rate of the sweep.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--rates", type=cli.OutputFile(), required=True, help="Ratios, .csv.")
@cli.option("--sweep", type=cli.OutputFile(), required=True, help="Peaks and ends, .csv.")
@cli.option("--harder", type=cli.OutputFile(), required=True, help="Other labels, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    problem: str, gram: str, spectrum: str, name: str, labels: str, width: int,
    harder_labels: tuple[str, ...], harder_width: tuple[int, ...], repetitions: int,
    rate: tuple[float, ...], steps: int, lowest: float, highest: float, factors: int,
    sweep_steps: int, seed: int, rates: str, sweep: str, harder: str, metrics: str,
) -> None:  # fmt: skip
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

    inputs, true, true_test = files.load_arrays(problem, "inputs", "labels", "test_labels")
    eigenvalues, least = files.load_arrays(spectrum, "eigenvalues", "least")
    limit = files.load_array(gram)
    n, largest, smallest = len(true), eigenvalues[0], eigenvalues[-1]
    seeds = range(repetitions)

    def draw(kind: str) -> list[np.ndarray]:
        return [labellings.draw(kind, true, true_test, least, seed, name, one)[0] for one in seeds]

    def start(repetition: int, m: int) -> tuple[np.ndarray, np.ndarray]:
        rng = generator(seed, name, "init", m, repetition)
        return networks.initialise(m, inputs.shape[1], 1.0, True, rng)

    def follow(
        repetition: int, eta: float, last: int, y: np.ndarray | None = None, m: int = width
    ) -> np.ndarray:
        y = drawn[repetition] if y is None else y
        steps = trajectory(inputs, y, *start(repetition, m), eta, last, "float64")
        return losses(steps, last + 1)

    drawn = draw(labels)

    own_gram = [networks.empirical_gram(inputs, start(one, width)[0]) for one in seeds]
    own_largest = np.array([np.linalg.eigvalsh(one)[-1] for one in own_gram])
    etas = {"theorem": [smallest / n**2] * repetitions}
    etas |= {f"rate{one:g}": [one / largest] * repetitions for one in rate}
    etas |= {f"own{one:g}": one / own_largest for one in rate if one > 2}
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
    files.save_table(rates, found)

    spaced = np.linspace(lowest, highest, factors).round(6).tolist()
    cases, rows = list(itertools.product(spaced, seeds)), []
    for factor, repetition in track(cases, len(cases), f"{name}: sweep"):
        eta = factor / largest
        norms = linearised.residuals(limit, drawn[repetition], eta, sweep_steps)
        curves = {"linear": norms**2 / 2, "network": follow(repetition, eta, sweep_steps)}
        case = {"factor": factor, "repetition": repetition}
        rows += [{"series": one} | case | stability.summary(phi) for one, phi in curves.items()]
    swept = pd.DataFrame(rows)
    files.save_table(sweep, swept)

    bound = 1 - smallest / largest / 2
    cases, rows = list(itertools.product(harder_labels, harder_width, seeds)), []
    others = {kind: draw(kind) for kind in harder_labels}
    for kind, m, repetition in track(cases, len(cases), f"{name}: other labels"):
        phi = follow(repetition, 1 / largest, steps, others[kind][repetition], m)
        ratio, _ = stability.largest_ratio(phi)
        rows.append({
            "labels": kind, "width": m, "repetition": repetition,
            "excess": (ratio - bound) / (1 - bound), "broken": stability.first_above(phi, bound),
        })  # fmt: skip
    other = pd.DataFrame(rows)
    files.save_table(harder, other.astype({"broken": "Int64"}))

    where = f"{name}, n = {n}, {labels} labels, m = {width}"
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
    for one in (one for one in rate if one > 2):
        above = one * own_largest / largest
        figures[f"rate{one:g}".replace(".", "_") + ".own"] = measured(
            np.median(above), per_seed=above, unit="η λ_max(H(0))",
            where=f"{where}, η = {one:g}/λ_max(H∞)",
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
            f"η = 1/λ_max, {steps} steps; first step above the rate, median of seeds that have "
            f"one: {told}",
        )  # fmt: skip
    if len(beyond):
        for column in ("peak", "end"):
            per_seed = beyond[column].max()
            figures[f"network.beyond.{column}"] = measured(
                per_seed.max(), per_seed=per_seed, unit="Φ over its start, largest",
                where=f"{where}, η λ_max above 2, up to {highest:g}, {sweep_steps} steps",
            )  # fmt: skip
    save(metrics, figures)


if __name__ == "__main__":
    main()
