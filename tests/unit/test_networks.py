"""The two-layer network's start, its plain formula and its kernel at finite width."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, networks
from overparam.errors import Refusal

EPS = np.finfo(float).eps
SEEDS = st.integers(0, 2**32 - 1)


def unit_rows(n, d, seed):
    rows = np.random.default_rng(seed).standard_normal((n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def start(m, d, seed, kappa=1.0, antisymmetric=False):
    return networks.initialise(m, d, kappa, antisymmetric, np.random.default_rng(seed))


@given(
    half=st.integers(1, 20), d=st.integers(1, 8), seed=SEEDS, kappa=st.floats(1e-3, 1e3),
    antisymmetric=st.booleans(),
)  # fmt: skip
def test_start_has_its_shapes_and_signs(half, d, seed, kappa, antisymmetric):
    weights, signs = start(2 * half, d, seed, kappa, antisymmetric)
    assert weights.shape == (d, 2 * half)
    assert weights.flags.c_contiguous
    assert np.all(np.abs(signs) == 1)
    assert signs.shape == (2 * half,)
    if antisymmetric:
        assert np.array_equal(weights[:, :half], weights[:, half:])
        assert np.array_equal(signs[:half], -signs[half:])


@given(d=st.integers(1, 8), m=st.integers(1, 30), seed=SEEDS, kappa=st.floats(1e-3, 1e3))
def test_kappa_scales_the_weights_and_leaves_the_draw(d, m, seed, kappa):
    unscaled, signs = start(m, d, seed)
    weights, same = start(m, d, seed, kappa)
    assert np.array_equal(weights, kappa * unscaled)
    assert np.array_equal(signs, same)


def test_weights_are_standard_normal_and_signs_fair():
    weights, signs = start(20_000, 5, 1)
    count = weights.size
    # 5 standard errors of a sample's mean, variance (√(2/N)) and fourth moment (√(96/N)).
    assert abs(weights.mean()) < 5 / np.sqrt(count)
    assert abs(np.mean(weights**2) - 1) < 5 * np.sqrt(2 / count)
    assert abs(np.mean(weights**4) - 3) < 5 * np.sqrt(96 / count)
    assert abs(signs.mean()) < 5 / np.sqrt(len(signs))
    # A neuron's sign says nothing about its weights, nor one coordinate about another.
    assert np.all(np.abs(weights @ signs) < 5 * np.sqrt(len(signs)))
    assert abs(weights[0] @ weights[1]) < 5 * np.sqrt(len(signs))


def test_an_antisymmetric_network_of_odd_width_is_refused():
    with pytest.raises(Refusal, match="m = 7, expected an even number"):
        start(7, 3, 1, antisymmetric=True)
    assert start(7, 3, 1)[0].shape == (3, 7)


@given(n=st.integers(1, 9), d=st.integers(1, 6), half=st.integers(1, 40), seed=SEEDS)
def test_an_antisymmetric_network_starts_at_zero(n, d, half, seed):
    inputs = unit_rows(n, d, seed)
    weights, signs = start(2 * half, d, seed, antisymmetric=True)
    size = np.maximum(inputs @ weights, 0).sum(axis=1).max() / np.sqrt(2 * half)
    # Each term and its opposite are summed, in whatever order: rounding of 2m terms remains.
    assert np.all(np.abs(networks.outputs(inputs, weights, signs)) <= 1e-12 * size)


@given(n=st.integers(1, 6), d=st.integers(1, 5), m=st.integers(1, 9), seed=SEEDS)
def test_outputs_and_kernel_are_their_formulas(n, d, m, seed):
    inputs = unit_rows(n, d, seed)
    weights, signs = start(m, d, seed + 1)
    found, gram = networks.outputs(inputs, weights, signs), networks.empirical_gram(inputs, weights)
    for i in range(n):
        u = sum(signs[r] * max(weights[:, r] @ inputs[i], 0) for r in range(m)) / np.sqrt(m)
        assert np.isclose(found[i], u, rtol=0, atol=1e-14 * m)  # m sums of d terms near 1
        for j in range(n):
            both = sum(
                weights[:, r] @ inputs[i] >= 0 and weights[:, r] @ inputs[j] >= 0 for r in range(m)
            )
            assert np.isclose(gram[i, j], inputs[i] @ inputs[j] * both / m, rtol=0, atol=1e-15 * d)


def test_a_neuron_at_zero_counts_as_active():
    inputs, weights = np.eye(2), np.array([[0.0, -1.0], [1.0, -1.0]])
    assert networks.empirical_gram(inputs, weights).tolist() == [[0.5, 0], [0, 0.5]]


def test_doubling_antisymmetrically_keeps_the_kernel():
    inputs = unit_rows(6, 4, 2)
    weights, _ = start(50, 4, 3, antisymmetric=True)
    half = networks.empirical_gram(inputs, weights[:, :25])
    assert np.allclose(networks.empirical_gram(inputs, weights), half, rtol=4 * EPS, atol=0)


def test_kernel_tends_to_the_infinite_one():
    inputs, m = unit_rows(8, 4, 4), 200_000
    weights, _ = start(m, 4, 5, kappa=0.01)  # κ does not enter
    gram = networks.empirical_gram(inputs, weights)
    share = gram / (inputs @ inputs.T)
    # 5 standard errors of a share among m independent neurons.
    error = np.abs(inputs @ inputs.T) * np.sqrt(share * (1 - share) / m)
    assert np.all(np.abs(gram - kernels.relu_gram(inputs)) <= 5 * error)
    assert error.max() < 2e-3


@given(n=st.integers(1, 9), d=st.integers(1, 9), seed=SEEDS)
def test_row_span_holds_every_input(n, d, seed):
    inputs = unit_rows(n, d, seed)
    inputs[n // 2] = inputs[0]  # linearly dependent inputs too
    basis = networks.row_span(inputs)
    assert basis.shape == (d, min(n, d))
    # Householder QR of unit columns: orthogonal, and exact, to a small multiple of d · eps.
    assert np.allclose(basis.T @ basis, np.eye(min(n, d)), rtol=0, atol=10 * d * EPS)
    assert np.allclose(inputs @ basis @ basis.T, inputs, rtol=0, atol=10 * d * EPS)
