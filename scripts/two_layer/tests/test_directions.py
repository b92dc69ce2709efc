"""Loss per eigen-direction: the program against eq. (8), its figure on the table that it makes."""

import json

import numpy as np
import pandas as pd
import pytest

from scripts.two_layer import directions, plot_directions
from scripts.two_layer.tests.plots import call, groups, save
from scripts.two_layer.tests.test_figure_plots import is_drawn
from tests.scripts import programs


def run(folder, tiny, **settings):
    made = {name: folder / f"made.{end}" for name, end in (("table", "csv"), ("metrics", "json"))}
    told = {"name": "toy", "seed": 0, "repetitions": 2, "steps": 40, "groups": 3} | settings
    read = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert programs.call(directions, *programs.options(**read, **told, **made)) == 0
    table = pd.read_csv(made["table"], dtype={"labels": str})
    return table, json.loads(made["metrics"].read_text())


def test_groups_share_the_whole_residual_as_equation_8_has_it(tmp_path, tiny):
    table, _ = run(tmp_path, tiny, width=64)
    n = len(tiny.y)
    ends = table[["first", "last"]].drop_duplicates()
    assert ends["first"].iloc[0] == 1
    assert ends["last"].iloc[-1] == n
    assert (ends["first"].to_numpy()[1:] == ends["last"].to_numpy()[:-1] + 1).all()
    own = table[(table.labels == "true") & (table.repetition == 0)]
    eta = 1 / tiny.values[0]
    for k, rows in own.groupby("k"):
        left = ((1 - eta * tiny.values) ** k * (tiny.vectors @ tiny.y)) ** 2 / n
        for row in rows.itertuples():
            expected = left[row.first - 1 : row.last].sum()
            assert row.prediction == pytest.approx(expected, abs=1e-12)
    # An antisymmetric network starts at 0, so all of the labels is left, in each group.
    start = table[table.k == 0]
    np.testing.assert_allclose(start.network, start.prediction, atol=1e-6)
    np.testing.assert_allclose(start.groupby(["labels", "repetition"]).network.sum(), 1, rtol=1e-6)


def test_wide_networks_follow_equation_8_along_each_group(tmp_path, tiny):
    table, figures = run(tmp_path, tiny, width=4096, labels=["true"], repetitions=3)
    away = (table.network - table.prediction).abs().groupby(table.repetition).max()
    assert figures["true.deviation"]["value"] == pytest.approx(away.median())
    assert figures["true.deviation"]["per_seed"] == pytest.approx(list(away))
    assert away.median() < 0.1
    _, narrow = run(tmp_path, tiny, width=16, labels=["true"], repetitions=3)
    assert narrow["true.deviation"]["value"] > away.median()


def test_the_figure_says_along_which_group_networks_leave_equation_8(tmp_path, drawn):
    shares = {"true": (0.9, 0.1), "random": (0.2, 0.8)}
    slow = {("random", 3): 0.999}  # what networks keep a step where they leave the prediction
    rows = [
        {"labels": kind, "repetition": at, "k": k, "first": first, "last": last,
         "network": share * slow.get((kind, first), rate) ** k * (1 + 0.01 * at),
         "prediction": share * rate**k}
        for kind, parts in shares.items()
        for share, first, last, rate in zip(parts, (1, 3), (2, 20), (0.5, 0.99), strict=True)
        for at in range(3)
        for k in (0, 1, 2, 10, 40)
    ]  # fmt: skip
    outputs = call(plot_directions, tmp_path, table=save(tmp_path, "table", rows))
    assert is_drawn(outputs)
    assert drawn[0].get_suptitle().replace("\n", " ") == (
        "With random labels networks leave eq. (8) along i = 3 to 20: 77.6 % of ‖y‖² is left at "
        "step 40, not 53.5 %; elsewhere they differ by at most 0.9 % of it"
    )
    assert {"network-true-1", "prediction-random-3"} <= groups(outputs["svg"])
    assert "3 seeds" in outputs["md"].read_text()
    first = outputs["png"].read_bytes()
    again = call(plot_directions, tmp_path, table=tmp_path / "table.csv")
    assert again["png"].read_bytes() == first
