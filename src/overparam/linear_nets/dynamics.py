"""Gradient descent and gradient flow on L(W1, W2), and descent on W itself beside them.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (1), (2) and (14).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from overparam.linear_nets import operators
from overparam.linear_nets.operators import transposed
from overparam.linear_nets.rates import Problem


class State(NamedTuple):
    """A point of a trajectory, and what every step needs of it."""

    step: int
    w1: np.ndarray
    w2: np.ndarray
    gradient: np.ndarray
    """∇ℓ(W) = Xᵀ(XW − Y), (…, n, m)."""
    loss: np.ndarray
    """L, (…)."""


def state(given: Problem, step: int, w1: np.ndarray, w2: np.ndarray) -> State:
    """The point at (W1, W2)."""
    error = given.x @ (w1 @ w2) - given.y
    return State(step, w1, w2, transposed(given.x) @ error, operators.norm(error) ** 2 / 2)


def descend(
    given: Problem, w1: np.ndarray, w2: np.ndarray, choose: Callable[[State], np.ndarray]
) -> Iterator[tuple[State, np.ndarray]]:
    """Gradient descent: yields each point and the learning rate (…) of the step from it."""
    step = 0
    while True:
        at = state(given, step, w1, w2)
        eta = choose(at)
        yield at, eta
        by = eta[..., None, None]
        w1, w2 = (
            w1 - by * at.gradient @ transposed(w2),
            w2 - by * transposed(w1) @ at.gradient,
        )
        step += 1


def flow(
    given: Problem, w1: np.ndarray, w2: np.ndarray, dt: np.ndarray
) -> Iterator[State]:  # fmt: skip
    """Gradient flow by the classical fourth-order Runge-Kutta method, in steps of dt (…)."""
    by = np.asarray(dt)[..., None, None]

    def slope(w1: np.ndarray, w2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gradient = transposed(given.x) @ (given.x @ (w1 @ w2) - given.y)
        return -gradient @ transposed(w2), -transposed(w1) @ gradient

    step = 0
    while True:
        yield state(given, step, w1, w2)
        k1 = slope(w1, w2)
        k2 = slope(w1 + by / 2 * k1[0], w2 + by / 2 * k1[1])
        k3 = slope(w1 + by / 2 * k2[0], w2 + by / 2 * k2[1])
        k4 = slope(w1 + by * k3[0], w2 + by * k3[1])
        w1, w2 = (
            w + by / 6 * (a + 2 * b + 2 * c + d)
            for w, a, b, c, d in zip((w1, w2), k1, k2, k3, k4, strict=True)
        )
        step += 1


def line_search(at: State, given: Problem) -> np.ndarray:
    """The learning rate that minimises the loss along the gradient, (…): a root of a cubic."""
    error = given.x @ (at.w1 @ at.w2) - given.y
    once = given.x @ operators.tau(at.gradient, at.w1, at.w2)
    twice = given.x @ (at.gradient @ transposed(at.w1 @ at.w2) @ at.gradient)
    return _least_of_quartic(error, once, twice)


def _least_of_quartic(error: np.ndarray, once: np.ndarray, twice: np.ndarray) -> np.ndarray:
    """The η > 0 that minimises ‖E − ηA + η²B‖²."""

    def inner(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.sum(left * right, axis=(-2, -1))

    # Half the derivative: 2‖B‖²η³ − 3⟨A,B⟩η² + (‖A‖² + 2⟨E,B⟩)η − ⟨E,A⟩, in units of η = s u.
    scale = inner(error, once) / inner(once, once)
    terms = [
        -inner(error, once) * scale,
        (inner(once, once) + 2 * inner(error, twice)) * scale**2,
        -3 * inner(once, twice) * scale**3,
        2 * inner(twice, twice) * scale**4,
    ]
    # Roots of the reversed polynomial are 1/u: it keeps its degree where B vanishes.
    monic = [term / terms[0] for term in terms[1:]]
    companion = np.zeros((*scale.shape, 3, 3))
    companion[..., 0, :] = -np.stack(monic, axis=-1)
    companion[..., 1, 0] = companion[..., 2, 1] = 1
    roots = np.linalg.eigvals(companion)
    real = (np.abs(roots.imag) < 1e-9 * np.abs(roots)) & (roots.real > 1e-9)
    u = 1 / np.where(real, roots.real, 1)
    u = np.where(real, u, 1)[..., None, None]
    eta = u * scale[..., None, None, None]
    losses = np.sum(
        (error[..., None, :, :] - eta * once[..., None, :, :] + eta**2 * twice[..., None, :, :])
        ** 2,
        axis=(-2, -1),
    )
    best = np.argmin(losses, axis=-1)[..., None]
    return np.take_along_axis(u[..., 0, 0], best, axis=-1)[..., 0] * scale
