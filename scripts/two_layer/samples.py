"""How the error on new points falls with n: the kernel predictor on functions of the sphere.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 6: functions with a bounded
yᵀ(H∞)⁻¹y are learned from O(M_g/ε²) samples. The predictor is h(x)ᵀ(H∞)⁻¹y, the infinitely wide
network trained to the end, on labels y_i = g(x_i) without noise.

Writes `table`: target, n, repetition, `rmse` and `l1`, the root mean square and the mean absolute
error on new points, `size`, the root mean square of g, and `bound`, √(2 yᵀ(H∞)⁻¹y / n) of theorem
5.1 on `l1`; and figures: `<target>.exponent`, that of n in `rmse`, and `of_bound`, the largest `l1`
over its bound.
"""

from pipeline import experiment
from scripts.two_layer.slice import Samples

TARGETS = ["linear", "quadratic5", "sine5", "power3"]  # functions g


@experiment.program(Samples)
def main(settings: Samples, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, kernels, measures, predictions
    from overparam.seeds import generator
    from overparam.two_layer import synthetic, targets
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d = settings.n, settings.d

    def errors(size: int, repetition: int) -> pd.DataFrame:
        """The errors for every target at one draw of the inputs."""
        axes = (job.seed, job.name, "samples", d)
        inputs = synthetic.sphere(size, d, generator(*axes, "inputs", size, repetition))
        new = synthetic.sphere(settings.test_n, d, generator(*axes, "test inputs", repetition))
        drawn = [
            targets.draw(target, d, generator(*axes, "target", target, repetition))
            for target in TARGETS
        ]
        y, new_y = (
            np.column_stack([function.values(x) for function in drawn]) for x in (inputs, new)
        )
        factor = measures.factorise(kernels.relu_gram(inputs))
        predicted = measures.interpolate(factor, kernels.relu_cross_gram(new, inputs), y)
        return pd.DataFrame(
            {
                "target": TARGETS,
                "n": size,
                "repetition": repetition,
                "rmse": np.sqrt(np.mean((predicted - new_y) ** 2, axis=0)),
                "l1": predictions.l1_loss(predicted, new_y),
                "size": np.sqrt(np.mean(new_y**2, axis=0)),
                "bound": measures.complexity(factor, y),
            }
        )

    found = pd.concat(
        errors(size, repetition) for size in n for repetition in range(settings.seeds)
    )
    files.save_table(job.table, found)

    where = f"sphere, d = {d}, n = {min(n)} to {max(n)}"
    figures = {}
    for target, rows in found.groupby("target"):
        wide = rows.pivot(index="n", columns="repetition", values="rmse")
        sizes, values = wide.index.to_numpy(), wide.to_numpy()
        fit, each = fits.power_law(sizes, values), fits.slopes(sizes, values)
        figures[f"{target}.exponent"] = measured(
            fit.exponent, per_seed=each, interval=(fit.low, fit.high), where=where
        )
    shares = (found.l1 / found.bound).groupby(found.repetition).max()
    figures["of_bound"] = measured(shares.max(), per_seed=shares, where=where)
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
