"""What holds to rounding, and that each side of it counts."""

import numpy as np
import pytest

from overparam.linear_nets import draws, identities, rates
from tests import sides


def rngs(count=2):
    return [np.random.default_rng(seed) for seed in range(count)]


def started(ratio=1.5):
    return draws.conditioned(rngs(), 3, 2, 9, 0.05, ratio)


def layers():
    return draws.gaussian(rngs(), 3, 9), draws.gaussian(rngs()[::-1], 9, 2)


TOY = np.array([[1.0, 0.5], [0.5, 0.7]])
ARGUMENTS = {
    "tau_bound": layers,
    "tau_spectrum": layers,
    "pairs": lambda: (rngs(), 3, 2, 9, 1.5, "spectral"),
    "product_update": lambda: (rngs(), 3, 2, 9),
    "gradients": started,
    "flow": lambda: (*started(), np.full(2, 0.2)),
    "toy": lambda: (TOY, 0.5),
    "toy_checks": lambda: (identities.toy(TOY, 1.0),),
    "single_layer": lambda: (started()[0], draws.gaussian(rngs(), 3, 2), 1.5, 10),
    "single_best": lambda: (started()[0],),
}
# What both sides are made of, what only says how far to go, and parts that nobody asks for.
COMMON = {
    "tau_spectrum": {"w1", "w2"},
    "product_update": {"gaussian", "norm", "pairs.0", "pairs.1"},
    "gradients": {
        "w1", "w2", "given.0", "given.1", "given.2", "given.3", "state.1", "state.2", "state.4",
    },
    "flow": {"tau_extremes.1", "given.3", "start.0", "start.1", "start.3"},
    "toy": {"problem.2", "problem.3"},
    "single_layer": {"Rate.2", "Rate.3"},
    "single_best": {"Rate.2", "Rate.3", "given.0", "given.1", "given.2", "given.3"},
}  # fmt: skip


@pytest.mark.parametrize("name", sides.identities(identities))
def test_each_side_of_an_identity_counts(name):
    function, arguments = getattr(identities, name), ARGUMENTS[name]
    seen = sides.seen(function, arguments)
    assert sides.reported(function, arguments) == set().union(*seen.values())
    assert {source for source, keys in seen.items() if not keys} == COMMON.get(name, set())


def test_random_layers_are_scaled_against_each_other():
    w1, w2 = identities.pairs(rngs(), 3, 2, 9, 4.0)
    first, second = identities.pairs(rngs(), 3, 2, 9, 1.0)
    assert w1 == pytest.approx(4 * first)
    assert w2 == pytest.approx(second / 4)


def test_a_single_layer_of_one_curvature_keeps_its_rate_to_rounding():
    """At K = μ = 1 each step multiplies the loss by (1 − η)², which eq. (15) is then."""
    given, w, _ = draws.conditioned(rngs(), 3, 2, 9, 0.05, 1.0, spread=1.0)
    excess, printed = identities.single_layer(given, w[..., :2], 0.5, 10)
    assert excess == pytest.approx(0, abs=1e-12)
    assert printed == pytest.approx(0, abs=1e-12)


def test_a_flow_is_fine_enough_to_conserve_the_imbalance():
    found = identities.flow(*started(), np.full(2, 1.0))
    assert found.drift.max() < 1e-8
    assert found.bound.max() < 1e-9


def test_another_least_rate_of_a_single_layer_is_seen(monkeypatch):
    right = rates.Rate.at
    monkeypatch.setattr(rates.Rate, "at", lambda rate, eta: right(rate, eta) + 0.1)
    assert identities.single_best(started()[0]) == pytest.approx(0.1)


def test_bounds_of_the_toy_problem_are_met_where_they_are_sharp():
    """From w1 = w2 = ½ there is |w1 w2| = ¼ = 1 − √(2 L(0)) at the start, and no slope faster."""
    found = identities.toy_checks(identities.toy(np.array([[0.5, 0.5]]), 1.0))
    assert found["margin"] == pytest.approx(0, abs=1e-12)
    assert found["rate"] == pytest.approx(0, abs=1e-12)


def test_flow_has_the_loss_of_its_closed_form():
    """One scalar each, w1 = w2: the product p obeys p' = 2p(1 − p)."""
    run = identities.toy(np.array([[0.5, 0.5]]), 1.0)
    product = 0.25 * np.exp(2) / (0.75 + 0.25 * np.exp(2))
    assert run.w1[-1, 0] * run.w2[-1, 0] == pytest.approx(product, rel=1e-9)


def test_printed_statements_about_the_toy_fail_where_they_should():
    """Eq. (9) at w1 w2 = ½: .875 above .5; eq. (10): in the end, by the imbalance."""
    found = identities.toy_checks(identities.toy(np.array([[1.0, 0.5]]), 6.0))
    assert found["printed_margin"] == pytest.approx(0.375)
    assert found["printed_rate"] == pytest.approx(0.75)
    assert found["margin"] <= 1e-12


def test_the_printed_gradient_is_the_opposite_of_the_slopes():
    right, printed = identities.gradients(*started())
    assert right == pytest.approx(0, abs=1e-13)
    assert printed == pytest.approx(2)
