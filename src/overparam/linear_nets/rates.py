"""Bounds on L(t+1)/L(t): the descent lemma's ρ, its bounds ρ̂ and f, and the step sizes they allow.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (18) to (34). All three are one polynomial
1 − a1 η + a2 η² + a3 η³ + a4 η⁴, of which ρ knows τ itself, ρ̂ the imbalance and the product, and f
the start and the loss.
"""

from typing import NamedTuple

import numpy as np

from overparam.linear_nets import operators


class Problem(NamedTuple):
    """Inputs and outputs, and the smoothness and PL constants of ℓ(W) = ½‖Y − XW‖²."""

    x: np.ndarray
    y: np.ndarray
    smooth: np.ndarray
    """K = σ²_max(X), (…)."""
    pl: np.ndarray
    """μ = σ²_min(X), (…)."""

    @property
    def condition(self) -> np.ndarray:
        """κ = K/μ."""
        return self.smooth / self.pl


class Rate(NamedTuple):
    """The coefficients of a bound, each (…)."""

    a1: np.ndarray
    a2: np.ndarray
    a3: np.ndarray
    a4: np.ndarray

    def at(self, eta: np.ndarray) -> np.ndarray:
        """The bound at learning rates η (…)."""
        return 1 - eta * (self.a1 - eta * (self.a2 + eta * (self.a3 + eta * self.a4)))

    def best(self) -> np.ndarray:
        """The learning rate that minimises it, (…)."""
        return positive_root(self.a1, 2 * self.a2, 3 * self.a3, 4 * self.a4)


class Start(NamedTuple):
    """What the theorem knows of a start, each (…)."""

    p1: np.ndarray
    """Lower bound on σ_min(W(t))."""
    p2: np.ndarray
    """Upper bound on σ_max(W(t))."""
    alpha: np.ndarray
    """α₀."""
    beta: np.ndarray
    """β₀."""
    loss: np.ndarray
    """L(0)."""


def problem(x: np.ndarray, y: np.ndarray) -> Problem:
    """A problem with its constants; X (…, N, n) has full rank."""
    values = np.linalg.svd(x, compute_uv=False)
    return Problem(x, y, values[..., 0] ** 2, values[..., -1] ** 2)


def start(given: Problem, w1: np.ndarray, w2: np.ndarray) -> Start:
    """p1, p2, α₀ and β₀ of a start."""
    error = operators.norm(given.x @ w1 @ w2 - given.y)
    least = np.linalg.svd(given.y, compute_uv=False)[..., -1]
    p1 = np.maximum(least - error, 0) / np.sqrt(given.smooth)
    p2 = (operators.norm(given.y) + error) / np.sqrt(given.pl)
    spectrum = operators.imbalance_spectrum(w1, w2)
    n, m = w1.shape[-2], w2.shape[-1]
    return Start(
        p1, p2, operators.alpha(spectrum, p1, n, m), operators.beta(spectrum, p2), error**2 / 2
    )


def rate(
    given: Problem, least: np.ndarray, largest: np.ndarray, product: np.ndarray,
    gradient: np.ndarray,
) -> Rate:  # fmt: skip
    """The bound of eq. (20), from values or bounds of λ_min(τ), λ_max(τ), σ_max(W) and ‖∇ℓ‖_F."""
    smooth, pl, pull = given.smooth, given.pl, product * gradient
    return Rate(
        2 * pl * least,
        smooth * pl * largest**2 + 2 * pl * pull,
        2 * pl * smooth * largest * pull,
        pl * smooth * pull**2,
    )


def uniform(given: Problem, begun: Start, loss: np.ndarray, c1: float, c2: float) -> Rate:
    """f(η, t) of eq. (26): ‖∇ℓ‖_F ≤ √(2 K L(t)), and τ within c1 α₀ and c2 β₀."""
    gradient = np.sqrt(2 * given.smooth * loss)
    return rate(given, c1 * begun.alpha, c2 * begun.beta, begun.p2, gradient)


def largest_step(given: Problem, begun: Start, c1: float, c2: float) -> np.ndarray:
    """η_max of eq. (24): the smaller of the positive roots of two polynomials, (…)."""
    first = uniform(given, begun, begun.loss, c1, c2)
    grown = begun.loss * given.smooth
    added = (
        4 * c2 * grown / (c2 - 1),
        8 * c2 * begun.beta * grown / ((1 - c1) * begun.alpha),
    )
    roots = [positive_root(first.a1, first.a2 + more, first.a3, first.a4) for more in added]
    return np.minimum(*roots)


def limit(given: Problem, begun: Start, c1: float, c2: float) -> np.ndarray:
    """min f(η, ∞) = 1 − (c1 α₀)² / (κ (c2 β₀)²), eq. (33); in print c1 and c2 are exchanged."""
    return 1 - (c1 * begun.alpha / (c2 * begun.beta)) ** 2 / given.condition


def linear_limit(given: Problem, begun: Start, c1: float, c2: float) -> np.ndarray:
    """1 − α₀ c1² / (κ β₀ c2²), eq. (34); in print c1 and c2 are exchanged."""
    return 1 - c1**2 * begun.alpha / (given.condition * c2**2 * begun.beta)


def positive_root(
    constant: np.ndarray, first: np.ndarray, second: np.ndarray, third: np.ndarray
) -> np.ndarray:
    """The root η > 0 of third η³ + second η² + first η = constant, all (…) and not negative.

    The left-hand side is rising and convex, so Newton's method falls to the root from any larger
    value; each term alone gives one.
    """
    with np.errstate(divide="ignore"):
        alone = [constant / first, (constant / second) ** (1 / 2), (constant / third) ** (1 / 3)]
    eta = np.min(np.stack(np.broadcast_arrays(*alone)), axis=0)
    for _ in range(60):
        value = eta * (first + eta * (second + eta * third)) - constant
        change = value / (first + eta * (2 * second + 3 * eta * third))
        eta = eta - change
        if np.all(np.abs(change) <= 1e-15 * eta):
            break
    return eta
