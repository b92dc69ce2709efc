"""Random subsets of a set of points, and what their Gram matrix says about them.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), definition 5.1 and theorem 5.1.
"""

from typing import NamedTuple

import numpy as np
import scipy.linalg

from overparam import measures
from overparam.errors import Refusal


class Figures(NamedTuple):
    """Measures of one set of points."""

    least: float  # λ_min(H∞)
    true: float  # √(2 yᵀ(H∞)⁻¹y / n) for the true labels y; the 2 as in `measures.scale`
    random: float  # √(2 tr (H∞)⁻¹ / n), the root of its mean square over random labels


def draw(labels: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Positions of `size` points drawn without replacement, ascending.

    labels: (n,) ±1. From a set that holds as many of one sign as of the other, half of either.
    Raises Refusal if there are fewer points, or if half of an odd number is wanted.
    """
    n = len(labels)
    if not 0 < size <= n:
        raise Refusal(f"size: found {size}, expected 1 to {n}, the number of points")
    if labels.sum():
        return np.sort(rng.permutation(n)[:size])
    if size % 2:
        raise Refusal(
            f"n: found a subset of {size} points, expected an even number: as many of the set are "
            "of one class as of the other, and so it is in its subsets"
        )
    sides = (np.flatnonzero(labels > 0), np.flatnonzero(labels < 0))
    return np.sort(np.concatenate([rng.permutation(side)[: size // 2] for side in sides]))


def figures(gram: np.ndarray, labels: np.ndarray) -> Figures:
    """λ_min and the complexity of true and of random labels: gram (n, n), labels (n,).

    Raises Refusal if the matrix is not positive definite.
    """
    eigenvalues = scipy.linalg.eigvalsh(gram)
    scale = measures.scale(gram)
    true = measures.complexity(measures.factorise(gram.copy()), labels[:, None], scale)
    random = np.sqrt(scale * np.sum(1 / eigenvalues) / len(gram))
    return Figures(float(eigenvalues[0]), float(true[0]), float(random))
