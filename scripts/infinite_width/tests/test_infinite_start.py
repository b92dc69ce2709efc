"""Programs on networks at their start, random features and curvature, at a small size."""

from functools import partial
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from overparam.errors import Refusal
from overparam.infinite_width import curvature, networks, orders
from overparam.seeds import generator
from tests.scripts import experiments
from tests.scripts.programs import Tiny, call

measure = partial(experiments.measure, "infinite_width")
NAMES = ("limits", "gaussian", "start", "features", "curvature")
DRAWN = {
    "limits": {"softplus-1", "printed-relu", "convolutional-3", "mean-printed", "mean-right"},
    "gaussian": {"measured-1", "exact-3"},
    "features": {"error-step", "exact-relu", "moved-weights", "moved-function", "guide-2"},
    "curvature": {"norm-signs", "norm-deep", "guide-gaussian", "distance", "zero"},
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return Tiny(tmp_path_factory.mktemp("tiny"), n=16, n_test=7)


@pytest.mark.parametrize("name", NAMES)
def test_figures_say_where_and_come_out_again(name, tmp_path, tiny):
    experiments.check_again("infinite_width", name, tmp_path, tiny)


@pytest.mark.parametrize("name", DRAWN)
def test_figures_are_drawn_and_told(name, tmp_path, tiny):
    _, paths = measure(name, tmp_path, tiny)
    experiments.check_drawn("infinite_width", name, tmp_path, paths, DRAWN[name])


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("limits", {"widths": [8, 16]}, "widths"),
        ("limits", {"depth": 1}, "depth"),
        ("limits", {"side": 2}, "side"),
        ("limits", {"channels": [4]}, "channels"),
        ("gaussian", {"depths": [0]}, "depths"),
        ("gaussian", {"draws": 10}, "draws"),
        ("start", {"widths": [64, 64, 128]}, "widths"),
        ("features", {"steps": 0}, "steps"),
        ("features", {"d": 1}, "d"),
        ("curvature", {"deep_widths": [8]}, "deep_widths"),
        ("curvature", {"seeds": 1}, "seeds"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name, changed, said, tmp_path, tiny, capsys):
    words, _ = experiments.asked("infinite_width", name, tmp_path, tiny, **changed)
    assert call(import_module(f"scripts.infinite_width.{name}"), *words) == 2
    assert said in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_a_network_more_leaves_the_others(tmp_path, tiny):
    _, paths = measure("limits", tmp_path, tiny)
    few = pd.read_csv(paths["table"])
    _, paths = measure("limits", tmp_path, tiny, seeds=5)
    more = pd.read_csv(paths["table"])
    kept = more[more.seed < 4].reset_index(drop=True)
    assert np.allclose(few.error, kept.error, rtol=1e-10)


def test_both_ends_of_the_spectrum_are_looked_at():
    """Eigenvalues come in nearly opposite pairs; some networks have the largest below 0."""
    x = np.ones(4) / 2
    nets = networks.draw([np.random.default_rng(seed) for seed in range(25)], 4, 64, 1, "tanh")
    nets = nets._replace(top=np.sign(nets.top))
    found = curvature.norms(nets, x, np.random.default_rng(0))
    assert found == pytest.approx(curvature.two_layers(nets, x), rel=1e-7)


def test_the_distance_is_that_of_the_least_step(tmp_path, tiny):
    """‖θ̂ − θ₀‖ by least squares with the Jacobian, of ReLU networks with one hidden layer."""
    _, paths = measure("curvature", tmp_path, tiny, widths=[16, 32, 64], distances=2)
    table = pd.read_csv(paths["table"])
    own = table[(table.net == "linearised") & (table.m == 64) & (table.seed == 1)].norm.item()
    x, m = tiny.x[:6], 64
    rng = generator(0, "tiny", "curvature", "linearised", m, 1)
    weights, top = rng.standard_normal((m, x.shape[1])), rng.standard_normal(m)
    labels = generator(0, "tiny", "curvature", "labels").choice([-1.0, 1.0], size=(2, 6))[1]
    hidden = np.maximum(x @ weights.T, 0)
    first = np.einsum("nm,m,nd->nmd", hidden > 0, top, x).reshape(6, -1)
    jacobian = np.sqrt(2 / m) * np.hstack([first, hidden])
    left = labels - np.sqrt(2 / m) * hidden @ top
    step = np.linalg.lstsq(jacobian, left, rcond=None)[0]
    cosines = np.clip(x @ x.T, -1, 1)
    angle = np.arccos(cosines)
    kernel = (np.sin(angle) + 2 * (np.pi - angle) * cosines) / np.pi  # of both layers, c = 2
    expected = np.sqrt(left @ np.linalg.solve(kernel, left))
    assert own == pytest.approx(np.linalg.norm(step) / expected - 1, rel=1e-6)


def test_the_first_layer_moves_as_by_plain_steps(tmp_path, tiny):
    _, paths = measure("features", tmp_path, tiny, steps=10)
    after = pd.read_csv(paths["trained"])
    row = after[(after.m == 16) & (after.seed == 2)].iloc[0]

    def sphere(role):
        rows = generator(0, "sphere", "features", role).standard_normal((6, 5))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    x, others, m = sphere("points"), sphere("test points"), 16
    y = np.sign(x[:, 0])
    rng = generator(0, "sphere", "features", "trained", m, 2)
    start = rng.standard_normal((m, 5))
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    a = 1e-3 / np.sqrt(m) * rng.standard_normal(m)
    hidden = np.maximum(x @ start.T, 0)
    eta = 1 / np.linalg.norm(hidden, 2) ** 2
    w, frozen, largest = start.copy(), a.copy(), 0.0
    for step in range(11):
        apart = np.maximum(others @ w.T, 0) @ a - np.maximum(others @ start.T, 0) @ frozen
        largest = max(largest, np.abs(apart).max())
        if step < 10:
            now = x @ w.T
            residual = np.maximum(now, 0) @ a - y
            slope = (residual[:, None] * (now > 0) * a).T @ x
            a, w = a - eta * np.maximum(now, 0).T @ residual, w - eta * slope
            frozen = frozen - eta * hidden.T @ (hidden @ frozen - y)
    assert row.weights == pytest.approx(np.linalg.norm(w - start) / np.linalg.norm(start))
    assert row.function == pytest.approx(largest)


def test_traces_are_sums_over_neurons(tmp_path, tiny):
    _, paths = measure("start", tmp_path, tiny)
    table = pd.read_csv(paths["table"]).set_index(["quantity", "m", "seed"]).value
    points = generator(0, "sphere", "start", "points").standard_normal((6, 5))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    m, d = 64, 5
    w = generator(0, "sphere", "start", "traces", m, 3).standard_normal((m, d)) / np.sqrt(d)
    for name, rows, scale in (
        ("ratio.drawn", w, m / d),
        ("ratio.printed", w / np.linalg.norm(w, axis=1, keepdims=True) / np.sqrt(d), m / d**2),
    ):
        inside = points @ rows.T
        first, second = np.sum(inside > 0) / m, np.sum(np.maximum(inside, 0) ** 2)
        assert table.loc[name, m, 3] == pytest.approx(second / first / scale)


def test_exponents_are_of_means_and_their_interval_holds_them():
    rng = np.random.default_rng(0)
    sizes = np.array([16, 64, 256])
    values = sizes[:, None] ** -0.5 * np.exp(0.3 * rng.standard_normal((3, 200)))
    fit = orders.power_law(sizes, values, orders.mean)
    expected = np.polyfit(np.log(sizes), np.log(values.mean(axis=1)), 1)[0]
    assert fit.exponent == pytest.approx(expected)
    assert fit.low < -0.5 < fit.high
    assert fit.high - fit.low < 0.06
    assert orders.root_mean_square(np.array([[3.0, 4.0]]))[0] == pytest.approx(np.sqrt(12.5))
    assert orders.farthest([fit, fit._replace(exponent=-0.8)], -0.5).exponent == -0.8
    with pytest.raises(Refusal, match="expected positive numbers"):
        orders.power_law(sizes, -values, orders.mean)


def test_no_excess_has_no_exponent(tmp_path):
    """As many inputs as dimensions, of wide networks: the excess may be below 0."""
    own = Tiny(tmp_path, n=16, d=5)
    figures, _ = measure("curvature", tmp_path, own, n=2, widths=[512, 1024, 2048], distances=2)
    found = figures["distance.exponent"]
    assert found["value"] is None or np.isfinite(found["value"])
    assert found["where"]
