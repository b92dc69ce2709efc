"""Norms of products of layers at the start, forward and backward, over all vectors and sparse ones.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), lemma 7.3 and step 1; Zou, Cao, Zhou, Gu 2019
(arXiv 1811.08888), theorem 5.1 (i), (v), (vi), (vii). At the first input. Norms are found by power
iteration, over sparse vectors by truncated power iteration: lower bounds of a maximum. float32.

Writes `table`: m, k, network, `norm` ‖W_b D … W_a‖₂, `law`, and for the fewest and
the most layers `few`, the larger of max ‖Pv‖ and max ‖uᵀP‖ for the largest share of sparse vectors,
and `fewest` for the least; `both`: max uᵀPv/√(s ln m), largest over s; `entry`: max |W_ij| of the
k-th layer; `top`: max of vᵀPa over sparse a, over √(s ln m), largest over s, and `largest`, s = 1;
`first`: ‖W‖₂ of the first layer, at k = 1.
`backward`: m, k, network, d, `norm` ‖B D … W_a‖₂/√(m/d), `law`.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Products

STARTS = 16  # of the search for sparse vectors that are stretched the most; 4 find less


@experiment.program(Products)
def main(settings: Products, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import fits, sampling
    from overparam.deep_relu import inputs, laws, networks, products
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    depth, seeds = settings.depth, settings.seeds
    (points,) = files.load_arrays(job.problem, "inputs")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)

    def sizes(m: int, k: int) -> list[int]:
        """Numbers s of entries of sparse vectors."""
        return sorted({max(1, int(share * m / (k * np.log(m)))) for share in settings.shares})

    def stretch(product: np.ndarray, s: int) -> float:
        """The larger of max ‖Pv‖ and max ‖uᵀP‖ over s-sparse unit vectors, a lower bound."""
        sides = (product, product.T)
        return max(products.sparse_norm(side, s, starts=STARTS) for side in sides)

    def measure(m: int, at: int) -> tuple[list[dict], list[dict]]:
        """One network's rows: products of its square layers, from the second on."""
        rng = generator(job.seed, job.name, "products", m, at)
        drawn = networks.zou([rng], given.shape[1], m, depth + 1, np.float32)
        run = networks.forward(drawn.weights, given)
        square = np.stack([matrix[0] for matrix in drawn.weights[1:]])
        active = np.stack([on[0, 0] for on in run.active[1:]])
        tops = {d: rng.standard_normal((d, m), np.float32) / np.sqrt(d) for d in settings.outputs}
        signs = drawn.top[0, 0]
        rows, backward = [], []
        for k, product in enumerate(products.forward(square, active), 1):
            masked = active[k - 1][:, None] * product
            scale = {s: np.sqrt(s * np.log(m)) for s in sizes(m, k)}
            entries = np.sort(np.abs(signs @ masked))[::-1]
            few, fewest = (
                stretch(product, s) if k in (1, depth) else np.nan for s in (max(scale), min(scale))
            )
            rows.append({
                "m": m, "k": k, "network": at,
                "norm": products.spectral_norm(product, rng), "law": laws.product_norm(k),
                "few": few, "fewest": fewest,
                "both": max(products.sparse_norm(product, s, s) / scale[s] for s in scale)
                * np.sqrt(m),
                "entry": np.abs(square[k - 1]).max(),
                "top": max(np.linalg.norm(entries[:s]) / scale[s] for s in scale),
                "largest": entries[0] / np.sqrt(np.log(m)),
            })  # fmt: skip
            for d, top in tops.items():
                norm = np.linalg.norm(top @ masked, 2) / np.sqrt(m / d)
                law = laws.backward_norm(k, m, d)
                backward.append({"m": m, "k": k, "network": at, "d": d, "norm": norm, "law": law})
        # Last, so that the other searches start where they did.
        rows[0]["first"] = products.spectral_norm(drawn.weights[0][0], rng)
        return rows, backward

    found = [measure(m, at) for m in settings.widths for at in range(seeds)]
    table, backward = (
        pd.DataFrame([row for rows in part for row in rows]) for part in zip(*found, strict=True)
    )
    files.save_table(job.table, table)
    files.save_table(job.backward, backward)

    wide = max(settings.widths)
    own, behind = table[table.m == wide], backward[backward.m == wide]
    typical, one = own.groupby("k").median(), own[own.k == 1].median()
    rectangular = behind[behind.d == max(settings.outputs)].groupby("k").median()
    # Of each network the mean over k: one test, which every number of layers counts in.
    squared = (behind[behind.d == 1].set_index("network").norm ** 2).groupby("network").mean()
    several = own[own.k > 1].pivot(index="k", columns="network", values="norm")
    largest = own.pivot(index="k", columns="network", values="largest")

    size = f"m = {wide}, k = 1 to {depth} layers, {seeds} networks"
    figures = {
        "forward": measured(fits.farthest_from_one(typical.norm / typical.law), where=size),
        "layer": measured(one.norm / laws.product_norm(1), where=f"m = {wide}, {seeds} networks"),
        "first": measured(
            one["first"] / (np.sqrt(2) * (1 + np.sqrt(given.shape[1] / wide))),
            where=f"d = {given.shape[1]}, m = {wide}, {seeds} networks",
        ),
        "sparse": measured(one.few, where=f"k = 1, s = {max(sizes(wide, 1))}, {size}"),
        "sparse.deep": measured(
            typical.few.iloc[-1], where=f"k = {depth}, s = {max(sizes(wide, depth))}, {size}"
        ),
        "sparse.few": measured(one.fewest, where=f"k = 1, s = {min(sizes(wide, 1))}, {size}"),
        "both": measured(typical.both.max(), where=size),
        "entry": measured(
            own.entry.median() / np.sqrt(8 * np.log(wide) / wide), where=f"single layers, {size}"
        ),
        "top": measured(typical.top.max(), where=size),
        "backward": measured(
            sampling.standard_errors(squared.to_numpy(), 1) if len(squared) else np.nan,
            per_seed=None if len(squared) else [], where=f"d = 1, {size}",
        ),
        "backward.wide": measured(
            fits.farthest_from_one((rectangular.norm / rectangular.law).to_numpy()),
            where=f"d = {max(settings.outputs)}, {size}",
        ),
    }  # fmt: skip
    for key, values in (("exponent", several), ("top.exponent", largest)):
        fit = fits.power_law(values.index.to_numpy(), values.to_numpy())
        figures[key] = measured(fit.exponent, interval=(fit.low, fit.high), where=size)
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
