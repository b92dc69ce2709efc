"""Networks of finite width beside their limits, and laws, against other ways to compute them."""

import numpy as np
import pytest

from overparam import activations, dense, moments, residual
from overparam.errors import Refusal
from overparam.infinite_width import curvature, features, laws, networks, residual_networks
from overparam.points import unit_rows

NAMES = [*activations.ACTIVATIONS]
SMOOTH = [name for name in NAMES if name != "relu"]


def sphere(n=5, d=4, seed=0):
    return unit_rows(np.random.default_rng(seed).standard_normal((n, d)))


def rngs(count, seed=0):
    return [np.random.default_rng([seed, each]) for each in range(count)]


# --- networks of finite width --------------------------------------------------------------------


def numbers(nets):
    """All weights of S networks, (S, parameters)."""
    arrays = [*nets.weights, nets.top]
    return np.concatenate([each.reshape(len(each), -1) for each in arrays], axis=1)


def rebuilt(nets, flat):
    arrays = [*nets.weights, nets.top]
    ends = np.cumsum([each[0].size for each in arrays])[:-1]
    parts = np.split(flat, ends, axis=1)
    *weights, top = (part.reshape(each.shape) for part, each in zip(parts, arrays, strict=True))
    return nets._replace(weights=weights, top=top)


def jacobian(nets, function, step=1e-6):
    """∂f_i/∂θ_k by differences, (S, n, parameters), and how many parameters each layer has."""
    flat, columns = numbers(nets), []
    for at in range(flat.shape[1]):
        up, down = flat.copy(), flat.copy()
        up[:, at] += step
        down[:, at] -= step
        columns.append((function(rebuilt(nets, up)) - function(rebuilt(nets, down))) / (2 * step))
    return np.stack(columns, axis=2), [each[0].size for each in (*nets.weights, nets.top)]


def layer_by_layer(whole, sizes):
    parts = np.split(whole, np.cumsum(sizes)[:-1], axis=2)
    return np.stack([part @ part.swapaxes(1, 2) for part in parts])


@pytest.mark.parametrize("name", NAMES)
def test_layer_grams_are_products_of_jacobians(name):
    x, nets = sphere(4), networks.draw(rngs(2), 4, 5, 3, name)
    run = networks.forward(nets, x)
    found = networks.layer_grams(run, networks.backward(nets, run))
    whole, sizes = jacobian(nets, lambda each: networks.forward(each, x).outputs)
    assert found == pytest.approx(layer_by_layer(whole, sizes), rel=1e-6, abs=1e-7)
    assert networks.tangent_kernel(nets, x) == pytest.approx(found.sum(axis=0))
    assert networks.tangent_kernel(nets, x, 2) == pytest.approx(found.sum(axis=0)[..., :2])


@pytest.mark.parametrize("pixels", [1, 9])
@pytest.mark.parametrize("name", ["softplus", "tanh", "relu"])
def test_residual_layer_grams_are_products_of_jacobians(name, pixels):
    patches = None if pixels == 1 else residual.circular_patches(3, 3, 3)
    kind = residual.Residual(name, 3, 0.7, 1.5, patches)
    x = np.random.default_rng(0).standard_normal((3, pixels, 2))
    nets = residual_networks.draw(rngs(2), 2, pixels, 3, kind)
    run = residual_networks.forward(nets, x)
    found = residual_networks.layer_grams(run, residual_networks.backward(nets, run))

    def function(each):
        return residual_networks.outputs(each, residual_networks.forward(each, x))

    assert found == pytest.approx(layer_by_layer(*jacobian(nets, function)), rel=1e-5, abs=1e-6)


def test_patches_are_neighbours():
    patches = residual.circular_patches(4, 5, 3)
    rows, columns = np.divmod(patches, 5)
    row, column = np.divmod(np.arange(20), 5)
    assert set(np.ravel((rows - row[:, None]) % 4)) == {0, 1, 3}
    assert set(np.ravel((columns - column[:, None]) % 5)) == {0, 1, 4}
    assert all(len(set(each)) == 9 for each in patches)
    assert all(len(set(cells)) == 20 for cells in patches.T)


@pytest.mark.parametrize(("name", "depth"), [("relu", 2), ("softplus", 3), ("sigmoid", 2)])
def test_layers_of_wide_networks_have_their_limits_grams(name, depth):
    x, m, seeds = sphere(4, 3), 200, 60
    nets = networks.draw(rngs(seeds), 3, m, depth, name)
    run = networks.forward(nets, x)
    found = networks.layer_grams(run, networks.backward(nets, run))
    network = dense.Dense(name, gain=activations.c_sigma(name))
    limit = dense.recursion(x, None, network, depth)
    for number, grams in enumerate(found, 1):
        error = 5 * grams.std(axis=0) / np.sqrt(seeds) + 5 / m
        assert np.all(np.abs(grams.mean(axis=0) - limit.layer(number)) < error), number


# A patch that is not its own mirror image: sums over it and over its transpose differ.
ONE_SIDED = np.stack([np.arange(9), np.roll(np.arange(9), 1), np.roll(np.arange(9), 3)], axis=1)


@pytest.mark.parametrize(
    ("name", "patches"),
    [("softplus", None), ("tanh", None), ("relu", None),
     ("softplus", residual.circular_patches(3, 3, 3)),
     ("relu", residual.circular_patches(3, 3, 3)), ("softplus", ONE_SIDED)],
    ids=lambda value: value if isinstance(value, str) else "dense" if value is None else "conv",
)  # fmt: skip
def test_wider_residual_networks_come_nearer_to_their_limits(name, patches):
    p = 1 if patches is None else 9
    x = np.random.default_rng(5).standard_normal((3, p, 2))
    x /= np.linalg.norm(x, axis=(1, 2), keepdims=True)
    kind = residual.Residual(name, 3, 1.0, activations.c_sigma(name), patches)
    limit = np.stack(residual.layer_kernels(x, None, kind))
    away, seeds = [], 60
    for m in (12, 100):
        nets = residual_networks.draw(rngs(seeds, m), 2, p, m, kind)
        run = residual_networks.forward(nets, x)
        found = residual_networks.layer_grams(run, residual_networks.backward(nets, run))
        size = np.linalg.norm(limit, axis=(1, 2))
        away.append(np.sqrt(np.mean((found - limit[:, None]) ** 2, axis=(1, 2, 3))) * 3 / size)
        error = (
            5 * found.std(axis=1) / np.sqrt(seeds) + 3 / m * limit.max(axis=(1, 2))[:, None, None]
        )
        assert np.all(np.abs(found.mean(axis=1) - limit) < error)
    exponents = np.log(away[1] / away[0]) / np.log(100 / 12)
    assert np.all((exponents > -0.9) & (exponents < -0.3)), exponents


def test_residual_tiles_and_crosses_agree():
    patches = residual.circular_patches(3, 3, 3)
    x = np.random.default_rng(6).standard_normal((5, 9, 2)) / 6
    for name in ("erf", "relu"):
        kind = residual.Residual(name, 3, 0.8, 2.0, patches)
        whole, crossed = residual.grams(x, None, kind, 5), residual.grams(x, x[:3].copy(), kind, 2)
        for each, gram in residual.grams(x, None, kind, 2).items():
            assert gram == pytest.approx(whole[each], rel=1e-12)
            assert crossed[each] == pytest.approx(whole[each][:, :3], rel=1e-9)


def test_what_goes_back_is_the_transpose_of_patch_sums():
    up, back = np.random.default_rng(8).standard_normal((2, 2, 9, 3, 9))
    given = moments.Pairs(np.ones((2, 9, 1, 1)), np.ones((3, 9)), up, up, up)
    summed = residual._patch_sum(given, ONE_SIDED).covariance
    scattered = residual._scattered(back, ONE_SIDED)
    assert np.vdot(summed, back) == pytest.approx(np.vdot(up, scattered))


def test_residual_differences_are_those_of_the_covariances():
    x = np.random.default_rng(7).standard_normal((4, 9, 2))
    kind = residual.Residual("relu", 3, 0.8, 2.0, residual.circular_patches(3, 3, 3))
    hidden = residual._Hidden(residual._inputs(x, None), (np.zeros(()),) * 2)
    for number in (1, 2, 3):
        entering = residual._patch_sum(hidden.pairs, kind.patches)
        for each in (hidden.pairs, entering):
            both = each.left + each.right
            assert each.difference == pytest.approx(both - 2 * each.covariance, rel=1e-9)
            assert each.total == pytest.approx(both + 2 * each.covariance, rel=1e-9)
        _, hidden = residual._layer(hidden, entering, kind, number)


def test_a_step_goes_down_the_gradient():
    x, labels = sphere(4), np.array([1.0, -1, 1, -1])
    nets = networks.draw(rngs(2), 4, 6, 2, "tanh")

    def loss(each):
        return 0.5 * np.sum((networks.forward(each, x).outputs - labels) ** 2, axis=1)[:, None]

    gradient, sizes = jacobian(nets, loss)
    rates = (0.1, np.array([0.2, 0.3]), 0.05)
    wide = np.concatenate(
        [np.broadcast_to(np.reshape(rate, (-1, 1)), (2, size))
         for rate, size in zip(rates, sizes, strict=True)], axis=1,
    )  # fmt: skip
    *_, (after, run) = networks.descend(nets, x, labels, rates, 1)
    assert numbers(after) == pytest.approx(numbers(nets) - wide * gradient[:, 0], abs=1e-8)
    assert run.outputs == pytest.approx(networks.forward(after, x).outputs)
    steps = [each for each, _ in networks.descend(nets, x, labels, (0, 0, 0.1), 3)]
    assert len(steps) == 4
    assert np.all(steps[-1].weights[0] == nets.weights[0])


def test_the_linearised_network_moves_along_its_jacobian():
    x, labels, eta = sphere(5), np.array([1.0, -1, 1]), 0.1
    nets = networks.draw(rngs(2), 4, 6, 1, "erf")
    whole, _ = jacobian(nets, lambda each: networks.forward(each, x).outputs)
    start, moved = networks.forward(nets, x).outputs, np.zeros(whole[:, 0].shape)
    found = networks.linearised(networks.tangent_kernel(nets, x, 3), start, labels, eta, 4)
    for step in range(5):
        outputs = start + np.einsum("snp,sp->sn", whole, moved)
        assert found[step] == pytest.approx(outputs, abs=1e-6)
        moved -= eta * np.einsum("snp,sn->sp", whole[:, :3], outputs[:, :3] - labels)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_hessian_is_that_of_differences(name, depth):
    x = sphere()[0]
    nets = networks.draw(rngs(1), 4, 4, depth, name)
    one = nets._replace(weights=[each[0] for each in nets.weights], top=nets.top[0])
    size, step = numbers(nets).shape[1], 1e-5

    def gradient(flat):
        each = rebuilt(nets, flat)
        run = networks.forward(each, x[None])
        layers = zip(networks.backward(each, run), run.hidden[:-1], strict=True)
        weights = [above.swapaxes(1, 2) @ below for above, below in layers]
        return numbers(each._replace(weights=weights, top=run.hidden[-1][:, 0]))[0]

    flat = numbers(nets)
    expected = np.stack([
        (gradient(flat + step * basis) - gradient(flat - step * basis)) / (2 * step)
        for basis in np.eye(size)
    ])  # fmt: skip
    found = np.stack([curvature.product(one, x, basis) for basis in np.eye(size)])
    assert found == pytest.approx(expected, abs=1e-7)
    largest = np.abs(np.linalg.eigvalsh(expected)).max()
    assert curvature.norms(nets, x, np.random.default_rng(0)) == pytest.approx(largest, rel=1e-6)
    if depth == 1:
        assert curvature.two_layers(nets, x) == pytest.approx(largest, rel=1e-6)


def test_curvature_that_is_not_there_is_refused():
    x, nets = sphere(), networks.draw(rngs(1), 4, 8, 1, "relu")
    for norm in (lambda: curvature.two_layers(nets, x[0]),
                 lambda: curvature.norms(nets, x[0], rngs(1)[0])):  # fmt: skip
        with pytest.raises(Refusal, match="curvature: found activation 'relu'"):
            norm()
    with pytest.raises(Refusal, match="found 2 hidden layers, expected 1"):
        curvature.two_layers(networks.draw(rngs(1), 4, 8, 2, "erf"), x[0])


# --- laws ----------------------------------------------------------------------------------------


def test_coefficients_are_those_of_the_closed_forms():
    one, two = laws.coefficients(400)
    rho = np.linspace(-0.9, 0.9, 19)
    powers = rho[:, None] ** np.arange(401)
    assert powers @ one == pytest.approx(laws.first(rho), abs=1e-15)
    assert powers @ two == pytest.approx(laws.second(rho), abs=1e-15)
    x = sphere(9)
    whole = dense.recursion(x, None, dense.Dense("relu"), 1)
    cosines = np.clip(x @ x.T, -1, 1)
    assert laws.first(cosines) == pytest.approx(whole.layer(1), abs=1e-7)
    assert laws.second(cosines) == pytest.approx(whole.layer(2), abs=1e-12)
    assert len(laws.coefficients(2)[0]) == 3
    assert laws.coefficients(3)[1] == pytest.approx([1 / (2 * np.pi), 0.25, 1 / (4 * np.pi), 0])


@pytest.mark.parametrize("d", [3, 10])
def test_zonal_parts_add_up_to_the_kernel(d):
    rho = np.linspace(-0.7, 0.7, 8)
    parts = laws.zonal(laws.second, 60, d)
    assert laws._gegenbauer(60, d, rho).T @ parts == pytest.approx(laws.second(rho), abs=2e-4)


def test_norms_of_powers_are_those_of_the_features():
    # k(ρ) = (1 + ρ)²: of x₁ the feature √2 x₁ alone, of x₁² what is least among x₁² and Σ x_i² = 1.
    def kernel(rho):
        return (1 + rho) ** 2

    x = sphere(40, 3)
    gram = kernel(x @ x.T)
    for power in (1, 2):
        values = x[:, 0] ** power
        least = values @ np.linalg.pinv(gram, rcond=1e-12) @ values
        assert laws.power_norm(kernel, power, 3) == pytest.approx(np.sqrt(least), rel=1e-9)
    assert laws.power_norm(laws.first, 3, 3) == np.inf


def test_the_floor_of_the_cubic():
    x = sphere(400_000, 10)[:, 0]
    left = np.mean(x**6) - np.mean(x**4) ** 2 / np.mean(x**2)
    assert laws.cubic_floor(10) == pytest.approx(np.sqrt(left / np.mean(x**6)), abs=0.01)
    assert laws.cubic_floor(10) == pytest.approx(0.5477, abs=5e-5)


@pytest.mark.parametrize(("depth", "d", "n"), [(1, 3, 12), (2, 3, 25), (1, 5, 20)])
def test_ranks_of_the_square(depth, d, n):
    network = dense.Dense("square", gain=activations.c_sigma("square"))
    gram = dense.grams(sphere(n, d), None, network, [(depth, "last")])[depth, "last"]
    assert np.linalg.matrix_rank(gram, hermitian=True, rtol=1e-10) == laws.square_rank(depth, d)


@pytest.mark.parametrize(("m", "layers"), [(4, 1), (4, 3)])
def test_kurtosis_is_that_of_lengths(m, layers):
    rng, squares = np.random.default_rng(0), np.ones(400_000)
    for _ in range(layers):
        g = rng.standard_normal((len(squares), m))
        squares *= 2 / m * (np.maximum(g, 0) ** 2).sum(axis=1)
    found = 3 * np.mean(squares**2) / np.mean(squares) ** 2 - 3
    assert laws.kurtosis(m, layers) == pytest.approx(found, rel=0.1)


@pytest.mark.parametrize("kind", features.FEATURES)
def test_random_features_are_unbiased_with_their_exact_error(kind):
    feature, x, m = features.FEATURES[kind], unit_rows(sphere(6) + 2 * np.eye(4)[0]), 50
    draws = np.stack([
        features.mean(feature, x, rng.standard_normal((m, 4))) for rng in rngs(4000)
    ])  # fmt: skip
    limit = feature.limit(x[:, 0])
    assert draws.mean(axis=0) == pytest.approx(limit, abs=5 * 0.7 / np.sqrt(m * 4000))
    error = np.sqrt(np.mean((draws - limit) ** 2))
    assert error == pytest.approx(features.expected_error(feature, x, m), rel=0.05)
