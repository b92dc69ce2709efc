"""What networks give before their first step: the size of u(0), and of the loss Φ(0).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 3.1 (i), Φ(0) = O(n/δ). With
w_r(0) ~ N(0, κ²I) and inputs of unit length E[u_i²] = κ²/2 at any width, so that
EΦ(0) = ½(‖y‖² + nκ²/2); by Markov Φ(0) > EΦ(0)/δ with probability at most δ. An antisymmetric
network starts at u(0) = 0.

The networks and the loss are those of the trainings, in float64. Writes `table`, a row per start
(plain or antisymmetric), κ and repetition: mean u_i², largest |u_i|, Φ(0); and the figures.
"""

from pipeline import experiment
from scripts.two_layer.slice import Start


@experiment.program(Start)
def main(settings: Start, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import device, dynamics, networks, sampling
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    width, kappa, repetitions = settings.width, settings.kappa, settings.repetitions
    inputs, labels = files.load_arrays(job.problem, "inputs", "labels")
    n, d = inputs.shape
    place = device.choose("cpu")
    x, y = (device.tensor(values, "float64", place) for values in (inputs, labels))
    starts = [("plain", scale) for scale in kappa] + [("antisymmetric", max(kappa))]
    rows = []
    for start, scale in starts:
        for repetition in range(repetitions):
            rng = generator(job.seed, job.name, "start", start, scale, repetition)
            drawn = networks.initialise(width, d, scale, start == "antisymmetric", rng)
            weights, signs = (device.tensor(values, "float64", place) for values in drawn)
            outputs = dynamics.outputs(x, weights, signs)
            found = {
                "mean_square": outputs.square().mean().item(),
                "largest": outputs.abs().max().item(),
                "phi": dynamics.summed_loss(outputs - y),
            }
            rows.append({"start": start, "kappa": scale, "repetition": repetition} | found)
    measures = pd.DataFrame(rows)
    files.save_table(job.table, measures)

    where = f"{job.name}, n = {n}, m = {width}, {repetitions} initialisations"
    largest = measures[measures.start == "antisymmetric"].largest
    figures = {
        "antisymmetric.largest": measured(
            largest.max(), per_seed=largest, where=f"{where}, antisymmetric, κ = {max(kappa):g}"
        )
    }
    found, above = {"variance": [], "loss": []}, []
    for scale, own in measures[measures.start == "plain"].groupby("kappa", sort=False):
        expected = (labels @ labels + n * scale**2 / 2) / 2
        found["variance"].append((own.mean_square.to_numpy(), scale**2 / 2))
        found["loss"].append((own.phi.to_numpy(), expected))
        above.append((own.phi > expected / settings.delta).to_numpy())
    here = f"{where}, largest over κ = {', '.join(f'{scale:g}' for scale in kappa)}"
    for key, pairs in found.items():
        worst = max(pairs, key=lambda pair: sampling.standard_errors(*pair))
        figures[key] = measured(
            sampling.standard_errors(*worst), per_seed=np.abs(sampling.distances(*worst)),
            unit="standard errors of the mean from its expectation; each start: its own distance",
            where=here,
        )  # fmt: skip
    figures["loss.above"] = measured(
        max(map(np.mean, above)), per_seed=max(above, key=np.mean), where=here,
        unit=f"share above EΦ(0)/δ, δ = {settings.delta:g}; each start: 1 if it is",
    )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
