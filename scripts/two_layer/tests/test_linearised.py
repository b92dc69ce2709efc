"""The linearised network against derivatives and its own limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import matrices, networks
from overparam.two_layer import linearised, synthetic

SEEDS = st.integers(0, 2**32 - 1)


def started(n, d, m, antisymmetric, seed):
    rng = np.random.default_rng(seed)
    x = synthetic.sphere(n, d, rng)
    return x, *networks.initialise(m, d, 1.0, antisymmetric, rng), rng


@given(n=st.integers(1, 6), d=st.integers(1, 4), half=st.integers(1, 5), seed=SEEDS,
       antisymmetric=st.booleans())  # fmt: skip
def test_features_are_the_gradient_of_the_outputs(n, d, half, seed, antisymmetric):
    x, weights, signs, rng = started(n, d, 2 * half, antisymmetric, seed)
    z = linearised.features(x, weights, signs)
    step = rng.standard_normal(weights.shape)
    # Short enough that no neuron changes sides: between its patterns the network is linear.
    step *= 0.5 * np.abs(x @ weights).min() / np.linalg.norm(step, axis=0).max()
    change = networks.outputs(x, weights + step, signs) - networks.outputs(x, weights, signs)
    assert np.allclose(linearised.stacked(step) @ z, change, rtol=0, atol=1e-13)
    assert np.allclose(z.T @ z, networks.empirical_gram(x, weights), rtol=0, atol=1e-14)


def test_residuals_of_one_point_are_a_geometric_series():
    found = linearised.residuals(np.array([[0.5]]), np.array([-3.0]), 0.4, 5)
    assert found == pytest.approx(3 * 0.8 ** np.arange(6))


@given(n=st.integers(1, 8), half=st.integers(4, 10), seed=SEEDS, steps=st.integers(0, 30))
def test_the_auxiliary_sequence_predicts_the_outputs_of_the_linear_recursion(n, half, seed, steps):
    x, weights, signs, rng = started(n, 5, 2 * half, True, seed)
    z = linearised.features(x, weights, signs)
    y = rng.standard_normal(n)
    gram = z.T @ z
    eta = 1 / max(np.linalg.eigvalsh(gram)[-1], 0.1)
    gone = linearised.auxiliary(z, y, eta, steps)
    norm = linearised.residuals(gram, y, eta, steps)[-1]
    assert np.linalg.norm(y - gone @ z) == pytest.approx(norm, abs=1e-12)


def test_the_limit_is_the_shortest_solution():
    x, weights, signs, rng = started(5, 4, 40, False, 2)
    z, y = linearised.features(x, weights, signs), rng.standard_normal(5)
    limit = linearised.auxiliary_limit(z, y)
    assert np.allclose(limit @ z, y)
    assert np.allclose(limit, z @ np.linalg.solve(z.T @ z, y))


def test_the_least_eigenvalue_may_be_zero():
    assert matrices.least_eigenvalue(np.diag([3.0, 1.0, 2.0])) == pytest.approx(1)
    assert matrices.least_eigenvalue(np.ones((2, 2))) == pytest.approx(0, abs=1e-15)
