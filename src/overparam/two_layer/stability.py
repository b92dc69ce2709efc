"""How a loss falls from step to step, and the learning rate at which linear dynamics stop falling.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 3.1 and eq. (7). NumPy, float64.
"""

import numpy as np

from overparam.two_layer import linearised

# Bisection for the edge: it lies between these factors of 1/λ_max, and is found to this much.
BRACKET = (1.0, 2.2)
TOLERANCE = 1e-4
LONG_RUN = 1000
# Of ‖y‖: a residual smaller than that has converged, and what it still does is rounding.
CONVERGED = 1e-8


def largest_ratio(phi: np.ndarray) -> tuple[float, int]:
    """The largest Φ(k+1)/Φ(k) over all steps until it has converged, and its k. phi: (steps + 1,)
    positive."""
    begun = _begun(phi)
    ratios = phi[1 : begun + 1] / phi[:begun]
    step = int(np.argmax(ratios))
    return float(ratios[step]), step


def first_above(phi: np.ndarray, bound: float) -> int | None:
    """The first k at which Φ(k+1)/Φ(k) exceeds a bound before it has converged, None if none does.
    phi: (steps + 1,)."""
    begun = _begun(phi)
    above = np.flatnonzero(phi[1 : begun + 1] > bound * phi[:begun])
    return int(above[0]) if len(above) else None


def _begun(phi: np.ndarray) -> int:
    """How many steps begin before the loss has converged."""
    converged = np.flatnonzero(phi[:-1] <= CONVERGED**2 * phi[0])
    return int(converged[0]) if len(converged) else len(phi) - 1


def summary(phi: np.ndarray) -> dict[str, float]:
    """`peak`, max_k Φ(k)/Φ(0), and `end`, Φ(K)/Φ(0), of losses (K + 1,); inf once not finite."""
    relative = np.where(np.isfinite(phi), phi, np.inf) / phi[0]
    return {"peak": float(relative.max()), "end": float(relative[-1])}


def edge(gram: np.ndarray, labels: np.ndarray, largest_eigenvalue: float) -> float:
    """The η λ_max above which the linear dynamics (7) of a Gram matrix diverge, by bisection.

    gram (n, n), labels (n,). A rate counts as above if the last of 1 000 steps of the recursion
    itself makes ‖y − ũ‖ larger, and it has not converged: nothing is used that an eigenvalue
    decomposition says.
    largest_eigenvalue: λ_max, the unit of the answer, which lies between 1 and 2.2, to 10⁻⁴.
    """
    low, high = BRACKET
    while high - low > TOLERANCE:
        middle = (low + high) / 2
        norms = linearised.residuals(gram, labels, middle / largest_eigenvalue, LONG_RUN)
        grows = norms[-1] > max(norms[-2], CONVERGED * norms[0])
        low, high = (low, middle) if grows else (middle, high)
    return (low + high) / 2
