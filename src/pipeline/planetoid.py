"""Cora and Citeseer: citation graphs as Planetoid's eight files each have them, seven of which are
pickles of Python 2. A pickle is opened only if its bytes are those of the registry, and then may
name six things alone.

Yang, Cohen, Salakhutdinov 2016 (arXiv 1603.08861), section 5 and the public split.
"""

import pickle
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from overparam.errors import Refusal
from pipeline.archives import Registry, fault
from pipeline.graphs import Graph, undirected

SOURCES = ("cora", "citeseer")
# What Python 2's names stand for.
NAMES = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("scipy.sparse.csr", "csr_matrix"): sparse.csr_matrix,
    ("collections", "defaultdict"): defaultdict,
    ("__builtin__", "list"): list,
}


class _Unpickler(pickle.Unpickler):
    """Knows six names, under those that they had in Python 2, and no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in NAMES:
            known = ", ".join(".".join(each) for each in NAMES)
            raise Refusal(f"found the name {module}.{name} in it, expected none but {known}")
        return NAMES[module, name]


def read(source: str, data: Path, registry: Registry) -> Graph:
    """One of the graphs with its public split, from its files below `data`.

    Test nodes are listed by their numbers, and those that the list passes over (15 of Citeseer's)
    stand in no file: they keep their numbers, with features 0 and no class, lest all later ones
    move. Raises Refusal if a file is missing or has other bytes than the registry's.
    """
    # A file x there is too; it holds the first rows of allx, as y does of ally.
    y, tx, ty, allx, ally, neighbours, test = (
        _read(data, registry, source, part)
        for part in ("y", "tx", "ty", "allx", "ally", "graph", "test.index")
    )
    n = max(allx.shape[0], test.max() + 1)
    features, labels = np.zeros((n, allx.shape[1])), np.zeros((n, ally.shape[1]))
    for rows, labelled, at in ((allx, ally, np.arange(allx.shape[0])), (tx, ty, test)):
        features[at], labels[at] = rows.toarray(), labelled
    pairs = [(node, other) for node, others in neighbours.items() for other in others]
    edges, listed = undirected(np.array(pairs, np.int64), n)
    missing = np.setdiff1d(np.arange(allx.shape[0], n), test)
    told = listed.notes()
    if len(missing):
        told.append(f"nodes that stand in no file, with features 0 and no class: {len(missing)}")
    return Graph(
        features,
        edges,
        np.where(labels.any(axis=1), labels.argmax(axis=1), -1),
        np.arange(len(y)),
        np.sort(test),
        np.arange(labels.shape[1]).astype(str),
        np.array(told),
    )


def _read(data: Path, registry: Registry, source: str, part: str) -> Any:
    """What one of a graph's files holds."""
    name = f"ind.{source}.{part}"
    (archive,) = (each for each in registry.source(source).archives if each.name == name)
    (member,) = archive.members
    path = data / member.path
    if wrong := fault(path, member):
        raise Refusal(f"{path}: {wrong}: delete it and run again to get it anew")
    if part == "test.index":
        return np.loadtxt(path, dtype=np.int64)
    try:
        with path.open("rb") as file:
            return _Unpickler(file, encoding="latin1").load()
    except Refusal as problem:
        raise Refusal(f"{path}: {problem}: correct the registry's hash of it") from None
