"""Lengths of hidden vectors, outputs and ReLUs near zero at the start, by depth and width.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), lemma 7.1; Zou, Cao, Zhou, Gu 2019 (arXiv
1811.08888), theorem 5.1 (i), (iii), (iv). Up to the outputs both draw the same networks; layer 1 is
the first above the inputs. float32.

Writes `table`: m, layer, seed, `log_norm`, ln ‖h‖² of the first input, and `output`, f/‖h‖ of it
if the network ended there, half of its output weights 1 and half −1; `near_zero`: m, beta (times
√m), the mean count of ReLUs in layer 1 within ±β and the largest of all layers, over 2m^{3/2}β.
"""

from pipeline import experiment
from scripts.deep_relu.slice import Norms

EPSILON = 0.1  # how far a length may be off, in lemma 7.1
RESAMPLES = 1000
COUNTED = 0.1  # β√m from which counts are many, or bounded
WIDE = 512  # and the width


@experiment.program(Norms)
def main(settings: Norms, job: experiment.Job) -> None:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from overparam import fits, sampling
    from overparam.deep_relu import inputs, laws, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    widths, depth, seeds = settings.widths, settings.depth, settings.seeds
    betas = np.array(settings.betas)
    (points,) = files.load_arrays(job.problem, "inputs")
    given = inputs.lifted(points[: settings.n]).astype(np.float32)
    n = len(given)

    def drawn(m: int) -> Iterator[tuple[networks.Networks, networks.Pass]]:
        """Networks of some seeds at a time, and what they make of the inputs."""
        for chosen in networks.blocks(seeds, given.shape[1], m, depth - 1, np.float32):
            rngs = [generator(job.seed, job.name, "norms", m, at) for at in chosen]
            nets = networks.zou(rngs, given.shape[1], m, depth, np.float32)
            yield nets, networks.forward(nets.weights, given)

    def measure(m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """ln ‖h‖² and f/‖h‖, each (layers, seeds, n), and ReLUs within ±β over 2m^{3/2}β,
        (layers, betas, seeds, n)."""
        found = []
        for nets, run in drawn(m):
            hidden = np.stack(run.hidden[1:])
            lengths = np.linalg.norm(hidden, axis=3)
            # A network that ended at an earlier layer would have output weights of the same law.
            outputs = np.einsum("lsnm,sm->lsn", hidden, nets.top[:, 0]) / lengths
            nearest = np.abs(np.stack(run.before))[:, None] * np.sqrt(m)
            near = np.sum(nearest <= betas[:, None, None, None], axis=4)
            found.append((2 * np.log(lengths), outputs, near))
        norms, outputs, near = (
            np.concatenate(parts, axis=-2) for parts in zip(*found, strict=True)
        )
        return norms, outputs, near / (2 * m * betas[:, None, None])

    norms, outputs, near = (
        dict(zip(widths, found, strict=True)) for found in zip(*map(measure, widths), strict=True)
    )
    files.save_table(job.table, pd.concat([
        pd.DataFrame({
            "m": m, "layer": layer, "seed": range(seeds),
            "log_norm": norms[m][layer - 1, :, 0], "output": outputs[m][layer - 1, :, 0],
        })
        for m in widths for layer in range(1, depth + 1)
    ]))  # fmt: skip
    counts = pd.DataFrame([
        {"m": m, "beta": beta, "mean": near[m][0, at].mean(), "largest": near[m][:, at].max(),
         "law": laws.near_zero(beta / np.sqrt(m), m)}
        for m in widths for at, beta in enumerate(betas)
    ])  # fmt: skip
    files.save_table(job.near_zero, counts)

    def exponent(sizes: list[int], logs: np.ndarray, where: str) -> dict:
        """Of the standard deviation over networks of ln ‖h‖², (sizes, seeds); networks are drawn
        again for the interval."""
        if len(sizes) < 2:
            return measured(np.nan, per_seed=[], where=f"one size, {where}")
        again = generator(0, "norms", "bootstrap", seeds).integers(seeds, size=(RESAMPLES, seeds))
        found = fits.slopes(np.array(sizes), logs.std(axis=1)[:, None])
        drawn_again = fits.slopes(np.array(sizes), logs[:, again].std(axis=2))
        return measured(found[0], interval=np.percentile(drawn_again, [2.5, 97.5]), where=where)

    def scatter(m: int, layer: int) -> float:
        """How far the standard deviation of f/‖h‖ is from its law, in standard errors."""
        found = outputs[m][layer - 1, :, 0].std(ddof=1) / np.sqrt(laws.SHARE)
        return abs(found - 1) * np.sqrt(2 * seeds)

    wide, layers = max(widths), [*range(1, depth + 1)]
    squares = [outputs[m][..., 0] ** 2 / laws.output_square(m) for m in widths]
    last = {m: norms[m][-1, :, 0] for m in widths}
    expected = {m: laws.log_norm(depth, m) for m in widths}
    off = np.any(np.abs(np.exp(norms[wide] / 2) - 1) > EPSILON, axis=(0, 2))
    bound = np.sqrt(laws.SHARE * 2 * np.log(n))
    largest = [np.median(np.abs(outputs[m][-1]).max(axis=1)) / bound for m in widths]
    many = counts[counts.beta >= COUNTED]
    held = many[many.m >= WIDE]
    tiny = counts[(counts.m == min(widths)) & (counts.beta == min(betas))]
    size = f"{n} inputs, {depth} ReLU layers, {seeds} networks"
    every = f"m = {', '.join(map(str, widths))}; {size}"
    save(job.metrics, {
        "spread": measured(
            fits.farthest_from_one([last[m].std(ddof=1) / expected[m][1] for m in widths]),
            where=every,
        ),
        "mean": measured(
            max(sampling.standard_errors(last[m], expected[m][0]) for m in widths), where=every
        ),
        "lemma": measured(
            wide * EPSILON**2 / depth / np.log(n * depth), where=f"m = {wide}, {size}"
        ),
        "outside": measured(off.mean(), where=f"m = {wide}, ε = {EPSILON}, {size}"),
        "width": exponent(widths, np.stack([last[m] for m in widths]), every),
        "depth": exponent(layers, norms[wide][..., 0], f"m = {wide}, {size}"),
        "output": measured(
            max(scatter(m, layer) for m in widths for layer in (1, depth // 2, depth)),
            where=f"layers 1, {depth // 2}, {depth}; {every}",
        ),
        "output.all": measured(
            sampling.standard_errors(np.concatenate(squares, axis=None), 1), where=every
        ),
        "largest": measured(max(largest), where=every),
        "near": measured(fits.farthest_from_one((many["mean"] / many.law).to_numpy()), where=every),
        "near.largest": measured(held.largest.max(), where=every) if len(held) else measured(
            np.nan, per_seed=[], where=f"no width of {WIDE} or more, {every}"
        ),
        "near.tiny": measured(
            tiny.largest.max(), where=f"m = {min(widths)}, β√m = {min(betas)}, {size}"
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
