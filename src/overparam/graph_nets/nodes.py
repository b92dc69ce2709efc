"""Graph networks at all nodes of a graph: with ReLUs between layers, or linear, for their outputs.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), definition 1, X_(l) = φ(B_(l) X_(l-1)
S) with φ the identity there. Nodes are rows here. Parameters are lists as in `linear`, one run.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse

Parameters = list[np.ndarray]


class Nodes(NamedTuple):
    """A graph as a network sees it."""

    x: np.ndarray
    """Xᵀ, (n, m_x)."""
    s: scipy.sparse.csr_array
    """S, (n, n), symmetric."""
    train: np.ndarray
    """I, (k,)."""
    y: np.ndarray
    """Y, (q, k)."""


def outputs(nodes: Nodes, layers: Sequence[int], parameters: Parameters, relu: bool) -> np.ndarray:
    """f at every node, (q, n)."""
    tops, hidden = parameters[: len(layers)], parameters[len(layers) :]
    return _read_out(tops, layers, _forward(nodes, hidden, relu)[0])


def gradient(
    nodes: Nodes, layers: Sequence[int], parameters: Parameters, relu: bool
) -> tuple[float, Parameters]:
    """L = ‖f_{*I} − Y‖² and its gradient; a ReLU at 0 counts as off."""
    tops, hidden = parameters[: len(layers)], parameters[len(layers) :]
    reached, gathered = _forward(nodes, hidden, relu)
    error = np.zeros((len(nodes.y), len(nodes.x)))
    error[:, nodes.train] = _read_out(tops, layers, reached)[:, nodes.train] - nodes.y
    of_tops = [2 * error @ reached[layer] for layer in layers]
    at = dict(zip(layers, tops, strict=True))
    of_hidden: Parameters = []
    back = np.zeros(reached[-1].shape)
    for layer in range(len(hidden), 0, -1):
        if layer in at:
            back = back + 2 * error.T @ at[layer]
        if relu:
            back = back * (reached[layer] > 0)
        of_hidden.append(back.T @ gathered[layer - 1])
        back = nodes.s @ (back @ hidden[layer - 1])
    loss = float(np.sum(error[:, nodes.train] ** 2))
    return loss, of_tops + of_hidden[::-1]


def _forward(
    nodes: Nodes, hidden: Parameters, relu: bool
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """X_(0) … X_(H), (n, m_l), and S X_(0) … S X_(H−1)."""
    reached, gathered = [nodes.x], []
    for b in hidden:
        gathered.append(nodes.s @ reached[-1])
        entering = gathered[-1] @ b.T
        reached.append(np.maximum(entering, 0) if relu else entering)
    return reached, gathered


def _read_out(tops: Parameters, layers: Sequence[int], reached: list[np.ndarray]) -> np.ndarray:
    return np.sum([top @ reached[at].T for at, top in zip(layers, tops, strict=True)], axis=0)
