"""Programs on graph networks at a small size, and their figures."""

import json
import re
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from overparam.graph_nets import graphs
from pipeline import experiment
from scripts.graph_nets import drawn
from scripts.graph_nets import slice as declared
from tests.scripts.programs import call, options

EXPERIMENTS = experiment.declared(declared)
SHARED = {
    "nodes": 60, "blocks": 3, "within": 0.2, "across": 0.03, "features": 6, "train": 21,
    "width": 24,
}  # fmt: skip
SMALLER = {"accuracy": {"steps": 30}, "labels": {"steps": 100}}
DRAWN = {
    "spectra": {"gcn", "gin", "bare", "start"},
    "flow": {"plain-1-true", "skips-2-random", "bound-plain-2"},
    "skips": {"pair-1-0", "pair-2-2"},
    "depth": {"t-1", "step-2", "skips-common", "plain-t"},
    "labels": {"true-1-0", "random-2-2"},
    "condition": {"values-0", "values-2"},
    "accuracy": {"accuracy-kernel-plain", "time-relu-skips"},
}


def measure(program, folder, **changed):
    """Figures of a program, and its tables."""
    cls = EXPERIMENTS[program]
    shared = {key: value for key, value in SHARED.items() if key in cls.shared}
    settings = {**shared, **dict(cls.small), **SMALLER.get(program, {}), **changed}
    paths = {table: folder / f"{table}.csv" for table in cls.tables}
    words = options(**settings, **paths, metrics=folder / "metrics.json")
    assert call(import_module(f"scripts.graph_nets.{program}"), *words) == 0
    return json.loads((folder / "metrics.json").read_text()), paths


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """A graph that is read: nodes 3 and 4 are linked to each other only."""
    path = tmp_path_factory.mktemp("graph") / "graph.npz"
    model = graphs.block_model(np.random.default_rng(0), 60, 3, 0.3, 0.05, 30, 25)
    train = np.union1d(model.train, [3, 4])
    kept = model.edges[~np.isin(model.edges, [3, 4]).any(axis=1)]
    edges = np.concatenate([kept, [[3, 4]]])
    np.savez(
        path, x=model.x, edges=edges, y=model.y, train=train,
        test=np.setdiff1d(model.test, train), classes=np.array(["a", "b", "c"]),
    )  # fmt: skip
    return path


@pytest.mark.parametrize("name", DRAWN)
def test_figures_come_out_again_and_are_drawn(name, tmp_path):
    figures, paths = measure(name, tmp_path)
    first = {table: path.read_bytes() for table, path in paths.items()}
    again, _ = measure(name, tmp_path)
    assert again == figures
    assert {table: path.read_bytes() for table, path in paths.items()} == first
    assert all(figure["where"] for figure in figures.values())
    assert DRAWN[name] <= draw(name, tmp_path, paths)


def draw(name, folder, paths):
    """The marks of a figure by name; its caption says how it is read."""
    made = {kind: folder / f"drawn.{kind}" for kind in ("svg", "png", "md")}
    shown = EXPERIMENTS[name].figure_tables()
    words = options(
        name="toy", about="a few numbers", how_to_read="Look here.",
        style="config/figures.mplstyle", svg=made["svg"], png=made["png"], caption=made["md"],
        **{option: paths[table] for option, (_, table) in shown.items()},
    )  # fmt: skip
    assert call(import_module(f"scripts.graph_nets.plot_{name}"), *words) == 0
    assert "**How to read it.** Look here." in made["md"].read_text()
    return {*re.findall(r'id="([\w.-]+)"', made["svg"].read_text())}


def test_identities_hold(tmp_path):
    figures, _ = measure("identities", tmp_path)
    assert {*figures} == {"equality", "gradient", "reduction"}
    assert max(figure["value"] for figure in figures.values()) < 1e-7


@pytest.mark.parametrize("name", ["spectra", "flow", "skips", "depth", "labels", "accuracy"])
def test_a_graph_that_is_read_is_measured_and_drawn(name, tmp_path, graph):
    figures, paths = measure(name, tmp_path, graph=graph, width=32, name="mine")
    assert all(figure["where"] for figure in figures.values())
    assert draw(name, tmp_path, paths)


def test_nodes_that_break_the_condition_are_named(tmp_path, graph):
    figures, paths = measure("condition", tmp_path, graph=graph, width=32, name="mine")
    assert figures["nodes"]["value"] == [3, 4]
    assert figures["missing"]["value"] == [0, 1, 1]
    assert figures["relative"]["value"] < 1e-12
    assert figures["bound.worst"]["value"] <= 1 + 1e-6
    table = pd.read_csv(paths["breaking"])
    assert {*table[(table.operator == "gcn") & (table.H == 1)].node} == {3, 4}
    draw("condition", tmp_path, paths)
    assert "3 and 4" in (tmp_path / "drawn.svg").read_text()


def test_random_labels_are_the_true_ones_permuted():
    graph = graphs.block_model(np.random.default_rng(0), 60, 3, 0.3, 0.05, 4, 25)
    job = SimpleNamespace(seed=0, name="sbm")
    true, other = (drawn.labels([graph], job, 4, kind) for kind in ("true", "random"))
    assert np.array_equal(true[0], graphs.one_hot(graph))
    assert np.array_equal(other.sum(axis=2), true.sum(axis=2))
    assert not any(np.array_equal(one, same) for one, same in zip(other, true, strict=True))


def test_networks_of_more_layers_begin_with_the_layers_of_fewer():
    job = SimpleNamespace(seed=0, name="sbm")
    few, many = (drawn.start(job, 2, 8, (3, 5), depth, True) for depth in (1, 3))
    plain = drawn.start(job, 2, 8, (3, 5), 3, False)
    assert np.array_equal(few[2], many[4])
    for one, other in zip(plain[1:], many[4:], strict=True):
        assert np.array_equal(one, other)
    spoken = drawn.speaking(job, many, range(4))[3], drawn.speaking(job, plain, (3,))[0]
    assert np.array_equal(*spoken)
    assert not any(each.any() for each in many[:4])


def test_loss_below_its_minimum_is_no_pass(tmp_path, monkeypatch):
    """A minimum that is too large makes the excess negative, and any bound hold."""
    from overparam.graph_nets import linear

    plain = linear.data
    monkeypatch.setattr(
        linear, "data", lambda *given: plain(*given)._replace(least=plain(*given).square * 0.9)
    )
    figures, _ = measure("flow", tmp_path)
    assert figures["bound.worst"]["value"] is None
    assert None in figures["bound.worst"]["per_seed"]


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("flow", {"depths": [0]}, "depths"),
        ("skips", {"depths": [1]}, "depths"),
        ("spectra", {"within": 1.5}, "within"),
        ("condition", {"steps": 3}, "steps"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name, changed, said, tmp_path, capsys):
    cls = EXPERIMENTS[name]
    shared = {key: value for key, value in SHARED.items() if key in cls.shared}
    settings = {**shared, **dict(cls.small), **changed}
    files = {table: tmp_path / f"{table}.csv" for table in (*cls.tables, "metrics")}
    assert call(import_module(f"scripts.graph_nets.{name}"), *options(**settings, **files)) == 2
    assert said in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_networks_narrower_than_the_features_of_a_graph_are_refused(tmp_path, graph, capsys):
    cls = EXPERIMENTS["flow"]
    files = {table: tmp_path / f"{table}.csv" for table in (*cls.tables, "metrics")}
    words = options(**SHARED, **dict(cls.small), graph=graph, name="mine", **files)
    assert call(import_module("scripts.graph_nets.flow"), *words) == 1
    assert "width: found 24, expected at least 30" in capsys.readouterr().err
