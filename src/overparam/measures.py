"""The complexity measure √(2 yᵀ(H∞)⁻¹y / n) and the kernel predictor, by Cholesky.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1 and figure 2. The 2 is
4 tr H∞/n: for any kernel the bound on the Rademacher complexity behind it (Bartlett, Mendelson
2002) is 2 √(yᵀH⁻¹y tr H)/n, which no factor of the kernel changes.
"""

import numpy as np
import scipy.linalg
from scipy.linalg import lapack

from overparam.errors import Refusal
from overparam.matrices import SINGULAR


def factorise(gram: np.ndarray) -> np.ndarray:
    """Lower Cholesky factor L of a Gram matrix (n, n), which is **overwritten** by it.

    Raises Refusal if the matrix is not positive definite, or is singular: a squared pivot is not
    above 8n · machine epsilon · the largest diagonal entry (the 8 is for the rounding of the
    entries themselves, which outweighs that of the factorisation at small n).
    """
    rounding = 8 * len(gram) * np.finfo(float).eps * gram.diagonal().max()
    try:
        # LAPACK works on columns: handing it the transpose (equal, same memory) avoids a copy.
        factor = scipy.linalg.cholesky(gram.T, lower=True, overwrite_a=True, check_finite=True)
    except (np.linalg.LinAlgError, ValueError) as problem:
        raise _not_positive_definite(problem) from None
    # Of two equal rows, rounding often leaves the second a tiny positive pivot: LAPACK goes on.
    pivot = factor.diagonal().min() ** 2
    if pivot <= rounding:
        raise _not_positive_definite(
            f"smallest squared pivot {pivot:.3g}, expected above rounding ({rounding:.1g})"
        )
    return factor


def _not_positive_definite(problem: object) -> Refusal:
    return Refusal(f"Gram matrix: {problem}; expected a positive definite one: {SINGULAR}")


def scale(gram: np.ndarray) -> float:
    """4 tr H/n of a Gram matrix (n, n): exactly 2 for H∞."""
    return float(4 * (gram.trace() / len(gram)))


def complexity(factor: np.ndarray, labels: np.ndarray, scale: float = 2.0) -> np.ndarray:
    """√(2 yᵀ(H∞)⁻¹y / n) for each column of `labels`: factor (n, n), labels (n, q) give (q,).

    scale: what stands for the 2 with another kernel.
    """
    whitened = scipy.linalg.solve_triangular(factor, labels, lower=True)
    return np.sqrt(scale * np.sum(whitened**2, axis=0) / len(factor))


def inverse_trace(factor: np.ndarray) -> float:
    """tr (H∞)⁻¹ = ‖L⁻¹‖_F², from the Cholesky factor (n, n), which is **overwritten**.

    `dtrtri` inverts the triangle in place; only the triangle is summed. A factor stored by
    columns, as `factorise` returns it, is not copied.
    """
    inverse, status = lapack.dtrtri(factor, lower=1, overwrite_c=1)
    if status:
        raise Refusal(f"Cholesky factor: LAPACK's dtrtri says {status}, expected 0")
    return float(sum(np.sum(inverse[j:, j] ** 2) for j in range(len(factor))))


def expected_complexity(
    true: float, trace: float, n: int, portion: np.ndarray | float, scale: float = 2.0
) -> np.ndarray | float:
    """Root of E[C(p)²] over partially random labels, without sampling.

    E[C(p)²] = (1−p)² C(0)² + (1 − (1−p)²) · 2 tr(H∞⁻¹)/n: a label that keeps its value with
    probability 1 − p and is else unif{±1} has mean (1−p)y and variance 1 − (1−p)².

    true: C(0), the complexity of the true labels. trace: tr (H∞)⁻¹. portion: p in [0, 1]. scale: as
    for `complexity`.
    """
    kept = (1 - portion) ** 2
    return np.sqrt(kept * true**2 + (1 - kept) * scale * trace / n)


def interpolate(factor: np.ndarray, cross: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Kernel predictor h(x)ᵀ(H∞)⁻¹y, the infinitely wide network trained to the end.

    factor (n, n), cross (n_test, n) = kernel of test against training points, labels (n, q)
    give predictions (n_test, q).
    """
    return cross @ scipy.linalg.cho_solve((factor, True), labels)
