"""A graph of one's own: an .npz that somebody else wrote, everything checked."""

import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from overparam.errors import Refusal, listed
from pipeline.files import DAMAGES
from pipeline.graphs import Graph, undirected
from pipeline.own_data import check_there, finite, load_npz, read_classes
from pipeline.own_header import short

ARRAYS = ("edges", "x", "y", "train")
SHOWN = 8  # nodes in a message


def is_graph(path: str | Path) -> bool:
    """Whether a file is an .npz with an array of edges."""
    with suppress(*DAMAGES), zipfile.ZipFile(path) as archive:
        return "edges.npy" in archive.namelist()
    return False


def read(path: str | Path) -> Graph:
    """The graph of a person's own .npz, with what its reader should know.

    edges (E, 2): the two nodes of each edge, in one direction or in both. x (n, m_x): features, a
    node a row. y (n,): classes, integers or text; −1 or empty text without one. train (k,): the
    nodes trained on. All other nodes with a class are tested on. Nodes count from 0. Raises Refusal
    naming the file and the array's element that is wrong.
    """
    path = Path(path)
    check_there(path, "an .npz")
    arrays, unused = load_npz(path, (*ARRAYS, "weights"))
    if missing := [name for name in ARRAYS if name not in arrays]:
        raise Refusal(
            f"{path}: found the arrays {short([*arrays, *unused], str)}, expected "
            f"{', '.join(ARRAYS)}: save {' and '.join(missing)} too, by that name, as "
            "numpy.savez(file, edges=…, x=…, y=…, train=…) does"
        )
    x = _features(path, arrays["x"])
    n = len(x)
    y, classes = _labels(path, arrays["y"], n)
    pairs = _nodes(f"{path}: edges", arrays["edges"], (2,), n)
    _check_weights(path, arrays)
    edges, seen = undirected(pairs, n)
    if not len(edges):
        raise Refusal(f"{path}: edges: found none between two nodes, expected one at least")
    train = _nodes(f"{path}: train", arrays["train"], (), n)
    _check_train(path, train, y, classes)
    test = np.setdiff1d(np.flatnonzero(y >= 0), train)
    told = seen.notes()
    if alone := np.setdiff1d(train, edges).tolist():
        told.append(f"training nodes without an edge: {_some(alone)}; without self loops their "
                    "columns of X S are 0")  # fmt: skip
    if not len(test):
        told.append("no node with a class is left to test on")
    if unused:
        told.append(f"arrays not used: {short(unused, str)}")
    return Graph(x, edges, y, train, test, classes, np.array(told, dtype=np.str_))


def _features(path: Path, x: np.ndarray) -> np.ndarray:
    if x.ndim != 2 or x.size == 0 or x.dtype.kind not in "biuf":
        raise Refusal(
            f"{path}: x: found shape {x.shape} of {x.dtype}, expected real numbers, a node a row: "
            "at least one row and one column"
        )
    return finite(x, f"{path}: x").astype(np.float64)


def _labels(path: Path, y: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Each node's place in the list of classes, −1 without one, and that list."""
    if y.shape != (n,):
        raise Refusal(
            f"{path}: y: found shape {y.shape}, expected ({n},): a class for each row of x, −1 "
            "where there is none"
        )
    given = np.ones(n, bool)  # of what holds no classes at all, which is refused below
    if y.dtype.kind in "biufU":
        given = y != ("" if y.dtype.kind == "U" else -1)
    known = np.flatnonzero(given)
    found = read_classes(y[known], [f"{path}: y[{at}]" for at in known]) if len(known) else known
    classes, places = np.unique(found, return_inverse=True)
    if len(classes) < 2:
        raise Refusal(
            f"{path}: y: found {f'1 class ({classes[0]})' if len(classes) else 'no class'}, "
            "expected two or more"
        )
    indices = np.full(n, -1)
    indices[known] = places
    return indices, classes.astype(np.str_)


def _nodes(where: str, nodes: np.ndarray, shape: tuple[int, ...], n: int) -> np.ndarray:
    """Nodes by their numbers, each entry of some shape; Refusal names the first that is wrong."""
    if nodes.dtype.kind not in "iu" or nodes.shape[1:] != shape or nodes.ndim == 0:
        hint = ""
        if nodes.dtype.kind == "b":
            hint = ": numpy.flatnonzero gives the numbers of marked nodes"
        elif shape and nodes.ndim == 2:
            hint = ": save its transpose" if len(nodes) == 2 else ": no weights, two nodes a row"
        raise Refusal(
            f"{where}: found shape {nodes.shape} of {nodes.dtype}, expected integers of shape "
            f"{'(E, 2)' if shape else '(k,)'}, the numbers of nodes{hint}"
        )
    wrong = np.argwhere((nodes < 0) | (nodes >= n))
    if len(wrong):
        place = ", ".join(map(str, wrong[0]))
        raise Refusal(
            f"{where}[{place}]: found node {nodes[tuple(wrong[0])]}, expected 0 to {n - 1}, for x "
            f"has {n} rows; {len(wrong)} such in all: nodes count from 0"
        )
    return nodes.astype(np.int64)


def _check_weights(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Refuse edges that do not count alike."""
    weights = arrays.get("weights", np.ones(1))
    wrong = np.argwhere(weights != 1)
    if len(wrong):
        place = ", ".join(map(str, wrong[0]))
        raise Refusal(
            f"{path}: weights[{place}]: found {weights[tuple(wrong[0])]}, expected 1: edges count "
            "alike here, and never negative; leave the array out"
        )


def _check_train(path: Path, train: np.ndarray, y: np.ndarray, classes: np.ndarray) -> None:
    """Refuse training nodes of which the experiments can make nothing."""
    nodes, counts = np.unique(train, return_counts=True)
    if (counts > 1).any():
        raise Refusal(
            f"{path}: train: found node {nodes[counts > 1][0]} more than once, expected each once"
        )
    if (y[train] < 0).any():
        raise Refusal(
            f"{path}: train: found node {train[y[train] < 0][0]}, which has no class, expected "
            f"nodes with one; {(y[train] < 0).sum()} such in all: leave them out"
        )
    if len(lacking := np.setdiff1d(np.arange(len(classes)), y[train])):
        raise Refusal(
            f"{path}: train: found no node of class {_some(classes[lacking])}, expected one or "
            "more of each class: add some, or give such nodes no class (−1)"
        )
    if len(train) == len(y):
        raise Refusal(
            f"{path}: train: found all {len(y)} nodes, expected fewer: leave some to test on"
        )


def _some(values: Iterable[object]) -> str:
    """The first of many."""
    words: Sequence[str] = [str(value) for value in values]
    return listed(words, SHOWN) or "none"
