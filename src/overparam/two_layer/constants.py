"""What the theorems ask for, with every constant that hides in an O or an Ω taken as 1.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorems 3.1, 4.1 and 5.1 and the proof
of theorem 4.1. λ₀ = λ_min(H∞); δ is the probability of failure. Numbers that overflow no float,
but no paper either, come as log₁₀.
"""

import math


def width_to_converge(n: int, least: float, kappa: float, delta: float) -> float:
    """log₁₀ of n⁶ / (λ₀⁴ κ² δ³), the width of theorem 3.1 (linear convergence)."""
    return 6 * _log(n) - 4 * _log(least) - 2 * _log(kappa) - 3 * _log(delta)


def width_to_predict(n: int, least: float, kappa: float, delta: float, epsilon: float) -> float:
    """log₁₀ of n⁷ / (λ₀⁴ κ² δ⁴ ε²), the width of theorem 4.1 (eq. (8) up to ε)."""
    logs = (7, n), (-4, least), (-2, kappa), (-4, delta), (-2, epsilon)
    return sum(power * _log(base) for power, base in logs)


def scale_to_predict(n: int, delta: float, epsilon: float) -> float:
    """ε δ / √n, the largest κ of theorem 4.1."""
    return epsilon * delta / math.sqrt(n)


def learning_rate(n: int, least: float) -> float:
    """λ₀ / n², the learning rate of theorems 3.1, 4.1 and 5.1, for the summed loss Φ."""
    return least / n**2


def steps_to_generalise(n: int, least: float, eta: float, delta: float) -> float:
    """log(n/δ) / (ηλ₀), the steps after which theorem 5.1 holds."""
    return math.log(n / delta) / (eta * least)


def start_error(n: int, kappa: float, delta: float) -> float:
    """√n κ / δ, the part of theorem 4.1's error that u(0) ≠ 0 causes, in ‖y − u‖₂."""
    return math.sqrt(n) * kappa / delta


def movement_error(n: int, m: int, least: float, kappa: float, delta: float) -> float:
    """log₁₀ of n^{7/2} / (√m λ₀² κ δ²), the part that a finite width causes, in ‖y − u‖₂."""
    logs = (3.5, n), (-0.5, m), (-2, least), (-1, kappa), (-2, delta)
    return sum(power * _log(base) for power, base in logs)


def _log(number: float) -> float:
    return math.log10(number)
