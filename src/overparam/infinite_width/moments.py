"""E σ(u)σ(v) and E σ′(u)σ′(v) of two Gaussian variables, for every pair of two sets of them.

Sources: Cho, Saul 2009 (arc-cosine kernels) for ReLU; Williams 1998 for erf; Mehler's formula for
other smooth activations. Quadrature is never used for ReLU: with 80 nodes it errs by 1.6·10⁻³ and,
of σ′, by 1.2·10⁻². NumPy float64.

An angle taken from a correlation near 1 loses half its digits, and ReLU's moments have a root
there. So pairs carry the mean squares of u − v and u + v beside their covariance, from layer to
layer, and angles come from these (Kahan).
"""

from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.infinite_width import activations

# The Hermite series ends where what is left of σ² and σ′² is below this share, or with its last
# term.
TAIL = 1e-12


class Pairs(NamedTuple):
    """Centred Gaussian variables u of one set and v of another, in pairs."""

    left: np.ndarray
    """Variances of u, of a shape that broadcasts against `covariance`: (n, 1), say."""
    right: np.ndarray
    """Variances of v: (1, p)."""
    covariance: np.ndarray
    """E uv: (n, p)."""
    difference: np.ndarray
    """E (u − v)²: (n, p), accurate relative to itself where it is small."""
    total: np.ndarray
    """E (u + v)²: (n, p), likewise."""
    same: tuple[np.ndarray, ...] | None = None
    """Where u is v, as an index of `covariance`; None if the two sets are different ones."""


class Moments(NamedTuple):
    """What σ makes of pairs, each of the shape of their covariance."""

    product: np.ndarray
    """E σ(u)σ(v)."""
    slope: np.ndarray
    """E σ′(u)σ′(v)."""
    difference: np.ndarray
    """E (σ(u) − σ(v))²."""


def moments(name: str, pairs: Pairs) -> Moments:
    """E σ(u)σ(v), E σ′(u)σ′(v) and E (σ(u) − σ(v))²; exact where u is v.

    Elsewhere to rounding for closed forms and to some 10⁻¹² for series, but for tanh of variances
    above 1 at correlations near ±1: 2·10⁻⁹ of σ and 10⁻⁷ of σ′ at variance 4.
    """
    activations.named(name)
    left, right = (activations.own(name, side) for side in (pairs.left, pairs.right))
    difference = None
    match name:
        case "relu":
            product, slope, difference = _relu(pairs)
        case "erf":
            product, slope = _erf(pairs)
        case "square":
            product = pairs.left * pairs.right + 2 * pairs.covariance**2
            slope = 4 * pairs.covariance
        case _:
            product, slope = _series(name, pairs)
    if difference is None:
        difference = left.square + right.square - 2 * product
    if pairs.same is not None:
        shape = pairs.covariance.shape
        product[pairs.same] = np.broadcast_to(left.square, shape)[pairs.same]
        slope[pairs.same] = np.broadcast_to(left.slope, shape)[pairs.same]
        difference[pairs.same] = 0
    return Moments(product, slope, difference)


def angles(pairs: Pairs) -> np.ndarray:
    """θ with cos θ = E uv/√(E u² E v²), from |u − v|² = (a − b)² + 4ab sin²(θ/2) and its like."""
    uneven = (np.sqrt(pairs.left) - np.sqrt(pairs.right)) ** 2
    near, far = (np.maximum(each - uneven, 0) for each in (pairs.difference, pairs.total))
    return 2 * np.arctan2(np.sqrt(near, out=near), np.sqrt(far, out=far))


def _relu(pairs: Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    theta = angles(pairs)
    sine, cosine = np.sin(theta), np.cos(theta)
    both = np.sqrt(pairs.left) * np.sqrt(pairs.right)
    slope = (np.pi - theta) / (2 * np.pi)
    product = both * (sine / (2 * np.pi) + slope * cosine)
    # 1 − (sin θ + (π − θ) cos θ)/π without the difference of near numbers.
    gap = np.pi * 2 * np.sin(theta / 2) ** 2 - _sine_less(theta, sine, cosine)
    uneven = (np.sqrt(pairs.left) - np.sqrt(pairs.right)) ** 2
    return product, slope, uneven / 2 + both * gap / np.pi


def _sine_less(theta: np.ndarray, sine: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """sin θ − θ cos θ, by its series where θ is small."""
    small = theta**3 / 3 * (1 - theta**2 / 10)
    return np.where(theta < 1e-3, small, sine - theta * cosine)


def _erf(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    scale, twice = (1 + 2 * pairs.left) * (1 + 2 * pairs.right), 2 * pairs.covariance
    product = 2 / np.pi * np.arcsin(np.clip(twice / np.sqrt(scale), -1, 1))
    return product, 4 / np.pi / np.sqrt(scale - twice**2)


def _series(name: str, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    terms = _terms(name, max(pairs.left.max(), pairs.right.max()))
    correlation = _correlation(pairs)
    left, right = (_coefficients(name, side, terms) for side in (pairs.left, pairs.right))
    found = []
    for ours, theirs in zip(left, right, strict=True):
        total = np.zeros_like(correlation)
        for a, b in zip(ours[::-1], theirs[::-1], strict=True):
            total *= correlation
            total += a * b
        found.append(total)
    return found[0], found[1]


def _correlation(pairs: Pairs) -> np.ndarray:
    """ρ within [−1, 1]; 0 where a variance is."""
    lengths = np.sqrt(pairs.left) * np.sqrt(pairs.right)
    lengths = np.broadcast_to(lengths, pairs.covariance.shape)
    found = np.divide(
        pairs.covariance, lengths, out=np.zeros_like(pairs.covariance), where=lengths > 0
    )
    return np.clip(found, -1, 1, out=found)


def _coefficients(name: str, variance: np.ndarray, terms: int) -> tuple[np.ndarray, np.ndarray]:
    """`activations.hermite`, as (terms, 1, 1 …) where all variances are one but for rounding."""
    first = variance.flat[0]
    if np.all(np.abs(variance - first) <= 1e-14 * first):
        variance = np.full((1,) * variance.ndim, first)
    return activations.hermite(name, variance, terms)


def _terms(name: str, variance: float) -> int:
    """How many terms leave of σ and σ′ no more than rounding."""
    values, slopes = activations.hermite(name, np.array(variance), activations.MOST)
    left = np.cumsum((values**2 + slopes**2)[::-1])[::-1]
    return int(np.searchsorted(-left, -TAIL * left[0])) or 1


def quadrature(name: str, pairs: Pairs, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """E σ(u)σ(v) and E σ′(u)σ′(v) by Gauss and Hermite's rule in two dimensions: another way to
    what `moments` gives, nodes² times as dear. 20 nodes do for softplus, 80 for tanh.

    Raises Refusal for ReLU, for which it is wrong in the third digit.
    """
    activation = activations.smooth(name, "quadrature")
    z, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    lengths = np.sqrt(pairs.left), np.sqrt(pairs.right)
    correlation = _correlation(pairs)
    rest = np.sqrt(1 - correlation**2)
    product, slope = np.zeros_like(correlation), np.zeros_like(correlation)
    for x, weight in zip(z, weights, strict=True):
        u = lengths[0] * x
        for y, other in zip(z, weights, strict=True):
            v = lengths[1] * (correlation * x + rest * y)
            product += weight * other * activation.value(u) * activation.value(v)
            slope += weight * other * activation.slope(u) * activation.slope(v)
    return product, slope


def check_rows(inputs: np.ndarray) -> None:
    """Raises Refusal for a row that is zero, not finite, or another's twin, and names it.

    inputs: (n, …). Such rows have no direction, or make every kernel singular.
    """
    rows = inputs.reshape(len(inputs), -1)
    lengths = np.linalg.norm(rows, axis=1)
    wrong = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if len(wrong):
        raise Refusal(
            f"inputs: row {wrong[0]} has length {lengths[wrong[0]]}, expected a positive number"
        )
    _, first, at = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    twins = np.flatnonzero(first[at] != np.arange(len(rows)))
    if len(twins):
        raise Refusal(
            f"inputs: rows {first[at][twins[0]]} and {twins[0]} are equal ({len(twins)} such "
            "rows), expected different ones: the least eigenvalue would be 0"
        )
