"""Gram matrix H∞ of the problem's kernel on the training inputs.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3), unless settings name another:
H_ij = x_iᵀx_j (π − arccos x_iᵀx_j) / 2π, in float64, diagonal exactly ½.

Reads a prepared problem, writes one (n, n) float64 array.
"""

from typing import Any

from pipeline import cli
from pipeline.settings import Kernel, options


@cli.program
@cli.option("--problem", type=cli.InputFile(), required=True, help="Prepared problem, .npz.")
@options(Kernel)
@cli.option("--gram", type=cli.OutputFile(), required=True, help="H∞, (n, n) float64, .npy.")
def main(problem: str, gram: str, **kernel: Any) -> None:
    from overparam import deep_kernels
    from pipeline import files

    (inputs,) = files.load_arrays(problem, "inputs")
    files.save_array(gram, deep_kernels.gram(inputs, deep_kernels.Kernel(**kernel)))


if __name__ == "__main__":
    main()
