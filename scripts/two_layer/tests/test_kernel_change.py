"""The empirical kernel while a network trains: the program by hand, its figure on a table."""

import json

import numpy as np
import pandas as pd
import pytest

from overparam import labels, networks
from overparam.seeds import generator
from overparam.two_layer.trajectories import trajectory
from scripts.two_layer import kernel_change, plot_kernel_change
from scripts.two_layer.tests.plots import call, message, save
from scripts.two_layer.tests.test_figure_plots import is_drawn
from tests.scripts import programs


def run(folder, tiny, **settings):
    made = {name: folder / f"made.{end}" for name, end in (("table", "csv"), ("metrics", "json"))}
    told = {"name": "toy", "seed": 0, "repetitions": 2, "steps": 30} | settings
    read = tiny.inputs("problem", "spectrum")
    assert programs.call(kernel_change, *programs.options(**read, **told, **made)) == 0
    table = pd.read_csv(made["table"], dtype={"labels": str})
    return table, json.loads(made["metrics"].read_text())


def by_hand(tiny, m, steps):
    """‖H(k) − H(0)‖_F / ‖H(0)‖_F at the last step, the weights in all d coordinates."""
    x = np.asarray(tiny.x)
    y, _ = labels.draw("true", tiny.y, tiny.y, None, 0, "toy", 0)
    rng = generator(0, "toy", "init", m, 0)
    start, signs = networks.initialise(m, x.shape[1], 1.0, True, rng)
    *_, last = trajectory(x, y, start, signs, 1 / tiny.values[0], steps, dtype="float64")
    basis = networks.row_span(x)
    end = start + basis @ (last.weights.numpy() - basis.T @ start)
    first, then = (networks.empirical_gram(x, weights) for weights in (start, end))
    return np.linalg.norm(then - first) / np.linalg.norm(first)


def test_the_change_is_that_of_the_networks_own_gram_matrix(tmp_path, tiny):
    table, _ = run(tmp_path, tiny, width=[64], labels=["true"])
    own = table[table.repetition == 0].set_index("k").change
    assert own[0] == 0
    assert own[30] == pytest.approx(by_hand(tiny, 64, 30), rel=1e-6)
    assert own[30] > 0


def test_wider_networks_keep_their_kernel(tmp_path, tiny):
    table, metrics = run(tmp_path, tiny, width=[4096, 16, 256], repetitions=3)
    ends = table[table.k == 30].groupby(["labels", "width"]).change.median()
    for kind in ("true", "random"):
        assert ends[kind].is_monotonic_decreasing
        assert metrics[f"{kind}.exponent"]["value"] < -0.2
        changes = [metrics[f"{kind}.m{m}.change"]["value"] for m in (16, 256, 4096)]
        assert changes == sorted(changes, reverse=True)


def test_kernels_that_stay_have_no_exponent(tmp_path, tiny):
    _, metrics = run(tmp_path, tiny, width=[16, 64], labels=["true"], eta=1e-9, eta_unit="absolute")
    assert {key: figure["value"] for key, figure in metrics.items()} == {
        "true.m16.change": 0, "true.m64.change": 0,
    }  # fmt: skip


def test_the_figure_says_by_how_much_the_kernel_has_moved(tmp_path, drawn):
    rows = [
        {"labels": kind, "width": m, "repetition": at, "k": k,
         "change": 0.01 * size * k * (1 + 0.01 * at) / m}
        for kind, size in (("true", 1), ("random", 4))
        for m in (100, 400)
        for at in range(3)
        for k in (0, 1, 2, 10, 40)
    ]  # fmt: skip
    outputs = call(plot_kernel_change, tmp_path, table=save(tmp_path, "table", rows))
    assert is_drawn(outputs)
    assert message(drawn[0]) == (
        "By step 40 the kernel has moved by 0.404 % at m = 100, 0.101 % at m = 400 (true labels); "
        "1.62 % at m = 100, 0.404 % at m = 400 (random labels)"
    )
    assert "3 seeds" in outputs["md"].read_text()
