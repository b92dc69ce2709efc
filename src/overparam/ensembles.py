"""Several networks side by side: their weights drawn, in blocks, and a step of all of them."""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import get_blas_funcs


def blocks(count: int, size: int) -> list[range]:
    """The numbers 0 … count − 1, at most `size` at a time."""
    return [range(count)[first : first + size] for first in range(0, count, size)]


def normal(
    rngs: Sequence[np.random.Generator], shape: tuple[int, ...], deviation: float, dtype: type
) -> np.ndarray:
    """Independent N(0, deviation²) of a shape for each generator: (S, *shape)."""
    drawn: np.ndarray = np.empty((len(rngs), *shape), dtype)
    for rng, each in zip(rngs, drawn, strict=True):
        rng.standard_normal(dtype=drawn.dtype.type, out=each)
    drawn *= drawn.dtype.type(deviation)
    return drawn


def descend(
    weights: np.ndarray, above: np.ndarray, below: np.ndarray, eta: np.ndarray | float
) -> None:
    """W ← W − η Σ_i above_i below_iᵀ of each network, in one pass over W; no gradient is formed.

    weights: (S, rows, columns). above: derivatives of the loss by what enters the layer, (S, n,
        rows). below: what the layer takes, (S, n, columns), or (1, n, columns) if networks share
        it. eta: learning rates, (S,), or one number.
    """
    (product,) = get_blas_funcs(("gemm",), (weights,))
    for at, rate in enumerate(np.broadcast_to(eta, len(weights))):
        # BLAS has matrices by columns: Wᵀ and the like are what it changes without a copy.
        product(
            -rate, below[at if len(below) > 1 else 0].T, above[at].T, beta=1, c=weights[at].T,
            trans_b=True, overwrite_c=True,
        )  # fmt: skip
