"""A graph of one's own: what is taken, what is said of it, what is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import Refusal
from pipeline import graphs, own_graph

X = np.arange(12.0).reshape(6, 2)
EDGES = np.array([[0, 1], [2, 1], [3, 4]])
GOOD = {"edges": EDGES, "x": X, "y": [0, 1, 0, 1, -1, 1], "train": [0, 3]}


def saved(folder: Path, **changed: object) -> Path:
    arrays = {name: value for name, value in (GOOD | changed).items() if value is not None}
    np.savez(folder / "mine.npz", **arrays)
    return folder / "mine.npz"


def test_a_graph_is_read(tmp_path):
    graph = own_graph.read(saved(tmp_path))
    np.testing.assert_array_equal(graph.x, X)
    assert graph.edges.tolist() == [[0, 1], [1, 2], [3, 4]]
    assert graph.y.tolist() == [0, 1, 0, 1, -1, 1]
    assert graph.train.tolist() == [0, 3]
    assert graph.test.tolist() == [1, 2, 5]
    assert graph.classes.tolist() == ["0", "1"]
    assert [array.dtype.kind for array in graph] == [*"fiiiiUU"]
    assert graph.notes.tolist() == [
        "entries of the list of edges in one direction only, taken in both: 3"
    ]


def test_classes_may_be_text_and_features_whole_numbers(tmp_path):
    y = ["b", "a", "", "a", "b", ""]
    graph = own_graph.read(saved(tmp_path, y=y, x=X.astype(np.uint8)))
    assert graph.y.tolist() == [1, 0, -1, 0, 1, -1]
    assert graph.classes.tolist() == ["a", "b"]
    assert graph.x.dtype == np.float64


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1),
        )
    )
)
def test_edges_have_no_direction_and_stand_once(drawn):
    """Against sets of frozen sets."""
    n, pairs = drawn
    edges, listed = graphs.undirected(np.array(pairs, np.int64), n)
    arcs = {pair for pair in pairs if pair[0] != pair[1]}
    expected = {frozenset(pair) for pair in arcs}
    assert [*map(tuple, edges.tolist())] == sorted(tuple(sorted(edge)) for edge in expected)
    assert listed.loops == sum(one == other for one, other in pairs)
    assert listed.doubles == len(pairs) - listed.loops - len(arcs)
    assert listed.one_way == sum((other, one) not in arcs for one, other in arcs)


def test_what_there_is_to_say_is_said(tmp_path):
    both = [*EDGES.tolist(), *EDGES[:, ::-1].tolist()]
    assert not len(own_graph.read(saved(tmp_path, edges=both)).notes)
    changed = {
        "edges": [*both, [2, 2], [0, 1]], "y": [0, 1, -1, -1, -1, 1], "train": [0, 1, 5],
        "weights": np.ones(8), "colours": X,
    }  # fmt: skip
    assert own_graph.read(saved(tmp_path, **changed)).notes.tolist() == [
        "entries of the list of edges from a node to itself, left out: 1",
        "entries of the list of edges that repeat another, left out: 1",
        "training nodes without an edge: 5; without self loops their columns of X S are 0",
        "no node with a class is left to test on",
        "arrays not used: colours",
    ]


NAN = np.where(X == 7, np.nan, X)
WRONG = {
    "no-train": ({"train": None}, r"found the arrays edges, x, y, expected edges, x, y, train: .*"
                 "save train too"),
    "text-features": ({"x": X.astype(str)}, r"x: found shape \(6, 2\) of <U32, expected real"),
    "flat-features": ({"x": X[:, 0]}, r"x: found shape \(6,\) of float64"),
    "nan": ({"x": NAN}, r"x\[3, 1\]: found nan, expected a finite number; 1 such in all"),
    "short-y": ({"y": [0, 1]}, r"y: found shape \(2,\), expected \(6,\)"),
    "one-hot-y": ({"y": np.eye(6, 2)}, r"y: found shape \(6, 2\), expected \(6,\)"),
    "fraction": ({"y": [0, 1.5, 0, 1, -1, 1]}, r"y\[1\]: found 1\.5, expected a class"),
    "complex": ({"y": np.ones(6) * 1j}, r"y\[0\]: found complex128, expected classes"),
    "one-class": ({"y": [3, 3, 3, 3, -1, 3]}, r"y: found 1 class \(3\), expected two or more"),
    "no-class": ({"y": -np.ones(6)}, r"y: found no class, expected two or more"),
    "transposed": ({"edges": EDGES.T}, r"edges: found shape \(2, 3\) .*: save its transpose"),
    "weighted": ({"edges": np.ones((4, 3), int)}, r"edges: found shape \(4, 3\) .*: no weights"),
    "float-edges": ({"edges": EDGES * 1.0}, "edges: found shape .* of float64, expected integers"),
    "far": ({"edges": [[0, 1], [1, 6]]}, r"edges\[1, 1\]: found node 6, expected 0 to 5, for x"),
    "negative": ({"edges": [[-1, 1]]}, r"edges\[0, 0\]: found node -1, expected 0 to 5"),
    "no-edge": ({"edges": [[1, 1]]}, "edges: found none between two nodes, expected one at least"),
    "weights": ({"weights": [1, -0.5, 1]}, r"weights\[1\]: found -0\.5, expected 1: .*leave the"),
    "mask": ({"train": [True] * 6}, r"train: found shape \(6,\) of bool, .*numpy\.flatnonzero"),
    "far-train": ({"train": [0, 9]}, r"train\[1\]: found node 9, expected 0 to 5"),
    "twice": ({"train": [0, 3, 3]}, "train: found node 3 more than once, expected each once"),
    "unlabelled": ({"train": [0, 3, 4]}, "train: found node 4, which has no class.*leave them out"),
    "lacking": ({"train": [0, 2]}, "train: found no node of class 1, expected one or more of each"),
    "nobody": ({"train": np.empty(0, int)}, "train: found no node of class 0, 1, expected one"),
    "all": ({"train": range(6), "y": [0, 1] * 3}, "train: found all 6 nodes, expected fewer"),
    "objects": ({"x": np.array([[{}]] * 6)}, "found Object arrays .*, expected arrays of numbers"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_in_a_line(tmp_path, changed, told):
    path = saved(tmp_path, **changed)
    with pytest.raises(Refusal, match=f"{path}: {told}") as refusal:
        own_graph.read(path)
    assert "\n" not in str(refusal.value)


def test_what_is_no_npz_is_refused(tmp_path):
    with pytest.raises(Refusal, match=r"none\.npz: found no such file, expected an \.npz"):
        own_graph.read(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(Refusal, match=r"text\.npz: found no \.npz in it"):
        own_graph.read(tmp_path / "text.npz")
