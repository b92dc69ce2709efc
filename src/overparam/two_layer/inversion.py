"""Which learning rate a loss curve would need if the spectrum alone ruled it.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (8), solved for η.
"""

import numpy as np

from overparam import spectra

# Bisections of log η: an interval of e²³ shrinks below rounding.
BISECTIONS = 60
LEAST = 1e-10  # smallest η, over 1/λ_max


def effective_rate(
    eigenvalues: np.ndarray, coefficients: np.ndarray, steps: np.ndarray, losses: np.ndarray
) -> np.ndarray:
    """η at which eq. (8) has the loss Φ(k)/n that was seen at each step k, by bisection.

    eigenvalues: (n,) of H∞. coefficients: (n,) projections v_iᵀy. steps: (s,) k > 0. losses: (s,)
        Φ/n, for the summed loss Φ = ½‖y − u‖².

    Up to 1/λ_max the loss of (8) falls with η everywhere, so that there is one answer at most.
    Returns (s,), NaN where no η from 10⁻¹⁰/λ_max to 1/λ_max gives that loss.
    """
    n, top = len(eigenvalues), 1 / eigenvalues[0]

    def loss(eta: float, k: int) -> float:
        return spectra.predicted_residual(eigenvalues, coefficients, eta, [k])[0] ** 2 / (2 * n)

    def solve(k: int, seen: float) -> float:
        low, high = LEAST * top, top
        if not loss(high, k) <= seen <= loss(low, k):
            return np.nan
        for _ in range(BISECTIONS):
            middle = np.sqrt(low * high)
            low, high = (middle, high) if loss(middle, k) > seen else (low, middle)
        return high

    return np.array([solve(k, seen) for k, seen in zip(steps, losses, strict=True)])
