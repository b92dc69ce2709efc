"""A gradient step of several networks side by side, in one pass over their weights."""

import numpy as np
from scipy.linalg import get_blas_funcs


def descend(
    weights: np.ndarray, above: np.ndarray, below: np.ndarray, eta: np.ndarray | float
) -> None:
    """W ← W − η Σ_i above_i below_iᵀ of each network, in place; no gradient is formed.

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
