"""What LAPACK finds of a Gram matrix: its spectrum, its inverse's norm, its least eigenvalue.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 4, lemma 5.3 and theorem 6.1.
"""

import numpy as np
import scipy.linalg

from overparam.errors import Refusal

# Why H∞ can be singular, and what to do: what `points.irregular` finds, and what comes close to it.
SINGULAR = (
    "inputs that are parallel or nearly so, or more pairs of opposite inputs than dimensions, make "
    "it singular; set the data set's 'degenerate: drop' or, if it is set, remove inputs that "
    "nearly agree"
)


def decompose(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a symmetric matrix, largest eigenvalue first.

    gram: (n, n) float64, symmetric; **overwritten** by the eigenvectors, so that the peak memory
        is the matrix and LAPACK's workspace of two more.

    Returns eigenvalues (n,) descending and eigenvectors (n, n), whose *row* i is v_i.
    Raises Refusal if the matrix holds a value that is not finite, or is singular: its smallest
    eigenvalue is not above n · machine epsilon · λ_max.
    """
    if not np.isfinite(gram).all():
        raise Refusal(
            "Gram matrix: found a value that is not finite, expected numbers: check the inputs "
            "for NaN or zero rows"
        )
    # LAPACK works on columns: handing it the transpose (equal, same memory) avoids a copy.
    ascending, columns = scipy.linalg.eigh(
        gram.T, overwrite_a=True, check_finite=False, driver="evd"
    )
    eigenvalues, eigenvectors = ascending[::-1], columns.T[::-1]
    rounding = len(eigenvalues) * np.finfo(float).eps * eigenvalues[0]
    if eigenvalues[-1] <= rounding:
        raise Refusal(
            f"Gram matrix: smallest eigenvalue {eigenvalues[-1]:.3g}, expected above rounding "
            f"({rounding:.1g}): {SINGULAR}"
        )
    return eigenvalues, eigenvectors


def inverse_norm(factor: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """√(yᵀ(H∞)⁻¹y), a norm of y, for each column: factor (n, n), labels (n, q) give (q,).

    factor: Cholesky, from `measures.factorise`. The distance that the weights of an infinitely wide
    network travel (lemma 5.3), and what theorem 6.1 bounds; the complexity measure is √(2/n) times
    it.
    """
    return np.linalg.norm(scipy.linalg.solve_triangular(factor, labels, lower=True), axis=0)


def least_eigenvalue(gram: np.ndarray) -> float:
    """λ_min of a symmetric matrix (n, n), however small: what `decompose` would refuse."""
    return float(scipy.linalg.eigvalsh(gram, subset_by_index=[0, 0])[0])
