"""Each program of the deep networks at a small size, and its figure."""

import re
from importlib import import_module
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from overparam.deep_relu import descent, inputs, losses, networks
from overparam.seeds import generator
from pipeline import experiment
from scripts.deep_relu import slice as declared
from tests.scripts import experiments
from tests.scripts.programs import Tiny, call, options

EXPERIMENTS = experiment.declared(declared)
# Settings of the `test` run, and what makes them smaller still.
SMALLER = {
    "descent": {"steps": 200}, "losses": {"steps": 100}, "classification": {"steps": 300},
    "batches": {"steps": 300}, "pairs": {"m": 32, "pairs": 3}, "sharpness": {"steps": 500},
    "perturbation": {"m": 32, "depths": [1, 2]},
    "tangent": {"widths": [32, 64], "seeds": 4}, "kernel_map": {"seeds": 10},
}  # fmt: skip
DRAWN = {
    "norms": {"spread-32", "law", "bound"},
    "separation": {"ratio-0.3", "law-1", "half"},
    "products": {"forward-48", "root", "backward-1"},
    "tangent": {"rms-1", "law-3"},
    "kernel_map": {"scatter-1", "law-2", "deep", "contour-0.4"},
    "perturbation": {"flips-search", "shift-trained", "law", "bound"},
    "neural_kernel": {"gradient-layer", "kernel-gain", "law-line", "bound"},
    "semismoothness": {"both-random-32", "bound-128"},
    "descent": {"loss-16", "kernel-32", "ratio-32", "half", "spectral"},
    "sharpness": {"mean", "same", "edge"},
    "pairs": {"steps", "guide-steps", "shared_end"},
    "losses": {"loss-q2", "fall-q3", "guide-q6"},
    "classification": {"steps-true", "median-random", "steps-true-batches"},
    "batches": {"steps-true-False", "bound"},
    "speed": {"loss-True-20", "flips", "guide-distance"},
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return Tiny(tmp_path_factory.mktemp("tiny"), n=16, n_test=7)


def measure(name, folder, tiny, **changed):
    return experiments.measure(
        "deep_relu", name, folder, tiny, **{**SMALLER.get(name, {}), **changed}
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_figures_say_where_and_come_out_again(name, tmp_path, tiny):
    experiments.check_again("deep_relu", name, tmp_path, tiny, **SMALLER.get(name, {}))


@pytest.mark.parametrize("name", DRAWN)
def test_figures_are_drawn_and_told(name, tmp_path, tiny):
    _, paths = measure(name, tmp_path, tiny)
    experiments.check_drawn("deep_relu", name, tmp_path, paths, DRAWN[name])


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("norms", {"widths": [33]}, "widths"),
        ("norms", {"widths": [16]}, "widths"),
        ("norms", {"depth": 3}, "depth"),
        ("products", {"shares": [0.0]}, "shares"),
        ("tangent", {"sizes": [1]}, "sizes"),
        ("kernel_map", {"depths": [0]}, "depths"),
        ("separation", {"deltas": [2.0]}, "deltas"),
        ("perturbation", {"omegas": [0.1, 0.2, -0.3]}, "omegas"),
        ("classification", {"depths": [0]}, "depths"),
        ("speed", {"eta": 0}, "eta"),
        ("neural_kernel", {"distances": [1.0]}, "distances"),
        ("semismoothness", {"widths": [63]}, "widths"),
        ("losses", {"kinds": ["hinge"]}, "kinds"),
        ("pairs", {"deltas": [0.0]}, "deltas"),
        ("pairs", {"pairs": 1}, "pairs"),
        ("sharpness", {"etas": [-1.0]}, "etas"),
        ("losses", {"m": 33}, "m"),
        ("batches", {"sizes": [0]}, "sizes"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name, changed, said, tmp_path, tiny, capsys):
    words, _ = experiments.asked("deep_relu", name, tmp_path, tiny, **changed)
    assert call(import_module(f"scripts.deep_relu.{name}"), *words) == 2
    assert f"--{said}" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_a_network_more_leaves_the_others(tmp_path, tiny):
    _, paths = measure("norms", tmp_path, tiny)
    few = pd.read_csv(paths["table"])
    _, paths = measure("norms", tmp_path, tiny, seeds=41)
    more = pd.read_csv(paths["table"])
    kept = more[more.seed < 40].reset_index(drop=True)
    assert np.allclose(few.log_norm, kept.log_norm, rtol=0, atol=1e-5)


AT_THE_START = ("norms", "separation", "products", "tangent", "kernel_map")


@pytest.mark.parametrize("name", AT_THE_START)
@pytest.mark.parametrize(("n", "d"), [(5, 2), (8, 300)])
def test_few_points_of_few_or_many_dimensions_have_figures(name, n, d, tmp_path):
    """The others of the problem's own points, of which the first two share a label."""
    own = Tiny(tmp_path, n=n, d=d)
    own.y[:] = 1
    np.savez(own.paths["problem"], inputs=own.x, labels=own.y)
    figures, _ = (
        measure(name, tmp_path, own, n=50) if name != "kernel_map" else measure(name, tmp_path, own)
    )
    found = {key: figure["value"] for key, figure in figures.items()}
    assert all(value is None or np.isfinite(value) for value in found.values())
    empty = {key for key, value in found.items() if value is None}
    assert empty <= {"near.largest", "distance", "least.exponent", "half", "every"}


def test_the_least_eigenvalue_is_that_of_as_many_points_as_there_are(tmp_path, tiny):
    _, paths = measure("tangent", tmp_path, tiny, sizes=[4, 16, 400])
    limits = pd.read_csv(paths["least"])
    assert sorted(set(limits.n)) == [4, 16]
    cosines = (1 + tiny.x[:4] @ tiny.x[:4].T) / 2  # lifted
    own = limits[(limits.n == 4) & (limits.data == "tiny") & (limits.depth == 1)].iloc[0]
    delta = np.sqrt(2 - 2 * np.max(cosines - 2 * np.eye(4)))
    assert own.delta == pytest.approx(delta)

    def angle(cosine):
        return np.arccos(np.clip(cosine, -1, 1))

    theta = angle(cosines)
    first = (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi  # of hidden vectors
    kernel = first * (1 - angle(first) / np.pi)
    assert own.ratio * delta == pytest.approx(np.linalg.eigvalsh(kernel)[0])


def test_pairs_and_networks_scatter_as_written(tmp_path, tiny):
    """ln K(x, x) and ratios of distances, from the tables."""
    figures, paths = measure("kernel_map", tmp_path, tiny)
    table = pd.read_csv(paths["table"])
    spreads = table.groupby(["depth", "m"]).log_kernel.std()
    laws = table.groupby(["depth", "m"]).law.first()
    assert laws.loc[2, 64] == pytest.approx(np.sqrt((15 - 2) / 64))
    squares = ((spreads / laws) ** 2).groupby("depth").mean()
    ratios = np.sqrt(squares).to_numpy()
    assert figures["scatter"]["value"] == pytest.approx(ratios[np.argmax(np.abs(np.log(ratios)))])


def test_residuals_are_those_of_the_plain_formula(tmp_path, tiny):
    """F(W + W') − F − ⟨∇F, W'⟩ and Gauss and Newton's part of it, by differences."""
    _, paths = measure("semismoothness", tmp_path, tiny, widths=[8], depths=[2], seeds=2, n=3)
    rows = pd.read_csv(paths["table"]).set_index(["direction", "network", "omega"])
    x, y, m, n = inputs.lifted(tiny.x[:3]), tiny.y[:3], 8, 3
    rng = generator(0, "tiny", "semismoothness", 2, m, 1)
    nets = networks.allen_zhu([rng], x.shape[1], m, 2)
    start = [matrix[0] for matrix in nets.weights]

    def f(weights):
        hidden = x.T
        for matrix in weights:
            hidden = np.maximum(matrix @ hidden, 0)
        return nets.top[0, 0] @ hidden

    def by_entries(function):
        """Derivatives by every entry of the trained layers, central differences."""
        found = []
        for layer in (1, 2):
            slopes = np.zeros((m, m))
            for place in np.ndindex(m, m):
                moved = [[w.copy() for w in start] for _ in range(2)]
                for sign, weights in zip((1, -1), moved, strict=True):
                    weights[layer][place] += sign * 1e-6
                slopes[place] = (function(moved[0]) - function(moved[1])) / 2e-6
            found.append(slopes)
        return found

    def loss(weights):
        return np.sum((f(weights) - y) ** 2) / 2

    gradient, up = by_entries(loss), by_entries(lambda weights: f(weights).sum())
    each = [by_entries(lambda weights, i=i: f(weights)[i]) for i in range(n)]
    for name, steps in (
        ("ascent", gradient), ("down", [-w for w in gradient]), ("outputs up", up),
    ):  # fmt: skip
        steps = [w / np.linalg.norm(w, 2) for w in steps]
        for omega in EXPERIMENTS["semismoothness"].small["omegas"]:
            moved = [start[0], *(w + omega * s for w, s in zip(start[1:], steps, strict=True))]
            slope = omega * sum(np.sum(g * s) for g, s in zip(gradient, steps, strict=True))
            left = loss(moved) - loss(start) - slope
            first = n * 4 * m * omega**2
            second = np.sqrt(n * m * np.log(m) * loss(start)) * omega
            half = sum(
                (omega * sum(np.sum(g * s) for g, s in zip(one, steps, strict=True))) ** 2 / 2
                for one in each
            )
            row = rows.loc[(name, 1, omega)]
            assert row.remainder == pytest.approx(left, abs=1e-6)
            assert row.both == pytest.approx(left / (first + second), abs=1e-5)
            assert row["first"] == pytest.approx(left / first, abs=1e-5)
            assert row.gauss == pytest.approx(left / half, rel=1e-3, abs=1e-3)


def test_a_learning_rate_that_cannot_descend_is_refused(tmp_path, capsys):
    files = {table: tmp_path / f"{table}.csv" for table in ("table", "curves", "metrics")}
    settings = dict(EXPERIMENTS["speed"].small) | {"eta": 50.0}
    assert call(import_module("scripts.deep_relu.speed"), *options(**settings, **files)) != 0
    said = capsys.readouterr().err
    assert re.search(r"eta: found 50, which is 100 at m = 80, expected at most [\d.]+ there", said)
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("kinds", [["q2"], ["q3", "logistic"], ["q1.5"]])
def test_some_losses_alone(kinds, tmp_path, tiny):
    figures, paths = measure("losses", tmp_path, tiny, kinds=kinds)
    assert set(pd.read_csv(paths["table"]).loss) == {*kinds}
    assert (figures["straight"]["value"] is not None) == ("q2" in kinds)
    made = {kind: tmp_path / f"drawn.{kind}" for kind in ("svg", "png", "md")}
    words = options(
        name="toy", about="a few numbers", how_to_read="Look here.", table=paths["table"],
        style="config/figures.mplstyle", svg=made["svg"], png=made["png"], caption=made["md"],
    )  # fmt: skip
    assert call(import_module("scripts.deep_relu.plot_losses"), *words) == 0


OWN = ("perturbation", "neural_kernel", "semismoothness")


def draws_numbers(name, paths, tmp_path):
    """The figure of what was measured is drawn, and shows numbers."""
    made = {kind: tmp_path / f"drawn.{kind}" for kind in ("svg", "png", "md")}
    words = options(
        name="toy", about="a few numbers", how_to_read="Look here.",
        style="config/figures.mplstyle", svg=made["svg"], png=made["png"], caption=made["md"],
        **{key: paths[table] for key, (_, table) in EXPERIMENTS[name].figure_tables().items()},
    )  # fmt: skip
    assert call(import_module(f"scripts.deep_relu.plot_{name}"), *words) == 0
    assert not re.search(r"\b(nan|inf)\b", made["svg"].read_text())


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize(("n", "d", "label"), [(8, 2, 1), (9, 300, -1)])
def test_few_points_are_perturbed_and_drawn(name, n, d, label, tmp_path):
    """Fewer than are asked for, of few or many dimensions, of one class alone."""
    own = Tiny(tmp_path, n=n, d=d)
    np.savez(own.paths["problem"], inputs=own.x, labels=np.full(n, float(label)))
    figures, paths = measure(name, tmp_path, own, n=50)
    assert all(figure["where"] for figure in figures.values())
    draws_numbers(name, paths, tmp_path)


TRAINING = ("descent", "sharpness", "pairs", "losses", "classification", "batches")


@pytest.mark.parametrize("name", TRAINING)
@pytest.mark.parametrize(("n", "d", "labels"), [(8, 2, 1), (9, 300, 0)])
def test_few_points_train_and_are_drawn(name, n, d, labels, tmp_path):
    """Fewer than are asked for, of few or many dimensions; of one class alone, and of both."""
    own = Tiny(tmp_path, n=n, d=d)
    own.y[:] = labels or own.y
    np.savez(own.paths["problem"], inputs=own.x, labels=own.y)
    figures, paths = measure(name, tmp_path, own, **({} if name == "pairs" else {"n": 50}))
    assert all(figure["where"] for figure in figures.values())
    draws_numbers(name, paths, tmp_path)


def test_a_pair_more_leaves_the_others(tmp_path, tiny):
    """Each pair ends at its own step; the linearised network's steps are its own too."""
    _, paths = measure("pairs", tmp_path, tiny, pairs=2, steps=3000)
    few = pd.read_csv(paths["table"])
    _, paths = measure("pairs", tmp_path, tiny, pairs=3, steps=3000)
    more = pd.read_csv(paths["table"])
    kept = more[more.pair < 2].reset_index(drop=True)
    assert np.allclose(few, kept, rtol=1e-6)
    assert np.all(few.shared <= few.start * (1 + 1e-9))


def test_small_learning_rates_are_stable_and_large_ones_are_not_finite(tmp_path, tiny):
    figures, paths = measure("sharpness", tmp_path, tiny, etas=[0.5, 300.0], steps=400)
    table = pd.read_csv(paths["table"])
    assert np.all(table[table.over < 1]["mean"] < 2)
    assert np.all(np.isinf(table[table.over > 1]["last"]))
    assert figures["edge"]["value"] is None


def test_ratios_of_gradients_are_those_of_the_first_step(tmp_path, tiny):
    """`begun` and `own`, from a pass written plainly."""
    _, paths = measure("classification", tmp_path, tiny, depths=[2], steps=50)
    table = pd.read_csv(paths["table"])
    row = table[(table.labels == "true") & (table.B == 8) & (table.network == 1)].iloc[0]
    x, y = inputs.lifted(tiny.x[:8]), tiny.y[:8]
    nets = networks.zou(
        [generator(0, "tiny", "classification", "start", 2, 32, 1)], x.shape[1], 32, 2, np.float32
    )
    state = next(descent.descend(nets, x, losses.mean(losses.LOGISTIC, y), np.ones(1)))
    size = max(np.linalg.norm(gradient) for gradient in state.gradients)
    mean = np.mean(1 / (1 + np.exp(y * state.outputs)))
    assert row.begun == pytest.approx(size / mean / np.sqrt(16), rel=1e-4)
    assert row.own <= 1 + 1e-3
    assert row.upper >= row.begun


def test_the_lower_bound_is_held_to_the_last_layers_gradient(tmp_path, tiny):
    """`lower` of lemma 5.4, least of every tenth step, of a descent followed plainly."""
    _, paths = measure("classification", tmp_path, tiny, depths=[2], steps=50)
    table = pd.read_csv(paths["table"])
    row = table[(table.labels == "true") & (table.B == 8) & (table.network == 1)].iloc[0]
    x, y, m = inputs.lifted(tiny.x[:8]).astype(np.float32), tiny.y[:8], 32
    phi = np.linalg.norm(x[:, None] - x, axis=2)[y[:, None] != y].min()
    rngs = [generator(0, "tiny", "classification", "start", 2, m, at) for at in range(2)]
    nets = networks.zou(rngs, x.shape[1], m, 2, np.float32)
    eta = 32 / np.linalg.eigvalsh(descent.tangent_kernel(nets, x))[:, -1]
    path = descent.descend(nets, x, losses.mean(losses.LOGISTIC, y), eta)
    least = np.inf
    for at, state in enumerate(islice(path, 51)):
        if at % 10 == 0:
            slopes = 1 / (1 + np.exp(y * state.outputs[1]))
            bound = m * phi / 8**5 * slopes.sum() ** 2
            least = min(least, np.linalg.norm(state.gradients[-1][1]) ** 2 / bound)
        if np.all(y * state.outputs > 0):
            break
    assert row.lower == pytest.approx(least, rel=1e-3)


def test_the_upper_bound_is_held_to_the_gradient_of_the_summed_loss(tmp_path, tiny):
    _, paths = measure("tangent", tmp_path, tiny, depths=[2])
    table = pd.read_csv(paths["table"])
    n, m = 8, 32
    row = table[(table.m == m) & (table.network == 3)].iloc[0]
    x, y = inputs.lifted(tiny.x[:n]), tiny.y[:n]
    nets = networks.allen_zhu([generator(0, "tiny", "tangent", 2, m, 3)], x.shape[1], m, 2)
    state = next(descent.descend(nets, x, descent.squared(y), np.ones(1)))
    square = sum(np.sum(gradient**2) for gradient in state.gradients)
    loss = np.sum((state.outputs - y) ** 2) / 2
    assert row.upper == pytest.approx(square / (loss * 2 * n * m))


def test_distances_from_the_start_are_spectral(tmp_path, tiny):
    """The largest layer's ‖W − W(0)‖₂ where the loss is low, of networks trained by hand."""
    from scripts.deep_relu.batches import LOOK, LOSS

    _, paths = measure("batches", tmp_path, tiny, steps=2000, widths=[16])
    table = pd.read_csv(paths["distances"])
    row = table[(table.m == 16) & (table.B == 8) & (table.network == 1)].iloc[0]
    x, y = inputs.lifted(tiny.x[:8]).astype(np.float32), tiny.y[:8]
    nets = networks.zou(
        [generator(0, "tiny", "batches", "start", 16, 1)], x.shape[1], 16, 2, np.float32
    )
    eta = 32 / np.linalg.eigvalsh(descent.tangent_kernel(nets, x))[:, -1]
    path = descent.descend(nets, x, losses.mean(losses.LOGISTIC, y), eta)
    for at, state in enumerate(path):
        low = losses.LOGISTIC.value(y * state.outputs).mean() <= LOSS
        if at % LOOK == 0 and low:
            break
    moved = [
        np.linalg.svd((after - before)[0], compute_uv=False)[0]
        for after, before in zip(state.weights, nets.weights, strict=True)
    ]
    assert row.distance == pytest.approx(max(moved), rel=1e-3)
