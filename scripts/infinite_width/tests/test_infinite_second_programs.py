"""Programs on kernels, trained networks and regression at a small size, and their figures."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from overparam.infinite_width import networks
from overparam.seeds import generator
from tests.scripts import experiments
from tests.scripts.programs import Tiny, call, relu_kernel

DRAWN = {
    "definiteness": {"dense-softplus", "residual-tanh"},
    "kernels": {"c1", "law-c2", "printed"},
    "linearisation": {"gap-erf-1", "gap-relu-2", "loss-16", "linear-64"},
    "rates": {"true-1", "bound-worst-3"},
    "learning_rate": {"peak-erf", "change-relu", "edge-peak"},
    "regression": {"cubic-plain", "cubic-biased", "floor", "relu-smooth"},
    "accuracy": {"nngp", "ntk"},
}
SMALLER = {
    "definiteness": {"n": 6, "depths": [1, 2, 4]}, "kernels": {"points": [5, 10]},
    "linearisation": {"steps": 4}, "accuracy": {"depths": [1, 2], "jitter": 0.0},
}  # fmt: skip


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return Tiny(tmp_path_factory.mktemp("tiny"), n=16, n_test=7)


def measure(name, folder, tiny, **changed):
    return experiments.measure(
        "infinite_width", name, folder, tiny, **{**SMALLER.get(name, {}), **changed}
    )


@pytest.mark.parametrize("name", DRAWN)
def test_figures_come_out_again_and_are_drawn(name, tmp_path, tiny):
    _, paths = measure(name, tmp_path, tiny)
    experiments.check_drawn("infinite_width", name, tmp_path, paths, DRAWN[name])
    experiments.check_again("infinite_width", name, tmp_path, tiny, **SMALLER.get(name, {}))


def test_errors_of_kernel_regression_are_those_of_a_plain_solve(tmp_path):
    _, paths = measure("regression", tmp_path, None, seeds=2)
    table = pd.read_csv(paths["table"])
    own = table[(table.target == "cubic") & (table.kernel == "plain") & (table.seed == 1)]
    n, d = 20, 5

    def sphere(what, count):
        rows = generator(0, "sphere", "regression", what, d, 1).standard_normal((count, d))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    x, new = sphere("points", 40)[:n], sphere("tests", 50)
    found = relu_kernel(new, x) @ np.linalg.solve(relu_kernel(x, x), x[:, 0] ** 3)
    wanted = new[:, 0] ** 3
    error = np.sqrt(np.mean((found - wanted) ** 2) / np.mean(wanted**2))
    assert own[own.n == n].error.item() == pytest.approx(error, rel=1e-4)


def test_gaps_are_those_of_the_jacobian(tmp_path, tiny):
    """The linearised network by its weights, not by its kernel."""
    _, paths = measure("linearisation", tmp_path, tiny, n=6, steps=4)
    table = pd.read_csv(paths["table"])
    row = table[(table.activation == "relu") & (table.L == 1) & (table.m == 16)].iloc[0]
    d, m = tiny.x.shape[1], 16
    rng = generator(0, "tiny", "linearisation", "relu", 1, m, 0)
    net = networks.draw([rng], d, m, 1, "relu")
    w, a, every = net.weights[0][0], net.top[0], np.concatenate([tiny.x[:6], tiny.test_x[:6]])

    def f(w, a):
        return np.maximum(every @ w.T, 0) @ a * net.scale

    on = every @ w.T >= 0
    by_w = net.scale * (on * a)[:, :, None] * every[:, None]
    by_a = net.scale * np.maximum(every @ w.T, 0)
    jacobian = np.concatenate([by_w.reshape(12, -1), by_a], axis=1)
    eta = 1 / np.linalg.eigvalsh(jacobian[:6] @ jacobian[:6].T)[-1]
    goal, move, gap = tiny.y[:6] + f(w, a)[:6], np.zeros(jacobian.shape[1]), 0.0
    linear, now_w, now_a = f(w, a), w.copy(), a.copy()
    for _ in range(4):
        residual = (f(now_w, now_a) - np.concatenate([goal, np.zeros(6)]))[:6]
        hidden = every[:6] @ now_w.T
        step_w = net.scale * ((residual[:, None] * (hidden >= 0)) * now_a).T @ every[:6]
        step_a = net.scale * residual @ np.maximum(hidden, 0)
        now_w, now_a = now_w - eta * step_w, now_a - eta * step_a
        move -= eta * jacobian[:6].T @ (linear[:6] - goal)
        linear = f(w, a) + jacobian @ move
        gap = max(gap, np.abs(f(now_w, now_a) - linear)[6:].max())
    assert row.gap == pytest.approx(gap, rel=1e-6)


def test_networks_far_below_the_edge_stay(tmp_path, tiny):
    figures, paths = measure("learning_rate", tmp_path, tiny)
    table = pd.read_csv(paths["table"])
    low = table[table.eta_lambda < 1.5]
    assert len(low)
    assert np.all(low.peak <= 1 + 1e-9)
    assert figures["layerwise"]["value"] < 1e-12 < figures["uniform"]["value"]


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("definiteness", {"depths": [1, 2]}, "depths"),
        ("kernels", {"sphere_d": 2}, "sphere-d"),
        ("linearisation", {"widths": [16, 32]}, "widths"),
        ("rates", {"steps": 3}, "steps"),
        ("regression", {"sizes": [10, 20]}, "sizes"),
        ("accuracy", {"jitter": -1.0}, "jitter"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name, changed, said, tmp_path, tiny, capsys):
    words, _ = experiments.asked("infinite_width", name, tmp_path, tiny, **changed)
    assert call(import_module(f"scripts.infinite_width.{name}"), *words) == 2
    assert said.replace("-", "_") in capsys.readouterr().err.replace("-", "_")
    assert not [*tmp_path.iterdir()]
