"""The complexity measure and the kernel predictor against the portion of random labels.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1 and figure 2:
C = √(2 yᵀ(H∞)⁻¹y / n), by Cholesky, with 4 tr H/n for the 2 of another kernel; the kernel predictor
is h(x)ᵀ(H∞)⁻¹y. Training *and* test labels are noised, each from draws of its own.

Writes `expected`, a table split, portion, complexity: the root of E[C(p)²] without sampling;
`sampled`, a table split, portion, draw, complexity, test 0–1 error and ℓ₁ loss of the kernel
predictor, and clipped, the mean of min(|f − y|, 1): theorem 5.1 speaks of losses in [0, 1]. A split
is a draw of the points.
"""

from typing import Any

from pipeline import cli
from pipeline.settings import Kernel, options


@cli.program
@cli.option("--problem", type=cli.InputFile(), multiple=True, required=True, help="By split, .npz.")
@cli.option(
    "--gram", type=cli.InputFile(), multiple=True, required=True, help="H∞ by split, (n, n), .npy."
)
@cli.option("--name", required=True, help="Name of the problem, an axis of every seed.")
@cli.option("--noise", type=float, multiple=True, required=True, help="A portion p; repeatable.")
@cli.option("--draws", type=cli.count(), required=True, help="Draws of labels for each portion.")
@options(Kernel)
@cli.option("--seed", type=int, required=True, help="Master seed of the run.")
@cli.option("--expected", type=cli.OutputFile(), required=True, help="Expectations, .csv.")
@cli.option("--sampled", type=cli.OutputFile(), required=True, help="Sampled values, .csv.")
def main(
    problem: tuple[str, ...], gram: tuple[str, ...], name: str, noise: tuple[float, ...],
    draws: int, seed: int, expected: str, sampled: str, **kernel: Any,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam import deep_kernels, labels, measures, predictions
    from pipeline import files

    own = deep_kernels.Kernel(**kernel)
    labellings = [(p, draw) for p in noise for draw in range(draws if p > 0 else 1)]

    def measure(split: int, problem: str, gram: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The expectations and the sampled values of one split."""
        points = files.load_arrays(problem, "inputs", "labels", "test_inputs", "test_labels")
        inputs, true, test_inputs, true_test = points
        n, least = len(true), np.empty(0)  # no portion of random labels needs v_min
        drawn = [
            labels.draw(f"noise{p}", true, true_test, least, seed, f"{name}-{split}", draw)
            for p, draw in labellings
        ]
        train = np.column_stack([true, *(side[0] for side in drawn)])
        test = np.column_stack([side[1] for side in drawn])

        matrix = files.load_array(gram)
        scale = measures.scale(matrix)
        factor = measures.factorise(matrix)
        complexity = measures.complexity(factor, train, scale)
        cross = deep_kernels.cross_gram(test_inputs, inputs, own)
        predicted = measures.interpolate(factor, cross, train[:, 1:])
        trace = measures.inverse_trace(factor)  # last: it overwrites the factor
        root = measures.expected_complexity(complexity[0], trace, n, np.array(noise), scale)
        columns = {
            "complexity": complexity[1:],
            "error": predictions.zero_one_error(predicted, test),
            "l1": predictions.l1_loss(predicted, test),
            "clipped": np.mean(np.minimum(np.abs(predicted - test), 1), axis=0),
        }
        table = pd.DataFrame(labellings, columns=["portion", "draw"]).assign(**columns)
        analytic = pd.DataFrame({"portion": noise, "complexity": root})
        return analytic.assign(split=split), table.assign(split=split)

    # One split after the other: memory holds one Gram matrix.
    pairs = zip(problem, gram, strict=True)
    measured = [measure(split, *files_of) for split, files_of in enumerate(pairs)]
    for path, tables in zip((expected, sampled), zip(*measured, strict=True), strict=True):
        table = pd.concat(tables, ignore_index=True)
        files.save_table(path, table[["split", *table.columns.drop("split")]])


if __name__ == "__main__":
    main()
