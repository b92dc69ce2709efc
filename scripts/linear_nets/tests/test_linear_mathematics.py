"""The mathematics of over-parameterised linear networks, against formulas written plainly."""

from itertools import islice, pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from overparam.linear_nets import (
    bounds,
    draws,
    dynamics,
    iterations,
    operators,
    rates,
    readings,
    steps,
)  # fmt: skip

SHAPES = [(3, 7), (7, 3), (5, 5), (20, 1), (1, 4)]
SEEDS = 4


def rngs(count=SEEDS):
    return [np.random.default_rng(seed) for seed in range(count)]


def layers(n, m, h, ratio=1.5):
    drawn = rngs()
    return ratio * draws.gaussian(drawn, n, h), draws.gaussian(drawn, h, m) / ratio


def started(n=4, m=3, h=12, ratio=1.5, noise=0.05):
    return draws.conditioned(rngs(), n, m, h, noise, ratio)


@pytest.mark.parametrize(("n", "m"), SHAPES)
@pytest.mark.parametrize("h", [1, 5, 40])
def test_tau_lies_between_alpha_and_beta(n, m, h):
    w1, w2 = layers(n, m, h)
    least, largest = operators.tau_extremes(w1, w2)
    values = np.linalg.svd(w1 @ w2, compute_uv=False)
    spectrum = operators.imbalance_spectrum(w1, w2)
    assert np.all(operators.alpha(spectrum, values[..., -1], n, m) <= least + 1e-9 * largest)
    assert np.all(operators.beta(spectrum, values[..., 0]) >= largest * (1 - 1e-12))


def test_alpha_is_sharp_for_balanced_and_for_scaled_starts():
    for ratio in (1.0, 2.0):
        # One singular value: then D is a multiple of a projection, and nothing is given away.
        w = 1.7 * np.linalg.qr(draws.gaussian(rngs(), 4, 4))[0]
        w1, w2 = draws.spectral(w, 12, ratio)
        least, _ = operators.tau_extremes(w1, w2)
        found = operators.alpha(operators.imbalance_spectrum(w1, w2), np.full(SEEDS, 1.7), 4, 4)
        assert found == pytest.approx(least)
        assert found == pytest.approx(1.7 * (ratio**2 + ratio**-2))
    # D = 0: σ_min(W), from the root of the shorter side alone.
    w1, w2 = draws.spectral(draws.gaussian(rngs(), 6, 2), 9)
    values = np.linalg.svd(w1 @ w2, compute_uv=False)[..., -1]
    assert operators.alpha(operators.imbalance_spectrum(w1, w2), values, 6, 2) == pytest.approx(
        values
    )


def test_the_margin_beyond_the_shorter_side_is_none():
    least = np.array(2.0)
    assert operators.margins(least, 3, 7) == (0, 2)
    assert operators.margins(least, 7, 3) == (2, 0)
    assert operators.margins(least, 3, 3) == (2, 2)


def test_tau_is_what_the_gradient_does():
    w1, w2 = layers(4, 3, 6)
    g = draws.gaussian(rngs(), 4, 3)
    inner = np.sum(g * operators.tau(g, w1, w2), axis=(-2, -1))
    sides = operators.norm(g @ np.swapaxes(w2, 1, 2)), operators.norm(np.swapaxes(w1, 1, 2) @ g)
    assert inner == pytest.approx(sides[0] ** 2 + sides[1] ** 2)


def test_a_network_in_its_span_has_the_same_loss_tau_and_spectrum():
    w1, w2 = layers(4, 3, 50)
    small1, small2 = operators.narrowed(w1, w2)
    assert small1.shape[-1] == 7
    assert small1 @ small2 == pytest.approx(w1 @ w2)
    for wide, narrow in zip(
        operators.tau_extremes(w1, w2), operators.tau_extremes(small1, small2), strict=True
    ):
        assert wide == pytest.approx(narrow)
    whole = np.linalg.eigvalsh(operators.imbalance(w1, w2))
    few = np.linalg.eigvalsh(operators.imbalance(small1, small2))
    assert whole[:, :3] == pytest.approx(few[:, :3])
    assert whole[:, -4:] == pytest.approx(few[:, -4:])


def test_descent_follows_both_layers_and_keeps_d_to_second_order():
    given, w1, w2 = started()
    eta = 0.01
    first, after = (at for at, _ in islice(
        dynamics.descend(given, w1, w2, lambda at: np.full(SEEDS, eta)), 2
    ))  # fmt: skip
    for k in range(SEEDS):
        error = given.x[k] @ w1[k] @ w2[k] - given.y[k]
        gradient = given.x[k].T @ error
        assert first.loss[k] == pytest.approx(0.5 * np.sum(error**2))
        assert after.w1[k] == pytest.approx(w1[k] - eta * gradient @ w2[k].T)
        assert after.w2[k] == pytest.approx(w2[k] - eta * w1[k].T @ gradient)
        assert operators.product_update(w1[k], w2[k], gradient, eta) == pytest.approx(
            after.w1[k] @ after.w2[k]
        )
    moved = operators.norm(operators.imbalance(after.w1, after.w2) - operators.imbalance(w1, w2))
    assert np.all(moved <= bounds.step_drift(given, first, np.full(SEEDS, eta)))


@pytest.mark.parametrize("terms", [(1.0, 2.0, 3.0, 4.0), (2.0, 0.0, 5.0, 0.0), (1e-3, 7.0, 0, 1e9)])
def test_the_positive_root_is_the_polynomials(terms):
    constant, first, second, third = terms
    (wanted,) = (
        root.real for root in np.roots(np.trim_zeros([third, second, first, -constant], "f"))
        if abs(root.imag) < 1e-9 and root.real > 0
    )  # fmt: skip
    assert rates.positive_root(*map(np.array, terms)) == pytest.approx(wanted, rel=1e-12)


def test_f_is_what_is_printed():
    """Eq. (26), with κ and σ_min(X) as the source writes it."""
    given, w1, w2 = started()
    begun, c1, c2 = rates.start(given, w1, w2), 0.5, 1.5
    kappa, small = given.condition, np.sqrt(given.pl)
    f = rates.uniform(given, begun, begun.loss, c1, c2)
    assert f.a1 == pytest.approx(2 * c1 * begun.alpha * small**2)
    assert f.a2 == pytest.approx(
        2 * np.sqrt(2 * kappa * begun.loss * small**6) * begun.p2
        + kappa * small**4 * (c2 * begun.beta) ** 2
    )
    assert f.a3 == pytest.approx(
        2 * np.sqrt(2 * kappa**3 * begun.loss * small**10) * c2 * begun.beta * begun.p2
    )
    assert f.a4 == pytest.approx(2 * kappa**2 * small**6 * begun.p2**2 * begun.loss)
    # η_max solves one of the polynomials of (24) and stays below the other's root.
    eta = rates.largest_step(given, begun, c1, c2)
    large = given.smooth
    more = (
        4 * c2 * begun.loss * large / (c2 - 1),
        8 * c2 * begun.beta * begun.loss * large / ((1 - c1) * begun.alpha),
    )
    sides = [f.a4 * eta**3 + f.a3 * eta**2 + (f.a2 + term) * eta - f.a1 for term in more]
    assert np.max(sides, axis=0) == pytest.approx(0, abs=1e-9)
    assert np.all(f.at(f.best()) < 1)


def test_the_limits_are_those_of_f_at_no_loss():
    given, w1, w2 = started()
    assert np.all(given.condition > 1.5)
    begun, c1, c2 = rates.start(given, w1, w2), 0.5, 1.5
    last = rates.uniform(given, begun, 0 * begun.loss, c1, c2)
    assert rates.limit(given, begun, c1, c2) == pytest.approx(last.at(last.best()), abs=1e-13)
    share = begun.alpha / begun.beta / given.condition
    assert rates.linear_limit(given, begun, c1, c2) == pytest.approx(1 - share / 9)


def test_beta_from_p1_is_no_bound_for_a_balanced_start():
    """τ has 2σ_max(W) there, the bound 2 p1, and p1 is that of a start on its target: 1."""
    given, w1, w2 = started(ratio=1.0, noise=0.0)
    begun = rates.start(given, w1, w2)
    assert bounds.beta_from_p1(begun, w1, w2) == pytest.approx(2 / begun.p1)
    assert np.all(begun.p1 <= 1)


@pytest.mark.parametrize("name", ["f0", "ft", "rho_hat", "rho"])
def test_every_step_is_within_its_bounds(name):
    given, w1, w2 = started()
    begun = rates.start(given, w1, w2)
    choose = steps.rule(name, given, begun, 0.5, 1.5)
    taken = islice(dynamics.descend(given, w1, w2, choose), 20)
    for (at, eta), (after, _) in pairwise(taken):
        links = bounds.chain(given, begun, at, eta, 0.5, 1.5)
        assert np.all(bounds.excess(after.loss / at.loss, links) <= 1e-9)
        assert np.all(bounds.condition(given, at, eta) >= 0)
        assert np.all(bounds.uniform_ratios(begun, at, 0.5, 1.5) <= 1 + 1e-9)


def test_line_search_finds_the_least_loss_on_its_line():
    given, w1, w2 = started(noise=0.5)
    at = dynamics.state(given, 0, w1, w2)
    found = dynamics.line_search(at, given)

    def loss(eta):
        (_, _), (after, _) = islice(dynamics.descend(given, w1, w2, lambda at: eta), 2)
        return after.loss

    best = loss(found)
    for factor in np.linspace(0.02, 3, 150):
        assert np.all(best <= loss(factor * found) * (1 + 1e-12))


def test_starts_are_what_they_say():
    _, w1, w2 = draws.near_target(rngs(), 6, 2, 30, 0.1)
    assert operators.imbalance(w1, w2) == pytest.approx(0, abs=1e-12)
    given, w1, w2 = draws.scaled_gaussians(rngs(), 5, 5, 400, 5.0)
    assert given.condition == pytest.approx(1)
    spectrum = operators.imbalance_spectrum(w1, w2)
    # r² − r⁻² = σ, and W1ᵀW1 and W2W2ᵀ have some 2 000 each before scaling.
    assert spectrum.sum(axis=-1) == pytest.approx(5 * 2000, rel=0.15)
    text, w1, w2 = draws.scaled_gaussians(rngs(), 5, 5, 400, 5.0, "text")
    assert np.all(text.condition > 1)


def test_the_excess_is_the_loss_above_the_least():
    x, y, w = (draws.gaussian(rngs(), *shape) for shape in ((30, 4), (30, 3), (4, 3)))
    given, least = iterations.excess_problem(x, y)
    whole = operators.norm(y - x @ w) ** 2 / 2
    assert operators.norm(given.y - given.x @ w) ** 2 / 2 + least == pytest.approx(whole)


@pytest.mark.parametrize("rule", ["line_search", "optimal", "smooth", "rho", "f"])
def test_iterations_are_counted_to_the_first_step_below(rule):
    """X = Y = I and W1 = W2 = diag(w): by hand, w goes to w − η w(w² − 1), entry by entry."""
    start, error, c1, c2 = np.array([1.1, 0.95]), 1e-3, 0.5, 1.5
    size = np.linalg.norm(start**2 - 1)

    def moved(w, eta):
        return w - eta * w * (w**2 - 1)

    def loss(w):
        return np.sum((w**2 - 1) ** 2) / 2

    def minimum(least, largest, product, gradient):
        # K = μ = 1.
        pull = product * gradient
        slopes = [4 * pull**2, 6 * largest * pull, 2 * (largest**2 + 2 * pull), -2 * least]
        return min(root.real for root in np.roots(slopes) if root.real > 0 and not root.imag)

    def eta(w):
        least, largest = 2 * min(w**2), 2 * max(w**2)
        return {
            "line_search": lambda: (
                minimize_scalar(lambda eta: loss(moved(w, eta)), bounds=(0, 2), method="bounded").x
            ),
            "optimal": lambda: 2 / (largest + least),
            "smooth": lambda: 1 / largest,
            "rho": lambda: minimum(least, largest, max(w**2), np.sqrt(2 * loss(w))),
            # p1 = 1 − ‖E(0)‖ and p2 = √2 + ‖E(0)‖; D = 0, so α₀ = 2 p1 and β₀ = 2 p2.
            "f": lambda: minimum(
                2 * c1 * (1 - size), 2 * c2 * (2**0.5 + size), 2**0.5 + size, np.sqrt(2 * loss(w))
            ),
        }[rule]()

    w, count = start, 0
    while loss(w) > error:
        w, count = moved(w, eta(w)), count + 1
    identity, layers = np.eye(2)[None], np.diag(start)[None]
    given = rates.problem(identity, identity)
    assert iterations.over(given, layers, layers, rule, c1, c2, [error], 90).tolist() == [[count]]
    # A step less does not do.
    capped = iterations.over(given, layers, layers, rule, c1, c2, [error], count - 1)
    assert capped.tolist() == [[count]]


def test_iterations_without_over_parameterisation_are_counted_too():
    problem = rates.problem(np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
    assert iterations.plain(problem, np.ones((1, 1, 1)), "smooth", [1e-3, 0.5, -1], 9).tolist() == [
        [1],
        [0],
        [10],
    ]


def test_readings_are_paired_and_shared():
    axes = {"error": "L", "h": 9, "start": "product"}
    rows = [
        {"kind": kind, "rule": rule, "initialisation": start, "variance": variance,
         "iterations": count, "capped": 0.0, **axes}
        for kind, rule, start, variance, count in (
            ("over", "a", "he", "p", 5.0), ("over", "a", "he", "q", 2.0),
            ("over", "a", "ntk", "p", 7.0), ("plain", "a", "he", "p", 3.0),
            ("plain", "a", "he", "q", 3.0), ("plain", "a", "ntk", "p", 3.0),
        )
    ]  # fmt: skip
    pairs = readings.kept(pd.DataFrame(rows), ["he", "ntk"])
    assert len(pairs) == 3
    order = ["he", "ntk"]
    assert readings.tally(pairs, order) == (1, 2)
    assert readings.tally(pairs, order).share == 0.5
    # One of two variances left for "he" leaves one reading, none of them none.
    arrived = pairs.assign(capped=[0, 0.25, 0])
    assert readings.tally(arrived[arrived.capped == 0], order) == (1, 1)
    none = readings.tally(arrived[arrived.initialisation == "ntk"], order)
    assert none == (0, 0)
    assert np.isnan(none.share)
    assert readings.tally(arrived[arrived.capped > 1], order) == (0, 0)
    best, words = readings.closest(pairs, {"he": (2, 3), "ntk": (7, 3)})
    assert (best.over.tolist(), best.plain.tolist()) == ([2, 7], [3, 3])
    assert "he: q, ntk: p" in words
