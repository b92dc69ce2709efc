"""Closed-form kernels of two-layer ReLU networks, in NumPy float64.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3).
"""

import numpy as np

from overparam.errors import Refusal

# Above this |cosine|, arccos loses digits (its slope is 1/sin θ): the angle is taken from the
# lengths of the sum and the difference instead (Kahan), which is accurate at every angle.
NEARLY_PARALLEL = 0.99
# Beyond this side, larger tiles make no product faster.
LARGEST_TILE = 1024
# Pairs whose difference vectors are held at once while such angles are corrected.
PAIRS_AT_ONCE = 4096


def relu_gram(inputs: np.ndarray, tile: int | None = None) -> np.ndarray:
    """Gram matrix H∞ of the ReLU kernel, H_ij = x_iᵀx_j (π − arccos x_iᵀx_j) / 2π.

    inputs: (n, d) float64, rows of unit length.
    tile: side of the square tiles in which the matrix is filled, so that the peak memory is
        the matrix and a few tiles; if not given, a tenth of n, and at most LARGEST_TILE.

    Returns the (n, n) symmetric matrix, its diagonal exactly ½ (Arora et al. 2019, eq. 3).
    Raises Refusal if a row is not of unit length or not finite.
    """
    check_unit_rows(inputs)
    n = len(inputs)
    # Some five tiles exist at once: a tenth of n keeps them to a twentieth of the matrix.
    tile = tile or min(LARGEST_TILE, max(1, n // 10))
    gram = np.empty((n, n))
    for i in range(0, n, tile):
        for j in range(0, i + tile, tile):
            block = _relu_tile(inputs[i : i + tile], inputs[j : j + tile])
            gram[i : i + tile, j : j + tile] = block
            gram[j : j + tile, i : i + tile] = block.T
    np.fill_diagonal(gram, 0.5)
    return gram


def relu_cross_gram(left: np.ndarray, right: np.ndarray, tile: int = 1024) -> np.ndarray:
    """ReLU kernel between two sets of unit vectors: (p, d) and (n, d) give (p, n).

    Raises Refusal if a row is not of unit length or not finite.
    """
    check_unit_rows(left)
    check_unit_rows(right)
    kernel = np.empty((len(left), len(right)))
    for i in range(0, len(left), tile):
        for j in range(0, len(right), tile):
            kernel[i : i + tile, j : j + tile] = _relu_tile(left[i : i + tile], right[j : j + tile])
    return kernel


def angles(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Angles in radians between unit rows, (p, d) and (n, d) give (p, n).

    Accurate to some 100 units in the last place, at any angle; arccos alone loses half the digits.
    """
    return _cosines_and_angles(left, right)[1]


def _relu_tile(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    cosines, theta = _cosines_and_angles(left, right)
    np.subtract(np.pi, theta, out=theta)
    cosines *= theta
    cosines /= 2 * np.pi
    return cosines


def _cosines_and_angles(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cosines = left @ right.T
    # Rounding gives x·x = 1 + 2⁻⁵² and arccos of that is NaN. The bound is 1, not .9999:
    # a tighter one lowers the diagonal and λ_min.
    np.clip(cosines, -1.0, 1.0, out=cosines)
    theta = np.arccos(cosines)
    rows, columns = np.nonzero(np.abs(cosines) > NEARLY_PARALLEL)
    for start in range(0, len(rows), PAIRS_AT_ONCE):
        i, j = rows[start : start + PAIRS_AT_ONCE], columns[start : start + PAIRS_AT_ONCE]
        difference = np.linalg.norm(left[i] - right[j], axis=1)
        total = np.linalg.norm(left[i] + right[j], axis=1)
        theta[i, j] = 2 * np.arctan2(difference, total)
    return cosines, theta


def check_unit_rows(inputs: np.ndarray) -> None:
    """Raises Refusal for a row that is not of unit length, or not finite, and names it."""
    lengths = np.linalg.norm(inputs, axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1) < 1e-9))
    if len(wrong):
        raise Refusal(
            f"inputs: row {wrong[0]} has length {lengths[wrong[0]]:.6g}, expected 1 "
            f"({len(wrong)} such rows): scale every input to unit length first"
        )
