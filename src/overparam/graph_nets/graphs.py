"""Graphs, aggregation matrices S, and features as the layers of a linear network smooth them.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), definition 1: X_(l) = B_(l) X_(l-1)
S. All that training sees of the nodes is Z_l = (X S^l)_{*I}, I the training nodes. float64.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import svds

from overparam.errors import Refusal

Operator = Literal["gcn", "gin", "bare"]
"""D̃^{-1/2}(A + I)D̃^{-1/2}; A + I; and gcn without self loops."""
SMALL = 200  # rows or columns up to which all singular values are computed


class Graph(NamedTuple):
    """A graph whose nodes have features, and some of them a label."""

    x: np.ndarray
    """Features of the nodes, (n, m_x)."""
    edges: np.ndarray
    """Pairs of nodes, (E, 2), each once."""
    y: np.ndarray
    """Classes 0 … q − 1 of the nodes, (n,); −1 without label."""
    train: np.ndarray
    """The training nodes I, (k,)."""
    test: np.ndarray
    """The nodes that are tested on, (t,)."""


def block_model(
    rng: np.random.Generator, nodes: int, classes: int, within: float, across: float, features: int,
    train: int, noise: float = 1.0,
) -> Graph:  # fmt: skip
    """A stochastic block model with Gaussian features.

    nodes, classes: of as equal sizes as can be. within, across: probability of an edge between
    nodes of one class and of two. features: m_x; a node has its class's mean, N(0, I), and
    N(0, noise² I). train: nodes drawn to be trained on.

    Raises Refusal if no training node was drawn of some class.
    """
    y = np.arange(nodes) % classes
    means = rng.standard_normal((classes, features))
    x = means[y] + noise * rng.standard_normal((nodes, features))
    chance = np.where(y[:, None] == y, within, across)
    edges = np.argwhere(np.triu(rng.random((nodes, nodes)) < chance, 1))
    chosen = rng.permutation(nodes)
    missing = np.setdiff1d(y, y[chosen[:train]])
    if len(missing):
        raise Refusal(
            f"training nodes: drawn {train} of {nodes}, none of class {missing[0]}, expected one "
            "of each class: draw more"
        )
    return Graph(x, edges, y, np.sort(chosen[:train]), np.sort(chosen[train:]))


def planted(graph: Graph, rng: np.random.Generator) -> tuple[Graph, np.ndarray]:
    """A graph with two training nodes linked to each other only, and these two, (2,)."""
    pair = np.sort(rng.choice(graph.train, 2, replace=False))
    kept = graph.edges[~np.isin(graph.edges, pair).any(axis=1)]
    return graph._replace(edges=np.concatenate([kept, pair[None]])), pair


def aggregation(edges: np.ndarray, nodes: int, operator: Operator) -> scipy.sparse.csr_array:
    """S, (nodes, nodes), symmetric; a node without neighbours has a zero row without self loops."""
    ends = np.concatenate([edges, edges[:, ::-1]]).T
    near = scipy.sparse.csr_array((np.ones(ends.shape[1]), tuple(ends)), shape=(nodes, nodes))
    if operator != "bare":
        near = near + scipy.sparse.eye_array(nodes)
    if operator == "gin":
        return near.tocsr()
    degrees = near.sum(axis=1)
    roots = np.zeros(nodes)
    np.divide(1, np.sqrt(degrees), out=roots, where=degrees > 0)
    return (near * roots[:, None] * roots).tocsr()


def norm(matrix: Any) -> float:
    """‖·‖₂ of a dense or sparse matrix."""
    least = min(matrix.shape)
    if least < SMALL:
        dense = matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
        return float(np.linalg.norm(dense, 2))
    start = np.ones(least)
    return float(svds(matrix, 1, v0=start, return_singular_vectors=False)[0])


def smoothed(graph: Graph, operator: Operator, depth: int, unscaled: bool = False) -> np.ndarray:
    """Z_0 … Z_depth, (depth + 1, m_x, k).

    X is scaled to ‖X‖₂ = √k, and S of gin to norm 1, unless `unscaled`: that of gin grows by the
    mean degree a layer.
    """
    s = aggregation(graph.edges, len(graph.x), operator)
    x = np.asarray(graph.x, float)
    if not unscaled:
        x = x * np.sqrt(len(graph.train)) / norm(x)
        s = s / norm(s) if operator == "gin" else s
    found = [x[graph.train].T]
    for _ in range(depth):
        x = s @ x
        found.append(x[graph.train].T)
    return np.stack(found)


def one_hot(graph: Graph) -> np.ndarray:
    """Y, (q, k): a row for each class, a column for each training node."""
    return np.eye(graph.y.max() + 1)[:, graph.y[graph.train]]


def rank(values: np.ndarray, shape: Sequence[int]) -> int:
    """How many singular values of a matrix of that shape are above rounding."""
    return int(np.sum(values > max(shape) * np.finfo(float).eps * values.max(initial=0)))


def coordinates(z: np.ndarray) -> np.ndarray:
    """Z_l's (T, m, k) in their common column space: (T, r, k), r their joint rank.

    Exact: an orthogonal basis of that space is put in place of the features, of which Gaussian B
    depend on no rotation, and out of which gradients of B_(1) and W_(0) never lead.
    """
    basis, values, _ = np.linalg.svd(np.concatenate(list(z), axis=1), full_matrices=False)
    return basis[:, : rank(values, (z.shape[1], z.shape[0] * z.shape[2]))].T @ z


def breaking(z: np.ndarray) -> np.ndarray:
    """The columns of a matrix (m, k) that cost it rank: positions, ascending.

    If m ≥ k those are the columns that some combination equal to 0 needs; if m < k, where k − m
    combinations always do, columns that equal another.
    """
    m, k = z.shape
    _, values, right = np.linalg.svd(z, full_matrices=False)
    found = rank(values, z.shape)
    if found == min(m, k):
        return np.array([], int)
    if m >= k:
        return np.flatnonzero(np.sum(right[found:] ** 2, axis=0) > 1e-8)
    squares = np.sum(z**2, axis=0)
    apart = squares[:, None] + squares - 2 * z.T @ z
    np.fill_diagonal(apart, np.inf)
    return np.flatnonzero(apart.min(axis=1) <= 1e-12 * squares.max())
