"""Networks side by side: blocks of them, and a step, each with its own learning rate."""

import numpy as np
import pytest

from overparam import ensembles


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("eta", [0.3, np.array([0.1, 0.0, 0.7])])
def test_a_step_is_the_plain_formula(dtype, shared, eta):
    draw = np.random.default_rng(0).standard_normal
    weights, above = (draw(shape).astype(dtype) for shape in ((3, 4, 5), (3, 6, 4)))
    below = draw((1 if shared else 3, 6, 5)).astype(dtype)
    each = np.broadcast_to(eta, 3)[:, None, None]
    expected = weights - each * np.einsum("sni,snj->sij", above, np.broadcast_to(below, (3, 6, 5)))
    ensembles.descend(weights, above, below, eta)
    assert weights.dtype == dtype
    assert weights == pytest.approx(expected, rel=1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize(("count", "size"), [(7, 3), (6, 3), (2, 5), (1, 1)])
def test_blocks_hold_every_number_once(count, size):
    blocks = ensembles.blocks(count, size)
    assert [at for block in blocks for at in block] == [*range(count)]
    assert max(map(len, blocks)) <= size


def test_a_network_is_drawn_as_alone():
    def rngs():
        return [np.random.default_rng(seed) for seed in range(3)]

    drawn = ensembles.normal(rngs(), (2, 4), 0.5, np.float64)
    for rng, each in zip(rngs(), drawn, strict=True):
        assert each == pytest.approx(0.5 * rng.standard_normal((2, 4)))
