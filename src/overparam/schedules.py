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


def check_stable(eta: float, largest_eigenvalue: float) -> None:
    """Refuse a learning rate above 2/λ_max(H∞), at which the linearised dynamics diverge."""
    edge = 2 / largest_eigenvalue
    if eta > edge:
        raise Refusal(
            f"eta: found η = {eta:.6g}, expected at most 2/λ_max = {edge:.6g} "
            f"(λ_max(H∞) = {largest_eigenvalue:.6g}): lower eta, or set on_divergence to 'record' "
            "to train on and record what happens"
        )
