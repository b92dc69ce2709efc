"""How much faster networks with skip connections are.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550): training is accelerated
with skip connections. Both networks begin with the same B and are timed, in the time of gradient
flow, to one loss: L* + (L_0 − L*)/10 of the plain one, whose L* is the larger. Where W(0) has
entries N(0, 1) they do not begin at one loss: each is timed to a tenth of its own. gcn, true
labels, float64.

Writes `table`: begin (zero, W(0) = 0; gaussian), H, seed, the times `plain` and `skips`, and their
`ratio`. Of a run that ended before, the last time counts: where W(0) = 0 that of a plain one, where
it is Gaussian that of one with skip connections.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Skips

TENTH = 0.1
GAUSSIAN = 1000  # steps at most where W(0) is Gaussian


@experiment.program(Skips)
def main(settings: Skips, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.graph_nets import flow, linear
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    seeds, depths = settings.seeds, sorted(settings.depths)
    given = drawn.graphs_of(settings, job)
    z, y = drawn.smoothed(given, max(depths)), drawn.labels(given, job, seeds, "true")

    def times(depth: int, begin: str) -> pd.DataFrame:
        zero, found, levels = begin == "zero", {}, np.zeros(seeds)
        for net, skips in (("plain", False), ("skips", True)):
            data = linear.data(z[:, : depth + 1], y, linear.layers_in_use(depth, skips))
            nets = drawn.start(job, seeds, job.width, (y.shape[1], z.shape[2]), depth, skips)
            nets = nets if zero else drawn.speaking(job, nets, data.layers)

            def gradient(p: linear.Parameters, data: linear.Data = data) -> tuple:
                return linear.gradient(data, p)

            if net == "plain" or not zero:
                levels = data.least + TENTH * (gradient(nets)[0] - data.least)
            path = flow.until(nets, gradient, levels, settings.steps if zero else GAUSSIAN)
            found[net] = flow.arrival(*path, levels)
            # A ratio of what ended before is a bound: from above where that is the plain one.
            if net == ("plain" if zero else "skips"):
                found[net] = np.where(np.isnan(found[net]), path[0][-1], found[net])
        return pd.DataFrame({"begin": begin, "H": depth, "seed": range(seeds), **found})

    table = pd.concat([times(depth, begin) for begin in ("zero", "gaussian") for depth in depths])
    table["ratio"] = table.skips / table.plain
    files.save_table(job.table, table)

    ratios = {
        begin: own.pivot(index="H", columns="seed", values="ratio").to_numpy()
        for begin, own in table.groupby("begin")
    }
    medians = np.median(ratios["zero"], axis=1)
    size = f"H = {', '.join(map(str, depths))}; {seeds} seeds"

    save(job.metrics, {
        # NaN, a run that did not come to the level, counts.
        "ratio.worst": measured(
            ratios["zero"].max(), per_seed=ratios["zero"].max(axis=0), where=size
        ),
        "ratio.first": measured(medians[0], per_seed=ratios["zero"][0], where=f"H = {depths[0]}"),
        "ratio.deeper": measured(medians[1:].max(), where=f"largest median, {size}"),
        "gaussian": measured(
            np.nanmedian(ratios["gaussian"], axis=1),
            where=f"{size}; lower bounds where {GAUSSIAN} steps were too few",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
