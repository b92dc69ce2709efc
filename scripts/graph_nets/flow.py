"""Losses along gradient flow beside the theorem's bound.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1: L_T − L* ≤ (L_0 − L*)
exp(−4λ_Tσ²T), λ_T = inf λ_min(P_lᵀP_l) up to T, σ the smallest singular value of the Z_l in use
that is not 0 (which is σ_min where that is not 0). W(0) = 0; gcn; float64.

Writes `table`: H, net (plain, skips), labels, seed, `t`, `excess` and `bound`, both over L_0 − L*,
and `ratio`, ‖∇_W L‖² over 4λ_Tσ²(L − L*), every 20th step and at some before.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Flow

EVERY = 20  # steps from one look to the next,
EARLY = (1, 2, 4, 7, 12)  # and looks before
TENTH = 0.1
ROUNDING = 1e-9  # of ‖Y‖²: L − L* below its negative is a mistake


@experiment.program(Flow)
def main(settings: Flow, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.graph_nets import flow, linear
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    seeds, depths = settings.seeds, sorted(settings.depths)
    given = drawn.graphs_of(settings, job)
    z = drawn.smoothed(given, max(depths))
    kinds = ("true", "random")
    y = np.concatenate([drawn.labels(given, job, seeds, kind) for kind in kinds])
    both = np.concatenate([z, z]) if len(z) > 1 else z

    def follow(depth: int, skips: bool) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
        """What is seen on the way; rises, λ_T over λ_0, and t₁₀ of true labels and its change."""
        data = linear.data(both[:, : depth + 1], y, linear.layers_in_use(depth, skips))
        nets = drawn.start(job, seeds, job.width, (y.shape[1], z.shape[2]), depth, skips)
        nets = [np.concatenate([each, each]) for each in nets]
        gap = data.square - data.least
        first = least = linear.least_eigenvalue(nets, data.layers)
        looks, times, losses = [], [], []
        for state in flow.descend(nets, lambda p: linear.gradient(data, p), settings.steps):
            times.append(state.time)
            losses.append(state.loss)
            if state.step % EVERY and state.step not in EARLY:
                continue
            least = np.minimum(least, linear.least_eigenvalue(state.parameters, data.layers))
            rate, excess = linear.rate(least, data.sigma), state.loss - data.least
            tops = state.slopes[: len(data.layers)]
            wrong = excess < -ROUNDING * data.square
            looks.append(pd.DataFrame({
                "H": depth, "net": "skips" if skips else "plain", "labels": np.repeat(kinds, seeds),
                "seed": [*range(seeds)] * 2, "t": state.time,
                "excess": np.where(wrong, np.inf, excess / gap),
                "bound": np.exp(-rate * state.time),
                "ratio": flow.length(tops) ** 2 / (rate * np.maximum(excess, 0) + 1e-300),
            }))  # fmt: skip
        losses, levels = np.array(losses), data.least + TENTH * gap
        true = slice(seeds)
        arrived = flow.arrival(np.array(times), losses, levels)[true]
        halved = linear.data(z[:, : depth + 1], y[true], data.layers)
        path = flow.until(
            [each[true] for each in nets], lambda p: linear.gradient(halved, p),
            np.where(np.isnan(arrived), np.inf, levels[true]), 2 * settings.steps + EVERY,
            flow.SHARE / 2,
        )  # fmt: skip
        change = flow.arrival(*path, levels[true]) / arrived - 1
        change[np.isnan(arrived)] = np.nan
        return pd.concat(looks), {
            "rise": np.max(np.diff(losses, axis=0) / data.square),
            "kept": (least / first).reshape(2, -1).min(axis=0), "change": np.abs(change),
        }  # fmt: skip

    runs = [follow(depth, skips) for depth in depths for skips in (False, True)]
    table = pd.concat([frame for frame, _ in runs])
    files.save_table(job.table, table)

    def every(key: str) -> np.ndarray:
        """Of each depth and net."""
        return np.array([found[key] for _, found in runs])

    table["worst"] = table.excess / table.bound
    worst = table.groupby("seed").worst.max()
    own = table[(table.net == "plain") & (table.labels == "true") & (table.excess > ROUNDING)]
    ratios = own.groupby(["H", "seed"]).ratio
    changes = every("change")
    size = f"H = {', '.join(map(str, depths))}; {seeds} seeds, {settings.steps} steps"
    there = f"{np.isfinite(changes).sum()} of {changes.size} runs that come to a tenth, {size}"
    kept = every("kept").min(axis=0)
    save(job.metrics, {
        "bound.worst": measured(worst.max(), per_seed=worst, where=size),
        "looseness.least": measured(ratios.min().groupby("H").median(), where=size),
        "looseness.median": measured(ratios.median().groupby("H").median(), where=size),
        "rise": measured(max(every("rise").max(), 0), where=size),
        "halved": measured(np.nanmax(changes), where=there)
        if np.isfinite(changes).any()
        else measured(np.nan, per_seed=[], where=there),
        "lambda.kept": measured(kept.min(), per_seed=kept, where=size),
    })  # fmt: skip


if __name__ == "__main__":
    main()
