"""The theorems' constants against plain arithmetic, and against the numbers known for MNIST."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.two_layer import constants

SMALL = st.floats(1e-3, 1)
N = st.integers(1, 10**5)


@given(n=N, least=SMALL, kappa=SMALL, delta=SMALL, epsilon=SMALL, m=N)
def test_logarithms_are_those_of_the_formulas(n, least, kappa, delta, epsilon, m):
    converge = n**6 / (least**4 * kappa**2 * delta**3)
    predict = n**7 / (least**4 * kappa**2 * delta**4 * epsilon**2)
    movement = n**3.5 / (math.sqrt(m) * least**2 * kappa * delta**2)
    for found, plain in (
        (constants.width_to_converge(n, least, kappa, delta), converge),
        (constants.width_to_predict(n, least, kappa, delta, epsilon), predict),
        (constants.movement_error(n, m, least, kappa, delta), movement),
    ):
        assert found == pytest.approx(math.log10(plain), abs=1e-9)
    eta = constants.learning_rate(n, least)
    assert eta * n * n == pytest.approx(least)
    steps = constants.steps_to_generalise(n, least, eta, delta)
    assert math.exp(-steps * eta * least) == pytest.approx(delta / n, rel=1e-6)
    # At the largest κ of theorem 4.1 the start costs ε.
    kappa = constants.scale_to_predict(n, delta, epsilon)
    assert constants.start_error(n, kappa, delta) == pytest.approx(epsilon)


def test_at_the_papers_size_on_mnist():
    assert constants.width_to_converge(10_000, 0.0153, 0.01, 0.1) == pytest.approx(38, abs=0.5)
    assert constants.width_to_predict(10_000, 0.0153, 0.01, 0.1, 1) == pytest.approx(43, abs=0.5)
    assert constants.learning_rate(10_000, 0.0153) == pytest.approx(1.5e-10, rel=0.05)
