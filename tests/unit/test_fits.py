"""Exponents of power laws, and how sure they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import fits
from overparam.errors import Refusal


@given(
    exponent=st.floats(-3, 3), scale=st.floats(1e-3, 1e3), k=st.integers(2, 6),
    seeds=st.integers(1, 5),
)  # fmt: skip
def test_a_power_law_has_its_exponent_and_no_doubt(exponent, scale, k, seeds):
    sizes = 3.0 ** np.arange(1, k + 1)
    values = np.repeat((scale * sizes**exponent)[:, None], seeds, axis=1)
    assert fits.power_law(sizes, values) == pytest.approx([exponent] * 3, abs=1e-12)
    assert fits.slopes(sizes, values) == pytest.approx([exponent] * seeds, abs=1e-12)


def test_the_interval_is_that_of_a_normal_mean():
    """Forty seeds around a law, with a spread that does not depend on the size."""
    sizes = np.array([10.0, 100.0, 1000.0])
    noise = np.random.default_rng(0).standard_normal((3, 40))
    fit = fits.power_law(sizes, sizes[:, None] ** -0.5 * np.exp(0.1 * noise))
    assert fit.low < fit.exponent < fit.high
    assert fit.low < -0.5 < fit.high
    # The slope's deviation is that of half the difference, in decades, of the outer medians:
    # each .1 · √(π/2 · 1/40), so .1 · .198 · √2 / (2 ln 10) = .0061; the interval is four of them.
    assert 0.012 < fit.high - fit.low < 0.05


def test_slopes_are_per_column_and_the_median_is_fitted():
    sizes = np.array([1.0, 10.0])
    values = np.array([[1.0, 1.0, 1.0], [1.0, 10.0, 100.0]])
    assert fits.slopes(sizes, values) == pytest.approx([0, 1, 2])
    assert fits.power_law(sizes, values).exponent == pytest.approx(1)


def test_the_same_values_have_the_same_interval():
    values = np.random.default_rng(1).random((4, 5)) + 0.5
    sizes = np.arange(1, 5)
    assert fits.power_law(sizes, values) == fits.power_law(sizes, values)


@pytest.mark.parametrize(
    ("sizes", "values"),
    [
        ([10.0], [[1.0]]),
        ([10.0, 10.0], [[1.0], [2.0]]),
        ([1.0, 2.0], [[1.0], [0.0]]),
        ([0.0, 2.0], [[1.0], [1.0]]),
        ([1.0, 2.0], [[1.0], [np.nan]]),
    ],
)
def test_what_has_no_exponent_is_refused(sizes, values):
    with pytest.raises(Refusal, match="expected at least two sizes"):
        fits.power_law(np.array(sizes), np.array(values))
