"""Learning rates above 2/λ_max with `on_divergence: record`, from training to the drawing."""

import re

import numpy as np
import pandas as pd
import pytest

from scripts.two_layer import (
    deviation,
    losses,
    plot_equation8,
    plot_figure1,
    predict,
    projections,
    train,
)
from scripts.two_layer.tests import plots
from tests.scripts.programs import call, options

KINDS = ["true", "random", "worst"]
STEPS = 600  # 4⁶⁰⁰ is beyond float64
NOT_FINITE = re.compile(r"\b(?:inf|nan)\b")


def trained(folder, tiny, eta, kind):
    made = {name: folder / f"{kind}-{name}" for name in ("metrics", "arrays")}
    recipe = {
        "name": "toy", "labels": kind, "width": 16, "kappa": 1.0, "antisymmetric": True,
        "eta": eta, "steps": STEPS, "on_divergence": "record", "last": 1,
    }  # fmt: skip
    assert call(train, *options(**recipe, **made, **tiny.inputs("problem", "spectrum"))) == 0
    return made


def in_sight(panel, highest):
    """The panel shows the networks, and reaches not far above them."""
    low, high = panel.get_ylim()
    return low < highest < high < 100 * highest


@pytest.mark.parametrize("eta", [2.2, 5])
def test_figure1_shows_the_networks_and_says_that_the_prediction_diverges(
    eta, tiny, drawn, tmp_path
):
    spectra = tiny.inputs("spectrum")
    coefficients = tmp_path / "coefficients.npz"
    made = {name: tmp_path / name for name in ("energy", "random", "metrics")}
    words = {"name": "toy", "draws": 2, "coefficients": coefficients} | made
    read = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(projections, *options(**words, **read)) == 0
    rates = {"eta": eta, "steps": STEPS}
    prediction = tmp_path / "prediction.csv"
    told = {"coefficients": coefficients, "prediction": prediction}
    assert call(predict, *options(**rates, **told, **spectra)) == 0
    nets = [trained(tmp_path, tiny, eta, kind) for kind in KINDS]
    table = tmp_path / "losses.csv"
    files = {
        "networks": [net["metrics"] for net in nets], "arrays": [net["arrays"] for net in nets],
        "predictions": prediction, "table": table, "metrics": tmp_path / "metrics.json",
    }  # fmt: skip
    axes = {"name": "toy", "arm": ["one"] * 3, "labels": KINDS, "predicted_arm": "one"}
    assert call(losses, *options(**axes, **files)) == 0
    for path in (prediction, table):
        assert not NOT_FINITE.search(path.read_text())
    assert pd.read_csv(prediction).loss.isna().any() == (eta == 5)

    read = {"losses": table, "coefficients": coefficients}
    made = plots.call(plot_figure1, tmp_path, arm="one=wide", **read, **spectra)
    caption = made["md"].read_text()
    assert not NOT_FINITE.search(caption)
    assert re.search(r"\(a\) Eq. \(8\) \*\*diverges\*\* from step \d+ on: η > 2/λ_max", caption)
    found = pd.read_csv(table)
    assert in_sight(drawn[0].axes[0], found[found.series == "network"].loss.max())


@pytest.mark.parametrize("eta", [2.2, 5])
def test_equation8_compares_as_long_as_the_prediction_says_something(eta, tiny, drawn, tmp_path):
    net = trained(tmp_path, tiny, eta, "true")
    made = {name: tmp_path / f"{name}.csv" for name in ("curves", "table")}
    axes = {"name": "toy", "width": 16, "labels": "true", "first": 0, "arrays": net["arrays"]}
    figures = {"metrics": tmp_path / "deviation.json", "eta": eta, "steps": STEPS}
    read = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(deviation, *options(**axes, **figures, **made, **read)) == 0
    curves, table = pd.read_csv(made["curves"]), pd.read_csv(made["table"])
    assert not NOT_FINITE.search(made["curves"].read_text())
    # What the prediction is said to be up to its own start: nothing beyond counts.
    predicted = np.sqrt(
        [((1 - eta * tiny.values / tiny.values[0]) ** (2 * k)) @ (tiny.vectors @ tiny.y) ** 2
         for k in range(30)]
    ) / np.linalg.norm(tiny.y)  # fmt: skip
    outgrown = np.flatnonzero(predicted > 1)[0]
    assert (table.step < outgrown).all()
    assert (table.deviation < 10).all()
    assert f"steps 0 to {outgrown - 1}" in figures["metrics"].read_text()

    read = {"curves": made["curves"], "deviation": made["table"]}
    caption = plots.call(plot_equation8, tmp_path, **read)["md"].read_text()
    assert not NOT_FINITE.search(caption)
    assert "Eq. (8) **diverges** for true labels from step" in caption
    # What is shown reaches not far above the networks, whatever the prediction does.
    low, high = drawn[0].axes[0].get_ylim()
    assert -low == high < 10 * curves.network.max()
