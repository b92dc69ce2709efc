"""What is measured of data of one's own alone: what inputs are like, and other classifiers."""

import json

import numpy as np
import pandas as pd
import pytest

from overparam import deep_kernels
from pipeline import claims
from pipeline.metrics import measured
from scripts.ledger import rows as ledger
from scripts.two_layer import baselines, inputs, plot_baselines, plot_inputs
from scripts.two_layer.tests.plots import ROOT, call, groups, message, save
from scripts.two_layer.tests.test_figure_plots import is_drawn
from tests.scripts import programs
from tests.scripts.programs import Tiny


def run(program, folder, read, **settings):
    tables = {"table": folder / "table.csv", "metrics": folder / "metrics.json"}
    if program is baselines:
        tables["classes"] = folder / "classes.csv"
    told = {"name": "toy"} | settings
    assert programs.call(program, *programs.options(**read, **told, **tables)) == 0
    return pd.read_csv(tables["table"]), json.loads(tables["metrics"].read_text())


def test_inputs_are_described_by_their_cosines_and_their_spectrum(tmp_path, tiny):
    table, metrics = run(inputs, tmp_path, tiny.inputs("problem", "spectrum"))
    n = len(tiny.y)
    i, j = np.triu_indices(n, 1)
    cosines, same = (tiny.x @ tiny.x.T)[i, j], tiny.y[i] == tiny.y[j]
    np.testing.assert_allclose(table.cosine, cosines, rtol=1e-12)
    assert ((table.pair == "one group") == same).all()
    value = {key: figure["value"] for key, figure in metrics.items()}
    assert (value["n"], value["d"], value["left_out"]) == (n, tiny.x.shape[1], 1)
    assert value["n.test"] == len(tiny.test_y) != len(tiny.y)
    assert value["cosine.other"] == pytest.approx(np.median(cosines[~same]))
    assert value["top_share"] == pytest.approx(tiny.values[0] / (n / 2))
    assert value["condition"] == pytest.approx(tiny.values[0] / tiny.values[-1])


def test_of_many_pairs_some_are_drawn(tmp_path, tiny):
    table, _ = run(inputs, tmp_path, tiny.inputs("problem", "spectrum"), pairs=10)
    assert len(table) == 10


def test_the_figure_of_inputs_says_what_was_left_out(tmp_path, tiny, drawn):
    run(inputs, tmp_path, tiny.inputs("problem", "spectrum"))
    read = tiny.inputs("problem", "spectrum") | {"table": tmp_path / "table.csv"}
    outputs = call(plot_inputs, tmp_path, **read)
    assert is_drawn(outputs)
    share = 100 * tiny.values[0] / tiny.values.sum()
    assert message(drawn[0]).endswith(f"λ₁ holds {share:.3g} % of the trace")
    told = outputs["md"].read_text()
    n, d = tiny.x.shape
    assert f"{n} training inputs x_i in d = {d} dimensions (down: 6, up: 6), and 7 test" in told
    assert "Left out: 1." in told


def errors(folder, of_networks=(0.1, 0.3)):
    rows = [
        {"series": series, "portion": p, "repetition": at, "error": error + p}
        for series, found in (("network", of_networks), ("kernel", [0.7]))
        for p in (0.0, 0.5)
        for at, error in enumerate(found)
    ]
    return save(folder, "errors", rows)


def test_the_kernel_predictor_stands_beside_other_classifiers(tmp_path):
    tiny = Tiny(tmp_path, n=40, n_test=31)
    read = tiny.inputs("problem", "gram") | {"errors": errors(tmp_path)}
    table, metrics = run(baselines, tmp_path, read)
    assert [*table.target.unique()] == ["groups"]
    error = table.set_index("method").error
    assert [*error.index] == [
        "kernel predictor", "networks", "logistic regression", "nearest neighbours"
    ]  # fmt: skip
    assert error["networks"] == pytest.approx(0.2)  # of the labels without noise
    cross = tiny.test_x @ tiny.x.T
    cross = cross * (np.pi - np.arccos(np.clip(cross, -1, 1))) / (2 * np.pi)
    by_hand = np.sign(cross @ np.linalg.solve(tiny.gram, tiny.y))
    assert error["kernel predictor"] == np.mean(by_hand != tiny.test_y)
    best = error[["logistic regression", "nearest neighbours"]].min()
    excess = error["kernel predictor"] - best
    assert excess != 0
    assert metrics["groups.excess"]["value"] == pytest.approx(excess)


def test_the_kernel_predictor_is_that_of_the_problems_kernel(tmp_path):
    tiny = Tiny(tmp_path, n=40, n_test=31)
    kernel = deep_kernels.TWO_LAYER._replace(depth=4, activation="erf", sigma_w=2.0, layers="all")
    np.save(tiny.paths["gram"], deep_kernels.gram(tiny.x, kernel))
    read = tiny.inputs("problem", "gram") | {"errors": errors(tmp_path)}
    table, _ = run(baselines, tmp_path, read, **kernel._asdict())
    whole = np.linalg.inv(deep_kernels.gram(tiny.x, kernel))
    by_hand = np.sign(deep_kernels.cross_gram(tiny.test_x, tiny.x, kernel) @ whole @ tiny.y)
    assert table.error[0] == np.mean(by_hand != tiny.test_y)
    classes = pd.read_csv(tmp_path / "classes.csv")
    square = tiny.y @ whole @ tiny.y
    trace = np.trace(deep_kernels.gram(tiny.x, kernel))
    assert classes.complexity[0] == pytest.approx(2 * np.sqrt(square * trace) / 40)


def test_more_than_two_classes_have_a_target_each(tmp_path, tiny):
    with np.load(tiny.paths["problem"]) as file:
        arrays = dict(file)
    n = len(tiny.y)
    arrays["classes"] = np.array(["a", "b", "c"])[np.arange(n) % 3]
    arrays["test_classes"] = arrays["classes"][: len(tiny.test_y)]
    arrays["test_inputs"] = arrays["inputs"][: len(tiny.test_y)]  # a kernel knows what it saw
    np.savez(tiny.paths["problem"], **arrays)
    read = tiny.inputs("problem", "gram") | {"errors": errors(tmp_path, ())}
    table, _ = run(baselines, tmp_path, read, neighbours=1)
    assert "networks" not in set(table.method)
    own = table[table.target == "classes"].set_index("method").error
    assert own["kernel predictor"] == own["nearest neighbours"] == 0
    classes = pd.read_csv(tmp_path / "classes.csv")
    assert [*classes["class"]] == ["a", "b", "c"]
    y = np.where(arrays["classes"] == "b", 1.0, -1.0)
    expected = np.sqrt(2 * y @ np.linalg.solve(tiny.gram, y) / n)
    assert classes.complexity[1] == pytest.approx(expected)


def test_the_figure_of_test_errors_names_them(tmp_path, drawn):
    rows = [
        {"target": target, "method": method, "error": wrong / 40, "wrong": wrong, "n_test": 40}
        for target in ("groups", "classes")
        for method, wrong in (("kernel predictor", 2), ("logistic regression", 4))
    ]
    each = [{"class": name, "n": 9, "complexity": 1.5} for name in "abcde"]
    tables = {"table": save(tmp_path, "table", rows), "classes": save(tmp_path, "classes", each)}
    outputs = call(plot_baselines, tmp_path, **tables)
    assert {"groups-0", "groups-1", "classes-1"} <= groups(outputs["svg"])
    assert drawn[0].get_suptitle().replace("\n", " ") == (
        "Test errors: 5 % (kernel predictor) and 10 % (logistic regression)"
    )
    told = outputs["md"].read_text()
    assert "40 test points" in told
    assert "(b) 5 targets of ±1; complexity of a class against the rest: 1.5." in told


@pytest.mark.parametrize(("n", "verdicts"), [(3, []), (10, ["missed"] * 3)])
def test_exponents_in_the_width_ask_for_ten_points(n, verdicts):
    """Of fewer the method cannot tell, and the page leaves them out."""
    where = {"where": "here", "interval": [1.9, 2.1]}
    found = {
        "two_layer/inputs/mine": {"n": measured(n, **where)},
        "two_layer/kernel_change/mine": {"true.exponent": measured(2.0, **where)},
        "two_layer/widths/mine": {
            f"true.{key}.exponent": measured(2.0, **where) for key in ("deviation", "distance_max")
        },
    }
    stated = {"two_layer": claims.read(ROOT / "scripts/two_layer/claims")}
    rows = ledger.rows(stated, "digits", "results/mine", found)
    asked = ("A8d.mine", "A8i.mine", "A17.mine")
    assert [row["verdict"] for row in rows if row["id"] in asked] == verdicts
