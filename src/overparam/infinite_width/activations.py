"""Activations, and what they are for a Gaussian argument: their moments of one variable.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), section 3, whose c_σ makes hidden vectors
as long as unit inputs. NumPy float64.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermevander
from scipy.special import erf, expit, gammaln

from overparam.errors import Refusal

# Trapezoidal rule for smooth functions against the normal density: its error falls as exp(−2πw/h)
# with the distance w of the nearest pole from the real line, π/2√q for tanh(√q z): below 10⁻¹⁵ up
# to q = 32. At REACH the density times the square of the last polynomial is below 10⁻³⁰.
REACH, STEP = 38.0, 0.05
# Hermite polynomials of which values are kept.
MOST = 160


class Activation(NamedTuple):
    """σ and its derivatives, each from an array to one of the same shape."""

    name: str
    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    """σ′; of ReLU the indicator of z ≥ 0."""
    bend: Callable[[np.ndarray], np.ndarray]
    """σ″; ReLU has none, and says so."""


class Own(NamedTuple):
    """Moments of σ(u), u ~ N(0, q), each of the shape of q."""

    mean: np.ndarray
    """E σ(u)."""
    square: np.ndarray
    """E σ(u)²."""
    slope: np.ndarray
    """E σ′(u)²."""


def _kink(z: np.ndarray) -> np.ndarray:
    raise Refusal("activation: found 'relu', expected one with a second derivative")


def _tanh_slope(z: np.ndarray) -> np.ndarray:
    return 1 - np.tanh(z) ** 2


def _sigmoid_slope(z: np.ndarray) -> np.ndarray:
    return expit(z) * expit(-z)


def _erf_slope(z: np.ndarray) -> np.ndarray:
    return 2 / np.sqrt(np.pi) * np.exp(-z * z)


ACTIVATIONS = {
    each.name: each
    for each in (
        Activation("relu", lambda z: np.maximum(z, 0), lambda z: (z >= 0).astype(z.dtype), _kink),
        Activation("erf", erf, _erf_slope, lambda z: -2 * z * _erf_slope(z)),
        Activation("tanh", np.tanh, _tanh_slope, lambda z: -2 * np.tanh(z) * _tanh_slope(z)),
        Activation("softplus", lambda z: np.logaddexp(z, 0), expit, _sigmoid_slope),
        Activation(
            "sigmoid", expit, _sigmoid_slope, lambda z: _sigmoid_slope(z) * (1 - 2 * expit(z))
        ),
        Activation("square", np.square, lambda z: 2 * z, lambda z: np.full_like(z, 2)),
    )
}


def named(name: str) -> Activation:
    """An activation by its name; Refusal lists those that there are."""
    if name not in ACTIVATIONS:
        raise Refusal(f"activation: found {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def smooth(name: str, what: str) -> Activation:
    """An activation that has a second derivative; Refusal says what wanted one."""
    if named(name).bend is _kink:
        others = ", ".join(each.name for each in ACTIVATIONS.values() if each.bend is not _kink)
        raise Refusal(
            f"{what}: found activation {name!r}, which has a kink, expected one of {others}"
        )
    return ACTIVATIONS[name]


def own(name: str, variance: np.ndarray) -> Own:
    """Moments of σ(u), u ~ N(0, q), for variances q ≥ 0 of any shape."""
    q = np.asarray(variance, float)
    match named(name).name:
        case "relu":
            return Own(np.sqrt(q / (2 * np.pi)), q / 2, np.full_like(q, 0.5))
        case "erf":
            square = 2 / np.pi * np.arcsin(2 * q / (1 + 2 * q))
            return Own(np.zeros_like(q), square, 4 / np.pi / np.sqrt(1 + 4 * q))
        case "square":
            return Own(q, 3 * q * q, 4 * q)
    different, at = np.unique(q, return_inverse=True)
    z, weights = _rule()
    values = ACTIVATIONS[name].value(np.sqrt(different)[:, None] * z)
    slopes = ACTIVATIONS[name].slope(np.sqrt(different)[:, None] * z)
    moments = (values @ weights, values**2 @ weights, slopes**2 @ weights)
    return Own(*(each[at].reshape(q.shape) for each in moments))


def c_sigma(name: str) -> float:
    """c_σ = 1/E σ(g)², g ~ N(0, 1): 2 for ReLU, 1.0854865 for softplus."""
    return float(1 / own(name, np.array(1.0)).square)


def hermite(name: str, variance: np.ndarray, terms: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of σ(√q g) and σ′(√q g) in orthonormal Hermite polynomials He_k/√k!.

    variance: q ≥ 0, any shape. terms: how many, k = 0 … terms − 1,
        at most MOST. Returns two arrays, (terms, *shape
    of q): E σ(u)σ(v) = Σ_k a_k(q) a_k(q′) ρᵏ for u, v of variances q, q′ and correlation ρ
    (Mehler).
    Raises Refusal for ReLU, whose coefficients fall too slowly for any number of terms.
    """
    activation = smooth(name, "Hermite series")
    q = np.asarray(variance, float)
    different, at = np.unique(q, return_inverse=True)
    z, weights = _rule()
    basis = _basis()[:terms] * weights
    inner = np.sqrt(different)[:, None] * z
    found = (basis @ function(inner).T for function in (activation.value, activation.slope))
    values, slopes = (each[:, at].reshape(terms, *q.shape) for each in found)
    return values, slopes


def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Points z and weights of E f(g) = Σ w f(z), g ~ N(0, 1), f smooth."""
    z = np.arange(-REACH, REACH + STEP / 2, STEP)
    return z, STEP / np.sqrt(2 * np.pi) * np.exp(-(z**2) / 2)


@cache
def _basis() -> np.ndarray:
    """He_k/√k! at the points of the rule: (MOST, points)."""
    z, _ = _rule()
    k = np.arange(MOST)
    return (hermevander(z, MOST - 1) * np.exp(-gammaln(k + 1) / 2)).T
