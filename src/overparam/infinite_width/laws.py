"""What is exact about kernels on the sphere and about networks of finite width.

Sources: Lee's survey (2019), "What functions can be efficiently learned?" and "Deep net
Infinite-Width"; Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804) for the rank. Derived here. ρ is
the cosine of two unit inputs, K1 = ρ(π − θ)/2π and K2 = (sin θ + (π − θ)ρ)/2π with cos θ = ρ the
kernels of the two layers of a ReLU network, c = 1. NumPy float64.
"""

from collections.abc import Callable
from math import comb

import numpy as np
from scipy.special import eval_gegenbauer

# Points of Gauss and Legendre's rule in the angle, in which K1 and K2 are smooth.
NODES = 400


def first(cosine: np.ndarray) -> np.ndarray:
    """K1(ρ), of the weights w."""
    return cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi)


def second(cosine: np.ndarray) -> np.ndarray:
    """K2(ρ), of the weights a."""
    theta = np.arccos(cosine)
    return (np.sin(theta) + (np.pi - theta) * cosine) / (2 * np.pi)


def coefficients(last: int) -> tuple[np.ndarray, np.ndarray]:
    """c_0 … c_last of K1 = Σ c_j ρʲ and of K2, exact: of (asin ρ)ρ/2π + ρ/4, and √(1 − ρ²)/2π more.

    With u_k = C(2k, k)/4ᵏ: c_1 = ¼ in both, c_{2k+2} = u_k/(2π(2k + 1)) in K1 and that over 2k + 2
    in K2, whose c_0 is 1/2π; all other odd ones are 0.
    """
    one, two = np.zeros(last + 1), np.zeros(last + 1)
    one[1:2] = two[1:2] = 0.25
    two[0] = 1 / (2 * np.pi)
    k = np.arange((last - 2) // 2 + 1)
    u = np.cumprod(np.concatenate([[1.0], (2 * k[1:] - 1) / (2 * k[1:])]))
    one[2 : 2 * len(k) + 1 : 2] = u / (2 * np.pi * (2 * k + 1))
    two[2 : 2 * len(k) + 1 : 2] = one[2 : 2 * len(k) + 1 : 2] / (2 * k + 2)
    return one, two


def zonal(kernel: Callable[[np.ndarray], np.ndarray], degree: int, d: int) -> np.ndarray:
    """b_0 … b_degree of k(ρ) = Σ_l b_l P_l(ρ), P_l Gegenbauer's polynomials for the sphere in ℝᵈ, d
    ≥ 3, with P_l(1) = 1: (degree + 1,).

    kernel: from cosines, an array, to values; smooth in the angle.
    """
    x, weights = np.polynomial.legendre.leggauss(NODES)
    theta = (x + 1) * np.pi / 2
    weights = weights * np.sin(theta) ** (d - 2)
    basis = _gegenbauer(degree, d, np.cos(theta))
    return (basis * weights) @ kernel(np.cos(theta)) / (basis**2 @ weights)


def power_norm(kernel: Callable[[np.ndarray], np.ndarray], power: int, d: int) -> float:
    """‖(βᵀx)^k‖_K on the sphere in ℝᵈ for ‖β‖ = 1: √Σ a_l²/b_l, a_l of tᵏ and b_l of the kernel.

    Each P_l(βᵀx) is the kernel's part of degree l at β over b_l, whose norm is P_l(1)/b_l = 1/b_l.
    The talk's 1/√c_k is an upper bound. Infinity if the kernel lacks a degree that tᵏ has.
    """
    a, b = zonal(lambda t: t**power, power, d), zonal(kernel, power, d)
    used = np.arange(power % 2, power + 1, 2)
    if np.any(b[used] < 1e-14):
        return np.inf
    return float(np.sqrt(np.sum(a[used] ** 2 / b[used])))


def _gegenbauer(degree: int, d: int, t: np.ndarray) -> np.ndarray:
    each, half = np.arange(degree + 1)[:, None], d / 2 - 1
    return eval_gegenbauer(each, half, t) / eval_gegenbauer(each, half, 1.0)


def cubic_floor(d: int) -> float:
    """The least relative root mean square error of a linear function for x₁³ on the sphere in ℝᵈ.

    √(1 − (E x₁⁴)²/(E x₁² E x₁⁶)) = √(1 − 9(d + 4)/(15(d + 2))): .5477 for d = 10.
    """
    return float(np.sqrt(1 - 9 * (d + 4) / (15 * (d + 2))))


def square_rank(depth: int, d: int) -> int:
    """The rank of K^(H) for σ(z) = z² on the sphere in ℝᵈ, with points enough: C(d − 1 + 2^H, 2^H).

    It is a polynomial of degree 2^H in ρ with every even power, so all such forms are features.
    """
    return comb(d - 1 + 2**depth, 2**depth)


def kurtosis(m: np.ndarray | float, layers: int) -> np.ndarray | float:
    """Excess kurtosis of f for L ReLU layers of width m with Gaussian weights: 3((1 + 5/m)^L − 1).

    Given h^L, f is Gaussian of variance ‖h^L‖²; that is a product of L independent factors, each of
    mean 1 and variance 5/m.
    """
    return 3 * ((1 + 5 / m) ** layers - 1)
