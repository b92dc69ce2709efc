"""The Gram matrix at the start: its blocks, and the exact size of its fluctuation (lemma C.3)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, networks, sampling
from overparam.two_layer import concentration

SEEDS = st.integers(0, 2**32 - 1)


def units(n, d, seed):
    rows = np.random.default_rng(seed).standard_normal((n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(n=st.integers(1, 8), d=st.integers(1, 5), m=st.integers(1, 40), seed=SEEDS)
def test_one_block_is_the_empirical_gram_matrix(n, d, m, seed):
    inputs = units(n, d, seed)
    weights, _ = networks.initialise(m, d, 1.0, False, np.random.default_rng(seed))
    found = concentration.initial_gram(inputs, m, np.random.default_rng(seed))
    np.testing.assert_array_equal(found, networks.empirical_gram(inputs, weights))


@pytest.mark.parametrize("m", [1, 7, 8, 20])
def test_blocks_average_to_the_whole(m, monkeypatch):
    monkeypatch.setattr(concentration, "NEURONS", 7)
    inputs, rng = units(5, 3, 0), np.random.default_rng(1)
    found = concentration.initial_gram(inputs, m, np.random.default_rng(1))
    sizes = [7] * (m // 7) + [m % 7] * (m % 7 > 0)
    blocks = [networks.initialise(size, 3, 1.0, False, rng)[0] for size in sizes]
    whole = networks.empirical_gram(inputs, np.hstack(blocks))
    np.testing.assert_allclose(found, whole, rtol=1e-13)


@pytest.mark.parametrize("m", [3, 50])
def test_the_expected_square_is_exact(m):
    inputs = units(6, 3, 2)
    gram = kernels.relu_gram(inputs)
    expected = concentration.expected_square(inputs @ inputs.T, gram) / m
    rng = np.random.default_rng(3)
    squares = np.array([
        np.sum((concentration.initial_gram(inputs, m, rng) - gram) ** 2) for _ in range(3000)
    ])  # fmt: skip
    assert sampling.standard_errors(squares, expected) < 3
    assert sampling.standard_errors(squares, 1.1 * expected) > 3  # the test can tell


def test_parallel_and_opposite_inputs():
    """Of x and x each neuron sees both or none: ¼ for every pair; of x and −x it sees one."""
    x = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    gram = np.array([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 0.5]])
    assert concentration.expected_square(x @ x.T, gram) == pytest.approx(5 / 4)
