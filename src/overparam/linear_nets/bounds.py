"""What a step is held to: the chain of rates, the lemma's condition, the theorem's uniform bounds.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (18) to (28), lemmas A.3 and C.3.
"""

from itertools import pairwise

import numpy as np

from overparam.linear_nets import operators, rates, steps
from overparam.linear_nets.dynamics import State
from overparam.linear_nets.rates import Problem, Start

ROUNDING = 1e-24  # of L(0): below, rounding decides a step's ratio


def chain(
    given: Problem, begun: Start, at: State, eta: np.ndarray, c1: float, c2: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ρ, ρ̂ and f at a point and a learning rate, each (…)."""
    f = rates.uniform(given, begun, at.loss, c1, c2)
    return steps.rho(given, at).at(eta), steps.rho_hat(given, at).at(eta), f.at(eta)


def excess(ratio: np.ndarray, links: tuple[np.ndarray, ...]) -> np.ndarray:
    """The largest relative excess in ratio ≤ link ≤ link …, (…)."""
    return np.max([lower / upper - 1 for lower, upper in pairwise([ratio, *links])], axis=0)


def condition(given: Problem, at: State, eta: np.ndarray) -> np.ndarray:
    """The left-hand side of (18) with σ_max(W) for ‖W‖_F, over λ_min(τ): not below 0, (…)."""
    least, largest = operators.tau_extremes(at.w1, at.w2)
    product = np.linalg.svd(at.w1 @ at.w2, compute_uv=False)[..., 0]
    moved = eta * operators.norm(at.gradient) * product
    return (least - moved - given.smooth * eta / 2 * (largest + moved) ** 2) / least


def uniform_ratios(begun: Start, at: State, c1: float, c2: float) -> np.ndarray:
    """Each bound of (25) over what it bounds from below, or that over its upper bound, (4, …)."""
    least, largest = operators.tau_extremes(at.w1, at.w2)
    values = np.linalg.svd(at.w1 @ at.w2, compute_uv=False)
    return np.stack(
        [
            c1 * begun.alpha / least,
            largest / (c2 * begun.beta),
            begun.p1 / values[..., -1],
            values[..., 0] / begun.p2,
        ]
    )


def beta_from_p1(begun: Start, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """λ_max(τ) at a start over β(D, p1), the paper's text's β₀, (…): it names p1 for p2."""
    _, largest = operators.tau_extremes(w1, w2)
    return largest / operators.beta(operators.imbalance_spectrum(w1, w2), begun.p1)


def step_drift(given: Problem, at: State, eta: np.ndarray) -> np.ndarray:
    """Lemma C.3's bound on ‖D(t+1) − D(t)‖_F, (…)."""
    squares = (at.w1 @ operators.transposed(at.w1), operators.transposed(at.w2) @ at.w2)
    layers = sum(np.linalg.eigvalsh(square)[..., -1] for square in squares)
    return 2 * eta**2 * given.smooth * layers * at.loss


def total_drift(
    given: Problem, begun: Start, eta: np.ndarray, c1: float, c2: float
) -> np.ndarray:  # fmt: skip
    """Lemma A.3's bound on ‖D(t) − D(0)‖_F at any t, (…)."""
    left = 1 - rates.uniform(given, begun, begun.loss, c1, c2).at(eta)
    return 2 * c2 * begun.beta * given.smooth * begun.loss * eta**2 / left
