"""Equation (8) solved for the learning rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import spectra
from overparam.two_layer import inversion

SEEDS = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 30), exponent=st.floats(-4, -0.1), seed=SEEDS)
def test_the_rate_that_made_the_losses_comes_back(n, exponent, seed):
    rng = np.random.default_rng(seed)
    eigenvalues = np.sort(rng.uniform(0.1, 5, n))[::-1]
    coefficients = rng.uniform(0.5, 2, n)
    coefficients *= np.sqrt(n) / np.linalg.norm(coefficients)
    eta, steps = 10**exponent / eigenvalues[0], np.array([1, 5, 20])
    losses = spectra.predicted_residual(eigenvalues, coefficients, eta, steps) ** 2 / (2 * n)
    found = inversion.effective_rate(eigenvalues, coefficients, steps, losses)
    clear = losses > 1e-12  # below, the loss itself holds no digits of η
    assert found[clear] == pytest.approx(eta, rel=1e-6)


def test_losses_that_no_rate_gives_have_none():
    steps, losses = np.array([1, 1, 1]), np.array([0.7, 1e-9, 0.02])
    found = inversion.effective_rate(np.array([2.0, 1.0]), np.ones(2), steps, losses)
    # Above the start ½; below what η = ½ leaves, ½ · ½² / 2 = 1/16; and so is the third.
    assert np.isnan(found).all()
    (found,) = inversion.effective_rate(np.array([2.0]), np.ones(1), [1], [0.125])
    assert found == pytest.approx(0.25)  # ½ (1 − 2η)² = ⅛
