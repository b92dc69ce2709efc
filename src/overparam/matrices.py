"""What is asked of a Gram matrix beside its spectrum: its inverse's norm, its least eigenvalue.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma 5.3 and theorem 6.1.
"""

import numpy as np
import scipy.linalg

# Why H∞ can be singular, and what to do: what `points.irregular` finds, and what comes close to it.
SINGULAR = (
    "inputs that are parallel or nearly so, or more pairs of opposite inputs than dimensions, make "
    "it singular; set the data set's 'degenerate: drop' or, if it is set, remove inputs that "
    "nearly agree"
)


def inverse_norm(factor: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """√(yᵀ(H∞)⁻¹y), a norm of y, for each column: factor (n, n), labels (n, q) give (q,).

    factor: Cholesky, from `measures.factorise`. The distance that the weights of an infinitely wide
    network travel (lemma 5.3), and what theorem 6.1 bounds; the complexity measure is √(2/n) times
    it.
    """
    return np.linalg.norm(scipy.linalg.solve_triangular(factor, labels, lower=True), axis=0)


def least_eigenvalue(gram: np.ndarray) -> float:
    """λ_min of a symmetric matrix (n, n), however small: what `spectra.decompose` would refuse."""
    return float(scipy.linalg.eigvalsh(gram, subset_by_index=[0, 0])[0])
