"""Kinds of labels as a setting: refused by key, planned with what they need, trained on, drawn."""

import json

import numpy as np
import pandas as pd
import pytest

from overparam.errors import Refusal
from pipeline.settings import validate
from scripts.runs import configs
from scripts.two_layer import losses, plot_figure1, predict, projections, series, train
from scripts.two_layer.tests.plots import call, groups
from scripts.two_layer.tests.test_figure_plots import equation8
from scripts.two_layer.tests.test_network_plots import scale
from tests.scripts import programs
from workflow.settings.run import Settings, complete, merged

ALL = ["true", "random", "shuffled", "noise0.3", "worst", "eigenvector3"]
EXPERIMENTS = ("figure1", "equation8", "scale", "directions", "kernel_change")


def checked(experiment, kinds):
    values = {"two_layer": {experiment: {"labels": kinds}}}
    return validate(Settings, complete(merged(configs.read("config/test.yaml"), values)))


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_kind_is_taken_wherever_labels_are_a_setting(experiment):
    settings = checked(experiment, [True, *ALL[1:]])  # YAML reads an unquoted true
    assert getattr(settings.two_layer, experiment).labels == ALL


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("shufled", "labels.1: found 'shufled', expected one of true, random, shuffled, worst, "
         "noise<p> with p from 0 to 1, eigenvector<i> with i from 1 to n, did you mean 'shuffled'"),
        ("noise1.5", "labels.1: found 'noise1.5', expected one of true,"),
        ("eigenvector0", "labels.1: found 'eigenvector0', expected one of true,"),
        ("eigenvector61", "eigenvector<i> with i from 1 to n = 60 of data.tiny.train"),
        (3, "labels.1: found 3, expected text: quote it"),
    ],
)  # fmt: skip
def test_other_kinds_are_refused_by_key(experiment, kind, said):
    with pytest.raises(Refusal) as refusal:
        checked(experiment, ["true", kind])
    assert f"  two_layer.{experiment}.labels" in str(refusal.value)
    assert said in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 2


def test_other_labels_change_nothing_that_is_measured_of_random_ones(tmp_path, tiny):
    found = []
    for more in ([], ["shuffled", "eigenvector3"]):
        made = {key: tmp_path / key for key in ("coefficients", "energy", "random", "metrics")}
        read = tiny.inputs("problem", "spectrum", "eigenvectors")
        options = read | made | {"name": "toy", "seed": 0, "draws": 2, "more": more}
        assert programs.call(projections, *programs.options(**options)) == 0
        found.append((made["metrics"].read_bytes(), made["random"].read_bytes()))
        with np.load(made["coefficients"]) as arrays:
            assert len(arrays["kinds"]) == 4 + (3 if more else 0)
    assert found[0] == found[1]


def small_figure1(folder, tiny, kinds, width, steps):
    """The programs behind figure 1, one after another: tables and figures measured."""
    toy = {"name": "toy", "seed": 0}
    made = {key: folder / key for key in ("coefficients", "energy", "random", "metrics")}
    read = tiny.inputs("problem", "spectrum", "eigenvectors")
    more = [kind for kind in kinds if kind not in ("true", "random", "worst")]
    options = read | made | toy | {"draws": 2, "more": more}
    assert programs.call(projections, *programs.options(**options)) == 0
    recipe = {"eta": 0.8, "steps": steps, "points_per_decade": 5}
    read = tiny.inputs("spectrum") | {"coefficients": made["coefficients"]}
    options = read | recipe | {"prediction": folder / "predicted.csv"}
    assert programs.call(predict, *programs.options(**options)) == 0
    networks, arrays = [], []
    for kind in kinds:
        read = tiny.inputs("problem", "spectrum", "eigenvectors")
        out = {"metrics": folder / f"{kind}.csv", "arrays": folder / f"{kind}.npz"}
        start = {"width": width, "kappa": 1.0, "antisymmetric": True, "dtype": "float64"}
        options = read | out | toy | recipe | start | {"labels": kind, "last": 1}
        assert programs.call(train, *programs.options(**options)) == 0
        networks.append(out["metrics"])
        arrays.append(out["arrays"])
    written = {"table": folder / "losses.csv", "metrics": folder / "metrics.json"}
    options = written | {
        "name": "toy", "arm": ["kernel"] * len(kinds), "labels": kinds, "networks": networks,
        "arrays": arrays, "predicted_arm": "kernel", "predictions": folder / "predicted.csv",
    }  # fmt: skip
    assert programs.call(losses, *programs.options(**options)) == 0
    table = pd.read_csv(written["table"], dtype={"labels": str})
    return table, json.loads(written["metrics"].read_text()), made["coefficients"]


def test_a_wide_network_forgets_labels_along_an_eigenvector_at_one_rate(tmp_path, tiny):
    """Eq. (8) is (1 − ηλ₃)^2k / 2 for Φ/n, and a network of width 16 384 follows it."""
    table, metrics, _ = small_figure1(tmp_path, tiny, ["eigenvector3"], 2**14, 30)
    rate = (1 - 0.8 * tiny.values[2] / tiny.values[0]) ** 2
    of = table[table.labels == "eigenvector3"].groupby("series")
    foretold, network = of.get_group("prediction"), of.get_group("network")
    np.testing.assert_allclose(foretold.loss, rate**foretold.k / 2, rtol=1e-9)
    np.testing.assert_allclose(network.loss, rate**network.k / 2, atol=0.01)
    assert metrics.keys() == {"kernel.eigenvector3.deviation", "kernel.eigenvector3.final_loss"}


@pytest.mark.parametrize("kinds", [ALL, ["true", "shuffled", "eigenvector3"], ["eigenvector1"]])
def test_figure1_draws_the_kinds_that_were_trained_on(kinds, tmp_path, tiny, drawn):
    table, metrics, coefficients = small_figure1(tmp_path, tiny, kinds, 64, 20)
    norms = table.assign(norm=np.sqrt(2 * table.loss))
    norms = norms.set_index(["labels", "series", "repetition", "k"]).norm.sort_index()
    for kind in kinds:
        # Each draw of labels has a prediction of its own.
        drawn_anew = kind in ("random", "shuffled", "noise0.3")
        assert metrics[f"kernel.{kind}.deviation"]["per_seed"] == pytest.approx([
            (norms[kind, "network", at] - norms[kind, "prediction", at * drawn_anew]).abs().max()
            for at in range(2)
        ])  # fmt: skip
    assert ("kernel.ordered_from" in metrics) == (kinds == ALL)
    options = {"arm": "kernel=κ = 1", "losses": tmp_path / "losses.csv"}
    options |= tiny.inputs("spectrum") | {"coefficients": coefficients}
    outputs = call(plot_figure1, tmp_path, **options)
    shown = groups(outputs["svg"])
    for part in ("network-loss", "prediction-loss", "projection", "energy"):
        assert {name for name in shown if name.startswith(f"{part}-")} == {
            f"{part}-{kind}" for kind in kinds
        }
    looks = series.looks(kinds)
    texts = [text.get_text() for text in drawn[0].legends[0].texts]
    assert texts[: len(kinds)] == [look.name for look in looks.values()]
    caption = outputs["md"].read_text()
    assert ("Worst case: y ∝ v_n." in caption) == ("worst" in kinds)
    assert ("Eigenvector i: y ∝ v_i." in caption) == any("eigenvector" in kind for kind in kinds)
    assert ("Shuffled:" in caption) == ("shuffled" in kinds)


def test_an_eigenvector_that_the_thinned_table_would_leave_out_is_in_it(tmp_path):
    n, at = 3000, 1501
    rows = np.zeros((2, n))
    rows[0, at - 1], rows[1] = np.sqrt(n), 1
    table = plot_figure1._spectrum(
        1 / np.arange(1, n + 1), ["eigenvector1501", "true"], [0, 0], rows
    )
    own = table[table.labels == "eigenvector1501"].set_index("index")
    assert own.abs_projection[at] == np.sqrt(n)
    plain = plot_figure1._spectrum(1 / np.arange(1, n + 1), ["true"], [0], rows[1:])
    assert at not in set(plain["index"])


def test_kinds_are_told_apart_by_colour_and_by_marker():
    for kinds in (ALL, [f"eigenvector{i}" for i in range(1, 7)]):
        looks = series.looks(kinds).values()
        for part in ("color", "marker", "name"):
            assert len({getattr(look, part) for look in looks}) == len(kinds)


def test_figures_of_many_kinds_have_a_panel_for_each(tmp_path, drawn):
    from scripts.two_layer import plot_equation8, plot_scale

    call(plot_scale, tmp_path, *scale(tmp_path, ALL))
    assert len(drawn[0].axes) == len(ALL)
    speed = dict.fromkeys(ALL, 1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scripts.two_layer.tests.test_figure_plots.SPEED", speed)
        call(plot_equation8, tmp_path, *equation8(tmp_path, (16, 32, 64, 128, 256), ALL))
    assert len(drawn[1].axes) == 4 * len(ALL)  # three widths and the largest size
