"""The least eigenvalue of the limits' last layer kernel, by depth.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), theorems 5.1 and 6.1, whose widths grow
with 1/λ_min(K^(H)), and the proposition that it is positive. No network is drawn.

Writes `table`: net (dense, residual), activation, H, `least` and `largest` eigenvalue of K^(H), no
number where it is within rounding of 0; residual networks with c_res = 1, from H = 2 on.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Definiteness

SMOOTH = ("softplus", "sigmoid", "erf", "tanh")
MEAN, ODD = "softplus", ("erf", "tanh")
ROUNDED = 100  # times the rounding of λ_max, below which λ_min is not known


@experiment.program(Definiteness)
def main(settings: Definiteness, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.infinite_width import activations, dense, moments, residual
    from pipeline import files
    from pipeline.metrics import measured, save

    (points,) = files.load_arrays(job.problem, "inputs")
    x = points[: settings.n]
    moments.check_rows(x)
    n, depths = len(x), sorted(settings.depths)

    def row(net: str, name: str, depth: int, gram: np.ndarray) -> dict:
        values = np.linalg.eigvalsh(gram)
        return {"net": net, "activation": name, "H": depth,
                "least": values[0], "largest": values[-1]}  # fmt: skip

    rows = []
    for name in SMOOTH:
        gain = activations.c_sigma(name)
        network = dense.Dense(name, gain=gain)
        found = dense.grams(x, None, network, [(depth, "last") for depth in {*depths, 2}])
        rows += [row("dense", name, depth, gram) for (depth, _), gram in sorted(found.items())]
        for depth in (each for each in depths if each >= 2):
            kind = residual.Residual(name, depth, gain=gain)
            rows.append(row("residual", name, depth, residual.grams(x, None, kind)["last"]))
    table = pd.DataFrame(rows)
    two = table[(table.net == "dense") & (table["H"] == 2)]
    analytic = (two.least / two.largest).min()
    # What rounding may have made counts as unknown: log(NaN) is NaN, and so is its slope.
    known = table.least > ROUNDED * n * np.finfo(float).eps * table.largest
    table["least"] = table.least.where(known)
    files.save_table(job.table, table)

    def of(net: str, name: str) -> pd.Series:
        chosen = table[(table.net == net) & (table.activation == name) & table.H.isin(depths)]
        return chosen.set_index("H").least

    def slope(name: str) -> float:
        least = of("dense", name)
        return fits.slope(least.index.to_numpy(), np.log(least.to_numpy()))

    flat = of("residual", MEAN)
    flat = flat * flat.index.to_numpy() ** 2
    size = f"n = {n}, H = {', '.join(map(str, depths))}"

    def said(value: float, where: str) -> dict:
        """A figure, or that rounding hides it."""
        if np.isnan(value):
            return measured(np.nan, per_seed=[], where=f"λ_min below rounding, {where}")
        return measured(value, where=where)

    save(job.metrics, {
        "fc.slope": said(slope(MEAN), f"{MEAN}, {size}"),
        "odd.slope": said(np.min([slope(name) for name in ODD]), f"{', '.join(ODD)}, {size}"),
        "residual.ratio": said(
            flat.max() / flat.min() if flat.notna().all() else np.nan, f"{MEAN}, {size}"
        ),
        "analytic": measured(analytic, where=f"n = {n}, H = 2"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
