"""The mathematics of infinitely wide networks, against other ways to compute it."""

import numpy as np
import pytest

from overparam.errors import Refusal
from overparam.infinite_width import (
    activations,
    curvature,
    dense,
    features,
    laws,
    moments,
    networks,
    residual,
    residual_networks,
)
from overparam.kernels import relu_gram
from overparam.points import unit_rows

NAMES = [*activations.ACTIVATIONS]
SMOOTH = [name for name in NAMES if name != "relu"]

# NNGP and NTK of an independent library for L = 1 … 4, c = 1 and inputs x/2, y/2 with the x, y
# below: of the pair, and of x itself. By activation, σ_w², σ_b².
REFERENCE = {
    ("relu", 2, 0): """
        0.33877378388325646 0.5502236132929966 0.5 1
        0.36671689291278137 0.7722081503386057 0.5 1.5
        0.3876562174220343 0.9761433425923272 0.5 2
        0.4038239125981764 1.1675658802824698 0.5 2.5""",
    ("relu", 2.25, 0.01): """
        0.4495609965684993 0.7261969583179196 0.6540625 1.298125
        0.5549989964941636 1.1605548232306033 0.7458203125 2.2062109375
        0.6673963807836948 1.6689970855265401 0.8490478515625001 3.33103515625
        0.7895027125465932 2.2688406847497777 0.9651788330078126 4.712593383789063""",
    ("erf", 2, 0): """
        0.3879467360827133 0.7883620485608904 0.6666666666666671 1.4017718605623901
        0.4316033682722144 1.3438956048197508 0.7744423239788113 2.6385961077039775
        0.43989533260759817 1.866842924229816 0.8315851018990077 4.150829872841626
        0.4286733958972878 2.319896761061559 0.8588013432231377 5.940567820237041""",
    ("erf", 2.25, 0.01): """
        0.48263914977714395 0.973212864312146 0.8165633832013741 1.72077520087066
        0.54763688008639 1.6857021176527611 0.9683112059690078 3.3549870899461487
        0.5574734406177024 2.3298287278375325 1.041491822768303 5.395350970272801
        0.5400320163337065 2.8621399683942976 1.0725945821430092 7.873026729695761""",
    ("relu", 1, 0): """
        0.08469344597081407 0.13755590332324907 0.125 0.25
        0.045839611614097636 0.09652601879232563 0.0625 0.1875
        0.02422851358887712 0.06100895891202038 0.03125 0.125
        0.012619497268692995 0.036486433758827125 0.015625 0.078125""",
    ("erf", 1, 0): """
        0.12818843369794986 0.25813790057022923 0.21634689593878548 0.441425974978062
        0.11453840445200245 0.3477100891395183 0.1953179736954214 0.6068308820108433
        0.10534932509839696 0.4281153002828241 0.18126886368215556 0.7601810410931708
        0.09884155506874305 0.5037697092062415 0.17145401259992052 0.9083786981873443""",
}


def sphere(n=5, d=4, seed=0):
    return unit_rows(np.random.default_rng(seed).standard_normal((n, d)))


def rngs(count, seed=0):
    return [np.random.default_rng([seed, each]) for each in range(count)]


def pairs(variances, others, correlations):
    """Pairs of variables with these variances and correlations, (n,) and (p,) and (n, p)."""
    left, right = np.array(variances)[:, None], np.array(others)
    covariance = np.array(correlations) * np.sqrt(left * right)
    both = left + right
    return moments.Pairs(left, right, covariance, both - 2 * covariance, both + 2 * covariance)


UNEVEN = pairs([0.5, 1, 2.5], [1, 1.7], [[0.3, -0.8], [0.99, 0], [0.6, -0.2]])
EVEN = pairs([1, 1, 1], [1, 1], [[0.3, -0.8], [0.99, 0], [0.6, -0.2]])


# --- activations and their moments ---------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_differences(name):
    each, z, step = activations.named(name), np.linspace(-2.9, 3, 30), 1e-5
    for function, derivative in ((each.value, each.slope), (each.slope, each.bend)):
        if name == "relu" and derivative is each.bend:
            with pytest.raises(Refusal, match="found 'relu'"):
                derivative(z)
            continue
        found = (function(z + step) - function(z - step)) / (2 * step)
        assert derivative(z) == pytest.approx(found, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "c"),
    [("relu", 2), ("softplus", 1.0854865), ("sigmoid", 3.4085598), ("tanh", 2.5361754),
     ("erf", 2.1525789), ("square", 1 / 3)],
)  # fmt: skip
def test_c_sigma(name, c):
    assert activations.c_sigma(name) == pytest.approx(c, rel=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_own_moments_are_means(name):
    each, q = activations.named(name), np.array([[0.0, 0.7], [1.0, 3.0]])
    draws = np.random.default_rng(1).standard_normal(400_000)
    found = activations.own(name, q)
    for at in np.ndindex(q.shape):
        u = np.sqrt(q[at]) * draws
        for moment, terms in zip(
            found, (each.value(u), each.value(u) ** 2, each.slope(u) ** 2), strict=True
        ):
            if name == "relu" and q[at] == 0:
                continue  # σ′(0) counts as 1, but its mean over all signs as ½
            error = 5 * terms.std() / np.sqrt(len(draws)) + 1e-12
            assert moment[at] == pytest.approx(terms.mean(), abs=error)


@pytest.mark.parametrize("given", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("name", SMOOTH)
def test_closed_forms_and_series_are_quadrature(name, given):
    nodes = 20 if name == "softplus" else 80
    found = moments.moments(name, given)
    product, slope = moments.quadrature(name, given, nodes)
    assert found.product == pytest.approx(product, abs=1e-6)
    assert found.slope == pytest.approx(slope, abs=2e-5)
    if given is EVEN:
        assert found.product == pytest.approx(product, abs=3e-8)
    left, right = (activations.own(name, side).square for side in (given.left, given.right))
    assert found.difference == pytest.approx(left + right - 2 * found.product, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_moments_are_means(name):
    draws = np.random.default_rng(2).standard_normal((2, 400_000))
    each, found = activations.named(name), moments.moments(name, UNEVEN)
    for i, j in np.ndindex(3, 2):
        a, b = np.sqrt(UNEVEN.left[i, 0]), np.sqrt(UNEVEN.right[j])
        rho = UNEVEN.covariance[i, j] / (a * b)
        u, v = a * draws[0], b * (rho * draws[0] + np.sqrt(1 - rho**2) * draws[1])
        terms = (
            each.value(u) * each.value(v),
            each.slope(u) * each.slope(v),
            (each.value(u) - each.value(v)) ** 2,
        )
        for moment, of in zip(found, terms, strict=True):
            error = 5 * of.std() / np.sqrt(of.size)
            assert moment[i, j] == pytest.approx(of.mean(), abs=error)


def test_series_ends_where_nothing_is_left():
    for name, variance in (("softplus", 1.0), ("sigmoid", 1.0), ("tanh", 0.5)):
        values, slopes = activations.hermite(name, np.array(variance), activations.MOST)
        own = activations.own(name, np.array(variance))
        assert (values**2).sum() == pytest.approx(own.square, rel=1e-12)
        assert (slopes**2).sum() == pytest.approx(own.slope, rel=1e-11)
        k = np.arange(1, activations.MOST)
        expected = slopes[:-1] * np.sqrt(variance / k)
        assert values[1:] == pytest.approx(expected, abs=1e-8)  # E σ′He_k = E σHe_{k+1}


def test_angles_of_near_and_of_opposite_inputs_are_accurate():
    for angle in (1e-9, 1e-6, 1e-3, 1.0, np.pi - 1e-6):
        x = np.array([[1.0, 0.0]])
        y = np.array([[np.cos(angle), np.sin(angle)]])
        entering = dense.pairs(x, y, dense.Dense("relu"))
        assert moments.angles(entering)[0, 0] == pytest.approx(angle, rel=1e-9, abs=0)
        # The next layer's angle is θ(1 − θ/3π + …) for small θ: no digits are lost on the way.
        _, after = next(dense.layers(entering, dense.Dense("relu", gain=2)))
        if angle <= 1e-6:
            expected = angle * (1 - angle / (3 * np.pi))
            assert moments.angles(after)[0, 0] == pytest.approx(expected, rel=1e-8, abs=0)


def test_what_is_the_same_is_exact():
    x = sphere(30, 6)
    for name in NAMES:
        network = dense.Dense(name, 1.3, 0.2, activations.c_sigma(name))
        covariance, slope = 1.3**2 + 0.04, None
        for slope_now, entering in (next(dense.layers(dense.pairs(x, None, network), network)),):
            own = activations.own(name, np.array(covariance))
            slope = 1.3**2 * network.gain * own.slope
            covariance = 1.3**2 * network.gain * own.square + 0.04
            assert np.diag(entering.covariance) == pytest.approx(covariance, rel=1e-13)
            assert np.diag(slope_now) == pytest.approx(slope, rel=1e-13)
            assert np.all(np.diag(entering.difference) == 0)


# --- fully connected limits ----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "weight", "bias"), REFERENCE)
def test_reference_values(name, weight, bias):
    x = np.array([[1, 0, 0, 0], [0.6, 0.8, 0, 0]]) / 2
    network = dense.Dense(name, np.sqrt(weight), np.sqrt(bias))
    wanted = [(depth, kind) for depth in (1, 2, 3, 4) for kind in ("nngp", "ntk")]
    found = dense.grams(x, None, network, wanted)
    rows = np.array(REFERENCE[name, weight, bias].split(), float).reshape(4, 4)
    for depth, (nngp, ntk, own_nngp, own_ntk) in enumerate(rows, 1):
        assert found[depth, "nngp"][0, 1] == pytest.approx(nngp, abs=1e-12)
        assert found[depth, "ntk"][0, 1] == pytest.approx(ntk, abs=1e-12)
        assert np.diag(found[depth, "nngp"]) == pytest.approx(own_nngp, abs=1e-12)
        assert np.diag(found[depth, "ntk"]) == pytest.approx(own_ntk, abs=1e-12)


def test_depth_two_relu_and_the_first_layer_are_todays_kernel():
    x = sphere(150, 8)
    x[1] = unit_rows(x[:1] + 1e-7 * x[2:3])[0]
    x[4] = -x[3]
    found = dense.grams(x, None, dense.Dense("relu"), [(1, "first")], tile=40)[1, "first"]
    assert np.all(np.diag(found) == 0.5)
    assert found == pytest.approx(relu_gram(x), rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("name", NAMES)
def test_tiles_depths_and_crosses_agree_with_the_recursion(name):
    x, y = sphere(11), sphere(7, seed=1)
    network = dense.Dense(name, 1.2, 0.3)
    wanted = [(L, kind) for L in (3, 1) for kind in dense.KINDS] + [(0, "ntk"), (0, "nngp")]
    for other, columns in ((None, x), (y, y)):
        found = dense.grams(x, other, network, wanted, tile=4)
        for (L, kind), gram in found.items():
            whole = dense.recursion(x, columns, network, L)
            expected = {
                "nngp": whole.covariances[L],
                "first": whole.layer(1),
                "last": whole.layer(L),
                "ntk": whole.tangent(),
            }[kind]
            assert gram == pytest.approx(expected, rel=1e-8, abs=1e-9), (L, kind)
            if other is None:
                assert np.all(gram == gram.T)


def test_the_matrix_takes_little_more_memory_than_itself():
    import tracemalloc

    x = sphere(1500, 5)
    tracemalloc.start()
    dense.grams(x, None, dense.Dense("relu", np.sqrt(2)), [(2, "ntk")])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.3 * 8 * 1500**2


def test_what_is_refused():
    x = sphere()
    for name in ("relu", "gelu"):
        with pytest.raises(Refusal, match=f"found '?activation '?{name}|found '{name}'"):
            moments.quadrature(name, EVEN, 20)
    with pytest.raises(Refusal, match="expected one of relu, erf, tanh, softplus, sigmoid, square"):
        dense.grams(x, None, dense.Dense("gelu"), [(1, "ntk")])
    with pytest.raises(Refusal, match="found 'cntk', expected one of nngp, first, last, ntk"):
        dense.grams(x, None, dense.Dense("relu"), [(1, "cntk")])
    with pytest.raises(Refusal, match="found 0 hidden layers, expected 1"):
        dense.grams(x, None, dense.Dense("relu"), [(0, "last")])
    with pytest.raises(Refusal, match="found H = 1, expected 2"):
        residual.grams(x, None, residual.Residual("erf", 1))
    with pytest.raises(Refusal, match="found c_res = 0, expected a positive"):
        residual.grams(x, None, residual.Residual("erf", 2, 0))
    with pytest.raises(Refusal, match="found side 5, expected an odd one of at most 4"):
        residual.circular_patches(4, 6, 5)
    nets = networks.draw(rngs(1), 4, 8, 1, "relu")
    for norm in (lambda: curvature.two_layers(nets, x[0]),
                 lambda: curvature.norms(nets, x[0], rngs(1)[0])):  # fmt: skip
        with pytest.raises(Refusal, match="curvature: found activation 'relu'"):
            norm()
    with pytest.raises(Refusal, match="found 2 hidden layers, expected 1"):
        curvature.two_layers(networks.draw(rngs(1), 4, 8, 2, "erf"), x[0])
    moments.check_rows(x)
    twins, zero = x.copy(), x.copy()
    twins[3], zero[2] = twins[1], 0
    with pytest.raises(Refusal, match="rows 1 and 3 are equal"):
        moments.check_rows(twins)
    with pytest.raises(Refusal, match="row 2 has length 0"):
        moments.check_rows(zero)


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
        weights, top = networks.gradients(run, networks.backward(each, run), np.ones((1, 1)))
        return numbers(each._replace(weights=weights, top=top))[0]

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
    kernel = lambda rho: (1 + rho) ** 2  # noqa: E731
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
