"""Train two-layer ReLU networks by full-batch gradient descent, one for each repetition.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), sections 3 and 4, appendix A: second
layer fixed at ±1, w_r(0) ~ N(0, κ²I), loss Φ = ½ Σ_i (y_i − u_i)², summed over samples.

Writes `metrics`, a tidy table with a row per repetition and measured step k (at logarithmically
spaced steps): t = ηk, Φ, loss Φ/n, ‖y − u‖₂, ‖W(k) − W(0)‖_F, max_r ‖w_r(k) − w_r(0)‖₂, the share
of ReLU patterns that flipped, training and test 0–1 error, test ℓ₁ loss; and the largest
Φ(j)/Φ(0) up to that step and where. `arrays` holds Φ at every step, `phi` (repetitions, steps + 1,
NaN where training had stopped), and `projections`, v_iᵀ(y − u(k)) on the leading eigenvectors, a
row for each row of the table. Long trainings keep a checkpoint beside `metrics` until they end.
"""

import logging

from overparam.errors import Refusal
from pipeline import cli
from pipeline.settings import option
from scripts.two_layer.slice import Arm, Figure2, Train

log = logging.getLogger("overparam")


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Its spectrum, .npz.")
@cli.option(
    "--eigenvectors", type=cli.InputFile(), help="For eigenvector<i>: rows v_i, (n, n), .npy."
)
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--labels", required=True, help="Their kind, e.g. true or noise0.3.")
@cli.option("--first", default=0, help="First repetition.")
@cli.option("--last", default=0, help="Last repetition.")
@option(Train, "width")
@option(Arm, "kappa")
@option(Arm, "antisymmetric")
@option(Train, "eta")
@option(Train, "eta_unit")
@option(Arm, "steps")
@option(Figure2, "stop_loss", help="Stop once Φ/n is at most this.")
@option(Train, "on_divergence")
@option(Train, "points_per_decade")
@option(Train, "dtype")
@option(Train, "device")
@cli.option("--seed", type=int, required=True, help="Master seed of the run.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measurements, .csv.")
@cli.option("--arrays", type=cli.OutputFile(), required=True, help="Losses and projections, .npz.")
def main(
    problem: str, spectrum: str, eigenvectors: str | None, name: str, labels: str, first: int,
    last: int, width: int, kappa: float, antisymmetric: bool, eta: float, eta_unit: str, steps: int,
    stop_loss: float | None, on_divergence: str, points_per_decade: int, dtype: str, device: str,
    seed: int, metrics: str, arrays: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import device as devices
    from overparam import dynamics, networks, schedules
    from overparam import labels as labellings
    from overparam.seeds import generator
    from pipeline import checkpoints, files
    from pipeline.progress import track
    from scripts.two_layer.resumed import State

    if not 0 <= first <= last:
        raise Refusal(f"repetitions: found {first} to {last}, expected 0 ≤ first ≤ last")
    eigenvalues, leading, least = files.load_arrays(spectrum, "eigenvalues", "leading", "least")
    vectors = files.load_array(eigenvectors) if eigenvectors else least[None]
    points = files.load_arrays(problem, "inputs", "labels", "test_inputs", "test_labels")
    inputs, true, test_inputs, true_test = points
    n, d = inputs.shape
    rate = schedules.learning_rate(eta, eta_unit, eigenvalues[0])
    if on_divergence == "error":
        record = ", or set on_divergence to 'record' to train on and record what happens"
        schedules.check_stable(rate, eigenvalues[0], record)
    place, basis = devices.choose(device), networks.row_span(inputs)
    scheduled = set(schedules.schedule(steps, points_per_decade).tolist())
    checkpoint = checkpoints.Checkpoint(metrics, cli.identity())
    state = State.read(checkpoint) or State.new(first, last, steps)

    def tensors(*arrays: np.ndarray) -> list:
        return [devices.tensor(values, dtype, place) for values in arrays]

    def follow(repetition: int) -> None:
        """Train one network: its measurements, Φ at every step, its projections."""
        y, test_y = labellings.draw(labels, true, true_test, vectors, seed, name, repetition)
        rng = generator(seed, name, "init", width, repetition)
        start, a = networks.initialise(width, d, kappa, antisymmetric, rng)
        x, weights, target, signs = tensors(inputs @ basis, basis.T @ start, y, a)
        whole, span, test_x, test_target = tensors(start, basis, test_inputs, test_y)
        observer = dynamics.Observer(
            x, target, test_x, test_target, weights, signs, whole, span, leading
        )
        if state.weights is not None:  # this network was begun before
            weights.copy_(*tensors(state.weights))
            log.info("goes on with network %d at step %d", repetition, state.k)
        begin, state.k, state.weights = state.k, 0, None
        phi = state.phi[repetition - first]
        descent = dynamics.descend(x, target, weights, signs, rate, steps, begin)
        what, left = f"{name} {labels} {repetition}", steps + 1 - begin
        for step in track(descent, left, what, lambda step: f"loss {step.loss / n:.4g}"):
            if checkpoint.due():
                state.save(checkpoint, repetition, step)
            phi[step.k] = step.loss
            if on_divergence == "error" and dynamics.has_diverged(step.loss, phi[0]):
                raise Refusal(dynamics.divergence(step, phi[0], rate, eigenvalues[0]))
            ended = not np.isfinite(step.loss) or step.loss / n <= (stop_loss or -1)
            if step.k in scheduled or ended:
                peak = int(np.nanargmax(phi))
                extra = {"t": rate * step.k, "peak": phi[peak] / phi[0], "peak_step": peak}
                state.rows.append({"repetition": repetition} | observer.measure(step) | extra)
                state.projections.append(observer.project(step))
            if ended:
                break

    for repetition in range(state.repetition, last + 1):
        follow(repetition)
    files.save_table(metrics, pd.DataFrame(state.rows))
    files.save_arrays(arrays, {"phi": state.phi, "projections": np.array(state.projections)})
    checkpoint.remove()


if __name__ == "__main__":
    main()
