"""Spectrum, projections and the loss curve of equation (8) against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, matrices, spectra
from overparam.errors import Refusal

EPS = np.finfo(float).eps
SEEDS = st.integers(0, 2**32 - 1)


def gram_of(n, d, seed, copies=0):
    """H∞ of n random points, of which the last `copies` repeat earlier ones."""
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((n, d))
    points[n - copies :] = points[rng.integers(0, n - copies, copies)]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return kernels.relu_gram(points)


@given(n=st.integers(1, 25), d=st.integers(2, 6), seed=SEEDS)
def test_decomposition_rebuilds_the_matrix_from_orthonormal_rows(n, d, seed):
    gram = gram_of(n, d, seed)
    values, vectors = matrices.decompose(gram.copy())
    assert np.all(np.diff(values) <= 0)
    # LAPACK's symmetric solvers are backward stable: errors of a small multiple of n · eps.
    assert np.allclose(vectors @ vectors.T, np.eye(n), rtol=0, atol=10 * n * EPS)
    rebuilt = np.einsum("i,ij,ik->jk", values, vectors, vectors)
    assert np.allclose(rebuilt, gram, rtol=0, atol=10 * n * EPS * values[0])
    assert np.isclose(values.sum(), n / 2, rtol=10 * n * EPS, atol=0)  # the trace of H∞


def test_row_i_is_the_eigenvector_of_value_i():
    values, vectors = matrices.decompose(np.diag([2.0, 5.0, 3.0]))
    assert values.tolist() == [5, 3, 2]
    assert np.abs(vectors).tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_eigenvectors_take_the_place_of_the_matrix():
    gram = gram_of(6, 3, 1)
    assert np.shares_memory(matrices.decompose(gram)[1], gram)


@given(n=st.integers(2, 25), d=st.integers(2, 6), seed=SEEDS, copies=st.integers(1, 3))
def test_duplicate_points_are_refused(n, d, seed, copies):
    with pytest.raises(Refusal, match=r"smallest eigenvalue .*, expected above rounding"):
        matrices.decompose(gram_of(n + copies, d, seed, copies))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad):
    gram = gram_of(5, 3, 2)
    gram[1, 3] = gram[3, 1] = bad
    with pytest.raises(Refusal, match="not finite"):
        matrices.decompose(gram)


@given(n=st.integers(1, 12), d=st.integers(2, 5), seed=SEEDS, edge=st.floats(0.01, 1.99))
def test_residual_is_that_of_the_linear_system_iterated(n, d, seed, edge):
    gram = gram_of(n, d, seed)
    labels = np.random.default_rng(seed + 1).standard_normal(n)
    values, vectors = matrices.decompose(gram.copy())
    eta = edge / values[0]
    outputs, norms = np.zeros(n), []
    for _ in range(61):
        norms.append(np.linalg.norm(labels - outputs))
        outputs = outputs - eta * gram @ (outputs - labels)
    coefficients = spectra.project(vectors, labels)
    steps = np.array([0, 1, 2, 3, 10, 37, 60])
    found = spectra.predicted_residual(values, coefficients, eta, steps)
    # Below the edge 2/λ_max no step amplifies: 60 of them add at most 60 roundings of n sums,
    # 60 · 12 · eps ≈ 2e-13 of ‖y‖.
    assert found.shape == steps.shape
    assert np.allclose(found, np.array(norms)[steps], rtol=0, atol=1e-10 * norms[0])


def test_residual_grows_above_the_edge_of_stability():
    values, coefficients = np.array([2.0, 1.0]), np.array([1.0, 0.0])
    found = spectra.predicted_residual(values, coefficients, 1.5, np.arange(4))
    assert found.tolist() == [1, 2, 4, 8]  # |1 − 1.5 · 2| = 2


@given(n=st.integers(1, 20), q=st.integers(1, 4), seed=SEEDS)
def test_energy_accumulates_to_one_and_projections_keep_the_norm(n, q, seed):
    _, vectors = matrices.decompose(gram_of(n, 4, seed))
    labels = np.random.default_rng(seed + 1).choice([-1.0, 1.0], size=(n, q))
    coefficients = spectra.project(vectors, labels)
    energy = spectra.energy(coefficients)
    assert energy.shape == (n, q)
    assert np.all(np.diff(energy, axis=0) >= 0)
    assert np.all(energy[-1] == 1)
    assert np.allclose(energy[0], coefficients[0] ** 2 / n, rtol=1e-12, atol=0)  # ‖y‖² = n
    # Parseval, to the orthonormality of the rows.
    squares = np.sum(coefficients**2, axis=0)
    assert np.allclose(squares, n, rtol=20 * n * EPS, atol=0)
    alone = spectra.project(vectors, labels[:, 0])
    assert np.allclose(alone, coefficients[:, 0], rtol=0, atol=n * EPS * np.sqrt(n))
    assert np.allclose(spectra.energy(alone), energy[:, 0], rtol=0, atol=20 * n * EPS)


@given(n=st.integers(1, 12), seed=SEEDS, share=st.sampled_from([0.5, 0.1, 0.01]))
def test_the_steps_to_a_share_of_the_loss_are_the_fewest(n, seed, share):
    values, vectors = matrices.decompose(gram_of(n, 4, seed))
    y = np.random.default_rng(seed).choice([-1.0, 1.0], n)
    eta, coefficients = 1 / values[0], vectors @ y
    found = spectra.steps_to(share, values, coefficients, eta)
    steps = [found - 1, found]
    before, after = spectra.predicted_residual(values, coefficients, eta, steps) ** 2 / (y @ y)
    assert after <= share * (1 + 1e-9)
    assert before > share * (1 - 1e-9)


def test_a_loss_that_stays_takes_infinitely_many_steps():
    assert spectra.steps_to(0.01, np.array([1.0, 0.0]), np.array([1.0, 1.0]), 1.0) == np.inf
