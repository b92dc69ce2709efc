"""Data and starts of the source's simulations, one for each generator: arrays (seeds, …)."""

from collections.abc import Callable, Sequence

import numpy as np

from overparam.linear_nets import rates
from overparam.linear_nets.operators import narrowed, transposed
from overparam.linear_nets.rates import Problem

Generators = Sequence[np.random.Generator]
Started = tuple[Problem, np.ndarray, np.ndarray]


def each(rngs: Generators, draw: Callable[[np.random.Generator], np.ndarray]) -> np.ndarray:
    """What each generator draws, stacked."""
    return np.stack([draw(rng) for rng in rngs])


def gaussian(rngs: Generators, *shape: int, sd: float = 1.0) -> np.ndarray:
    """Independent N(0, sd²) entries, (seeds, *shape)."""
    return each(rngs, lambda rng: sd * rng.standard_normal(shape))


def spectral(w: np.ndarray, h: int, ratio: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A start with product W (…, n, m): W1 = ratio U Σ^{1/2}, W2 = Σ^{1/2} Vᵀ / ratio, then zeros.

    At ratio 1 it is balanced, D = 0. Zeros are kept up to h or n + m columns, whichever is less:
    more change nothing.
    """
    u, values, vt = np.linalg.svd(w, full_matrices=False)
    roots = np.sqrt(values)
    w1, w2 = ratio * u * roots[..., None, :], roots[..., None] * vt / ratio
    empty = min(h, sum(w.shape[-2:])) - values.shape[-1]
    wide = [(0, 0)] * (w.ndim - 2)
    return np.pad(w1, [*wide, (0, 0), (0, empty)]), np.pad(w2, [*wide, (0, empty), (0, 0)])


def near_target(rngs: Generators, n: int, m: int, h: int, noise: float) -> Started:
    """Figure 1: X = I, Y = X W(0) + noise ε, W(0)_ij ~ N(0, ¼), a balanced spectral start."""
    w = gaussian(rngs, n, m, sd=0.5)
    x = np.broadcast_to(np.eye(n), (len(rngs), n, n))
    given = rates.problem(x, x @ w + noise * gaussian(rngs, n, m))
    return given, *spectral(w, h)


def scaled_gaussians(
    rngs: Generators, n: int, m: int, h: int, sigma: float, reading: str = "code"
) -> Started:
    """Figure 2: Gaussian layers, the first scaled up and the second down.

    `code`, as the authors computed it: X is orthogonal, Θ_ij ~ N(0, 1/n), and the scale r has
    r² − r⁻² = σ. `text`, as printed: X_ij and Θ_ij ~ N(0, 1), and r = σ. Y = XΘ in both.
    """
    x = gaussian(rngs, n, n)
    ratio = sigma
    if reading == "code":
        x = np.linalg.qr(x)[0]
        ratio = np.sqrt((sigma + np.sqrt(sigma**2 + 4)) / 2)
    theta = gaussian(rngs, n, m, sd=1 if reading == "text" else n**-0.5)
    given = rates.problem(x, x @ theta)
    w1, w2 = gaussian(rngs, n, h, sd=ratio), gaussian(rngs, h, m, sd=1 / ratio)
    return given, *narrowed(w1, w2)


def conditioned(
    rngs: Generators, n: int, m: int, h: int, noise: float, ratio: float, spread: float = 2.0,
    least: float = 1.0,
) -> Started:  # fmt: skip
    """X with singular values from 1 to `spread`, a target of full rank, and a start close to it.

    The target's singular values are from `least` to 2, so that the margin p1 is above 0 where the
    start is closer; ratio: as in `spectral`.
    """
    x = _with_values(rngs, n, n, np.linspace(1, spread, n))
    w = _with_values(rngs, n, m, np.linspace(least, 2, min(n, m)))
    given = rates.problem(x, x @ w)
    return given, *spectral(w + noise * gaussian(rngs, n, m), h, ratio)


def _with_values(rngs: Generators, n: int, m: int, values: np.ndarray) -> np.ndarray:
    """Matrices with given singular values and random singular vectors."""
    rank = len(values)
    left = np.linalg.qr(gaussian(rngs, n, rank))[0]
    right = np.linalg.qr(gaussian(rngs, m, rank))[0]
    return left * values @ transposed(right)
