"""Inputs as Allen-Zhu et al. and Zou et al. have them: of unit length, the last coordinate √½."""

import numpy as np

from overparam.errors import Refusal
from overparam.points import unit_rows


def lifted(inputs: np.ndarray) -> np.ndarray:
    """Unit rows (n, d) as (n, d + 1): divided by √2, with √½ appended. Distances shrink by √2."""
    constant = np.ones((len(inputs), 1))
    return np.hstack([inputs, constant]) / np.sqrt(2)


def span(inputs: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the span of inputs (n, d), as columns (d, n); of n ≥ d of them the
    axes, (d, d)."""
    n, d = inputs.shape
    return np.linalg.qr(inputs.T)[0] if n < d else np.eye(d, dtype=inputs.dtype)


def partners(inputs: np.ndarray, delta: float, rng: np.random.Generator) -> np.ndarray:
    """For each lifted input (n, d + 1) another one at distance δ, in a direction drawn at random.

    delta: 0 < δ ≤ √2, what lies between inputs whose last coordinate is √½. Raises Refusal
    otherwise.
    """
    if not 0 < delta <= np.sqrt(2):
        raise Refusal(f"delta: found {delta:g}, expected above 0 and at most √2 = 1.41421")
    unit = unit_rows(inputs[:, :-1])
    across = rng.standard_normal(unit.shape)
    across -= np.sum(across * unit, axis=1, keepdims=True) * unit
    half = np.arcsin(delta / np.sqrt(2))
    turned = np.cos(2 * half) * unit + np.sin(2 * half) * unit_rows(across)
    return lifted(turned)
