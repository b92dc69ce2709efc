"""The linearised network against derivatives and its own limits; and what must be equal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, matrices, networks
from overparam.two_layer import identities, linearised, synthetic

SEEDS = st.integers(0, 2**32 - 1)
EPS = np.finfo(float).eps


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


# --- What must be equal ------------------------------------------------------------------------


@given(d=st.integers(2, 12), seed=SEEDS)
def test_samples_lie_within_standard_errors_of_the_formula(d, seed):
    angles = np.linspace(0, np.pi, 11)
    found = identities.sampled_pairs(angles, d, 20_000, np.random.default_rng(seed))
    assert found["cosine"] == pytest.approx(np.cos(angles), abs=1e-14)
    gap = np.abs(found["sampled"] - found["exact"])
    # 30 examples of 11 pairs: 6 standard errors have a chance of 6e-7, and the examples are fixed.
    assert np.all(gap <= 6 * found["error"] + 1e-15)
    # The deviation of a share is ½/√20 000 at its largest, and 0 for pairs never both active.
    assert found["error"].max() == pytest.approx(0.5 / np.sqrt(20_000), rel=0.02)
    assert found["error"][-1] == 0


@given(n=st.integers(2, 20), seed=SEEDS)
def test_the_trace_is_half_of_n(n, seed):
    found = identities.trace(synthetic.sphere(n, 6, np.random.default_rng(seed)))
    assert found["diagonal"] == 0
    assert found["trace"] < 10 * n * EPS


@given(n=st.integers(2, 12), seed=SEEDS, edge=st.sampled_from([0.1, 1.0, 1.9]))
def test_recursion_and_sum_agree(n, seed, edge):
    rng = np.random.default_rng(seed)
    x, y = synthetic.sphere(n, 5, rng), rng.standard_normal(n)
    assert identities.recursion(x, y, edge, 50) < 1e-10


@pytest.mark.parametrize("antisymmetric", [False, True])
def test_the_auxiliary_sequence_ends_where_the_gram_matrix_says(antisymmetric):
    rng = np.random.default_rng(4)
    x, y = synthetic.sphere(12, 8, rng), rng.standard_normal(12)
    found = identities.auxiliary(x, y, 60, antisymmetric, rng)
    assert set(found) == {"solved", "iterated", "gram", "outputs"}
    assert max(found.values()) < 1e-10


def test_an_antisymmetric_network_starts_at_zero_with_the_gram_matrix_of_its_half():
    rng = np.random.default_rng(5)
    found = identities.doubled(synthetic.sphere(6, 4, rng), 20, rng)
    assert found["outputs"] < 1e-14
    assert found["gram"] < 1e-15


@pytest.mark.parametrize("kappa", [0.1, 0.5, 2.0])
def test_outputs_at_the_start_have_the_power_of_kappa(kappa):
    rng = np.random.default_rng(6)
    # Per network the mean over inputs has about the deviation of its mean: 2000 leave some 3 %.
    power = identities.start_power(synthetic.sphere(10, 5, rng), 20, kappa, 2000, rng)
    assert power == pytest.approx(1, abs=0.12)


def test_the_norm_obeys_the_triangle_inequality_and_meets_it():
    rng = np.random.default_rng(7)
    excess = identities.sum_rule(synthetic.sphere(20, 6, rng), ["linear", "power2"], 10, rng)
    assert abs(excess) < 1e-13


def test_a_copy_makes_the_matrix_singular_and_an_opposite_does_not():
    rng = np.random.default_rng(8)
    found = identities.parallel(synthetic.sphere(15, 6, rng), rng)
    assert found["duplicate"] < 1e-14
    assert 0 < found["antipode"] < 1


@given(d=st.integers(2, 5), seed=SEEDS)
def test_antipodal_pairs_beyond_the_dimension_are_dependent(d, seed):
    x = synthetic.sphere(6 * d, d, np.random.default_rng(seed))
    least, null = identities.antipodes(x, [1, d + 1, 2 * d], 1e-13)
    assert null.tolist()[1:] == [1, d]
    assert least[0] > 1e-9 > abs(least[1:]).max()


def test_the_least_eigenvalue_of_close_inputs_is_their_angle_over_two_pi():
    x = synthetic.sphere(8, 5, np.random.default_rng(9))
    angles = np.array([1e-7, 1e-5, 1e-3])
    found = identities.closest_pair(x, angles, np.random.default_rng(10))
    # The next term of the two rows' own value is θ²/4: a relative πθ/2.
    assert found == pytest.approx(angles / (2 * np.pi), rel=2e-3)
    alone = identities.closest_pair(x[:1], np.array([1.0]), np.random.default_rng(11))
    assert alone == pytest.approx(0.5 - np.cos(1) * (np.pi - 1) / (2 * np.pi))
    gram = kernels.relu_gram(x)
    assert np.all(found < matrices.least_eigenvalue(gram))
