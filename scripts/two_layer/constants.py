"""What the theorems ask for at this problem's λ₀ and n, their hidden constants taken as 1.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorems 3.1, 4.1 and 5.1, and the error
terms in the proof of theorem 4.1. λ₀ = λ_min(H∞) is the last of `eigenvalues` (n,); the widths are
evaluated for the first points alone as well. Writes the figures alone; very large ones are given
as log₁₀.
"""

from pipeline import experiment
from scripts.two_layer.slice import Constants

LARGEST = 1.0  # κ that the theorems know of: widths grow as κ⁻²


@experiment.program(Constants)
def main(settings: Constants, job: experiment.Job) -> None:
    import math

    import numpy as np

    from overparam import schedules
    from overparam.two_layer import constants
    from pipeline import files
    from pipeline.metrics import measured, save

    name, width, kappa = job.name, job.width, job.kappa
    delta, epsilon = settings.delta, settings.epsilon
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    n, largest, least = len(eigenvalues), float(eigenvalues[0]), float(eigenvalues[-1])
    used = schedules.learning_rate(job.eta, job.eta_unit, largest)
    rate = constants.learning_rate(n, least)
    norm = math.sqrt(n)  # ‖y‖₂, what the dominating term of eq. (8) starts at
    start = constants.start_error(n, kappa, delta) / norm
    movement = constants.movement_error(n, width, least, kappa, delta) - math.log10(norm)
    steps = math.log10(constants.steps_to_generalise(n, least, rate, delta))
    scale = kappa / constants.scale_to_predict(n, delta, epsilon)
    # λ₀ of the first points alone, by their number.
    whole = files.load_array(job.gram)
    first = {k: np.linalg.eigvalsh(whole[:k, :k])[0] for k in settings.n if k < n} | {n: least}
    converge = {k: constants.width_to_converge(k, own, LARGEST, delta) for k, own in first.items()}
    predict = {
        k: constants.width_to_predict(k, own, LARGEST, delta, epsilon) for k, own in first.items()
    }
    given = f"δ = {delta:g}, ε = {epsilon:g}"
    wide = f"{name}, n = {n}, λ₀ = {least:.4g}, κ = {LARGEST:g}, {given}"
    where = f"{name}, n = {n}, m = {width}, λ₀ = {least:.4g}, κ = {kappa:g}, {given}"
    save(job.metrics, {
        "theorem31.width": measured(converge[n], unit="log₁₀ m", where=wide),
        "theorem41.width": measured(predict[n], unit="log₁₀ m", where=wide),
        "theorem31.width.least": measured(min(converge.values()), **_over(converge, wide)),
        "theorem41.width.least": measured(min(predict.values()), **_over(predict, wide)),
        "theorem41.kappa": measured(scale, unit="κ over the largest allowed", where=where),
        "theorem41.start": measured(start, unit="error term over ‖y‖₂", where=where),
        "theorem41.movement": measured(
            movement, unit="log₁₀ of the error term over ‖y‖₂", where=f"{where}, m = {width}"
        ),
        "theorem41.eta": measured(used / rate, unit="η over λ₀/n²", where=where),
        "theorem51.steps": measured(steps, unit="log₁₀ k at η = λ₀/n²", where=where),
    })  # fmt: skip


def _over(widths, where):
    """Unit and place of the least of several widths, which are listed."""
    listed = ", ".join(f"{width:.3g} at n = {n}" for n, width in widths.items())
    return {"unit": "log₁₀ m, least over n", "where": f"{where}; {listed}"}


if __name__ == "__main__":
    main()
