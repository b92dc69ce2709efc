"""The edge of linear dynamics, summaries of losses, and trajectories from arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam import dynamics, networks
from overparam.two_layer import linearised, stability, trajectories

SEEDS = st.integers(0, 2**32 - 1)


def gram_of(n, seed):
    """A positive definite matrix whose largest eigenvalue stands apart."""
    rng = np.random.default_rng(seed)
    vectors, _ = np.linalg.qr(rng.standard_normal((n, n)))
    values = np.sort(rng.uniform(0.1, 1, n))[::-1]
    values[0] = 5
    return vectors * values @ vectors.T, rng.choice([-1.0, 1.0], n)


@settings(max_examples=5)
@given(n=st.integers(3, 12), seed=SEEDS)
def test_the_edge_is_two_over_the_largest_eigenvalue(n, seed):
    gram, labels = gram_of(n, seed)
    # 1 000 steps at a factor 2 + 10⁻² grow by e¹⁰: what is not seen by then is within 2 %.
    assert stability.edge(gram, labels, 5.0) == pytest.approx(2, abs=0.02)
    assert stability.edge(2 * gram, labels, 10.0) == pytest.approx(2, abs=0.02)
    # Told half the eigenvalue, it finds half the edge: nothing but the recursion is asked.
    assert stability.edge(gram, labels, 5.0 / 1.5) == pytest.approx(2 / 1.5, abs=0.02)


@given(seed=SEEDS)
def test_residuals_are_those_of_the_recursion(seed):
    gram, labels = gram_of(6, seed)
    norms = linearised.residuals(gram, labels, 0.3, 4)
    left = labels
    for norm in norms:
        assert norm == pytest.approx(np.linalg.norm(left), abs=1e-12)
        left = left - 0.3 * gram @ left


def test_the_largest_ratio_and_where():
    assert stability.largest_ratio(np.array([8.0, 4, 3, 3.3, 1])) == (pytest.approx(1.1), 2)


def test_steps_after_a_loss_has_converged_are_roundings_and_do_not_count():
    phi = np.array([8.0, 4, 1e-16, 4e-16, 0, 0])
    assert stability.largest_ratio(phi) == (0.5, 0)
    assert stability.first_above(phi, 0.6) is None


def test_summaries():
    assert stability.summary(np.array([2.0, 6, 1])) == {"peak": 3, "end": 0.5}
    assert stability.summary(np.array([2.0, 1, np.nan])) == {"peak": np.inf, "end": np.inf}


@pytest.mark.parametrize("shape", [(8, 3), (4, 9)])
@pytest.mark.parametrize("antisymmetric", [False, True])
def test_trajectories_are_gradient_descent_on_the_summed_loss(shape, antisymmetric):
    rng = np.random.default_rng(sum(shape))
    inputs = rng.standard_normal(shape)
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    labels = rng.choice([-1.0, 1.0], shape[0])
    weights, signs = networks.initialise(10, shape[1], 0.7, antisymmetric, rng)
    kept, eta = weights.copy(), 0.3
    found = trajectories.losses(
        trajectories.trajectory(inputs, labels, weights, signs, eta, 20, "float64"), 21
    )
    np.testing.assert_array_equal(weights, kept)
    for phi in found:
        error = networks.outputs(inputs, kept, signs) - labels
        assert phi == pytest.approx(0.5 * error @ error, rel=1e-10)
        active = inputs @ kept >= 0
        kept = kept - eta * (inputs.T @ (error[:, None] * active)) * signs / np.sqrt(10)


def test_losses_end_where_one_is_not_finite():
    steps = (dynamics.Step(k, loss, None, None) for k, loss in enumerate([8.0, 9.0, np.inf, 1.0]))
    found = trajectories.losses(steps, 5)
    np.testing.assert_array_equal(found, [8, 9, np.inf, np.nan, np.nan])


def test_the_first_step_above_a_bound():
    phi = np.array([8.0, 4.0, 3.0, 1.0])
    assert stability.first_above(phi, 0.75) is None
    assert stability.first_above(phi, 0.6) == 1
    assert stability.first_above(phi, 0.4) == 0
