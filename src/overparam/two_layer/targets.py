"""Functions that a two-layer ReLU network can learn, how hard they are at most, and some it cannot.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 6: for y_i = g(x_i), the norm
√(yᵀ(H∞)⁻¹y) is bounded whatever n if g is linear, an even power, or a sum of such. The paper
prints one constant (theorem 6.1, corollary 6.2, examples 6.1 to 6.4); its proof gives a smaller
one, called sharp here: 2 for linear functions and √(2π)(p − 1) for the even power p.
"""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.points import unit_rows


class Bounds(NamedTuple):
    """Bounds on √(yᵀ(H∞)⁻¹y) at every n; infinite where the source gives none."""

    published: float
    sharp: float


class Target(NamedTuple):
    """A function g on the unit sphere: `values` takes inputs (n, d) to y (n,)."""

    values: Callable[[np.ndarray], np.ndarray]
    bounds: Bounds


UNBOUNDED = Bounds(math.inf, math.inf)


def power_bounds(p: int, alpha: float, length: float) -> Bounds:
    """For α(βᵀx)^p with ‖β‖ = `length`: 3p|α|‖β‖^p, and the proof's constant (theorem 6.1).

    Infinite unless p is 1 or even: the kernel's power series holds no other degree.
    """
    if p != 1 and p % 2:
        return UNBOUNDED
    size = abs(alpha) * length**p
    return Bounds(3 * p * size, (2 if p == 1 else math.sqrt(2 * math.pi) * (p - 1)) * size)


def sum_bounds(terms: list[Bounds]) -> Bounds:
    """For a sum: the sum of the terms' bounds, by the triangle inequality (corollary 6.2)."""
    return Bounds(sum(term.published for term in terms), sum(term.sharp for term in terms))


def quadratic_bounds(nuclear: float) -> Bounds:
    """For xᵀAx with nuclear norm ‖A‖_* = Σ_j |α_j|: 6‖A‖_* and √(2π)‖A‖_* (example 6.2)."""
    return power_bounds(2, nuclear, 1.0)


def cosine_bounds(length: float) -> Bounds:
    """For cos(βᵀx) − 1, b = ‖β‖: 3b sinh b and √(2π)(b sinh b − cosh b + 1) (example 6.3).

    The series Σ_j (−1)^j z^{2j}/(2j)! in corollary 6.2, summed.
    """
    grown = length * math.sinh(length)
    return Bounds(3 * grown, math.sqrt(2 * math.pi) * (grown - math.cosh(length) + 1))


def arctan_bounds(length: float) -> Bounds:
    """For z·arctan(z/2), z = βᵀx, b = ‖β‖: O(b²) as b → 0 (example 6.4).

    The series Σ_j (−1)^{j−1} 2^{1−2j}/(2j−1) z^{2j} in corollary 6.2, summed with t = b²/4:
    6(t/(1−t) + √t artanh √t), about 3b² for small b, and 2√(2π) t/(1−t). Infinite from b = 2 on,
    where the series diverges.
    """
    if length >= 2:
        return UNBOUNDED
    t = length**2 / 4
    grown = t / (1 - t)
    published = 6 * (grown + math.sqrt(t) * math.atanh(math.sqrt(t)))
    return Bounds(published, 2 * math.sqrt(2 * math.pi) * grown)


def power(beta: np.ndarray, p: int, alpha: float = 1.0) -> Target:
    """α(βᵀx)^p, β (d,)."""
    bounds = power_bounds(p, alpha, float(np.linalg.norm(beta)))
    return Target(lambda x: alpha * (x @ beta) ** p, bounds)


def quadratic(matrix: np.ndarray) -> Target:
    """xᵀAx, A (d, d) symmetric."""
    bounds = quadratic_bounds(float(np.abs(np.linalg.eigvalsh(matrix)).sum()))
    return Target(lambda x: np.sum((x @ matrix) * x, axis=1), bounds)


def cosine(beta: np.ndarray) -> Target:
    """cos(βᵀx) − 1, β (d,)."""
    return Target(lambda x: np.cos(x @ beta) - 1, cosine_bounds(float(np.linalg.norm(beta))))


def arctan(beta: np.ndarray) -> Target:
    """z·arctan(z/2) with z = βᵀx, β (d,)."""
    bounds = arctan_bounds(float(np.linalg.norm(beta)))
    return Target(lambda x: (x @ beta) * np.arctan(x @ beta / 2), bounds)


def total(terms: list[Target]) -> Target:
    """The sum of several targets."""
    bounds = sum_bounds([term.bounds for term in terms])
    return Target(lambda x: np.sum([term.values(x) for term in terms], axis=0), bounds)


def random_symmetric(d: int, rank: int, rng: np.random.Generator) -> np.ndarray:
    """A symmetric matrix (d, d) of a given rank, nuclear norm 1, eigenvalues of either sign.

    Raises Refusal for a rank that is not 1 … d.
    """
    if not 1 <= rank <= d:
        raise Refusal(f"quadratic form: found rank {rank}, expected 1 to d = {d}")
    basis = np.linalg.qr(rng.standard_normal((d, rank)))[0]
    eigenvalues = rng.standard_normal(rank)
    return (basis * (eigenvalues / np.abs(eigenvalues).sum())) @ basis.T


def split(name: str) -> tuple[str, float]:
    """The kind of a target and the number in its name, 1 where there is none: `power4`, `sign`."""
    match = re.fullmatch(r"([a-z]+)(\d+(?:\.\d+)?)?", name, re.ASCII)
    return (match[1], float(match[2] or 1)) if match else (name, 1.0)


def exists(name: str, d: int) -> bool:
    """Whether there is such a target in d dimensions: no quadratic form has a rank above d."""
    kind, size = split(name)
    return kind != "quadratic" or size <= d


def draw(name: str, d: int, rng: np.random.Generator) -> Target:
    """A target from its name, its directions β drawn uniformly from the sphere in d dimensions.

    name: `linear`; `power<p>`; `quadratic<rank>`, of nuclear norm 1; `cosine<b>` and `arctan<b>`
        with ‖β‖ = b; `sum`, which is β₁ᵀx − ½(β₂ᵀx)² + 2(β₃ᵀx)⁴; and, without a bound (so are
        odd powers from 3 on), `sine<c>`, sin(c βᵀx), `sign`, `relu` and `absolute` of βᵀx.
    Raises Refusal for any other name.
    """
    kind, size = split(name)
    beta, other, third = unit_rows(rng.standard_normal((3, d)))
    if kind == "linear":
        return power(beta, 1)
    if kind == "power":
        return power(beta, int(size))
    if kind == "quadratic":
        return quadratic(random_symmetric(d, int(size), rng))
    if kind == "cosine":
        return cosine(size * beta)
    if kind == "arctan":
        return arctan(size * beta)
    if kind == "sum":
        return total([power(beta, 1), power(other, 2, -0.5), power(third, 4, 2.0)])
    shapes: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "sine": lambda z: np.sin(size * z),
        "sign": lambda z: np.where(z >= 0, 1.0, -1.0),
        "relu": lambda z: np.maximum(z, 0),
        "absolute": np.abs,
    }
    if kind not in shapes:
        raise Refusal(
            f"target: found {name!r}, expected linear, power<p>, quadratic<rank>, cosine<b>, "
            "arctan<b>, sum, sine<c>, sign, relu or absolute"
        )
    return Target(lambda x: shapes[kind](x @ beta), UNBOUNDED)
