"""Du et al.'s figure 1: two layers, wider and wider.

Source: Du, Zhai, Póczos, Singh 2019 (arXiv 1810.02054), section 5: f = m^{-1/2} Σ_r a_r σ(w_rᵀx),
inputs uniform on the sphere, y ~ N(0, 1), w_r ~ N(0, I), the output weights fixed. The loss
½‖f − y‖² is a sum. At one learning rate for every width, and at one that grows as √m.

Writes `table`: m, scaled, seed, `rate`, −d ln F/dk over the first steps, `flips`, the share of
pairs of ReLU and input whose sign is another than at the start after the last step, and `distance`,
max_r ‖w_r − w_r(0)‖; `curves`: m, scaled, step, `loss` ‖f − y‖²/n, median over seeds.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Speed

EARLY = 5  # steps of the initial rate


@experiment.program(Speed)
def main(settings: Speed, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import networks
    from overparam.errors import Refusal
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import save
    from scripts.deep_relu.exponents import exponent

    n, d, steps, widths = settings.n, settings.d, settings.steps, settings.widths

    def train(m: int, scaled: bool, seed: int) -> tuple[dict, np.ndarray]:
        """A row of the table, and ‖f − y‖²/n at every step."""
        data = generator(job.seed, job.name, "speed", "data", seed)
        inputs, y = unit_rows(data.standard_normal((n, d))), data.standard_normal(n)
        start = generator(job.seed, job.name, "speed", "start", m, seed)
        weights, signs = networks.initialise(m, d, 1.0, False, start)
        eta = settings.eta * (np.sqrt(m / min(widths)) if scaled else 1)
        begun, losses = weights.copy(), []
        active = (inputs @ weights >= 0).astype(float)
        kernel = (inputs @ inputs.T) * (active @ active.T) / m
        stable = 2 / np.linalg.eigvalsh(kernel)[-1]
        if eta > stable:
            raise Refusal(
                f"eta: found {settings.eta:g}, which is {eta:.3g} at m = {m}, expected at most "
                f"{stable:.3g} there: 2/λ_max of the kernel at the start"
            )
        for _ in range(steps):
            entering = inputs @ weights
            residual = np.maximum(entering, 0) @ signs / np.sqrt(m) - y
            losses.append(residual @ residual / n)
            weights -= eta / np.sqrt(m) * signs * (inputs.T @ (residual[:, None] * (entering >= 0)))
        flips = np.mean((inputs @ weights >= 0) != (inputs @ begun >= 0))
        distance = np.linalg.norm(weights - begun, axis=0).max()
        rate = np.log(losses[0] / losses[EARLY]) / EARLY
        row = {"m": m, "scaled": scaled, "seed": seed, "rate": rate, "flips": flips,
               "distance": distance}  # fmt: skip
        return row, np.array(losses)

    # The largest learning rate first: what is too large is refused at once.
    cases = [(m, scaled) for scaled in (True, False) for m in sorted(widths, reverse=True)]
    found = {case: [train(*case, seed) for seed in range(settings.seeds)] for case in cases}
    table = pd.DataFrame([row for runs in found.values() for row, _ in runs])
    files.save_table(job.table, table)
    files.save_table(job.curves, pd.concat([
        pd.DataFrame({"m": m, "scaled": scaled, "step": range(steps),
                      "loss": np.median([losses for _, losses in runs], axis=0)})
        for (m, scaled), runs in found.items()
    ]))  # fmt: skip

    where = f"n = {n}, d = {d}, m = {', '.join(map(str, widths))}, {settings.seeds} seeds"

    def power(key: str, scaled: bool) -> dict:
        own = table[table.scaled == scaled].pivot(index="m", columns="seed", values=key)
        return exponent(own, where, "the loss did not fall")

    save(job.metrics, {
        "flips": power("flips", False), "distance": power("distance", False),
        "rate": power("rate", False), "rate.scaled": power("rate", True),
    })  # fmt: skip


if __name__ == "__main__":
    main()
