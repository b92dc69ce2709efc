"""Steps at which to measure, and learning rates and their edge of stability."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import schedules
from overparam.errors import Refusal


@given(steps=st.integers(1, 10**6), per_decade=st.integers(1, 40))
def test_schedule_is_whole_dense_enough_and_not_too_dense(steps, per_decade):
    points = schedules.schedule(steps, per_decade)
    assert points.dtype.kind == "i"
    assert points[0] == 0
    assert points[-1] == steps
    assert np.all(np.diff(points) > 0)
    # Spaced by at most a factor 10^(1/per_decade), and rounded by at most ½ at either end.
    ratio = 10 ** (1 / per_decade)
    assert np.all(points[2:] <= (points[1:-1] + 0.5) * ratio + 0.5 + 1e-6)
    # Spacing s decades: ⌈p log₁₀ K⌉ intervals in log₁₀ K decades. Rounding widens [10ʲ, 10ʲ⁺¹) to
    # at most log₁₀(99.5/9.5) = 1.02 decades, and a range of b decades holds ≤ b/s + 1 points.
    decades = math.log10(max(steps, 2))
    most = 1.0201 * math.ceil(per_decade * decades) / decades + 1
    for decade in range(7):
        inside = (points >= 10**decade) & (points < 10 ** (decade + 1))
        assert np.count_nonzero(inside) <= most


def test_schedule_takes_every_small_step_when_many_are_asked_for():
    assert schedules.schedule(1000, 50)[:11].tolist() == list(range(11))
    assert schedules.schedule(100, 1).tolist() == [0, 1, 10, 100]
    assert schedules.schedule(0, 10).tolist() == [0]
    assert schedules.schedule(1, 10).tolist() == [0, 1]


def test_learning_rate_is_absolute_or_a_multiple_of_the_inverse_eigenvalue():
    assert schedules.learning_rate(0.3, "absolute", 50.0) == 0.3
    assert schedules.learning_rate(0.3, "1/lambda_max", 50.0) == pytest.approx(0.006, rel=1e-15)


def test_an_unstable_learning_rate_is_refused_with_its_three_numbers():
    schedules.check_stable(2 / 3381.1, 3381.1)  # the edge itself is allowed
    with pytest.raises(Refusal) as caught:
        schedules.check_stable(1e-3, 3381.1)
    assert str(caught.value).endswith(": lower eta")
    # η, 2/λ_max = 5.915e-4 and λ_max of the sources' CIFAR set.
    numbers = re.findall(r"= (\d[\d.e-]*\d)", str(caught.value))
    assert [float(number) for number in numbers] == [0.001, 0.000591523, 3381.1]
