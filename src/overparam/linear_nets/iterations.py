"""How many steps reach an error, over the readings of a table that leaves most of them open.

Source: the talk of Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (36): Y = X W(0) + .001 ε, X (1000,
20), W(0) read as a target. Its table says neither step rule nor variances nor width, and its error
can only be excess loss.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from overparam.linear_nets import dynamics, operators, rates, steps
from overparam.linear_nets.draws import Generators, each, gaussian
from overparam.linear_nets.dynamics import State
from overparam.linear_nets.operators import norm, transposed
from overparam.linear_nets.rates import Problem

# Variances by a layer's inputs and outputs: plausible readings of each name, the commonest first.
Variance = Callable[[int, int], float]
VARIANCES: dict[str, dict[str, Variance]] = {
    "normal": {"one": lambda i, o: 1.0, "hundredth": lambda i, o: 0.01},
    "ntk": {"inputs": lambda i, o: 1 / i, "root": lambda i, o: max(i, o) ** -0.5},
    "xavier": {"both": lambda i, o: 2 / (i + o), "inputs": lambda i, o: 1 / i},
    "he": {"inputs": lambda i, o: 2 / i, "outputs": lambda i, o: 2 / o},
    "uniform": {"one": lambda i, o: 1 / 3, "inputs": lambda i, o: 1 / (3 * i)},
}


# The step of the side without over-parameterisation by the rule's name: of `rho` and `f`, as of
# `smooth`, it is 1/K, which minimises the bound of eq. (15).
PLAIN = {"line_search": "line_search", "optimal": "optimal",
         "smooth": "smooth", "rho": "smooth", "f": "smooth"}  # fmt: skip


def drawn(rngs: Generators, name: str, reading: str, i: int, o: int) -> np.ndarray:
    """Layers with i inputs and o outputs, (seeds, i, o); uniform on an interval around 0, or
    Gaussian."""
    sd = VARIANCES[name][reading](i, o) ** 0.5
    if name == "uniform":
        return each(rngs, lambda rng: rng.uniform(-1, 1, (i, o)) * 3**0.5 * sd)
    return gaussian(rngs, i, o, sd=sd)


def excess_problem(x: np.ndarray, y: np.ndarray) -> tuple[Problem, np.ndarray]:
    """The problem whose loss is the excess of ½‖Y − XW‖² over its least, and that least, (seeds,).

    x: (seeds, N, n) with N ≥ n: by X = QR the excess is ½‖QᵀY − RW‖².
    """
    q, r = np.linalg.qr(x)
    seen = transposed(q) @ y
    return rates.problem(r, seen), (norm(y) ** 2 - norm(seen) ** 2) / 2


def over(
    given: Problem, w1: np.ndarray, w2: np.ndarray, rule: str, c1: float, c2: float,
    errors: Sequence[float], most: int,
) -> np.ndarray:  # fmt: skip
    """Steps until the loss is at most each of some errors, most + 1 if it is not: (errors, seeds).

    Rules: exact line search; 2/(Kλ_max(τ) + μλ_min(τ)); 1/(Kλ_max(τ)); the step that minimises ρ,
    or f(η, t).
    """

    def choose(at: State) -> np.ndarray:
        if rule == "line_search":
            return dynamics.line_search(at, given)
        if rule == "rho":
            return steps.rho(given, at).best()
        if rule == "f":
            with np.errstate(invalid="ignore"):
                eta = rates.uniform(given, begun, at.loss, c1, c2).best()
            return np.nan_to_num(eta)  # α₀ = 0 allows no step at all
        least, largest = operators.tau_extremes(at.w1, at.w2)
        if rule == "smooth":
            return 1 / (given.smooth * largest)
        return 2 / (given.smooth * largest + given.pl * least)

    begun = rates.start(given, w1, w2)
    losses = (at.loss for at, _ in dynamics.descend(given, w1, w2, choose))
    return _counted(losses, errors, most)


def plain(
    given: Problem, w: np.ndarray, rule: str, errors: Sequence[float], most: int
) -> np.ndarray:
    """The same without over-parameterisation, by the step of PLAIN: 2/(K + μ) for `optimal`, 1/K
    for `smooth`."""
    rule = PLAIN[rule]

    def losses() -> Iterator[np.ndarray]:
        at, smooth = w, given.smooth
        while True:
            error = given.x @ at - given.y
            yield norm(error) ** 2 / 2
            gradient = transposed(given.x) @ error
            if rule == "line_search":
                eta = norm(gradient) ** 2 / norm(given.x @ gradient) ** 2
            else:
                eta = 2 / (smooth + given.pl) if rule == "optimal" else 1 / smooth
            at = at - eta[..., None, None] * gradient

    return _counted(losses(), errors, most)


def _counted(losses: Iterable[np.ndarray], errors: Sequence[float], most: int) -> np.ndarray:
    """The first step at which each error is reached; descents end when all are."""
    limits = np.asarray(errors)[:, None]
    count = np.full((len(errors), 1), most + 1)  # the first loss widens it to all seeds
    for step, loss in enumerate(islice(losses, most + 1)):
        count = np.where((loss <= limits) & (count > most), step, count)
        if np.all(count <= most):
            break
    return count
