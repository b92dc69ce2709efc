"""What a spectrum says: projections of labels, their energy, and the loss curve they predict.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (8) and section 4.
"""

from collections.abc import Sequence

import numpy as np

# By how much of itself rounding may raise a norm that does not grow.
ROUNDING = 1e-6
# As good as never.
MANY_STEPS = 10**15


def project(eigenvectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Coefficients v_iᵀy: eigenvectors (n, n) in rows and labels (n,) or (n, q) give the same."""
    return eigenvectors @ labels


def energy(coefficients: np.ndarray) -> np.ndarray:
    """Share of ‖y‖² in the first k eigenvectors, k = 1 … n: (n,) or (n, q), ending at 1."""
    squares = np.cumsum(coefficients**2, axis=0)
    return squares / squares[-1]


def running_rms(coefficients: np.ndarray, index: np.ndarray, window: float) -> np.ndarray:
    """Root mean square of coefficients i/window … i·window, for each i of `index`.

    coefficients: (n,). index: (q,) integers from 1. window: above 1. Returns (q,).
    """
    first = np.ceil(index / window).astype(int) - 1
    last = np.minimum(np.floor(index * window).astype(int), len(coefficients))
    sums = np.concatenate([[0], np.cumsum(coefficients**2)])
    return np.sqrt((sums[last] - sums[first]) / (last - first))


def predicted_residual(
    eigenvalues: np.ndarray,
    coefficients: np.ndarray,
    eta: float,
    steps: np.ndarray | Sequence[int],
) -> np.ndarray:
    """‖y − u(k)‖₂ as the spectrum alone predicts it, √Σ_i (1 − ηλ_i)^{2k} (v_iᵀy)² (eq. 8).

    eigenvalues: (n,) of H∞.
    coefficients: (n,) projections v_iᵀy.
    eta: learning rate for the *summed* loss Φ = ½Σ(y − u)².
    steps: (s,) gradient steps k.

    Returns (s,) norms; Φ(k) is half their square. Above η = 2/λ_max they grow without bound: inf
    where they are beyond float64.
    """
    # One step at a time: (s, n) never exists, and n = 10 000 with a step for every k stays small.
    factors = np.abs(1 - eta * eigenvalues)
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.array([np.linalg.norm(factors**k * coefficients) for k in steps])
    return np.where(np.isnan(norms), np.inf, norms)  # NaN: an infinite factor, a coefficient of 0


def steps_to(share: float, eigenvalues: np.ndarray, coefficients: np.ndarray, eta: float) -> float:
    """The fewest steps after which eq. (8) has at most a share of the loss at the start left.

    eigenvalues, coefficients: (n,). eta: at most 1/λ_max, so that every part of the loss falls.
    Returns infinity if they are more than 10¹⁵.
    """
    factors = (1 - eta * eigenvalues) ** 2
    wanted = share * np.sum(coefficients**2)

    def left(steps: int) -> float:
        return float(np.sum(factors**steps * coefficients**2))

    enough = 1
    while left(enough) > wanted:
        enough *= 2
        if enough > MANY_STEPS:
            return np.inf
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (middle, enough) if left(middle) > wanted else (too_few, middle)
    return enough


def foretold(predicted: np.ndarray) -> np.ndarray:
    """At which steps eq. (8) says something: (s,) norms from step 0 on give (s,) truth values.

    Up to η = 2/λ_max the norms never exceed their start; above, they do from some step on.
    """
    return predicted <= predicted[0] * (1 + ROUNDING)
