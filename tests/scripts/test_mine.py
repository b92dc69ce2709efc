"""A run on a file of one's own: what is said of the file, and which run is made of it."""

import numpy as np
import pytest
import yaml

from scripts.runs import mine
from tests.scripts.programs import call
from workflow.settings.run import MODELS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty project but for the configuration that others are laid over."""
    text = mine_default()
    (tmp_path / "config/runs").mkdir(parents=True)
    (tmp_path / "config/config.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mine_default():
    from scripts.runs import configs

    return configs.DEFAULT.read_text("utf-8")


def table(path, classes, ids=False):
    """Points of some classes: two measurements each, and if asked for a number that counts."""
    rng = np.random.default_rng(0)
    rows = [
        [*([at] if ids else []), *(f"{x:.3f}" for x in 100 + rng.standard_normal(2)), kind]
        for at, kind in enumerate(classes)
    ]
    head = [*(["id"] if ids else []), "height", "weight", "kind"]
    lines = [",".join(map(str, row)) for row in [head, *rows]]
    path.write_text("\n".join(lines) + "\n")


def made(folder, name="mine"):
    return yaml.safe_load((folder / f"config/runs/{name}.yaml").read_text())


def test_two_classes_of_a_csv(folder, capsys):
    table(folder / "points.csv", ["up", "down"] * 20)
    assert call(mine, "--file", "points.csv", "--label", "kind") == 0
    run = made(folder)
    assert (run["run"], run["only"]) == ("mine", ["mine"])
    data = run["data"]["mine"]
    assert (data["groups"], data["standardize"]) == ([["down"], ["up"]], "columns")
    assert (data["train"]["n"], data["test"]["n"]) == (24, 16)
    listed = {name: own for key in MODELS if key in run for name, own in run[key].items()}
    asked = {
        name for model in MODELS.values() for name, each in model.classes.items() if each.own_data
    }
    assert {*listed} == asked
    assert all(own["problems"] == ["mine"] for own in listed.values())
    assert {tuple(own["n"]) for own in listed.values() if "n" in own} == {(6, 12, 24)}
    said = capsys.readouterr().out
    assert "points.csv: 40 points, 2 inputs each; classes down (20), up (20)\n" in said
    assert "24 training and 16 test points; settings: config/runs/mine.yaml" in said


def test_of_three_classes_the_most_frequent_is_set_against_the_rest(folder, capsys):
    table(folder / "points.csv", ["a", "b", "b", "c"] * 5)
    assert call(mine, "--file", "points.csv", "--label", "kind") == 0
    assert made(folder)["data"]["mine"]["groups"] == [["b"], ["a", "c"]]
    said = capsys.readouterr().out
    assert "classes a (5), b (10), c (5)\n" in said
    assert "b (+1) against all others (−1); CLASSES=a,b takes two classes alone" in said


def test_two_classes_that_are_asked_for(folder, capsys):
    table(folder / "points.csv", ["a", "b", "b", "c"] * 5)
    words = ("--file", "points.csv", "--label", "kind", "--name", "two")
    assert call(mine, *words, "--classes", "c, a") == 0
    assert made(folder, "two")["data"]["two"]["groups"] == [["c"], ["a"]]
    assert "not used, since of neither group: b (10 points)" in capsys.readouterr().out


@pytest.mark.parametrize("asked", ["a", "a,a", "a,b,c", "a,nobody"])
def test_classes_that_are_not_two_of_the_files_are_refused(folder, capsys, asked):
    table(folder / "points.csv", ["a", "b", "b", "c"] * 5)
    assert call(mine, "--file", "points.csv", "--label", "kind", "--classes", asked) == 1
    told = f"CLASSES: found {asked!r}, expected two of points.csv's classes: a (5), b (10), c (5)"
    assert told in capsys.readouterr().err
    assert not (folder / "config/runs/mine.yaml").exists()


def test_a_column_that_counts_the_rows_is_named_and_can_be_left_out(folder, capsys):
    table(folder / "points.csv", ["a", "b"] * 10, ids=True)
    words = ("--file", "points.csv", "--label", "kind")
    assert call(mine, *words) == 0
    assert "points.csv: column 'id' counts the rows, and is an input" in capsys.readouterr().out
    assert call(mine, *words, "--ignore", "id") == 0
    said = capsys.readouterr().out
    assert "counts the rows" not in said
    assert "columns not used, as asked: id" in said
    assert made(folder)["data"]["mine"]["ignore_columns"] == ["id"]


def test_points_left_out_are_named_by_their_lines(folder, capsys):
    table(folder / "points.csv", ["a", "b"] * 10)
    text = (folder / "points.csv").read_text().splitlines()
    (folder / "points.csv").write_text("\n".join([*text, text[-1]]) + "\n")
    assert call(mine, "--file", "points.csv", "--label", "kind") == 0
    said = capsys.readouterr().out
    assert "1 point left out: line 22 repeats line 21\n" in said
    assert made(folder)["data"]["mine"]["train"]["n"] == 12


def test_test_points_of_an_npz_are_used(folder):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 4)), np.arange(30) % 2
    np.savez(folder / "points.npz", x=x, y=y, x_test=x[:7] + 1, y_test=y[:7])
    assert call(mine, "--file", "points.npz") == 0
    data = made(folder)["data"]["mine"]
    assert (data["train"]["n"], data["test"]["n"], data["standardize"]) == (30, 7, "none")


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (["a"] * 9, "found one class, a (9), expected two or more"),
        (["a", "b"], "found 2 usable points, expected 5 or more"),
        ([*"abcdefghij"], "found as many classes as points, expected several points of each"),
    ],
)
def test_too_little_is_refused(folder, capsys, classes, told):
    table(folder / "points.csv", classes)
    assert call(mine, "--file", "points.csv", "--label", "kind") == 1
    assert told in capsys.readouterr().err


def test_a_configuration_that_a_person_edited_is_kept(folder, capsys):
    table(folder / "points.csv", ["a", "b"] * 10)
    words = ("--file", "points.csv", "--label", "kind")
    assert call(mine, *words) == 0
    path = folder / "config/runs/mine.yaml"
    edited = path.read_text() + "seed: 3\n"
    path.write_text(edited)
    assert call(mine, *words) == 1
    assert "written or edited by hand" in capsys.readouterr().err
    assert path.read_text() == edited


def test_test_points_that_cannot_be_used_are_not_counted(folder, capsys):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 4)), np.arange(30) % 2
    test = rng.standard_normal((20, 4))
    test[3], test[5] = 0, test[4]  # a test point may repeat another
    np.savez(folder / "points.npz", x=x, y=y, x_test=test, y_test=np.arange(20) % 2)
    assert call(mine, "--file", "points.npz") == 0
    assert made(folder)["data"]["mine"]["test"]["n"] == 19
    assert "1 point left out: x_test[3] is zero\n" in capsys.readouterr().out


def test_a_class_of_one_point_is_refused(folder, capsys):
    table(folder / "points.csv", ["a"] * 9 + ["b"])
    assert call(mine, "--file", "points.csv", "--label", "kind") == 1
    told = "points.csv: class b has 1 usable point, expected 2 or more"
    assert told in capsys.readouterr().err
    assert not (folder / "config/runs/mine.yaml").exists()


def test_a_name_that_no_data_set_can_have_is_refused_in_one_message(folder, capsys):
    table(folder / "points.csv", ["a", "b"] * 10)
    assert call(mine, "--file", "points.csv", "--label", "kind", "--name", "my-data") == 1
    said = capsys.readouterr().err
    assert "NAME: found 'my-data', expected a letter, then letters, digits or _" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("n", range(8, 41, 2))
def test_subsets_of_a_balanced_set_can_be_balanced(n):
    chosen = mine._experiments("own", n)
    sizes = [own["n"] for family in chosen.values() for own in family.values() if "n" in own]
    assert sizes
    assert not any(size % 2 or size < 2 for own in sizes for size in own)


def graph(path, **changed):
    arrays = {
        "edges": [[0, 1], [1, 2], [2, 3], [3, 3]], "x": np.eye(5), "y": [0, 1, 0, 1, 1],
        "train": [0, 1],
    }  # fmt: skip
    np.savez(path, **(arrays | changed))


def test_a_graph_runs_the_experiments_on_graphs(folder, capsys):
    graph(folder / "graph.npz")
    assert call(mine, "--file", "graph.npz", "--name", "net") == 0
    run = made(folder, "net")
    assert run["only"] == ["net", "net_all"]
    families = {name: run[name] for name in MODELS if name in run}
    own = {"source": "file", "file": "graph.npz"}
    named = {"net": own, "net_all": own | {"components": None}}
    assert all(family.pop("graphs") == named for family in families.values())
    listed = {name: each for family in families.values() for name, each in family.items()}
    asked = {
        name: {"graphs": ["net_all" if each.own_graph == "all" else "net"]}
        for model in MODELS.values()
        for name, each in model.classes.items()
        if each.own_graph
    }
    assert listed == asked != {}
    said = capsys.readouterr().out
    told = "5 nodes, 3 edges, 5 features each; 2 training nodes, of classes 0 (1), 1 (1)\n"
    assert f"graph.npz: {told}" in said
    assert "from a node to itself, left out: 1\n" in said
    assert "settings: config/runs/net.yaml" in said


def test_of_a_graph_nothing_is_chosen_or_scaled(folder, capsys):
    graph(folder / "graph.npz")
    assert call(mine, "--file", "graph.npz", "--classes", "0,1") == 1
    assert "found '0,1', expected none of them: graph.npz is a graph" in capsys.readouterr().err
    graph(folder / "graph.npz", train=[0, 7])
    assert call(mine, "--file", "graph.npz") == 1
    assert "graph.npz: train[1]: found node 7, expected 0 to 4" in capsys.readouterr().err
    assert not (folder / "config/runs/mine.yaml").exists()
