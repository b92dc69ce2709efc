"""How training depends on depth, with skip connections and without.

Source: a talk on Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550): training is accelerated
with more depth. t₁₀ is the time of gradient flow to L* + (L_0 − L*)/10, each network's own L*. gcn,
true labels, float64.

Writes `table`: net (plain, skips), begin (zero, gaussian: see `skips`), H, seed, `t` and `steps` to
a tenth, and `common`, the time to the level of the least depth with skip connections; `curves`: H,
step, `t` and `excess`, (L − L*)/(L_0 − L*), of the first seed's networks with skip connections.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Depth

TENTH = 0.1
GAUSSIAN = 1000  # steps at most where W(0) is Gaussian, and
FEW = 3  # depths there


@experiment.program(Depth)
def main(settings: Depth, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.graph_nets import flow, linear
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    seeds = settings.seeds
    depths, plain_depths = sorted(settings.depths), sorted(settings.plain_depths)
    given = drawn.graphs_of(settings, job)
    z = drawn.smoothed(given, max(depths + plain_depths))
    y = drawn.labels(given, job, seeds, "true")
    # One loss that all networks with skip connections come to, for deeper ones have a lower L*.
    shallow = linear.data(z[:, : depths[0] + 1], y, linear.layers_in_use(depths[0], skips=True))
    common = shallow.least + TENTH * (shallow.square - shallow.least)

    def run(net: str, begin: str, depth: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Times and steps to a tenth, and the first seed's curve."""
        skips = net == "skips"
        data = linear.data(z[:, : depth + 1], y, linear.layers_in_use(depth, skips))
        nets = drawn.start(job, seeds, job.width, (y.shape[1], z.shape[2]), depth, skips)
        nets = nets if begin == "zero" else drawn.speaking(job, nets, data.layers)
        gap = linear.gradient(data, nets)[0] - data.least
        levels = data.least + TENTH * gap
        times, losses = flow.until(
            nets, lambda p: linear.gradient(data, p), levels,
            settings.steps if begin == "zero" else GAUSSIAN,
        )  # fmt: skip
        counted = np.broadcast_to(np.arange(len(times))[:, None], times.shape)
        found = pd.DataFrame({
            "net": net, "begin": begin, "H": depth, "seed": range(seeds),
            "t": flow.arrival(times, losses, levels),
            "steps": flow.arrival(counted, losses, levels),
            "common": flow.arrival(times, losses, common),
        })  # fmt: skip
        excess = ((losses - data.least) / gap)[:, 0]
        curve = pd.DataFrame(
            {"H": depth, "step": counted[:, 0], "t": times[:, 0], "excess": excess}
        )
        return found, curve

    kinds = [("skips", "zero", depth) for depth in depths]
    kinds += [("plain", "zero", depth) for depth in plain_depths]
    kinds += [("skips", "gaussian", depth) for depth in depths[:FEW]]
    runs = {kind: run(*kind) for kind in kinds}
    table = pd.concat([found for found, _ in runs.values()])
    files.save_table(job.table, table)
    files.save_table(job.curves, pd.concat([runs[kind][1] for kind in kinds[: len(depths)]]))

    def of(net: str, begin: str, column: str) -> np.ndarray:
        """(depths, seeds)."""
        own = table[(table.net == net) & (table.begin == begin)]
        return own.pivot(index="H", columns="seed", values=column).to_numpy()

    times, common = of("skips", "zero", "t"), of("skips", "zero", "common")
    plain = of("plain", "zero", "t")
    slower, ordered = plain[-1] / plain[0], (np.diff(of("skips", "gaussian", "t"), axis=0) < 0)
    size = f"H = {', '.join(map(str, depths))}; {seeds} seeds"
    save(job.metrics, {
        "times": measured(np.median(times, axis=1), per_seed=times.T, where=size),
        "level.times": measured(np.median(common, axis=1), per_seed=common.T, where=size),
        "steps": measured(np.median(of("skips", "zero", "steps"), axis=1), where=size),
        "plain.slower": measured(
            np.median(slower), per_seed=slower,
            where=f"H = {plain_depths[0]} and {plain_depths[-1]}, {seeds} seeds",
        ),
        "gaussian": measured(
            ordered.all(axis=0).mean(),
            where=f"H = {', '.join(map(str, depths[:FEW]))}; {GAUSSIAN} steps at most",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
