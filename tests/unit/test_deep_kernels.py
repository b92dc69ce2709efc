"""The kernel that settings name, against the recursions, published values and symmetries."""

import tracemalloc

import numpy as np
import pytest

from overparam import activations, deep_kernels, dense, kernels, measures, residual
from overparam.deep_kernels import TWO_LAYER
from overparam.errors import Refusal
from overparam.points import unit_rows
from pipeline.settings import Kernel

NAMES = [*activations.ACTIVATIONS]


def sphere(n=6, d=9, seed=0):
    return unit_rows(np.random.default_rng(seed).standard_normal((n, d)))


def test_settings_and_mathematics_name_the_same():
    assert [*Kernel.model_fields] == [*TWO_LAYER._fields]
    assert deep_kernels.Kernel(**Kernel().model_dump()) == TWO_LAYER
    choices = Kernel.model_json_schema()["properties"]
    assert choices["activation"]["enum"] == NAMES
    assert choices["layers"]["enum"] == [*deep_kernels.KINDS]


def test_todays_kernel_is_today_bit_by_bit():
    x, y = sphere(70, 5), sphere(9, 5, seed=1)
    assert np.array_equal(deep_kernels.gram(x, TWO_LAYER), kernels.relu_gram(x))
    assert np.array_equal(deep_kernels.cross_gram(y, x, TWO_LAYER), kernels.relu_cross_gram(y, x))
    near = deep_kernels.gram(x, TWO_LAYER._replace(sigma_w=1 + 1e-12))
    assert near == pytest.approx(kernels.relu_gram(x), rel=1e-11, abs=1e-15)
    assert not np.array_equal(near, kernels.relu_gram(x))


@pytest.mark.parametrize(
    ("depth", "pair", "own"),
    # W ~ N(0, 2), no biases, inputs (1, 0, 0, 0)/2 and (.6, .8, 0, 0)/2, of which unit inputs give
    # four times as much, and L = 1, 2, 4 hidden layers.
    [(2, 0.5502236132929966, 1), (3, 0.7722081503386057, 1.5), (5, 1.1675658802824698, 2.5)],
)
def test_an_independent_librarys_values(depth, pair, own):
    x = np.array([[1, 0, 0, 0], [0.6, 0.8, 0, 0]])
    found = deep_kernels.gram(x, TWO_LAYER._replace(depth=depth, sigma_w=2**0.5, layers="all"))
    assert found[0, 1] == pytest.approx(4 * pair, rel=1e-13)
    assert np.diag(found) == pytest.approx(4 * own, rel=1e-13)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layers", ["first", "all"])
def test_dense_ones_are_those_of_the_recursion(name, layers):
    x, y = sphere(), sphere(4, seed=1)
    kernel = deep_kernels.Kernel(4, name, 1.3, 0.2, layers, "dense")
    for found, whole in (
        (deep_kernels.gram(x, kernel), dense.recursion(x, x, dense.Dense(name, 1.3, 0.2), 3)),
        (deep_kernels.cross_gram(y, x, kernel),
         dense.recursion(y, x, dense.Dense(name, 1.3, 0.2), 3)),
    ):  # fmt: skip
        expected = whole.layer(1) if layers == "first" else whole.tangent()
        assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("architecture", ["residual", "convolutional"])
def test_residual_ones_are_their_layers(architecture):
    x, y = sphere(), sphere(4, seed=1)
    shaped, patches = (x, None), None
    if architecture == "convolutional":
        patches = residual.circular_patches(3, 3, 3)
        shaped = (x.reshape(6, 9, 1), patches)
    network = residual.Residual("tanh", 3, 1.0, activations.c_sigma("tanh"), patches)
    each = residual.layer_kernels(shaped[0], None, network)
    kernel = deep_kernels.Kernel(4, "tanh", 1.0, 0.0, "all", architecture)
    assert deep_kernels.gram(x, kernel) == pytest.approx(np.sum(each, axis=0), rel=1e-12)
    first = deep_kernels.gram(x, kernel._replace(layers="first"))
    assert first == pytest.approx(each[0], rel=1e-12)
    both = deep_kernels.gram(np.vstack([y, x]), kernel)
    assert deep_kernels.cross_gram(y, x, kernel) == pytest.approx(both[:4, 4:], rel=1e-9)


@pytest.mark.parametrize("channels", [1, 3])
def test_moving_all_images_alike_changes_no_convolutional_kernel(channels):
    """Edges meet. A pixel's colours lie side by side: else they would part."""
    images = np.random.default_rng(3).random((4, 4, 4, channels))
    kernel = deep_kernels.Kernel(3, "relu", 1.0, 0.0, "all", "convolutional")
    one, other, alone = (
        deep_kernels.gram(unit_rows(each.reshape(4, -1)), kernel)
        for each in (
            images,
            np.roll(images, (1, 2), (1, 2)),
            np.concatenate([images[:1], np.roll(images[1:], 1, 1)]),
        )
    )
    assert one == pytest.approx(other, rel=1e-12)
    assert not np.allclose(one[0], alone[0], rtol=1e-3)


@pytest.mark.parametrize(
    ("inputs", "kernel", "said"),
    [
        (np.eye(3) * 2, TWO_LAYER._replace(depth=3), "row 0 has length 2, expected 1"),
        (np.eye(8), TWO_LAYER._replace(depth=3, architecture="convolutional"),
         "found 8 numbers each, expected those of a square image"),
        (np.eye(4), TWO_LAYER._replace(depth=3, architecture="convolutional"),
         "found 4 numbers each, expected .* side 3 or more"),
    ],
)  # fmt: skip
def test_what_is_refused(inputs, kernel, said):
    with pytest.raises(Refusal, match=said):
        deep_kernels.gram(inputs, kernel)
    with pytest.raises(Refusal, match=said):
        deep_kernels.cross_gram(inputs, inputs, kernel)


@pytest.mark.parametrize("architecture", ["dense", "residual"])
def test_memory_is_little_more_than_the_matrix(architecture):
    """The same at n = 10 000 is in bench/."""
    x = sphere(1500, 5)
    tracemalloc.start()
    deep_kernels.gram(x, TWO_LAYER._replace(depth=4, layers="all", architecture=architecture))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.3 * 8 * 1500**2


def test_no_factor_of_a_kernel_changes_the_complexity():
    gram, y = kernels.relu_gram(sphere(9)), np.ones(9)
    assert measures.scale(gram) == 2
    trace = np.trace(np.linalg.inv(gram))
    found = []
    for factor in (1, 0.3, 7):
        scale = measures.scale(factor * gram)
        own = measures.complexity(measures.factorise(factor * gram), y, scale)
        found.append((own, measures.expected_complexity(own, trace / factor, 9, 0.5, scale)))
    assert np.array(found[1:]) == pytest.approx(np.array(found[:1] * 2), rel=1e-12)
