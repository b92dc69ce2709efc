"""What O(·) and Ω(·) of the sources become at large width: exact constants.

Derived here, for networks as `networks` draws them: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962)
lemmas 7.1 and 7.3, theorem 3, and the sections on stability; Zou, Cao, Zhou, Gu 2018 (arXiv
1811.08888), theorems 5.1 and 5.3. Cosines are those between inputs of unit length, depth counts
ReLU layers, κ₀ and κ₁ are the arc-cosine kernels of degree 0 and 1.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import erf

SHARE = 1 - 1 / np.pi
"""Var f/‖h‖² where half of the output weights are 1 and half −1: features have mean
‖h‖/√(πm), which such signs cancel."""


def kappa0(cosine: np.ndarray) -> np.ndarray:
    """Share of ReLUs that two inputs agree on, 1 − θ/π."""
    return 1 - np.arccos(np.clip(cosine, -1, 1)) / np.pi


def kappa1(cosine: np.ndarray) -> np.ndarray:
    """Cosine between two hidden vectors, from that of the layer below: (sin θ + (π − θ)cos θ)/π."""
    cosine = np.clip(cosine, -1, 1)
    theta = np.arccos(cosine)
    return (np.sin(theta) + (np.pi - theta) * cosine) / np.pi


def log_norm(layers: int, m: int) -> tuple[float, float]:
    """Mean and standard deviation of ln ‖h‖² above some ReLU layers of width m.

    ‖h‖² is a product of independent factors, one a layer, each with mean 1 and variance 5/m.
    """
    return -5 * layers / (2 * m), np.sqrt(5 * layers / m)


def output_square(m: int) -> float:
    """E f²/‖h‖² where half of the m output weights are 1 and half −1: `SHARE` + 1/(πm), to order
    1/m.

    Given h such signs leave (m/(m − 1))(1 − mh̄²/‖h‖²), h̄ the mean feature; of features φ(g), g
    normal, mh̄²/‖h‖² has mean 1/π + (1 − 2/π)/m.
    """
    return SHARE + 1 / (np.pi * m)


def product_norm(factors: int) -> float:
    """‖W_b D W … D W_a‖₂ of that many square factors as m grows: √(min_z 2(1+z)²(1+2z)^{k−1}/z).

    2√2 for one; √(4ek) for many.
    """

    return _edge(lambda z: np.log(2) + np.log1p(z) + (factors - 1) * np.log1p(2 * z))


def backward_norm(factors: int, m: int, outputs: int) -> float:
    """‖B D_L W_L … D_a W_a‖₂ over √(m/d) for d outputs: √(min_z (d/m)(1+z)(1+zm/d)(1+2z)^k/z).

    1 for d ≪ m/k.
    """
    share = outputs / m
    return _edge(lambda z: np.log(share) + np.log1p(z / share) + factors * np.log1p(2 * z))


def _edge(log_inverse: Callable[[float], float]) -> float:
    """The largest singular value of a product of free factors, ln 1/S(z) of their squares given
    (S: Voiculescu's transform): the root of min_{z>0} (1 + z)/(z S(z))."""

    def log_edge(log_z: float) -> float:
        z = np.exp(log_z)
        return np.log1p(z) - log_z + log_inverse(z)

    return float(np.exp(minimize_scalar(log_edge, bounds=(-25, 5), method="bounded").fun / 2))


def separation(delta: np.ndarray, layers: int) -> np.ndarray:
    """Distance of two hidden vectors, in units of their length, above each of some ReLU layers.

    delta: distance of two unit inputs in [0, 2], any shape. Returns (layers, …).
    """
    cosine, found = 1 - np.asarray(delta, float) ** 2 / 2, []
    for _ in range(layers):
        cosine = kappa1(cosine)
        found.append(np.sqrt(np.maximum(2 - 2 * cosine, 0)))
    return np.stack(found)


def tangent_kernel(cosine: np.ndarray, layers: int, fixed: int) -> np.ndarray:
    """K∞ in units of m/(2d), of networks with `layers` ReLU layers of which `fixed` at the bottom
    are not trained: Σ_l Σ^{(l−1)} Π_{r ≥ l} κ₀(Σ^{(r−1)}), l over the trained layers.

    cosine: of the inputs, any shape.
    """
    below = [np.clip(np.asarray(cosine, float), -1, 1)]
    for _ in range(layers - 1):
        below.append(kappa1(below[-1]))
    kernel, agree = np.zeros_like(below[0]), np.ones_like(below[0])
    for at in reversed(range(fixed, layers)):
        agree = agree * kappa0(below[at])
        kernel += below[at] * agree
    return kernel


def kernel_scatter(depth: int, m: int) -> float:
    """Standard deviation over networks of ln K(x, x), to first order in depth/m; `depth` trained
    layers above one that is not: √((5(L + 1) − 4(L² − 1)/3L)/m).

    K is the sum over layers l of ‖h_{l−1}‖² times a squared backward vector, a product of L + 1
    factors of variance 5/m, one a layer. Two terms share the factors below and above both; between
    them one has the forward factor of a layer, the other the backward one, whose covariance is 1/m.
    |l − l'| has mean (L² − 1)/3L.
    """
    return float(np.sqrt((5 * (depth + 1) - 4 * (depth**2 - 1) / (3 * depth)) / m))


def separation_scatter(layers: int, m: int) -> float:
    """Standard deviation over networks of ln δ_l of two close inputs, in units of ‖h‖: √(2l/m).

    A layer multiplies ‖h − h'‖² and ‖h‖² by factors of variance 5/m, with covariance 1/m.
    """
    return float(np.sqrt(2 * layers / m))


def push_all(cosine: np.ndarray, layers: int, fixed: int) -> float:
    """½ Σ_i ⟨∇f(x_i), W′⟩² in units of nL²m‖W′‖² for W′ along the gradient of Σ_i f(x_i), the same
    norm in every trained layer: ¼ for one input. cosine: of the inputs, (n, n)."""
    below = [np.asarray(cosine, float)]
    for _ in range(layers - 1):
        below.append(kappa1(below[-1]))
    agree, pushed = np.full_like(below[0], 0.5), np.zeros(len(below[0]))
    for at in reversed(range(fixed, layers)):
        agree = agree * kappa0(below[at])
        norm = np.sqrt(np.linalg.eigvals(agree @ below[at]).real.max())
        pushed += np.sum(agree * below[at], axis=1) / norm
    return float(np.mean(pushed**2) / (2 * (layers - fixed) ** 2))


def random_flips(omega: float, layers: int, fixed: int) -> np.ndarray:
    """Share of ReLUs that flip in each trained layer under Gaussian W′ of spectral norm ω: θ/π
    with cos θ = ρ/√(1 + ω²/8), ρ the cosine of the hidden vectors below. (layers − fixed,)."""
    rho, found = 1.0, []
    for _ in range(layers - fixed):
        cosine = rho / np.sqrt(1 + omega**2 / 8)
        found.append(np.arccos(cosine) / np.pi)
        rho = float(kappa1(np.array(cosine)))
    return np.array(found)


def random_shift(omega: float, layers: int) -> float:
    """‖h'_L − h_L‖ above that many trained layers under the same W′, ‖h_L‖ = 1: √(1 + q^L −
    2q^{L/2}ρ), q = 1 + ω²/8, which is ω√(L/8) for small ω."""
    growth, rho = 1 + omega**2 / 8, 1.0
    for _ in range(layers):
        rho = float(kappa1(np.array(rho / np.sqrt(growth))))
    return float(np.sqrt(1 + growth**layers - 2 * growth ** (layers / 2) * rho))


def random_turn(omega: float, layers: int) -> float:
    """Relative distance of the backward vectors of all trained layers under the same W′: squared,
    the mean over layers l of 2(1 − Π_{r ≥ l} (1 − θ_r/π))."""
    kept = np.cumprod(1 - random_flips(omega, layers + 1, 1)[::-1])
    return float(np.sqrt(np.mean(2 * (1 - kept))))


def gradient_flips(omega: float, layers: int) -> float:
    """Share of the last layer's ReLUs that W′ along the gradient of f flips, for small ω.

    Layer l sends PPᵀb/‖Pᵀb‖ to the last, P a product of k = L − l factors, whose squared length is
    1 + 2k; all together L² + N, N = L(L−1)(2L−1)/3. L² lies along b, on active ReLUs alone.
    """
    spread = layers * (layers - 1) * (2 * layers - 1) / 3
    active = np.arctan(omega * np.sqrt(layers**2 + spread / 2))
    return float((active + np.arctan(omega * np.sqrt(spread / 2))) / (2 * np.pi))


def worst_flips(omega: float) -> float:
    """Share of one layer's ReLUs that W′ of norm ω can flip at one input: (3ω²/π)^{1/3}.

    The cheapest first: ReLUs lie with density √(m/4π) around 0, and to flip all that are nearer
    than t costs Σg² = m^{3/2}t³/(3√π) = ω².
    """
    return (3 * omega**2 / np.pi) ** (1 / 3)


def pattern_norm(share: float) -> float:
    """The least norm of W′ that flips a share of one layer's ReLUs: `worst_flips` turned round."""
    return float(np.sqrt(np.pi * share**3 / 3))


THIRD = np.sqrt(8 / np.pi)
"""E|b|³ of an output weight b ~ N(0, 1)."""


def worst_linearisation(omega: float, m: int, reach: float = 0.5) -> float:
    """The largest one-sided |f − its linearisation| by W′ of norm ω in the last layer, d = 1.

    A ReLU whose output weight b has the sign wanted is moved by |b|/λ if it is nearer to 0 than a
    part r of that, r = ½ being the best; λ spends ω²: (2r − r²)(2r)^{−2/3}(E|b|³/4√π)^{1/3} √m
    ω^{4/3}.
    """
    size = (2 * reach - reach**2) / (2 * reach) ** (2 / 3)
    return float(size * (THIRD / (4 * np.sqrt(np.pi))) ** (1 / 3) * np.sqrt(m) * omega ** (4 / 3))


def kernel_gain(omega: float, layers: int = 1) -> float:
    """K′/K − 1 at an input by W′ of norm ω in the last of that many trained layers, which flips
    ReLUs by what each gains to first order, d = 1, for small ω: 2(3T²ω²/4π)^{1/3}.

    A flip that gains G, in units of ‖h‖², is made where the ReLU is nearer to 0 than λ√G. Turned on
    it gains Lb² + 2bη, turned off the negative of this; η ~ N(0, N/2) is the gradient's image there
    (`gradient_flips`), bη what flips do to ‖b_l‖² of layers below. So T = E|b(b + σz)|^{3/2}, σ² =
    2N/L². One layer has T = E|b|³, the maximum; so have, at every depth, ReLUs turned on by b².
    """
    spread = np.sqrt(2 * (layers - 1) * (2 * layers - 1) / (3 * layers))
    size, weight = np.polynomial.hermite_e.hermegauss(200)
    gains = np.abs(size[:, None] * (size[:, None] + spread * size)) ** 1.5
    mean = weight @ gains @ weight / np.sum(weight) ** 2
    return float(2 * (3 * mean**2 * omega**2 / (4 * np.pi)) ** (1 / 3))


def near_zero(beta: float, m: int) -> float:
    """Expected share of 2m^{3/2}β of ReLUs whose input lies within ±β, ‖h‖ = 1: 1/(2√π) for
    small β√m."""
    return float(m * erf(beta * np.sqrt(m) / 2) / (2 * m**1.5 * beta))
