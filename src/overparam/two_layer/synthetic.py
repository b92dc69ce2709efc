"""Synthetic inputs on the unit sphere: spread out, in pairs at given angles, antipodal.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 3: inputs of unit length, of which
no two are parallel.
"""

import numpy as np

from overparam.errors import Refusal
from overparam.points import unit_rows

DIMENSION = 10
"""Of the inputs with antipodal pairs."""
ANTIPODES = {"one": 1, "full": DIMENSION, "beyond": DIMENSION + 1, "many": 5 * DIMENSION}
"""Numbers of pairs by case: with more of them than dimensions H∞ is singular."""
ROUNDING = 1e-16
"""Below, eigenvalues and standard errors are none."""


def sphere(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """n points drawn from the uniform distribution on the unit sphere: (n, d) float64."""
    return unit_rows(rng.standard_normal((n, d)))


def at_angles(inputs: np.ndarray, angles: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A unit row at a given angle from each unit row, in a direction drawn at random.

    inputs: (n, d), d ≥ 2. angles: (n,) in [0, π]; 0 gives the row itself and π its opposite, to
        the last bit. Returns (n, d).
    """
    across = rng.standard_normal(inputs.shape)
    across -= np.sum(across * inputs, axis=1, keepdims=True) * inputs
    angles = angles[:, None]
    turned = unit_rows(np.cos(angles) * inputs + np.sin(angles) * unit_rows(across))
    turned = np.where(angles == 0, inputs, turned)
    return np.where(angles == np.pi, -inputs, turned)


def with_antipodes(inputs: np.ndarray, pairs: int) -> np.ndarray:
    """The inputs (n, d), of which the last `pairs` are the opposites of the first ones.

    Raises Refusal if there are fewer than 2 · pairs inputs.
    """
    if 2 * pairs > len(inputs):
        raise Refusal(
            f"antipodal pairs: found {pairs} among n = {len(inputs)} inputs, expected at most "
            f"{len(inputs) // 2}"
        )
    return np.vstack([inputs[: len(inputs) - pairs], -inputs[:pairs]])
