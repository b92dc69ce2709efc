"""Losses ℓ(z) of the margin z = y f(x), sorted by how their slope vanishes.

Source: Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888), assumptions 3.1 to 3.3: ℓ' ≤ 0, ℓ and ℓ' → 0,
−ℓ' ≥ min{α₀, α₁ℓ^p}, |ℓ''| ≤ λ.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from overparam.deep_relu.descent import Slope


class Loss(NamedTuple):
    """A loss, its slope, and the exponent p."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    p: float


def power(q: float) -> Loss:
    """(1 − z)₊^q/q, continued by its tangent for z < 0: p = (q − 1)/q, α₀ = 1, α₁ = q^p; λ = q − 1
    for q ≥ 2, and unbounded for less."""

    def value(z: np.ndarray) -> np.ndarray:
        return np.where(z < 0, 1 / q - z, np.clip(1 - z, 0, 1) ** q / q)

    def slope(z: np.ndarray) -> np.ndarray:
        return -(np.clip(1 - z, 0, 1) ** (q - 1))

    return Loss(value, slope, (q - 1) / q)


LOGISTIC = Loss(lambda z: np.logaddexp(0, -z), lambda z: -expit(-z), 1.0)
"""ln(1 + e^{−z}): p = 1, α₀ = α₁ = ½, λ = ¼."""


def of(name: str) -> Loss:
    """`logistic`, or a power by its q, such as `q3` and `q1.5`."""
    return LOGISTIC if name == "logistic" else power(float(name.removeprefix("q")))


def mean(loss: Loss, labels: np.ndarray) -> Slope:
    """The slope of (1/b) Σ ℓ(y_i f_i) by each output of a batch."""

    def slope(outputs: np.ndarray, batch: "np.ndarray | slice") -> np.ndarray:
        y = labels[batch]
        return (loss.slope(y * outputs) * y / outputs.shape[1]).astype(outputs.dtype)

    return slope
