"""Norms of products of random layers, over all vectors and over sparse ones."""

from collections.abc import Iterator

import numpy as np

STEPS = 60
"""Of power iteration; 40 are enough for three digits."""
SPARSE_STEPS = 20
"""Of truncated power iteration, which stays where it is after a few."""


def forward(weights: np.ndarray, active: np.ndarray) -> Iterator[np.ndarray]:
    """W_1, W_2 D_1 W_1, W_3 D_2 W_2 D_1 W_1 … of one network at one input, each (m, m).

    weights: (k, m, m). active: (k, m), of the layers of these weights.
    """
    product = weights[0]
    yield product
    for matrix, on in zip(weights[1:], active[:-1], strict=True):
        product = matrix @ (on[:, None] * product)
        yield product


def spectral_norm(matrix: np.ndarray, rng: np.random.Generator) -> float:
    """The largest singular value, by power iteration from one random start: a lower bound."""
    vector = rng.standard_normal((matrix.shape[1],)).astype(matrix.dtype)
    for _ in range(STEPS):
        vector = matrix.T @ (matrix @ vector)
        vector /= np.linalg.norm(vector)
    return float(np.linalg.norm(matrix @ vector))


def sparse_norm(matrix: np.ndarray, s: int, rows: int | None = None, starts: int = 4) -> float:
    """A lower bound of max ‖matrix v‖ over unit vectors v with s entries at most.

    rows: how many entries of the product count, those that are largest; all unless told: with it,
    the maximum of uᵀ matrix v over sparse u and v. By truncated power iteration from the columns
    that are longest, or that have the largest entries."""
    worth = np.abs(matrix).max(axis=0) if rows else np.linalg.norm(matrix, axis=0)
    best = np.argsort(worth)[-starts:]
    vectors = np.zeros((matrix.shape[1], len(best)), matrix.dtype)
    vectors[best, np.arange(len(best))] = 1
    for _ in range(SPARSE_STEPS):
        image = matrix @ vectors
        vectors = largest(matrix.T @ (largest(image, rows) if rows else image), s)
        vectors /= np.linalg.norm(vectors, axis=0)
    image = matrix @ vectors
    return float(np.linalg.norm(largest(image, rows) if rows else image, axis=0).max())


def largest(columns: np.ndarray, s: int) -> np.ndarray:
    """Columns with all but their s largest entries, by absolute value, set to 0."""
    if s >= len(columns):
        return columns
    least = np.partition(np.abs(columns), -s, axis=0)[-s]
    return np.where(np.abs(columns) >= least, columns, 0)
