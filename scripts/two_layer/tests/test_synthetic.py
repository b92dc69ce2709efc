"""Synthetic inputs are what was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels
from overparam.errors import Refusal
from overparam.two_layer import synthetic

SEEDS = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 20), d=st.integers(1, 8), seed=SEEDS)
def test_points_on_the_sphere_have_unit_length(n, d, seed):
    points = synthetic.sphere(n, d, np.random.default_rng(seed))
    assert points.shape == (n, d)
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(n), abs=1e-14)


def test_points_on_the_sphere_have_no_direction():
    points = synthetic.sphere(40_000, 3, np.random.default_rng(0))
    # Of a coordinate: mean 0 and square 1/d, the latter with variance 4/45 in d = 3: 5 deviations.
    assert np.abs(points.mean(axis=0)).max() < 5 / np.sqrt(3 * 40_000)
    assert np.abs((points**2).mean(axis=0) - 1 / 3).max() < 5 * np.sqrt(4 / 45 / 40_000)


@given(d=st.integers(2, 8), seed=SEEDS, inner=st.lists(st.floats(1e-8, 3.1), max_size=5))
def test_rows_lie_at_their_angles(d, seed, inner):
    rng = np.random.default_rng(seed)
    wanted = np.array([0.0, *inner, np.pi])
    rows = synthetic.sphere(len(wanted), d, rng)
    others = synthetic.at_angles(rows, wanted, rng)
    found = np.diagonal(kernels.angles(rows, others))
    # Coordinates are right to an ulp or so of 1, and so are small angles.
    assert np.allclose(found, wanted, rtol=1e-12, atol=2e-15)
    assert np.array_equal(others[0], rows[0])
    assert np.array_equal(others[-1], -rows[-1])


@given(n=st.integers(2, 12), seed=SEEDS, data=st.data())
def test_the_last_inputs_are_opposites_of_the_first(n, seed, data):
    pairs = data.draw(st.integers(0, n // 2))
    points = synthetic.sphere(n, 3, np.random.default_rng(seed))
    changed = synthetic.with_antipodes(points, pairs)
    assert np.array_equal(changed[: n - pairs], points[: n - pairs])
    assert np.array_equal(changed[n - pairs :], -points[:pairs])


def test_more_pairs_than_inputs_are_refused():
    with pytest.raises(Refusal, match="found 3 among n = 5 inputs, expected at most 2"):
        synthetic.with_antipodes(np.eye(5), 3)
