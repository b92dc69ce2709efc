"""What holds to rounding or to an integration's error: τ, the flow, the toy problem, single layers.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (3) to (16).
"""

from itertools import islice
from typing import NamedTuple

import numpy as np

from overparam.linear_nets import dynamics, operators, rates
from overparam.linear_nets.draws import Generators, gaussian, spectral
from overparam.linear_nets.operators import norm, transposed
from overparam.linear_nets.rates import Problem

FINE = 0.04  # steps of the flow, in units of 1/(K λ_max(τ))
TOY_Y = 1.0
TOY_DT = 0.002
SETTLED = 1e-10  # of L(0): where the toy problem has arrived


def tau_bound(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """The excess of α(D, σ_min(W)) over λ_min(τ), in units of λ_max(τ), (…)."""
    least, largest = operators.tau_extremes(w1, w2)
    product = np.linalg.svd(w1 @ w2, compute_uv=False)[..., -1]
    bound = operators.alpha(
        operators.imbalance_spectrum(w1, w2), product, w1.shape[-2], w2.shape[-1]
    )
    return (bound - least) / largest


def tau_spectrum(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """How far τ's extremes are from the eigenvalues of its matrix, over the largest, (…)."""
    n, m = w1.shape[-2], w2.shape[-1]
    units = np.eye(n * m).reshape(n * m, n, m)
    matrix = operators.tau(units, w1[..., None, :, :], w2[..., None, :, :])
    values = np.linalg.eigvalsh(matrix.reshape(*w1.shape[:-2], n * m, n * m))
    least, largest = operators.tau_extremes(w1, w2)
    gap = np.maximum(np.abs(values[..., 0] - least), np.abs(values[..., -1] - largest))
    return gap / largest


def pairs(
    rngs: Generators, n: int, m: int, h: int, ratio: float, kind: str = "gaussian"
) -> tuple[np.ndarray, np.ndarray]:
    """Random layers, the first scaled by ratio: Gaussian ones, or `spectral` of a Gaussian W."""
    if kind == "spectral":
        return spectral(gaussian(rngs, n, m), h, ratio)
    return ratio * gaussian(rngs, n, h), gaussian(rngs, h, m) / ratio


def product_update(rngs: Generators, n: int, m: int, h: int) -> np.ndarray:
    """Relative difference of the product after a step and eq. (16), (seeds,)."""
    w1, w2 = pairs(rngs, n, m, h, 1.0)
    gradient, eta = gaussian(rngs, n, m), np.abs(gaussian(rngs, 1, 1))
    stepped = (w1 - eta * gradient @ transposed(w2)) @ (w2 - eta * transposed(w1) @ gradient)
    found = operators.product_update(w1, w2, gradient, eta)
    return norm(found - stepped) / norm(stepped)


def gradients(given: Problem, w1: np.ndarray, w2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Relative distances of ∇ℓ(W), as descent has it and with its sign as printed, from central
    differences of ℓ, (seeds,) each: ℓ is quadratic, so that these are exact but for rounding."""
    w = w1 @ w2
    units = np.eye(w[0].size).reshape(-1, *w.shape[-2:])

    def losses(sign: int) -> np.ndarray:
        error = given.x[:, None] @ (w[:, None] + sign * units) - given.y[:, None]
        return norm(error) ** 2 / 2

    slopes = ((losses(1) - losses(-1)) / 2).reshape(w.shape)
    found = dynamics.state(given, 0, w1, w2).gradient
    return norm(found - slopes) / norm(slopes), norm(-found - slopes) / norm(slopes)


class Flow(NamedTuple):
    """What a flow was held to, each (seeds,)."""

    drift: np.ndarray
    """Largest ‖D(t) − D(0)‖ over ‖D(0)‖; not finite for a balanced start."""
    product: np.ndarray
    """The same of the printed W1ᵀW1W2W2ᵀ."""
    bound: np.ndarray
    """Largest excess of ln L(t)/L(0) over −2μα₀t."""
    alpha: np.ndarray
    """Largest α₀/λ_min(τ) − 1."""
    constant: np.ndarray
    """The same of α(D(0), σ_min(W(0))), with which eq. (7) ends in print."""
    begun: np.ndarray
    """α₀/λ_min(τ) at the start: 0 where the bound says nothing."""
    decades: np.ndarray
    """log₁₀ L(T)/L(0)."""


def flow(given: Problem, w1: np.ndarray, w2: np.ndarray, time: np.ndarray | None = None) -> Flow:
    """The flow up to a time (seeds,), else until the slowest direction has lost e⁻⁴ of its size."""
    begun = rates.start(given, w1, w2)
    least, largest = operators.tau_extremes(w1, w2)
    until = 4 / (given.pl * least) if time is None else time
    count = int(np.ceil(np.max(until * given.smooth * largest) / FINE))
    dt = until / count

    def printed(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
        return transposed(w1) @ w1 @ w2 @ transposed(w2)

    first, wrong = operators.imbalance(w1, w2), printed(w1, w2)
    product = np.linalg.svd(w1 @ w2, compute_uv=False)[..., -1]
    spectrum = operators.imbalance_spectrum(w1, w2)
    constant = operators.alpha(spectrum, product, w1.shape[-2], w2.shape[-1])
    found = []
    for at in islice(dynamics.flow(given, w1, w2, dt), count + 1):
        if at.step % 20 and at.step != count:
            continue
        now = operators.tau_extremes(at.w1, at.w2)[0]
        found.append(
            [
                norm(operators.imbalance(at.w1, at.w2) - first),
                norm(printed(at.w1, at.w2) - wrong),
                np.log(at.loss / begun.loss) + 2 * given.pl * begun.alpha * dt * at.step,
                begun.alpha / now - 1,
                constant / now - 1,
            ]
        )
    drift, moved, bound, alpha, printed_alpha = np.max(found, axis=0)
    decades = np.log10(at.loss / begun.loss)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Flow(
            drift / norm(first), moved / norm(wrong), bound, alpha, printed_alpha,
            begun.alpha / least, decades,
        )  # fmt: skip


class Toy(NamedTuple):
    """Trajectories of L = ½(y − w1 w2)², y = 1: each (steps, starts)."""

    time: np.ndarray
    """(steps,)"""
    w1: np.ndarray
    w2: np.ndarray
    loss: np.ndarray


def toy(starts: np.ndarray, until: float) -> Toy:
    """The flow from starts (k, 2)."""
    w1, w2 = (starts[:, at].reshape(-1, 1, 1) for at in (0, 1))
    ones = np.ones_like(w1)
    given = rates.problem(ones, TOY_Y * ones)
    count = round(until / TOY_DT)
    states = [*islice(dynamics.flow(given, w1, w2, np.full(len(starts), TOY_DT)), count + 1)]
    return Toy(
        TOY_DT * np.arange(count + 1),
        np.stack([at.w1[:, 0, 0] for at in states]),
        np.stack([at.w2[:, 0, 0] for at in states]),
        np.stack([at.loss for at in states]),
    )


def toy_checks(run: Toy) -> dict[str, float]:
    """Eq. (8) to (10) along trajectories, as printed and as they are; the worst trajectory's, and
    of eq. (10) as printed the one that it fails by least."""
    identity, factor = [], []
    margin, rate = [], []
    printed_margin, printed_rate = [], []
    squares = run.w1**2 + run.w2**2
    for k in range(run.loss.shape[1]):
        live = np.flatnonzero(run.loss[:, k] > SETTLED * run.loss[0, k])
        last = live[-1] - live[-1] % 2  # Simpson's rule takes an even number of intervals
        values = squares[: last + 1, k]
        weights = np.ones(last + 1)
        weights[1:-1:2], weights[2:-1:2] = 4, 2
        area = weights @ values * TOY_DT / 3
        decayed = np.log(run.loss[0, k] / run.loss[last, k])
        identity.append(abs(decayed - 2 * area) / decayed)
        factor.append(decayed / area)
        least = abs(TOY_Y) - np.sqrt(2 * run.loss[0, k])
        product = np.abs(run.w1[:, k] * run.w2[:, k])
        margin.append(np.max(least - product))
        unequal = (run.w1[0, k] ** 2 - run.w2[0, k] ** 2) ** 2
        bound = unequal + 4 * max(least, 0) ** 2
        excess = np.log(run.loss[live, k] / run.loss[0, k]) + 2 * np.sqrt(bound) * run.time[live]
        rate.append(np.max(excess))
        # As printed, with L(0) for its root, and with L(t) under the root.
        wrong = abs(TOY_Y) - abs(run.loss[0, k])
        printed_margin.append(np.max(wrong - product))
        slope = -2 * squares[:, k] * run.loss[:, k]
        printed_rate.append(np.max(slope + np.sqrt(unequal + 4 * wrong**2 * run.loss[:, k])))
    return {
        "identity": max(identity),
        "factor": max(factor, key=lambda value: abs(value - 2)),
        "printed_margin": max(printed_margin),
        "printed_rate": min(printed_rate),
        "margin": max(margin),
        "rate": max(rate),
    }


def single_layer(
    given: Problem, w: np.ndarray, factor: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Descent on W at η = factor/K: by how much ℓ(t+1)/ℓ(t) exceeds (15), relative to it, and the
    same with κ for K as printed, in absolute terms; the largest over steps, (seeds,) each."""
    eta = factor / given.smooth
    plain = rates.Rate(2 * given.pl, given.smooth * given.pl, 0 * eta, 0 * eta)
    printed = plain._replace(a2=given.condition * given.pl)
    losses = []
    for _ in range(steps + 1):
        error = given.x @ w - given.y
        losses.append(norm(error) ** 2)
        w = w - eta[..., None, None] * transposed(given.x) @ error
    kept = np.array(losses[1:]) > 1e-20 * losses[0]
    ratios = np.where(kept, np.array(losses[1:]) / np.maximum(losses[:-1], 1e-300), 0)
    right, wrong = plain.at(eta), printed.at(eta)
    return np.max(ratios / right - 1, axis=0), np.max(ratios - wrong, axis=0)


def single_best(given: Problem) -> np.ndarray:
    """How far the least rate of (15) and where it lies are from 1 − 1/κ and 1/K, (seeds,)."""
    plain = rates.Rate(2 * given.pl, given.smooth * given.pl, 0 * given.pl, 0 * given.pl)
    eta = plain.best()
    gap = np.abs(plain.at(eta) - (1 - 1 / given.condition))
    return np.maximum(gap, np.abs(eta * given.smooth - 1))
