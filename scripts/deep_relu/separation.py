"""How near two inputs come to each other with depth, and which ReLUs tell them apart.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), separateness of h_l; Zou, Cao, Zhou, Gu 2019
(arXiv 1811.08888), theorem 5.1 (ii), (viii). Each input has a partner at every distance δ, in a
direction drawn at random. Distances are of hidden vectors scaled to length 1. float32.

Writes `table`: m, delta, layer, network, the median `ratio` δ_l/δ over pairs, the least, and `law`;
`apart` and `printed`: shares of ReLUs of the layer above with a large gradient, with labels and
without.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Separation

LARGE = 0.5  # of a gradient, in units of a hidden vector's length
CLOSE = 0.3  # φ up to which shares are held to θ/π
BELOW = (0, 2)  # layers below the ReLUs that are counted


@experiment.program(Separation)
def main(settings: Separation, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits
    from overparam.deep_relu import inputs, laws, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    depth, deltas, seeds = settings.depth, settings.deltas, settings.seeds
    (points,) = files.load_arrays(job.problem, "inputs")
    given = inputs.lifted(points[: settings.n])
    n = len(given)
    partners = [
        inputs.partners(given, delta, generator(job.seed, job.name, "separation", f"{delta:g}"))
        for delta in deltas
    ]
    every = np.concatenate([given, *partners]).astype(np.float32)

    def measure(m: int, at: int) -> pd.DataFrame:
        """One network's rows; what its pairs have above the last layer goes to `ends`."""
        rngs = [generator(job.seed, job.name, "separation", m, at)]
        run = networks.forward(
            networks.zou(rngs, every.shape[1], m, depth, np.float32).weights, every
        )
        return pd.concat([layer(run, below, m, at) for below in range(depth + 1)])

    def layer(run: networks.Pass, below: int, m: int, at: int) -> pd.DataFrame:
        """Distances above so many layers, and shares of the ReLUs of the next."""
        hidden = run.hidden[below][0]
        unit = (hidden / np.linalg.norm(hidden, axis=1, keepdims=True)).reshape(
            -1, n, hidden.shape[1]
        )
        apart = np.linalg.norm(unit[1:] - unit[0], axis=2) / np.array(deltas)[:, None]
        if below == depth:
            ends[m].append(np.log(apart[np.argmin(deltas)]))
        shares = np.full((2, len(deltas)), np.nan)
        if below in BELOW:
            active = run.active[below][0].reshape(-1, n, m)
            cosines = np.einsum("dnm,nm->dn", unit[1:], unit[0])
            shares = [large(active, cosines, sign) for sign in (-1, 1)]
        return pd.DataFrame({
            "m": m, "delta": deltas, "layer": below, "network": at,
            "ratio": np.median(apart, axis=1), "least": apart.min(axis=1),
            "apart": shares[0], "printed": shares[1],
        })  # fmt: skip

    def large(active: np.ndarray, cosines: np.ndarray, sign: int) -> np.ndarray:
        """Share of ReLUs whose ‖σ'₁x₁ ± σ'₂x₂‖ is large, mean over pairs: (distances,)."""
        one, other = active[0], active[1:]
        both = np.sqrt(2 + sign * 2 * cosines)[:, :, None]
        length = np.where(one & other, both, (one | other).astype(float))
        return np.mean(length >= LARGE, axis=(1, 2))

    ends: dict[int, list[np.ndarray]] = {m: [] for m in settings.widths}
    table = pd.concat([measure(m, at) for m in settings.widths for at in range(seeds)])
    law = np.vstack([deltas, laws.separation(np.array(deltas), depth)]) / np.array(deltas)
    column = {delta: at for at, delta in enumerate(deltas)}
    table["law"] = [law[row.layer, column[row.delta]] for row in table.itertuples()]
    files.save_table(job.table, table)

    hidden = table[table.layer > 0]
    typical = hidden.groupby(["m", "delta", "layer"])[["ratio", "law"]].median().reset_index()
    over = (typical.ratio / typical.law).to_numpy()
    crossed = typical.delta * typical.layer / np.pi
    kept, sharp = typical[crossed <= 3], typical[crossed <= 2]
    short = hidden[hidden.delta <= 1.5 * np.pi / depth]
    deep = typical[(typical.delta == max(deltas)) & (typical.layer == depth)]
    # The angle that the recursion gives in the layer below; a chord is 2 sin θ/2.
    counted = table[table.layer.isin(BELOW)]
    near = counted[counted.delta <= CLOSE]
    angle = 2 * np.arcsin(near.law * near.delta / 2)
    share = (near["apart"] * np.pi / angle).groupby([near.m, near.delta, near.layer]).mean()

    scatter = [
        np.sqrt(np.var(ends[m], axis=0, ddof=1).mean()) / laws.separation_scatter(depth, m)
        for m in settings.widths
    ]

    size = f"m = {', '.join(map(str, settings.widths))}, {n} pairs, {seeds} networks"

    def found(value: float, empty: bool, where: str) -> dict:
        return measured(np.nan if empty else value, per_seed=[] if empty else None, where=where)

    save(job.metrics, {
        "recursion": measured(
            fits.farthest_from_one(over), where=f"{size}, δ = {deltas}, {depth} layers"
        ),
        "scatter": measured(
            fits.farthest_from_one(scatter),
            where=f"{size}, δ = {min(deltas)}, layer {depth}",
        ),
        "half": found(kept.ratio.min(), kept.empty, f"{size}, δl ≤ 3π"),
        "half.sharp": found(sharp.ratio.min(), sharp.empty, f"{size}, δl ≤ 2π"),
        "every": found(short.least.min(), short.empty, f"{size}, φ ≤ 3π/2L, L = {depth}"),
        "deep": measured(deep.ratio.min(), where=f"{size}, δ = {max(deltas)}, layer {depth}"),
        "nodes.printed": measured(counted.printed.min(), where=size),
        "nodes": found(fits.farthest_from_one(share), near.empty, f"{size}, φ ≤ {CLOSE}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
