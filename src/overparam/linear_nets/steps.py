"""Step rules: how the learning rate is chosen, from the start alone or at every step.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023, section 4; its competitors are Arora, Cohen,
Golowich, Hu 2018 and Du, Hu, Lee 2018.
"""

from collections.abc import Callable

import numpy as np

from overparam.linear_nets import operators, rates
from overparam.linear_nets.dynamics import State
from overparam.linear_nets.rates import Problem, Rate, Start

Rule = Callable[[State], np.ndarray]
READINGS = ("capped", "plain", "scaled")


def rho(given: Problem, at: State, scale: float = 1.0) -> Rate:
    """ρ(η, t) of eq. (20); scale: a factor for λ_min(τ)."""
    least, largest = operators.tau_extremes(at.w1, at.w2)
    product = np.linalg.svd(at.w1 @ at.w2, compute_uv=False)[..., 0]
    return rates.rate(given, scale * least, largest, product, operators.norm(at.gradient))


def rho_hat(given: Problem, at: State, scale: float = 1.0) -> Rate:
    """ρ̂(η, t): ρ with α(D(t), σ_min(W)) and β(D(t), σ_max(W)) for τ's own eigenvalues."""
    values = np.linalg.svd(at.w1 @ at.w2, compute_uv=False)
    spectrum = operators.imbalance_spectrum(at.w1, at.w2)
    n, m = at.w1.shape[-2], at.w2.shape[-1]
    least = operators.alpha(spectrum, values[..., -1], n, m)
    largest = operators.beta(spectrum, values[..., 0])
    return rates.rate(given, scale * least, largest, values[..., 0], operators.norm(at.gradient))


def rule(
    name: str, given: Problem, begun: Start, c1: float, c2: float, reading: str = "capped"
) -> Rule:
    """A step rule by name: f0, ft, rho_hat, rho, arora or du.

    The first four minimise f(η, 0), f(η, t), ρ̂ or ρ: over η ≤ η_max, for which alone the theorem
    speaks (`capped`), over all η (`plain`), or with c1 λ_min(τ) for λ_min(τ) (`scaled`).
    """
    cap = rates.largest_step(given, begun, c1, c2) if reading == "capped" else np.inf
    scale = c1 if reading == "scaled" else 1.0

    def uniform(loss: np.ndarray) -> np.ndarray:
        return np.minimum(rates.uniform(given, begun, loss, c1, c2).best(), cap)

    fixed = uniform(begun.loss)
    return {
        "f0": lambda at: fixed,
        "ft": lambda at: uniform(at.loss),
        "rho_hat": lambda at: np.minimum(rho_hat(given, at, scale).best(), cap),
        "rho": lambda at: np.minimum(rho(given, at, scale).best(), cap),
        "arora": lambda at: arora(given, begun),
        "du": lambda at: du(given, at.step),
    }[name]


def arora(given: Problem, begun: Start) -> np.ndarray:
    """Arora et al. 2018, for two layers: η = c³ / (6144 · 2³ ‖Y‖_F⁴), with p1 as the margin c."""
    return begun.p1**3 / (6144 * 2**3 * operators.norm(given.y) ** 4)


def du(given: Problem, step: int) -> np.ndarray:
    """Du et al. 2018: η_t = √(ε/r) / (100 (t+1) ‖Y‖_F^{3/2}), with ε = ‖Y‖_F/2 as in the code."""
    size = operators.norm(given.y)
    rank = min(given.y.shape[-2:])
    return np.sqrt(size / 2 / rank) / (100 * (step + 1) * size**1.5)
