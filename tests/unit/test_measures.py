"""Complexity and kernel predictor against dense solves, sampling and small cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, labels, measures
from overparam.errors import Refusal

EPS = np.finfo(float).eps
SEEDS = st.integers(0, 2**32 - 1)
shapes = {"n": st.integers(1, 20), "d": st.integers(2, 6), "seed": SEEDS}


def points_of(n, d, seed):
    points = np.random.default_rng(seed).standard_normal((n, d))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def rounding(gram):
    """Relative error of a backward stable solve: a small multiple of n · eps · condition."""
    return 20 * len(gram) * EPS * np.linalg.cond(gram)


@given(**shapes)
def test_factor_rebuilds_the_matrix_in_its_place(n, d, seed):
    gram = kernels.relu_gram(points_of(n, d, seed))
    overwritten = gram.copy()
    factor = measures.factorise(overwritten)
    assert np.array_equal(factor, np.tril(factor))
    assert np.all(np.diagonal(factor) > 0)
    assert np.allclose(factor @ factor.T, gram, rtol=0, atol=(n + 1) * EPS)
    assert np.shares_memory(factor, overwritten)


@given(**shapes, q=st.integers(1, 4))
def test_complexity_is_that_of_a_dense_solve(n, d, seed, q):
    gram = kernels.relu_gram(points_of(n, d, seed))
    y = np.random.default_rng(seed + 1).standard_normal((n, q))
    found = measures.complexity(measures.factorise(gram.copy()), y)
    assert found.shape == (q,)
    expected = np.sqrt(2 * np.sum(y * np.linalg.solve(gram, y), axis=0) / n)
    assert np.allclose(found, expected, rtol=rounding(gram), atol=0)
    alone = measures.complexity(measures.factorise(gram.copy()), y[:, 0])
    assert np.allclose(alone, found[0], rtol=rounding(gram), atol=0)


@given(**shapes)
def test_inverse_trace_is_that_of_the_dense_inverse(n, d, seed):
    gram = kernels.relu_gram(points_of(n, d, seed))
    factor = measures.factorise(gram.copy())
    expected = pytest.approx(np.trace(np.linalg.inv(gram)), rel=rounding(gram), abs=0)
    by_rows = factor.copy(order="C")  # as an array read from a file may lie
    assert measures.inverse_trace(by_rows) == expected
    assert measures.inverse_trace(factor) == expected


def test_inverse_trace_works_in_place_and_refuses_a_zero_pivot():
    factor = measures.factorise(kernels.relu_gram(points_of(9, 4, 1)))
    before = factor.copy()
    measures.inverse_trace(factor)
    assert np.allclose(factor @ before, np.eye(9), rtol=0, atol=1e-12)
    with pytest.raises(Refusal, match="dtrtri"):
        measures.inverse_trace(np.asfortranarray(np.diag([1.0, 0.0])))


@given(n=st.integers(1, 40), d=st.integers(2, 8), seed=SEEDS, copies=st.integers(1, 3))
def test_duplicate_points_are_refused(n, d, seed, copies):
    rng, points = np.random.default_rng(seed), points_of(n, d, seed)
    points = rng.permutation(np.vstack([points, points[rng.integers(0, n, copies)]]))
    with pytest.raises(Refusal, match="inputs that are parallel or nearly so, or more pairs"):
        measures.factorise(kernels.relu_gram(points))


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_nearly_parallel_points_are_told_from_parallel_ones_at_any_scale(scale):
    # The squared pivot of the second row is 1 − c² ≈ 2(1 − c).
    above = scale * np.array([[1, 1 - 1e-13], [1 - 1e-13, 1]])
    below = scale * np.array([[1, 1 - 2**-52], [1 - 2**-52, 1]])
    assert measures.factorise(above).diagonal().min() > 0
    with pytest.raises(Refusal, match=r"smallest squared pivot .*above rounding"):
        measures.factorise(below)


def test_what_is_wrong_with_an_indefinite_matrix_is_said():
    with pytest.raises(
        Refusal, match=r"Gram matrix: .*leading minor.*'degenerate: drop' or, if it is"
    ):
        measures.factorise(np.array([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad):
    gram = np.eye(4)
    gram[2, 1] = gram[1, 2] = bad
    with pytest.raises(Refusal, match="Gram matrix"):
        measures.factorise(gram)


def sampled(draw, factor, count):
    """Mean of C² over `count` labellings and its standard error."""
    y = np.stack([draw() for _ in range(count)], axis=1)
    squares = measures.complexity(factor, y) ** 2
    return squares.mean(), squares.std(ddof=1) / np.sqrt(count)


@pytest.mark.parametrize("portion", [0.0, 0.1, 0.5, 1.0])
def test_expected_complexity_is_the_mean_over_labels_redrawn_one_by_one(portion):
    n, rng = 30, np.random.default_rng(2)
    factor = measures.factorise(kernels.relu_gram(points_of(n, 5, 2)))
    true = rng.choice([-1.0, 1.0], size=n)
    c0 = measures.complexity(factor, true)

    def draw():
        return np.where(rng.random(n) < portion, labels.random_signs(n, rng), true)

    mean, error = sampled(draw, factor, 4000)
    expected = measures.expected_complexity(
        c0, measures.inverse_trace(factor.copy(order="F")), n, portion
    )
    assert abs(expected**2 - mean) <= 5 * error + 1e-10 * mean  # at portion 0 rounding alone
    assert error < 0.02 * mean


@pytest.mark.parametrize("portion", [0.1, 0.5, 1.0])
def test_expected_complexity_is_the_mean_over_partially_random_labels(portion):
    n, rng = 40, np.random.default_rng(3)
    factor = measures.factorise(kernels.relu_gram(points_of(n, 5, 3)))
    true = np.sign(points_of(n, 5, 3)[:, 0])
    c0 = measures.complexity(factor, true)
    trace = measures.inverse_trace(factor.copy(order="F"))
    mean, error = sampled(lambda: labels.partially_random(true, portion, rng), factor, 4000)
    # Exactly p·n labels are redrawn, so a pair is kept with probability k(k−1)/n(n−1), k = (1−p)n,
    # which falls short of (1−p)² by p(1−p)/(n−1). That is the whole difference, O(1/n).
    short = portion * (1 - portion) / (n - 1)
    bias = short * (2 * trace / n - c0**2)
    expected = measures.expected_complexity(c0, trace, n, portion)
    assert abs(expected**2 + bias - mean) <= 5 * error
    assert abs(bias) <= 0.03 * mean


def test_expected_complexity_takes_many_portions():
    portions = np.array([0.0, 0.3, 1.0])
    found = measures.expected_complexity(2.0, 90.0, 20, portions)
    assert found.tolist() == [measures.expected_complexity(2.0, 90.0, 20, p) for p in portions]
    assert found[0] == 2
    assert found[2] == 3


@given(**shapes, q=st.integers(1, 3))
def test_interpolant_reproduces_the_training_labels(n, d, seed, q):
    gram = kernels.relu_gram(points_of(n, d, seed))
    y = np.random.default_rng(seed + 1).choice([-1.0, 1.0], size=(n, q))
    found = measures.interpolate(measures.factorise(gram.copy()), gram, y)
    assert np.allclose(found, y, rtol=0, atol=rounding(gram) * np.sqrt(n))


@given(**shapes, p=st.integers(1, 8), q=st.integers(1, 3))
def test_interpolant_elsewhere_is_that_of_a_dense_solve(n, d, seed, p, q):
    points = points_of(n + p, d, seed)
    gram, cross = kernels.relu_gram(points[:n]), kernels.relu_cross_gram(points[n:], points[:n])
    y = np.random.default_rng(seed + 1).standard_normal((n, q))
    found = measures.interpolate(measures.factorise(gram.copy()), cross, y)
    solution = np.linalg.solve(gram, y)
    assert found.shape == (p, q)
    # |h(x)| ≤ ½ entrywise, times the error of the solution.
    atol = rounding(gram) * n * np.abs(solution).max()
    assert np.allclose(found, cross @ solution, rtol=0, atol=atol)
