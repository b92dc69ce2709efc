"""Graphs that are read from files: the program, and what its rules are told."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from pipeline import graphs
from scripts.graph_nets import graphs as program
from scripts.graph_nets.planning import GRAPHS, Graph, Graphs, mistakes
from tests.planetoid import ALLX, write

ROOT = Path(__file__).parents[3]


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ending:
        program.main([str(argument) for argument in arguments])
    return ending.value.code or 0


@pytest.fixture
def own(tmp_path):
    """A random graph of 12 nodes with 5 features."""
    x = np.random.default_rng(0).standard_normal((12, 5))
    edges = [*itertools.pairwise(range(12))]
    np.savez(tmp_path / "own.npz", edges=edges, x=x, y=np.arange(12) % 2, train=range(6))
    return tmp_path / "own.npz"


def options(raw: Path, output: Path, registry: object = ROOT / "config/datasets.yaml"):
    files = ["--raw", raw, "--registry", registry, "--graph", output]
    return ["--name", "mine", "--source", "file", *files]


def test_ones_own_graph_and_its_principal_components(tmp_path, own):
    whole, three, same = (tmp_path / f"{name}.npz" for name in ("whole", "three", "same"))
    assert call(*options(own, whole)) == 0
    for output in (three, same):
        assert call(*options(own, output), "--components", 3) == 0
    assert three.read_bytes() == same.read_bytes()
    x, reduced = graphs.load(whole).x, graphs.load(three).x
    np.testing.assert_array_equal(x, np.load(own)["x"])
    left, values, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    expected = left[:, :3] * values[:3]
    signs = np.sign(np.sum(reduced * expected, axis=0))
    np.testing.assert_allclose(reduced * signs, expected, atol=1e-12)


def test_few_features_are_used_as_they_are(tmp_path, own):
    assert call(*options(own, tmp_path / "graph.npz"), "--components", 24) == 0
    np.testing.assert_array_equal(graphs.load(tmp_path / "graph.npz").x, np.load(own)["x"])


def test_a_downloaded_graph(tmp_path):
    registry = tmp_path / "registry.yaml"
    entries = write(tmp_path / "data", "cora").model_dump(mode="json")
    registry.write_text(yaml.safe_dump(entries))
    raw = tmp_path / "data/planetoid/ind.cora.x"
    found = options(raw, tmp_path / "graph.npz", registry)
    assert call(*found, "--source", "cora", "--data", tmp_path / "data") == 0
    np.testing.assert_array_equal(graphs.load(tmp_path / "graph.npz").x[:7], ALLX)


def test_bad_input_is_told_in_one_line(tmp_path, own, capsys):
    arrays = dict(np.load(own)) | {"train": np.array([0, 1, 12])}
    np.savez(own, **arrays)
    assert call(*options(own, tmp_path / "graph.npz")) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {own}: train[2]: found node 12, expected 0 to 11")
    assert told.count("\n") == 1
    assert not (tmp_path / "graph.npz").exists()


def test_what_stands_out_is_told(tmp_path, own, caplog):
    assert call(*options(own, tmp_path / "graph.npz")) == 0
    told = "mine: entries of the list of edges in one direction only, taken in both: 11"
    assert told in caplog.text


# --- What its rules are told -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"source": "file"}, "'file' is given with 'source: file'"),
        ({"source": "cora", "file": "a.npz"}, "'file' is given with 'source: file'"),
        ({"source": "file", "file": "{a}.npz"}, "expected no braces"),
        ({"source": "pubmed"}, "'cora', 'citeseer' or 'file'"),
        ({"source": "cora", "components": 0}, "greater than 0"),
    ],
)
def test_settings_are_refused(given, told):
    with pytest.raises(ValidationError, match=told):
        Graph(**given)


def test_graphs_that_there_are_not_are_named_before_anything_runs(tmp_path):
    mine = {"mine": Graph(source="file", file=str(tmp_path / "none.npz"))}
    assert [*mistakes(GRAPHS | mine, "sbm", {"flow.graphs": ["sbm", "cora"]})] == []
    found = [*mistakes(GRAPHS | mine, "sbm", {"flow.graphs": ["corra", "mine"]})]
    assert found[0].startswith(
        "graph_nets.flow.graphs: found 'corra', expected one of sbm, cora, citeseer, cora_all"
    )
    assert "graphs.mine.file: found" in found[1]
    assert "which is not there or no file, expected a .npz: correct its path" in found[1]
    (clash,) = mistakes({"sbm": GRAPHS["cora"]}, "sbm", {})
    assert "found 'sbm', expected another name" in clash


class Plan:
    """What planning asks of a run."""

    class settings:
        graphs = GRAPHS | {"mine": Graph(source="file", file=__file__)}

    class data:
        @staticmethod
        def members(source: str) -> list[str]:
            return [f"data/{source}"]


class Wildcards:
    def __init__(self, graph: str) -> None:
        self.graph = graph


def test_rules_are_told_files_and_settings():
    planned = Graphs(Plan)
    assert planned.named(own=True) == "mine"
    assert planned.named(own=False) == "cora|citeseer|cora_all|citeseer_all"
    assert planned.raw(Wildcards("mine")) == [__file__]
    assert planned.raw(Wildcards("cora_all")) == ["data/cora"]
    told = {"name": "cora_all", "source": "cora", "components": None}
    assert planned.args(Wildcards("cora_all")) == told
    for name in Plan.settings.graphs:
        assert 2 < planned.seconds(Wildcards(name)) < 10
        assert 650 < planned.mb(Wildcards(name)) < 1200
