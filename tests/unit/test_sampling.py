"""What chance allows, against simulations and laws known otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from overparam import sampling

SEEDS = st.integers(0, 2**32 - 1)


def test_standard_errors_are_the_t_statistic():
    draws = np.random.default_rng(0).normal(3, 2, size=40)
    t = stats.ttest_1samp(draws, 2.5).statistic
    assert sampling.standard_errors(draws, 2.5) == pytest.approx(abs(t), rel=1e-12)


def test_equal_numbers_are_no_standard_error_apart_even_without_spread():
    assert sampling.standard_errors(np.full(5, 0.25), 0.25) == 0
    with np.errstate(divide="ignore"):
        assert sampling.standard_errors(np.full(5, 0.25), 0.5) == np.inf


def test_distances_of_single_draws_make_up_that_of_their_mean():
    draws = np.array([1.0, 2.0, 4.0, 4.5])
    apart = sampling.distances(draws, 2.5)
    assert apart * draws.std(ddof=1) + 2.5 == pytest.approx(draws)
    assert abs(apart.mean()) * 2 == pytest.approx(sampling.standard_errors(draws, 2.5))
    assert sampling.distances(np.full(2, 0.25), 0.25).tolist() == [0, 0]
    assert sampling.distances(np.full(2, 0.25), 0.5).tolist() == [-np.inf, -np.inf]


def test_standard_errors_of_the_right_law_are_below_three():
    rng = np.random.default_rng(1)
    found = [sampling.standard_errors(rng.exponential(1, 200), 1) for _ in range(200)]
    assert np.mean(np.array(found) > 3) < 0.02
    assert np.median(found) == pytest.approx(0.67, abs=0.15)  # of |N(0, 1)|


@given(n=st.integers(10, 60), seed=SEEDS)
def test_energy_of_random_signs_is_spread_evenly(n, seed):
    """The variance is exact for directions drawn on the sphere."""
    rng = np.random.default_rng(seed)
    k, draws = max(1, n // 3), 400
    squares = rng.standard_normal((draws, n)) ** 2
    shares = squares[:, :k].sum(axis=1) / squares.sum(axis=1)
    assert sampling.top_energy_error(shares, k, n) < 4.5
    spread = np.sqrt(2 * k * (n - k) / (n + 2)) / n
    assert shares.std() == pytest.approx(spread, rel=0.25)
    assert sampling.top_energy_error(shares + spread, k, n) > 10


@pytest.mark.parametrize("portion", [0.2, 0.5, 1.0])
def test_correlation_of_relabellings(portion):
    rng = np.random.default_rng(4)
    n, draws = 2000, 50
    redrawn = rng.random((2, draws, n)) < portion
    first, second = np.where(redrawn & (rng.random((2, draws, n)) < 0.5), -1.0, 1.0)
    apart = sampling.noise_correlation(first, second, portion)
    assert apart.shape == (draws,)
    assert np.abs(apart).max() < 4 / np.sqrt(n)
    assert apart.std() == pytest.approx(1 / np.sqrt(n), rel=0.35)
    same = sampling.noise_correlation(first, first, portion)
    assert same == pytest.approx(np.ones(draws), abs=0.15)
    # Labels that nobody relabelled: their mean is off, and the result finite.
    assert np.isfinite(sampling.noise_correlation(first, np.ones_like(second), portion)).all()
