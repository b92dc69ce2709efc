"""Graphs whose nodes have features and some of them classes, as arrays; edges have no direction."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.files import load_arrays, save_arrays


class Graph(NamedTuple):
    """A graph with n nodes, some of which are trained on."""

    x: np.ndarray
    """Shape (n, m_x), float64: each node's features."""
    edges: np.ndarray
    """Shape (E, 2), int64: the two nodes of each edge, the lesser first, each edge once."""
    y: np.ndarray
    """Shape (n,), int64: the place of each node's class in `classes`; −1 without one."""
    train: np.ndarray
    """Shape (k,), int64: the nodes trained on."""
    test: np.ndarray
    """Shape (t,), int64: the nodes tested on; there may be none."""
    classes: np.ndarray
    """Shape (c,), text: what the classes are called."""
    notes: np.ndarray = np.empty(0, str)
    """What its reader found worth saying, a line each."""


class Listed(NamedTuple):
    """How a list of edges differs from one that has each once in both directions."""

    loops: int
    """Entries from a node to itself."""
    doubles: int
    """Entries that repeat another."""
    one_way: int
    """Edges in one direction only."""

    def notes(self) -> list[str]:
        """What a person should know of it, a line each."""
        told = {
            "from a node to itself, left out": self.loops,
            "that repeat another, left out": self.doubles,
            "in one direction only, taken in both": self.one_way,
        }
        return [f"entries of the list of edges {what}: {n}" for what, n in told.items() if n]


def undirected(pairs: np.ndarray, n: int) -> tuple[np.ndarray, Listed]:
    """Edges, the lesser node first, in order and each once, from pairs (E, 2) of n nodes."""
    arcs = np.unique(pairs[:, 0] * n + pairs[:, 1])  # each direction once
    loops = pairs[:, 0] == pairs[:, 1]
    ends = np.sort(np.column_stack([arcs // n, arcs % n]), axis=1)
    ends = ends[ends[:, 0] != ends[:, 1]]
    edges, counts = np.unique(ends, axis=0, return_counts=True)
    doubles = len(pairs) - len(arcs) - (loops.sum() - (arcs // n == arcs % n).sum())
    return edges, Listed(int(loops.sum()), int(doubles), int((counts == 1).sum()))


def save(path: str | Path, graph: Graph) -> None:
    """Write a graph as .npz, an array for each of its fields."""
    save_arrays(path, graph._asdict())


def load(path: str | Path) -> Graph:
    """Read what `save` wrote; Refusal names the file if it is damaged."""
    return Graph(*load_arrays(path, *Graph._fields))
