"""Cora and Citeseer: opened only by their hashes, then by an unpickler that knows six names."""

import os
import pickle
import pickletools
from pathlib import Path

import numpy as np
import pytest

from overparam.errors import Refusal
from pipeline import graphs, planetoid
from pipeline.archives import load_registry, obtain
from tests.archives import Payload, flip, put
from tests.planetoid import ALLX, TEST, TX, files, write

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("OVERPARAM_TEST_DATA", ROOT.parent / "shared" / "data"))


def test_the_small_files_are_of_the_form_of_the_real_ones():
    content = b"".join(content for part, content in files().items() if part != "test.index")
    operations = []
    while content:
        found = [*pickletools.genops(content)]
        operations += found
        content = content[found[-1][2] + 1 :]
    named = {argument for code, argument, _ in operations if code.name == "GLOBAL"}
    assert named == {" ".join(each) for each in planetoid.NAMES}
    assert {argument for code, argument, _ in operations if code.name == "PROTO"} == {2}


def test_a_small_graph(tmp_path):
    graph = planetoid.read("tiny", tmp_path, write(tmp_path))
    np.testing.assert_array_equal(graph.x[:7], ALLX)
    np.testing.assert_array_equal(graph.x[TEST], TX)
    assert not graph.x[8].any()
    assert graph.y.tolist() == [0, 1, 0, 1, 0, 1, 0, 0, -1, 1]
    assert graph.edges.tolist() == [[0, 1], [2, 3], [3, 9]]
    assert graph.train.tolist() == [0, 1, 2, 3]
    assert graph.test.tolist() == [7, 9]
    assert graph.classes.tolist() == ["0", "1"]
    assert graph.notes.tolist() == [
        "entries of the list of edges from a node to itself, left out: 1",
        "entries of the list of edges that repeat another, left out: 1",
        "nodes that stand in no file, with features 0 and no class: 1",
    ]


def test_a_graph_is_saved_and_read_back(tmp_path):
    graph = planetoid.read("tiny", tmp_path, write(tmp_path))
    graphs.save(tmp_path / "graph.npz", graph)
    for got, expected in zip(graphs.load(tmp_path / "graph.npz"), graph, strict=True):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype


def test_other_bytes_are_refused_before_they_are_opened(tmp_path):
    registry, sign = write(tmp_path), tmp_path / "sign"
    path = tmp_path / "planetoid/ind.tiny.allx"
    malicious = pickle.dumps(Payload(sign))
    put(path, malicious + bytes(path.stat().st_size - len(malicious)))
    with pytest.raises(Refusal, match=r"ind\.tiny\.allx: found sha256 .*: delete it and run again"):
        planetoid.read("tiny", tmp_path, registry)
    put(path, flip(files()["allx"])[:-1])
    with pytest.raises(Refusal, match=r"ind\.tiny\.allx: found \d+ bytes, expected"):
        planetoid.read("tiny", tmp_path, registry)
    path.unlink()
    with pytest.raises(Refusal, match=r"ind\.tiny\.allx: found no such file"):
        planetoid.read("tiny", tmp_path, registry)
    assert not sign.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (pickle.dumps(Path("a"), 2), "pathlib"),
        (pickle.dumps(eval, 2), "__builtin__.eval"),
        (b"cos\nsystem\n(S'true'\ntR.", "os.system"),
        (b"cnumpy\nndarray.__class__\n.", "numpy.ndarray.__class__"),
        (b"\x80\x04\x8c\x05numpy\x8c\x07ndarray\x8c\x04load\x93.", "ndarray.load"),
    ],
)
def test_a_pickle_of_the_right_hash_still_may_name_six_things_alone(tmp_path, content, name):
    registry = write(tmp_path, graph=content)
    with pytest.raises(Refusal, match=r"ind\.tiny\.graph: found the name .* in it") as refusal:
        planetoid.read("tiny", tmp_path, registry)
    assert name in str(refusal.value)
    assert "expected none but numpy.ndarray" in str(refusal.value)


# Nodes, features, edges, those trained on, nodes without a class, nodes without an edge.
KNOWN = {"cora": (2708, 1433, 5278, 140, 0, 0), "citeseer": (3327, 3703, 4552, 120, 15, 48)}


@pytest.mark.data
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", KNOWN)
def test_the_real_graphs(tmp_path, name):
    if not (REAL / "planetoid").is_dir():
        pytest.skip("skipped: data not present")
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    obtain(registry.source(name), tmp_path, tmp_path / "archives", REAL)
    graph = planetoid.read(name, tmp_path, registry)
    n = len(graph.x)
    degrees = np.bincount(graph.edges.ravel(), minlength=n)
    counts = (*graph.x.shape, len(graph.edges), len(graph.train))
    assert (*counts, (graph.y < 0).sum(), (degrees == 0).sum()) == KNOWN[name]
    assert set(np.bincount(graph.y[graph.train])) == {20}
    assert len(graph.test) == 1000
    assert not np.intersect1d(graph.train, graph.test).size
    # Rows that moved would part a paper from its words: linked papers are often of one class.
    linked = graph.y[graph.edges]
    assert (linked[:, 0] == linked[:, 1])[(linked >= 0).all(axis=1)].mean() > 0.7
    assert not graph.x[graph.y < 0].any()
    # The condition of theorem 1 after one layer, with self loops: Citeseer's nodes 35 and 89 are
    # linked to each other alone.
    hops = np.eye(n)[:, graph.train]
    for one, other in (graph.edges.T, graph.edges.T[::-1]):
        np.add.at(hops, one, np.eye(n)[:, graph.train][other])
    scaled = hops / np.sqrt(degrees + 1)[:, None] / np.sqrt(degrees[graph.train] + 1)
    columns = graph.x.T @ scaled
    assert np.linalg.matrix_rank(columns) == {"cora": 140, "citeseer": 119}[name]
    if name == "citeseer":
        np.testing.assert_array_equal(columns[:, 35], columns[:, 89])
