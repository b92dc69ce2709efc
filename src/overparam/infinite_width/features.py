"""Random features φ(x; w) with coefficients c(w) = sign w₁, w ~ N(0, I).

Source: Lee's survey (2019), "Relation to Neural Nets (Warm-up)", after Rahimi, Recht 2008: the mean
of c(w)φ(x; w) over m draws is O(‖c‖_∞/√m) from its limit f. NumPy float64.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Feature(NamedTuple):
    """φ, and what it makes of unit inputs."""

    value: Callable[[np.ndarray], np.ndarray]
    """From wᵀx."""
    limit: Callable[[np.ndarray], np.ndarray]
    """f from x₁: E sign(w₁) φ(x; w)."""
    square: float
    """E φ², the same for every unit x."""


FEATURES = {
    "step": Feature(lambda z: (z >= 0).astype(float), lambda x: np.arcsin(x) / np.pi, 0.5),
    "relu": Feature(lambda z: np.maximum(z, 0), lambda x: x / np.sqrt(2 * np.pi), 0.5),
}


def mean(feature: Feature, inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(1/m) Σ_j sign(w_j1) φ(x; w_j), inputs (n, d) of unit length and weights (m, d): (n,)."""
    return feature.value(inputs @ weights.T) @ np.sign(weights[:, 0]) / len(weights)


def expected_error(feature: Feature, inputs: np.ndarray, m: int) -> float:
    """Root mean square of `mean` − f over draws and inputs, exact: √(mean(E φ² − f²)/m)."""
    return float(np.sqrt(np.mean(feature.square - feature.limit(inputs[:, 0]) ** 2) / m))
