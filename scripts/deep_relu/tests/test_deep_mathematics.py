"""The mathematics of deep ReLU networks, against brute force and formulas written plainly."""

from itertools import combinations, islice
from itertools import product as choices

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import expit

from overparam.deep_relu import (
    descent,
    inputs,
    laws,
    losses,
    networks,
    perturbations,
    products,
)
from overparam.errors import Refusal


def rngs(count=3):
    return [np.random.default_rng(seed) for seed in range(count)]


def points(n=5, d=6):
    rows = np.random.default_rng(n * d).standard_normal((n, d))
    return inputs.lifted(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.fixture(params=["allen_zhu", "zou"])
def nets(request):
    return getattr(networks, request.param)(rngs(), 7, 8, 3)


def function(nets, weights, x):
    """f at each input, (S, n), one network and one input at a time."""
    found = np.empty((len(nets.top), len(x)))
    for at in range(len(nets.top)):
        for place, row in enumerate(x):
            hidden = row
            for matrix in weights:
                hidden = np.maximum(matrix[at] @ hidden, 0)
            found[at, place] = nets.top[at, 0] @ hidden
    return found


def test_lifted_inputs_have_length_1_and_last_coordinate_root_half():
    x = points()
    assert np.linalg.norm(x, axis=1) == pytest.approx(1)
    assert x[:, -1] == pytest.approx(np.sqrt(0.5))
    for delta in (0.01, 0.5, np.sqrt(2)):
        other = inputs.partners(x, delta, np.random.default_rng(1))
        assert np.linalg.norm(other - x, axis=1) == pytest.approx(delta)
        assert np.linalg.norm(other, axis=1) == pytest.approx(1)
        assert other[:, -1] == pytest.approx(np.sqrt(0.5))
    for delta in (0, -1, 1.5):
        with pytest.raises(Refusal, match="delta: found"):
            inputs.partners(x, delta, np.random.default_rng(1))


def test_an_odd_width_has_no_halves():
    with pytest.raises(Refusal, match="m = 7, expected an even number"):
        networks.zou(rngs(), 5, 7, 2)
    assert networks.zou(rngs(), 5, 8, 2).top.sum() == 0


def test_variances_of_the_start():
    drawn = networks.allen_zhu(rngs(40), 50, 60, 1, 5)
    first, second = drawn.weights
    assert first.var() == pytest.approx(2 / 60, rel=0.02)
    assert second.var() == pytest.approx(2 / 60, rel=0.02)
    assert drawn.top.var() == pytest.approx(1 / 5, rel=0.05)


def test_a_pass_is_one_network_after_another(nets):
    x = points()
    run = networks.forward(nets.weights, x)
    assert networks.outputs(nets, run)[..., 0] == pytest.approx(function(nets, nets.weights, x))


def test_gradients_are_differences(nets):
    x, step = points(), 1e-6
    run = networks.forward(nets.weights, x)
    found = networks.gradients(
        run, networks.backward(nets.weights, run.active, nets.top), nets.fixed
    )
    assert len(found) == len(nets.weights) - nets.fixed
    for layer, gradient in enumerate(found, nets.fixed):
        for row, column in ((0, 0), (3, 5), (7, 6)):
            moved = [matrix.copy() for matrix in nets.weights]
            moved[layer][:, row, column] += step
            change = function(nets, moved, x) - function(nets, nets.weights, x)
            expected = change.sum(axis=1) / step
            assert gradient[:, row, column] == pytest.approx(expected, abs=1e-6)


def test_the_tangent_kernel_is_that_of_the_gradients(nets):
    x = points()
    gradients = []
    for row in x:
        run = networks.forward(nets.weights, row[None])
        back = networks.backward(nets.weights, run.active, nets.top)
        each = networks.gradients(run, back, nets.fixed)
        gradients.append(np.concatenate([layer.reshape(3, -1) for layer in each], axis=1))
    stacked = np.stack(gradients, axis=1)
    expected = stacked @ stacked.swapaxes(1, 2)
    assert descent.tangent_kernel(nets, x) == pytest.approx(expected)


def test_the_shared_kernel_is_that_of_gradients_through_shared_relus():
    """Two inputs: with one pattern for both, K is ‖back‖² times the Gram matrix of each layer."""
    nets, x = networks.allen_zhu(rngs(), 7, 8, 2), points(2)
    found = descent.tangent_kernel(nets, x, shared=True)
    for at in range(3):
        hidden, both = [x], []
        for matrix in nets.weights:
            before = hidden[-1] @ matrix[at].T
            hidden.append(np.maximum(before, 0))
            both.append((before[0] >= 0) & (before[1] >= 0))
        last = nets.top[at, 0] * both[2]
        below = both[1] * (nets.weights[2][at].T @ last)
        expected = (last @ last) * (hidden[2] @ hidden[2].T) + (below @ below) * (
            hidden[1] @ hidden[1].T
        )
        assert found[at] == pytest.approx(expected)


def test_arc_cosine_kernels_are_their_integrals():
    cosine = 0.4

    def density(u, v):
        return np.exp(-(u * u - 2 * cosine * u * v + v * v) / (2 * (1 - cosine**2))) / (
            2 * np.pi * np.sqrt(1 - cosine**2)
        )

    product, _ = dblquad(lambda u, v: u * v * density(u, v), 0, 9, 0, 9)
    both, _ = dblquad(density, 0, 9, 0, 9)
    assert laws.kappa1(np.array(cosine)) == pytest.approx(2 * product, rel=1e-6)
    assert laws.kappa0(np.array(cosine)) == pytest.approx(2 * both, rel=1e-6)


@pytest.mark.parametrize(("draw", "fixed"), [(networks.zou, 0), (networks.allen_zhu, 1)])
def test_wide_networks_have_the_limits_kernel(draw, fixed):
    x, layers, m = points(4), 3, 400
    finite = descent.tangent_kernel(draw(rngs(30), 7, m, layers - fixed), x) * 2 / m
    limit = laws.tangent_kernel(x @ x.T, layers, fixed)
    # Lengths scatter by √(10 layers/m) from network to network; what is left of them does not.
    assert finite.mean(axis=0) == pytest.approx(limit, rel=3 * np.sqrt(10 * layers / m / 30))
    root = np.sqrt(np.diagonal(finite, axis1=1, axis2=2))
    shape = (finite / (root[:, :, None] * root[:, None, :])).mean(axis=0)
    size = np.sqrt(np.diag(limit))
    assert shape == pytest.approx(limit / np.outer(size, size), abs=0.03)


def test_edges_of_products():
    assert laws.product_norm(1) == pytest.approx(2 * np.sqrt(2))
    assert laws.product_norm(1000) == pytest.approx(np.sqrt(4 * np.e * 1000), rel=1e-3)
    assert laws.backward_norm(1, 10**9, 1) == pytest.approx(1, abs=1e-3)
    # With no layer below, B alone: the Marchenko-Pastur edge.
    assert laws.backward_norm(0, 400, 100) == pytest.approx(1 + np.sqrt(1 / 4), rel=1e-3)


def test_separation_is_the_kernel_of_degree_one():
    found = laws.separation(np.array(0.5), 3)
    cosine = 1 - 0.125
    for distance in found:
        theta = np.arccos(cosine)
        cosine = (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi
        assert distance == pytest.approx(np.sqrt(2 - 2 * cosine))


def test_log_norms_of_one_layer():
    m = 200
    draws = np.random.default_rng(0).standard_normal((20_000, m))
    logs = np.log(np.sum(np.maximum(draws, 0) ** 2, axis=1) * 2 / m)
    mean, spread = laws.log_norm(1, m)
    assert logs.mean() == pytest.approx(mean, abs=3 * spread / np.sqrt(20_000) + 1e-3)
    assert logs.std() == pytest.approx(spread, rel=0.03)


def test_near_zero_is_a_share_of_normal_numbers():
    m, beta = 100, 0.02
    draws = np.random.default_rng(0).standard_normal((20_000, m)) * np.sqrt(2 / m)
    share = np.mean(np.sum(np.abs(draws) <= beta, axis=1)) / (2 * m**1.5 * beta)
    assert laws.near_zero(beta, m) == pytest.approx(share, rel=0.01)


def test_outputs_over_lengths_have_their_mean_square():
    m, count = 16, 200_000
    rng = np.random.default_rng(0)
    hidden = np.maximum(rng.standard_normal((count, m)), 0)
    kept = hidden[hidden.any(axis=1)]  # any order of the signs: features are exchangeable
    share = (kept @ np.repeat([1, -1], m // 2)) ** 2 / np.sum(kept**2, axis=1)
    error = share.std() / np.sqrt(count)
    assert abs(share.mean() - laws.output_square(m)) < 3 * error + 1 / m**2
    assert abs(share.mean() - laws.SHARE) > 10 * error


@pytest.mark.parametrize("depth", [1, 3])
def test_kernels_of_wide_networks_scatter_by_their_law(depth):
    m, count = 100, 400
    x = points(2)[:1]
    logs = np.log(descent.tangent_kernel(networks.allen_zhu(rngs(count), 7, m, depth), x))
    assert logs.std() == pytest.approx(laws.kernel_scatter(depth, m), rel=4 / np.sqrt(2 * count))


def test_distances_of_close_inputs_scatter_by_their_law():
    m, count, layers, x = 100, 800, 3, points(2)[:1]
    pair = np.concatenate([x, inputs.partners(x, 0.01, np.random.default_rng(2))])
    hidden = networks.forward(networks.zou(rngs(count), 7, m, layers).weights, pair).hidden[-1]
    unit = hidden / np.linalg.norm(hidden, axis=2, keepdims=True)
    logs = np.log(np.linalg.norm(unit[:, 0] - unit[:, 1], axis=1))
    expected = laws.separation_scatter(layers, m)
    assert logs.std() == pytest.approx(expected, rel=4 / np.sqrt(2 * count))


# --- products ----------------------------------------------------------------------------------


def test_products_and_their_norms():
    rng = np.random.default_rng(0)
    weights, active = rng.standard_normal((3, 6, 6)), rng.random((3, 6)) < 0.5
    found = [*products.forward(weights, active)]
    expected = weights[2] @ np.diag(active[1]) @ weights[1] @ np.diag(active[0]) @ weights[0]
    assert found[2] == pytest.approx(expected)
    assert products.spectral_norm(expected, rng) == pytest.approx(
        np.linalg.norm(expected, 2), rel=1e-6
    )


@pytest.mark.parametrize("rows", [None, 1, 2])
def test_sparse_norms_are_those_of_all_supports(rows):
    matrix = np.random.default_rng(3).standard_normal((7, 7))
    columns = combinations(range(7), 2)
    supports = [*combinations(range(7), rows)] if rows else [range(7)]
    exact = max(
        np.linalg.norm(matrix[np.ix_([*some], [*pair])], 2) for pair in columns for some in supports
    )
    found = products.sparse_norm(matrix, 2, rows, starts=7)
    assert found <= exact * (1 + 1e-9)
    assert found >= 0.95 * exact


# --- perturbations -----------------------------------------------------------------------------


def test_the_cheapest_flips_are_the_most_by_exhaustion():
    nets = networks.allen_zhu(rngs(2), 7, 12, 1)
    x, omega = points(3), 0.4
    start = networks.forward(nets.weights, x)
    steps = perturbations.none(nets, 3)
    steps[-1] = perturbations.flip_last(start, start, omega)
    assert np.all(np.linalg.norm(steps[-1], axis=2) <= 1 + 1e-9)
    now = perturbations.perturbed(nets, x, steps, omega)
    counts = perturbations.flips(start, now) * 12
    budget = (omega * np.linalg.norm(start.hidden[-2], axis=2)) ** 2
    for at in range(2):
        for place in range(3):
            cost = (start.before[-1][at, place] * (1 + 1e-3)) ** 2
            most = max(
                size for size in range(13) for some in combinations(cost, size)
                if sum(some) <= budget[at, place]
            )  # fmt: skip
            assert counts[at, place] == most


def test_the_worst_flips_and_the_worst_distance_from_the_line_follow_their_laws():
    nets, x = networks.allen_zhu(rngs(2), 7, 2000, 1), points(4)
    start = networks.forward(nets.weights, x)
    for omega in (0.05, 0.2):
        steps = perturbations.none(nets, 4)
        steps[-1] = perturbations.flip_last(start, start, omega)
        now = perturbations.perturbed(nets, x, steps, omega)
        share = perturbations.flips(start, now).mean()
        assert share == pytest.approx(laws.worst_flips(omega), rel=0.1)
    omega = 0.1
    steps[-1] = perturbations.leave_line(nets, start, omega)
    length = np.linalg.norm(steps[-1], axis=2)
    assert np.all(length <= 1 + 1e-9)
    assert length.min() > 0.8
    now = perturbations.perturbed(nets, x, steps, omega)
    told = (
        omega
        * np.linalg.norm(start.hidden[-2], axis=2)
        * np.sum(start.active[-1] * nets.top * steps[-1], axis=2)
    )
    change = (networks.outputs(nets, now) - networks.outputs(nets, start))[..., 0] - told
    assert change.mean() == pytest.approx(laws.worst_linearisation(omega, 2000), rel=0.1)
    # No other choice of the same length gets farther: here 40 at random, with the sign wanted.
    rng = np.random.default_rng(5)
    for _ in range(40):
        near = (nets.top > 0) & (np.abs(start.before[-1]) < rng.random() * 0.05)
        other = perturbations.unit(np.where(near, -np.sign(start.before[-1]), 0) * nets.top)
        steps[-1] = other
        now = perturbations.perturbed(nets, x, steps, omega)
        told = (
            omega
            * np.linalg.norm(start.hidden[-2], axis=2)
            * np.sum(start.active[-1] * nets.top * other, axis=2)
        )
        less = (networks.outputs(nets, now) - networks.outputs(nets, start))[..., 0] - told
        assert np.all(less <= change + 1e-9)


def test_gaussian_weights_have_their_spectral_norm_and_flips():
    nets, x = networks.allen_zhu(rngs(4), 7, 400, 2), points(6)
    moved = perturbations.added(nets, perturbations.gaussian(nets, rngs(4)), 0.3)
    assert moved.weights[0] is nets.weights[0]
    for before, after in zip(nets.weights[1:], moved.weights[1:], strict=True):
        norms = np.linalg.norm(after - before, 2, axis=(1, 2))
        assert norms == pytest.approx(0.3, rel=0.03)
    start, now = networks.forward(nets.weights, x), networks.forward(moved.weights, x)
    for layer, expected in enumerate(laws.random_flips(0.3, 3, 1), 1):
        found = perturbations.flips(start, now, layer).mean()
        assert found == pytest.approx(expected, rel=0.2)


def explicit(nets, x, steps, omega):
    """W + W' of one network at one input, and the hidden vectors, written plainly."""
    hidden, weights = [x], []
    for at, matrix in enumerate(nets.weights):
        w = matrix[0]
        if at:
            h = hidden[-1] / np.linalg.norm(hidden[-1])
            w = w + omega * np.outer(steps[at - 1][0, 0], h)
        weights.append(w)
        hidden.append(np.maximum(w @ hidden[-1], 0))
    return weights, hidden


def test_vectors_stand_for_weights_of_rank_one():
    nets, x, omega = networks.allen_zhu(rngs(1), 7, 12, 3), points(1), 0.3
    rng = np.random.default_rng(2)
    steps = [perturbations.unit(rng.standard_normal((1, 1, 12))) for _ in range(3)]
    weights, hidden = explicit(nets, x[0], steps, omega)
    now = perturbations.perturbed(nets, x, steps, omega)
    for one, other in zip(hidden[1:], now.hidden[1:], strict=True):
        assert other[0, 0] == pytest.approx(one)
    # What an entry of W + W' does to the output, by differences.
    back = perturbations.back(nets, now.active, now, steps, omega)
    for layer in range(1, 4):
        for entry in range(12):
            changed = [w.copy() for w in weights]
            changed[layer][entry] += 1e-6 * hidden[layer]
            there = x[0]
            for w in changed:
                there = np.maximum(w @ there, 0)
            slope = (nets.top[0, 0] @ (there - hidden[-1])) / 1e-6 / (hidden[layer] @ hidden[layer])
            assert back[layer - 1][0, 0, entry] == pytest.approx(slope, abs=1e-6)
    on = [now.active[at][0, 0] for at in range(4)]
    product = weights[3] @ np.diag(on[2]) @ weights[2] @ np.diag(on[1]) @ weights[1]
    found = perturbations.product_norms(nets, now, rng, steps, omega)
    assert found[0, 0] == pytest.approx(np.linalg.norm(product, 2), rel=1e-3)


def test_the_cheapest_pattern_is_that_of_all_choices():
    nets, x = networks.allen_zhu(rngs(1), 7, 10, 1), points(2)
    start = networks.forward(nets.weights, x)
    norm, active = perturbations.cheapest(start, 0.3)
    size = np.abs(start.before[-1][0])
    for place in range(2):
        least = min(np.linalg.norm(size[place][list(some)]) for some in combinations(range(10), 3))
        assert norm[0, place] == pytest.approx(least / np.linalg.norm(start.hidden[-2][0, place]))
        assert np.sum(active[0, place] != start.active[-1][0, place]) == 3
    assert np.sum(perturbations.cheapest(start, 0.001)[1] != start.active[-1]) == 2
    assert laws.worst_flips(laws.pattern_norm(0.07)) == pytest.approx(0.07)


def test_what_turns_on_gains_most_of_all_choices():
    nets, x, omega = networks.allen_zhu(rngs(1), 7, 10, 1), points(3), 0.5
    start = networks.forward(nets.weights, x)
    worth = np.broadcast_to(np.abs(nets.top[:, :1]), start.before[-1].shape) * ~start.active[-1]
    steps = [perturbations.flip_last(start, start, omega, worth)]
    now = perturbations.perturbed(nets, x, steps, omega)
    assert not np.any(start.active[-1] & ~now.active[-1])
    for place in range(3):
        cost, gain = (start.before[-1][0, place] * (1 + 1e-3)) ** 2, worth[0, place] ** 2
        budget = (omega * np.linalg.norm(start.hidden[-2][0, place])) ** 2
        off = np.flatnonzero(~start.active[-1][0, place])
        sums = [
            gain[list(some)].sum() for size in range(len(off) + 1)
            for some in combinations(off, size) if cost[list(some)].sum() <= budget
        ]  # fmt: skip
        taken = gain[now.active[-1][0, place] & ~start.active[-1][0, place]].sum()
        # The best by worth for price: what is left of the budget is less than one more.
        assert max(sums) - gain.max() <= taken <= max(sums) + 1e-12


def kernels(nets, x, steps, omega):
    """K(x, x) under W' of norm ω, by the gradients of all trained layers: (n,)."""
    now = perturbations.perturbed(nets, x, steps, omega)
    behind = perturbations.back(nets, now.active, now, steps, omega)
    below = now.hidden[nets.fixed : -1]
    return sum(
        np.sum(b[0] ** 2, axis=1) * np.sum(h[0] ** 2, axis=1)
        for b, h in zip(behind, below, strict=True)
    )


@pytest.mark.parametrize("layers", [1, 2])
def test_flips_by_their_gain_grow_the_kernel_nearly_most_of_all_choices(layers):
    m, omega, shares = 12, 0.3, []
    chosen = np.array(list(choices((False, True), repeat=m)))
    for seed in range(6):
        nets = networks.allen_zhu([np.random.default_rng(seed)], 7, m, layers)
        x = points(1)
        start = networks.forward(nets.weights, x)
        none = perturbations.none(nets, 1)
        first = kernels(nets, x, none, omega)[0]
        worth = np.sqrt(np.maximum(perturbations.kernel_gain(nets, start), 0))
        found = kernels(
            nets, x, [*none[:-1], perturbations.flip_last(start, start, omega, worth)], omega
        )[0]
        # Every choice of ReLUs that the norm is enough for, at its least price.
        step = -start.before[-1][0, 0] * (1 + 1e-3) * chosen
        step /= omega * np.linalg.norm(start.hidden[-2][0, 0])
        step = step[np.linalg.norm(step, axis=1) <= 1 + 1e-12]
        many = np.repeat(x, len(step), axis=0)
        steps = [*perturbations.none(nets, len(step))[:-1], step[None]]
        most = kernels(nets, many, steps, omega).max()
        assert first - 1e-9 <= found <= most + 1e-9
        shares.append((found - first) / (most - first) if most > first else 1)
    assert np.mean(shares) >= 0.95


def test_what_a_flip_adds_to_the_kernel_to_first_order():
    nets, x = networks.allen_zhu(rngs(1), 7, 30, 2), points(3)
    start = networks.forward(nets.weights, x)
    gains = perturbations.kernel_gain(nets, start)
    below = [np.sum(h**2, axis=2) for h in start.hidden[1:-1]]

    def kernel(active):
        behind = perturbations.back(nets, active, start)
        return sum(np.sum(b**2, axis=2) * h for b, h in zip(behind, below, strict=True))

    for at in (0, 7, 29):
        active = [each.copy() for each in start.active]
        active[-1][..., at] ^= True
        assert kernel(active) - kernel(start.active) == pytest.approx(gains[..., at])


def test_flips_by_their_gain_follow_their_law():
    assert laws.kernel_gain(1) == pytest.approx(1.69, abs=0.01)
    # By sampling: b, what enters and the image of the gradient, independent.
    rng, m, layers, omega = np.random.default_rng(0), 400_000, 4, 0.02
    b, g, z = rng.standard_normal((3, m))
    g *= np.sqrt(2 / m)
    image = 2 * b * z * np.sqrt(layers * (layers - 1) * (2 * layers - 1) / 6)
    gain = np.where(g < 0, 1, -1) * (layers * b**2 + image)
    order = np.argsort(np.where(gain > 0, np.abs(g) / np.sqrt(np.maximum(gain, 1e-12)), np.inf))
    taken = order[np.cumsum(g[order] ** 2) <= omega**2]
    assert np.sum(gain[taken]) / (layers * m / 2) == pytest.approx(
        laws.kernel_gain(omega, layers), rel=0.03
    )


def test_laws_of_random_weights_and_of_the_gradient():
    nets, x, omega = networks.allen_zhu(rngs(12), 7, 400, 3), points(4), 0.2
    start = networks.forward(nets.weights, x)
    drawn = perturbations.gaussian(nets, [np.random.default_rng(100 + at) for at in range(12)])
    moved = perturbations.added(nets, drawn, omega)
    now = networks.forward(moved.weights, x)
    shift = np.linalg.norm(now.hidden[-1] - start.hidden[-1], axis=2)
    size = np.linalg.norm(start.hidden[-1], axis=2)
    assert np.mean(shift / size) == pytest.approx(laws.random_shift(omega, 3), rel=0.06)
    here, there = (
        perturbations.back(nets, start.active, start),
        perturbations.back(moved, now.active, now),
    )
    turned = sum(np.sum((b - c) ** 2, axis=2) for b, c in zip(here, there, strict=True))
    turned = np.sqrt(turned / sum(np.sum(b**2, axis=2) for b in here))
    assert turned.mean() == pytest.approx(laws.random_turn(omega, 3), rel=0.1)
    steps = [perturbations.unit(b) for b in here]
    now = perturbations.perturbed(nets, x, steps, 0.03)
    share = perturbations.flips(start, now).mean()
    assert share == pytest.approx(laws.gradient_flips(0.03, 3), rel=0.15)


def test_pushing_all_outputs_has_its_limit():
    x, omega = points(6), 1e-4
    assert laws.push_all(np.ones((1, 1)), 4, 1) == pytest.approx(0.25)
    found = []
    for at in range(12):
        nets = networks.allen_zhu([np.random.default_rng(at)], 7, 400, 2)
        start = networks.forward(nets.weights, x)
        layers = networks.gradients(
            start, networks.backward(nets.weights, start.active, nets.top), 1
        )
        steps = [layer / np.linalg.norm(layer[0], 2) for layer in layers]
        now = networks.forward(perturbations.added(nets, steps, omega).weights, x)
        moved = networks.outputs(nets, now) - networks.outputs(nets, start)
        found.append(np.sum(moved**2) / 2 / (6 * 4 * 400 * omega**2))
    assert np.mean(found) == pytest.approx(laws.push_all(x @ x.T, 3, 1), rel=0.2)


def test_the_worst_linearisation_has_its_best_reach():
    reach = np.linspace(0.1, 2, 39)
    sizes = [laws.worst_linearisation(0.1, 100, each) for each in reach]
    assert reach[np.argmax(sizes)] == pytest.approx(0.5)
    assert laws.worst_linearisation(1, 1) == pytest.approx(0.456, abs=1e-3)
    assert laws.worst_linearisation(1, 1, 1) == pytest.approx(0.383, abs=1e-3)
    # By quadrature: gains b² of ReLUs within λ|b| of 0, at a price of Σ g².
    rng, m = np.random.default_rng(0), 400_000
    b, g = np.abs(rng.standard_normal(m)), rng.standard_normal(m) * np.sqrt(2 / m)
    off, omega = g < 0, 0.05
    order = np.argsort(np.where(off, -g / b, np.inf))
    taken = order[np.cumsum(np.where(off, g, np.inf)[order] ** 2) <= omega**2]
    assert np.sum(b[taken] ** 2) / np.sum(b[~off] ** 2) == pytest.approx(
        laws.kernel_gain(omega), rel=0.03
    )


def test_searches_get_no_worse():
    nets, x, omega = networks.allen_zhu(rngs(2), 7, 200, 3), points(3), 0.1
    start = networks.forward(nets.weights, x)
    last, reached = perturbations.finish(nets, x, start, perturbations.none(nets, 3), omega)
    again = perturbations.perturbed(nets, x, last, omega)
    for one, other in zip(reached.before, again.before, strict=True):
        assert one == pytest.approx(other)
    every = perturbations.flip_all(nets, x, start, omega, (0.1, 0.4, 1.0))
    found = perturbations.search(nets, x, start, every, omega, rounds=8)
    counts = [
        perturbations.flips(start, perturbations.perturbed(nets, x, steps, omega))
        for steps in (last, every, found)
    ]
    for steps in (last, every, found):
        for step in steps:
            assert np.all(np.linalg.norm(step, axis=2) <= 1 + 1e-6)
    assert np.all(counts[1] <= counts[2])
    assert counts[0].mean() < counts[1].mean()


# --- training ----------------------------------------------------------------------------------


def test_descent_is_the_plain_formula(nets):
    x, y = points(), np.array([1.0, -1, 1, 1, -1])
    eta = np.array([0.01, 0.02, 0.03])
    first, second = islice(descent.descend(nets, x, descent.squared(y), eta), 2)
    f = function(nets, nets.weights, x)
    assert first.outputs == pytest.approx(f)
    run = networks.forward(nets.weights, x)
    back = networks.backward(nets.weights, run.active, nets.top * (f - y)[..., None])
    expected = networks.gradients(run, back, nets.fixed)
    for at, gradient in enumerate(expected, nets.fixed):
        moved = nets.weights[at] - eta[:, None, None] * gradient
        assert second.weights[at] == pytest.approx(moved)
    squares = sum(np.sum(gradient**2, axis=(1, 2)) for gradient in expected)
    assert first.products.sum(axis=(1, 2)) == pytest.approx(squares)


def test_networks_within_the_span_of_the_inputs_are_the_same(nets):
    x = points()
    basis = inputs.span(x)
    assert basis.T @ basis == pytest.approx(np.eye(basis.shape[1]))
    wide = np.hstack([x, np.zeros((len(x), 40))]) @ np.linalg.qr(
        np.random.default_rng(0).standard_normal((x.shape[1] + 40,) * 2)
    )[0]  # fmt: skip
    first, *others = nets.weights
    grown = nets._replace(
        weights=[
            np.random.default_rng(1).standard_normal((*first.shape[:2], wide.shape[1])),
            *others,
        ]
    )
    basis = inputs.span(wide)
    assert basis.shape == (wide.shape[1], len(x))
    inside = networks.forward(grown.within(basis).weights, wide @ basis)
    for one, other in zip(
        inside.hidden[1:], networks.forward(grown.weights, wide).hidden[1:], strict=True
    ):
        assert one == pytest.approx(other)


def test_a_batch_is_a_step_on_its_inputs(nets):
    x, y = points(), np.array([1.0, -1, 1, 1, -1])
    eta, batch = np.full(3, 0.1), np.array([3, 1])
    slope = losses.mean(losses.LOGISTIC, y)
    states = [*descent.descend(nets, x, slope, eta, iter([batch, batch]))]
    assert len(states) == 2
    alone = next(descent.descend(nets, x[batch], losses.mean(losses.LOGISTIC, y[batch]), eta))
    for one, other in zip(states[0].gradients, alone.gradients, strict=True):
        assert one.shape == other.shape
    first = next(descent.descend(nets, x, slope, eta, iter([batch])))
    for one, other in zip(first.gradients, alone.gradients, strict=True):
        assert one == pytest.approx(other)


def test_a_linearised_loss_is_that_of_the_steps():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 4))
    kernel, residual = root @ root.T, rng.standard_normal(4)
    eta, expected, left = 0.05, [], residual
    for _ in range(4):
        expected.append(left @ left / 2)
        left = left - eta * kernel @ left
    found = descent.linearised(kernel, residual, eta, np.arange(4))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", ["q1.5", "q2", "q3", "q6", "logistic"])
def test_losses_have_their_slopes_and_exponents(name):
    loss, z = losses.of(name), np.linspace(-3, 3, 601) + 1e-4
    step = 1e-6
    slope = (loss.value(z + step) - loss.value(z - step)) / (2 * step)
    assert loss.slope(z) == pytest.approx(slope, abs=1e-4)
    assert np.all(loss.slope(z) <= 0)
    floor = (1, float(name[1:]) ** loss.p) if name != "logistic" else (0.5, 0.5)
    least = np.minimum(floor[0], floor[1] * loss.value(z) ** loss.p)
    assert np.all(-loss.slope(z) >= least - 1e-9)


def test_the_mean_of_a_loss_has_the_mean_of_its_slopes():
    y, f = np.array([1.0, -1, 1]), np.array([[0.3, 0.2, -2.0]])
    found = losses.mean(losses.LOGISTIC, y)(f, slice(None))
    assert found == pytest.approx(-y * expit(-y * f) / 3)
