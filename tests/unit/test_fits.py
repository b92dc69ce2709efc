"""Fitted exponents and slopes against laws that are known, and their intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam import fits
from overparam.errors import Refusal

SEEDS = st.integers(0, 2**32 - 1)


@given(
    exponent=st.floats(-3, 3), scale=st.floats(1e-6, 1e6), sizes=st.integers(2, 6),
    seeds=st.integers(1, 8),
)  # fmt: skip
@settings(max_examples=30)
def test_an_exact_power_law_gives_its_exponent_and_no_width(exponent, scale, sizes, seeds):
    m = 10.0 * 2 ** np.arange(sizes)
    fit = fits.power_law(m, np.outer(scale * m**exponent, np.ones(seeds)))
    assert fit == pytest.approx((exponent,) * 3, abs=1e-9)


@settings(max_examples=20)
@given(seed=SEEDS, factor=st.floats(0.01, 100))
def test_units_change_nothing(seed, factor):
    m = np.array([10, 30, 100, 300])
    values = np.random.default_rng(seed).lognormal(size=(4, 5))
    expected = fits.power_law(m, values)
    assert fits.power_law(factor * m, values) == pytest.approx(expected, abs=1e-9)
    assert fits.power_law(m, factor * values) == pytest.approx(expected, abs=1e-9)


def test_medians_are_fitted_so_that_one_wild_seed_does_not_count():
    m = np.array([10, 100])
    values = np.array([[1.0, 1.0, 50.0], [0.1, 0.1, 0.1]])
    assert fits.power_law(m, values).exponent == pytest.approx(-1)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """95 % of 60 noisy samples are 57, give or take 1.7; a bootstrap is not exact."""
    rng, m = np.random.default_rng(0), np.array([100, 400, 1600])
    covered = 0
    for _ in range(60):
        values = (m[:, None] ** -0.5) * rng.lognormal(sigma=0.3, size=(3, 12))
        fit = fits.power_law(m, values)
        covered += fit.low <= -0.5 <= fit.high
        assert fit.low < fit.exponent < fit.high
    assert 50 <= covered <= 60


def test_each_seed_has_its_own_exponent():
    values = np.array([[1.0, 1.0, 1.0], [1.0, 10.0, 100.0]])
    assert fits.slopes([1, 10], values) == pytest.approx([0, 1, 2])


def test_equal_values_give_equal_intervals():
    values = np.random.default_rng(1).lognormal(size=(3, 10))
    assert fits.power_law([1, 2, 4], values) == fits.power_law([1, 2, 4], values.copy())


def test_seeds_that_shift_all_sizes_alike_leave_no_doubt_about_the_exponent():
    """What a seed draws is shared by the sizes: a factor of its own cancels in every resample."""
    m, own = np.array([10, 100, 1000]), np.random.default_rng(2).lognormal(size=7)
    fit = fits.power_law(m, m[:, None] ** -0.3 * own)
    assert fit == pytest.approx((-0.3,) * 3, abs=1e-12)


@pytest.mark.parametrize(
    ("sizes", "values"),
    [
        ([1, 2], [[1.0], [0.0]]), ([1, 2], [[1.0], [np.nan]]), ([0, 2], [[1.0]] * 2),
        ([2, 2], [[1.0]] * 2),
    ],
)  # fmt: skip
def test_what_has_no_logarithm_or_no_slope_is_refused(sizes, values):
    with pytest.raises(Refusal, match="power law: found sizes"):
        fits.power_law(sizes, values)


@given(seed=SEEDS, seeds=st.integers(2, 6))
def test_trend_is_the_mean_of_the_seeds_slopes_with_its_standard_error(seed, seeds):
    rng, x = np.random.default_rng(seed), np.array([0.0, 1, 2, 5])
    values = rng.standard_normal((4, seeds))
    trend = fits.trend(x, values)
    expected = [np.polyfit(x, column, 1)[0] for column in values.T]
    np.testing.assert_allclose(trend.per_seed, expected, atol=1e-12)
    assert trend.slope == pytest.approx(np.mean(expected), abs=1e-12)
    assert trend.error == pytest.approx(np.std(expected, ddof=1) / np.sqrt(seeds), abs=1e-12)
    # What a seed adds everywhere (harder test labels, say) is no part of its slope.
    shifted = fits.trend(x, values + rng.standard_normal(seeds))
    assert shifted.error == pytest.approx(trend.error, abs=1e-9)
    assert fits.slope(x, values[:, 0]) == pytest.approx(expected[0], abs=1e-12)


@pytest.mark.parametrize("values", [np.ones((2, 1)), np.ones((1, 3))])
def test_a_trend_without_an_error_is_refused(values):
    with pytest.raises(Refusal, match="expected two of each"):
        fits.trend(np.arange(len(values)), values)


def test_farthest_from_one_looks_up_and_down():
    assert fits.farthest_from_one(np.array([0.5, 1.9, 1.0])) == 0.5
    assert fits.farthest_from_one(np.array([0.5, 2.1, 1.0])) == 2.1
    assert fits.farthest_from_one(np.array([0.0, 9.0])) == 0
    assert fits.farthest_from_one([-1.0, 9.0]) == -1
    assert np.isnan(fits.farthest_from_one(np.array([])))
    assert np.isnan(fits.farthest_from_one(np.array([np.nan, 3.0])))
