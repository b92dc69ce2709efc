"""Kernel regression on a problem's classes, by depth.

Beyond the sources: Σ^(L) and Θ of ReLU networks with c = 2, σ_b = 0 (Lee, Bahri, Novak, Schoenholz,
Pennington, Sohl-Dickstein 2018 regress on one-hot labels in this way). Labels are 1 for a point's
class and 0 for others, less their mean; `jitter` times the mean of the diagonal is added to it.

Writes `table`: kernel (nngp, ntk), depth L, `error`, the share of test points whose largest output
is another class's.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Accuracy

KINDS = ("nngp", "ntk")


@experiment.program(Accuracy)
def main(settings: Accuracy, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd
    from scipy.linalg import cho_factor, cho_solve

    from overparam.infinite_width import dense
    from pipeline import files
    from pipeline.metrics import measured, save

    names = ("inputs", "classes", "test_inputs", "test_classes")
    x, classes, new, wanted = files.load_arrays(job.problem, *names)
    x, classes = x[: settings.n], classes[: settings.n]
    known, at = np.unique(classes, return_inverse=True)
    one_hot = np.eye(len(known))[at]
    mean = one_hot.mean(axis=0)
    network = dense.Dense("relu", gain=2.0)

    def error(kernel: np.ndarray, across: np.ndarray) -> float:
        """The share of wrong test points; the kernel's memory is used again."""
        kernel.flat[:: len(kernel) + 1] += settings.jitter * kernel.diagonal().mean()
        factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        outputs = across @ cho_solve(factor, one_hot - mean, check_finite=False) + mean
        return float(np.mean(known[outputs.argmax(axis=1)] != wanted))

    rows = []
    for depth in settings.depths:
        # A pass for each depth: all depths of 10 000 points together would be 6 GB.
        both = [(depth, kind) for kind in KINDS]
        kernels = dense.grams(x, None, network, both)
        across = dense.grams(new, x, network, both)
        for each in both:
            rows.append({"kernel": each[1], "depth": depth,
                         "error": error(kernels.pop(each), across.pop(each))})  # fmt: skip
    table = pd.DataFrame(rows)
    files.save_table(job.table, table)

    errors = table.groupby("kernel").error
    spread = (errors.max() - errors.min()).max()
    size = f"n = {len(x)}, {len(known)} classes, L = {', '.join(map(str, settings.depths))}"
    save(job.metrics, {
        "error": measured(table.error.min(), where=f"{len(wanted)} test points, {size}"),
        "spread": measured(spread, where=f"{len(wanted)} test points, {size}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
