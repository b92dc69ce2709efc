"""Which learning rate, and at which steps to look: what training and prediction share.

Apart from `dynamics`, so that a prediction need not import torch.
"""

import math

import numpy as np

from overparam.errors import Refusal


def schedule(steps: int, per_decade: int) -> np.ndarray:
    """Steps at which to measure: 0, 1, 2, … thinning to `per_decade` a decade, and the last."""
    if steps == 0:
        return np.array([0])
    points = math.ceil(per_decade * math.log10(max(steps, 2))) + 1
    spaced = np.unique(np.round(np.geomspace(1, steps, points)).astype(int))
    return np.concatenate([[0], spaced])


def learning_rate(eta: float, unit: str, largest_eigenvalue: float) -> float:
    """η in absolute terms: `unit` is `absolute`, or `1/lambda_max` for multiples of 1/λ_max."""
    return eta / largest_eigenvalue if unit == "1/lambda_max" else eta


def check_stable(eta: float, largest_eigenvalue: float, otherwise: str = "") -> None:
    """Refuse a learning rate above 2/λ_max(H∞), at which the linearised dynamics diverge.

    otherwise: what else a person can do than to lower it.
    """
    edge = 2 / largest_eigenvalue
    if eta > edge:
        expected = f"at most 2/λ_max = {edge:.6g}"
        raise Refusal(_too_large(eta, expected, largest_eigenvalue) + otherwise)


def check_decay(eta: float, largest_eigenvalue: float) -> None:
    """Refuse a learning rate of 1/λ_max(H∞) or more, at which 1 − ηλ_1 is not above 0."""
    edge = 1 / largest_eigenvalue
    if eta >= edge:
        raise Refusal(_too_large(eta, f"less than 1/λ_max = {edge:.6g}", largest_eigenvalue))


def _too_large(eta: float, expected: str, largest_eigenvalue: float) -> str:
    return (
        f"eta: found η = {eta:.6g}, expected {expected} (λ_max(H∞) = {largest_eigenvalue:.6g}): "
        "lower eta"
    )
