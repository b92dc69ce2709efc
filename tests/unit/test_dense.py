"""Kernels of infinitely wide networks, and moments of activations, computed in other ways too."""

import numpy as np
import pytest

from overparam import activations, dense, moments, residual
from overparam.errors import Refusal
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
    moments.check_rows(x)
    twins, zero = x.copy(), x.copy()
    twins[3], zero[2] = twins[1], 0
    with pytest.raises(Refusal, match="rows 1 and 3 are equal"):
        moments.check_rows(twins)
    with pytest.raises(Refusal, match="row 2 has length 0"):
        moments.check_rows(zero)
