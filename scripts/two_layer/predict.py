"""The whole loss curve as the spectrum alone predicts it, no network trained.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (8):
‖y − u(k)‖₂ ≈ √Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)²; the loss is half its square over n.

Writes a tidy table: labels, repetition, step k, t = ηk, ‖y − u(k)‖₂, loss Φ/n; both are empty
where they are beyond float64, as they come to be if η > 2/λ_max.
"""

from pipeline import cli
from pipeline.settings import option
from scripts.two_layer.slice import Arm, Train


@cli.program
@cli.option("--spectrum", type=cli.InputFile(), required=True, help="Spectrum, .npz.")
@cli.option("--coefficients", type=cli.InputFile(), required=True, help="Projections, .npz.")
@option(Train, "eta")
@option(Train, "eta_unit")
@option(Arm, "steps")
@option(Train, "points_per_decade")
@cli.option("--prediction", type=cli.OutputFile(), required=True, help="Predicted losses, .csv.")
def main(
    spectrum: str, coefficients: str, eta: float, eta_unit: str, steps: int,
    points_per_decade: int, prediction: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import schedules, spectra
    from pipeline import files

    (eigenvalues,) = files.load_arrays(spectrum, "eigenvalues")
    labellings = files.load_arrays(coefficients, "kinds", "repetitions", "coefficients")
    rate = schedules.learning_rate(eta, eta_unit, eigenvalues[0])
    measured = schedules.schedule(steps, points_per_decade)
    tables = []
    for kind, repetition, projected in zip(*labellings, strict=True):
        norms = spectra.predicted_residual(eigenvalues, projected, rate, measured)
        with np.errstate(over="ignore"):
            losses = norms**2 / 2 / len(eigenvalues)
        finite = np.isfinite(losses)
        columns = {
            "labels": kind, "repetition": repetition, "k": measured, "t": rate * measured,
            "residual_norm": np.where(finite, norms, np.nan),
            "loss": np.where(finite, losses, np.nan),
        }  # fmt: skip
        tables.append(pd.DataFrame(columns))
    files.save_table(prediction, pd.concat(tables))


if __name__ == "__main__":
    main()
