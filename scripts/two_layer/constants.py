"""What the theorems ask for at this problem's λ₀ and n, their hidden constants taken as 1.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorems 3.1, 4.1 and 5.1, and the error
terms in the proof of theorem 4.1. λ₀ = λ_min(H∞) is the last of `eigenvalues` (n,). Writes the
figures alone; very large ones are given as log₁₀.
"""

from overparam.house import cli


@cli.program
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Spectrum, .npz.")
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--width", type=int, required=True, help="Width m of the networks that are trained.")
@cli.option("--kappa", type=float, required=True, help="Their initialisation scale κ.")
@cli.option("--eta", default=1.0, help="Their learning rate for the summed loss Φ.")
@cli.option("--eta-unit", default="1/lambda_max", help="1/lambda_max or absolute.")
@cli.option("--delta", default=0.1, help="Probability of failure δ.")
@cli.option("--epsilon", default=1.0, help="Accuracy ε of theorem 4.1, in ‖y − u‖₂.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    spectrum: str, name: str, width: int, kappa: float, eta: float, eta_unit: str, delta: float,
    epsilon: float, metrics: str,
) -> None:  # fmt: skip
    import math

    from overparam import constants, schedules
    from overparam.house import files
    from overparam.house.metrics import measured, save

    (eigenvalues,) = files.load_arrays(spectrum, "eigenvalues")
    n, largest, least = len(eigenvalues), float(eigenvalues[0]), float(eigenvalues[-1])
    used = schedules.learning_rate(eta, eta_unit, largest)
    rate = constants.learning_rate(n, least)
    norm = math.sqrt(n)  # ‖y‖₂, what the dominating term of eq. (8) starts at
    start = constants.start_error(n, kappa, delta) / norm
    movement = constants.movement_error(n, width, least, kappa, delta) - math.log10(norm)
    steps = math.log10(constants.steps_to_generalise(n, least, rate, delta))
    scale = kappa / constants.scale_to_predict(n, delta, epsilon)
    converge = constants.width_to_converge(n, least, kappa, delta)
    predict = constants.width_to_predict(n, least, kappa, delta, epsilon)
    where = f"{name}, n = {n}, λ₀ = {least:.4g}, κ = {kappa:g}, δ = {delta:g}, ε = {epsilon:g}"
    save(metrics, {
        "theorem31.width": measured(converge, unit="log₁₀ m", where=where),
        "theorem41.width": measured(predict, unit="log₁₀ m", where=where),
        "theorem41.kappa": measured(scale, unit="κ over the largest allowed", where=where),
        "theorem41.start": measured(start, unit="error term over ‖y‖₂", where=where),
        "theorem41.movement": measured(
            movement, unit="log₁₀ of the error term over ‖y‖₂", where=f"{where}, m = {width}"
        ),
        "theorem41.eta": measured(used / rate, unit="η over λ₀/n²", where=where),
        "theorem51.steps": measured(steps, unit="log₁₀ k at η = λ₀/n²", where=where),
    })  # fmt: skip


if __name__ == "__main__":
    main()
