"""Errors of predictions against their definitions, point by point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import predictions

EPS = np.finfo(float).eps


def test_a_prediction_of_zero_counts_as_plus_one():
    f = np.array([0.0, -0.0, 0.2, -0.2, -3.0])
    assert predictions.zero_one_error(f, np.ones(5)) == 0.4
    assert predictions.zero_one_error(f, -np.ones(5)) == 0.6


@given(n=st.integers(1, 30), q=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_errors_are_means_over_points(n, q, seed):
    rng = np.random.default_rng(seed)
    f, y = rng.standard_normal((n, q)), rng.choice([-1.0, 1.0], size=(n, q))
    wrong, distance = predictions.zero_one_error(f, y), predictions.l1_loss(f, y)
    for column in range(q):
        pairs = list(zip(f[:, column], y[:, column], strict=True))
        assert wrong[column] == sum(a * b < 0 for a, b in pairs) / n
        mean = sum(abs(a - b) for a, b in pairs) / n
        assert distance[column] == pytest.approx(mean, rel=n * EPS)
