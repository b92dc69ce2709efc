"""Random subsets of a set of points, and their measures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import Refusal
from overparam.two_layer import subsets

SEEDS = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 60), data=st.data(), seed=SEEDS)
def test_draws_are_without_replacement_and_ascending(n, data, seed):
    labels = np.ones(n)
    size = data.draw(st.integers(1, n))
    chosen = subsets.draw(labels, size, np.random.default_rng(seed))
    assert len(chosen) == size
    assert np.all(np.diff(chosen) > 0)
    assert 0 <= chosen[0] <= chosen[-1] < n


@given(half=st.integers(1, 30), data=st.data(), seed=SEEDS)
def test_of_a_balanced_set_half_is_of_either_sign(half, data, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([-1.0, 1.0], half))
    size = 2 * data.draw(st.integers(1, half))
    chosen = subsets.draw(labels, size, rng)
    assert len(set(chosen)) == size
    assert labels[chosen].sum() == 0


def test_every_point_is_drawn_as_often():
    labels, rng = np.repeat([-1.0, 1.0], [6, 4]), np.random.default_rng(0)
    counts = np.zeros(10)
    for _ in range(4000):
        counts[subsets.draw(labels, 5, rng)] += 1
    # 4 000 draws of chance ½: standard deviation .0079.
    np.testing.assert_allclose(counts / 4000, 0.5, atol=0.035)


@pytest.mark.parametrize(("size", "labels"), [(0, [1]), (3, [1, 1]), (1, [1, -1])])
def test_sizes_that_cannot_be_had_are_refused(size, labels):
    with pytest.raises(Refusal, match=f"found (a subset of )?{size}"):
        subsets.draw(np.array(labels, dtype=float), size, np.random.default_rng(0))


@given(n=st.integers(1, 12), seed=SEEDS)
def test_figures_are_those_of_the_inverse(n, seed):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((n, n + 3))
    gram, y = root @ root.T + 0.1 * np.eye(n), rng.choice([-1.0, 1.0], n)
    kept, inverse = gram.copy(), np.linalg.inv(gram)
    found = subsets.figures(gram, y)
    np.testing.assert_array_equal(gram, kept)
    assert found.least == pytest.approx(np.linalg.eigvalsh(gram)[0], rel=1e-8)
    # √(2 yᵀ(H∞)⁻¹y / n) where the trace is n/2, as that of H∞.
    size = 2 * np.sqrt(np.trace(gram)) / n
    assert found.true == pytest.approx(size * np.sqrt(y @ inverse @ y), rel=1e-8)
    assert found.random == pytest.approx(size * np.sqrt(np.trace(inverse)), rel=1e-8)


def test_a_singular_matrix_is_refused():
    with pytest.raises(Refusal, match="Gram matrix"):
        subsets.figures(np.ones((3, 3)), np.ones(3))
