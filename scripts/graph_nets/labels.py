"""How much faster true labels are learnt than random ones.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550): training is accelerated
with a good label distribution, labels that are more correlated to features. Random labels are the
true ones permuted, so that counts stay. t₁₀ is the time of gradient flow to L* + (L_0 − L*)/10,
each labelling's own L*, without skip connections. gcn, float64.

Writes `table`: begin (zero, gaussian: see `skips`), H, seed, times `true` and `random`, the latter
the last of a run that ended before, and `ratio`; `curves`: H, labels, seed, t and `excess`, (L −
L*)/(L_0 − L*), of some steps.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Labels

TENTH = 0.1
SHOWN = 200  # steps of a curve


@experiment.program(Labels)
def main(settings: Labels, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.graph_nets import flow, linear
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    seeds, depths = settings.seeds, sorted(settings.depths)
    given = drawn.graphs_of(settings, job)
    z = drawn.smoothed(given, max(depths))

    def run(begin: str, depth: int, kind: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
        """Times to a tenth and at the end, (seeds,), and curves."""
        y = drawn.labels(given, job, seeds, kind)
        data = linear.data(z[:, : depth + 1], y, (depth,))
        nets = drawn.start(job, seeds, job.width, (y.shape[1], z.shape[2]), depth, skips=False)
        nets = nets if begin == "zero" else drawn.speaking(job, nets, data.layers)
        gap = linear.gradient(data, nets)[0] - data.least
        levels = data.least + TENTH * gap
        times, losses = flow.until(nets, lambda p: linear.gradient(data, p), levels, settings.steps)
        some = np.unique(np.geomspace(1, len(times), SHOWN).astype(int)) - 1
        excess = (losses - data.least) / gap
        curves = pd.concat([
            pd.DataFrame({"H": depth, "labels": kind, "seed": seed, "t": times[some, seed],
                          "excess": excess[some, seed]})
            for seed in range(seeds)
        ])  # fmt: skip
        return flow.arrival(times, losses, levels), times[-1], curves

    rows, curves = [], []
    for begin in ("zero", "gaussian"):
        for depth in depths:
            (true, _, known), (found, last, other) = (
                run(begin, depth, kind) for kind in ("true", "random")
            )
            ended = np.isnan(found)
            slow = np.where(ended, last, found)
            rows.append(pd.DataFrame({
                "begin": begin, "H": depth, "seed": range(seeds), "true": true, "random": slow,
                "ended": ended, "ratio": slow / true,
            }))  # fmt: skip
            curves += [known, other] if begin == "zero" else []
    table = pd.concat(rows)
    files.save_table(job.table, table)
    files.save_table(job.curves, pd.concat(curves))

    def least(begin: str, depth: int) -> dict:
        own = table[(table.begin == begin) & (depth == table.H)]
        where = f"H = {depth}, {seeds} seeds; {own.ended.sum()} of them a lower bound"
        return measured(own.ratio.min(skipna=False), per_seed=own.ratio, where=where)

    save(job.metrics, {
        "ratio.first": least("zero", depths[0]),
        "ratio.second": least("zero", depths[1]),
        "gaussian": least("gaussian", depths[0]),
    })  # fmt: skip


if __name__ == "__main__":
    main()
