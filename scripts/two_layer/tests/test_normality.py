"""Tests of normality, against laws known otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from overparam.two_layer import normality


def test_squares_of_normal_projections_pass_and_others_fail():
    rng = np.random.default_rng(2)
    normal = rng.standard_normal(4000)
    assert normality.chi_square_test(normal)[1] > 0.01
    distance, probability = normality.chi_square_test(np.sqrt(2) * normal)
    assert probability < 1e-20
    assert 0.05 < distance < 0.3
    assert normality.chi_square_test(rng.choice([-1.0, 1.0], 4000))[1] < 1e-20


@given(n=st.integers(50, 5000))
def test_the_median_of_the_largest_normal_is_no_extreme(n):
    median = stats.norm.isf((1 - 0.5 ** (1 / n)) / 2)
    assert normality.largest_normal_tail(median, n) == pytest.approx(1, rel=1e-9)
    assert normality.largest_normal_tail(median + 3, n) < 0.01
    assert normality.largest_normal_tail(median - 1, n) < 0.05


def test_largest_normals_are_spread_as_they_should_be():
    largest = np.abs(np.random.default_rng(3).standard_normal((2000, 100))).max(axis=1)
    tails = [normality.largest_normal_tail(value, 100) for value in largest]
    assert stats.kstest(tails, "uniform").pvalue > 0.01
