"""How far the tangent kernel scatters over networks at the start, by depth and width.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), the section on neural kernels: K(x, x) at the
first input over the trained layers, one output. float32.

Writes `table`: depth, m, network, `log_kernel`, ln of 2K(x, x)/(mL), and `law`, the standard
deviation that it has for L ≪ m.
"""

from pipeline import experiment
from scripts.deep_relu.slice import KernelMap

SHALLOW = 1 / 8  # L/m up to which the law, of first order in it, counts


@experiment.program(KernelMap)
def main(settings: KernelMap, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.deep_relu import inputs, laws, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    seeds = settings.seeds
    (points,) = files.load_arrays(job.problem, "inputs")
    given = inputs.lifted(points[:1]).astype(np.float32)

    def kernels(depth: int, m: int) -> np.ndarray:
        """K(x, x) of each network, (seeds,)."""
        found = []
        for chosen in networks.blocks(seeds, given.shape[1], m, depth, np.float32):
            rngs = [generator(job.seed, job.name, "kernel_map", depth, m, at) for at in chosen]
            drawn = networks.allen_zhu(rngs, given.shape[1], m, depth, dtype=np.float32)
            run = networks.forward(drawn.weights, given)
            back = networks.backward(drawn.weights, run.active, drawn.top)
            found.append(networks.tangent_kernel(run, back, drawn.fixed)[:, 0, 0])
        return np.concatenate(found)

    table = pd.concat([
        pd.DataFrame({
            "depth": depth, "m": m, "network": range(seeds),
            "log_kernel": np.log(2 * kernels(depth, m) / (m * depth)),
            "law": laws.kernel_scatter(depth, m),
        })
        for depth in settings.depths for m in settings.widths
    ])  # fmt: skip
    files.save_table(job.table, table)

    cells = table.groupby(["depth", "m"]).agg({"log_kernel": "std", "law": "first"}).reset_index()
    cells = cells[cells.depth <= SHALLOW * cells.m]
    ratios = np.sqrt(((cells.log_kernel / cells.law) ** 2).groupby(cells.depth).mean()).to_numpy()
    where = (
        f"m = {', '.join(map(str, settings.widths))}, L = {', '.join(map(str, settings.depths))}, "
        f"L/m ≤ {SHALLOW:g}, {seeds} networks"
    )
    save(job.metrics, {
        "scatter": measured(ratios[np.argmax(np.abs(np.log(ratios)))], where=where)
        if len(ratios) else measured(np.nan, per_seed=[], where=f"no such shape, {where}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
