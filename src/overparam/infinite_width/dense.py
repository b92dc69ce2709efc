"""Kernels of infinitely wide fully connected networks: of outputs, of each layer, of all of them.

Sources: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), definition 5.1, with A^(H) in its last
line where A^(H−1) is printed; Lee's survey (2019), "Deep net Infinite-Width", with the product from
l′ = l on where L − 1 is printed; Jacot, Gabriel, Hongler 2018 for the sum over layers.

Networks are z¹ = σ_w W¹x + σ_b b¹, h^l = √(c/m) σ(z^l), z^{l+1} = σ_w W^{l+1} h^l + σ_b b^{l+1},
and f = z^{L+1} with one output, all weights and biases N(0, 1). NumPy float64.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.infinite_width import activations, moments
from overparam.infinite_width.moments import Pairs
from overparam.kernels import NEARLY_PARALLEL, PAIRS_AT_ONCE

# Side of the largest tile: larger ones make nothing faster.
LARGEST_TILE = 512
# How far from 1 rounding may leave ‖x‖² of a row that was scaled to unit length.
UNIT = 1e-14
KINDS = ("nngp", "first", "last", "ntk")


class Dense(NamedTuple):
    """What such networks are beside their depth."""

    activation: str
    sigma_w: float = 1.0
    sigma_b: float = 0.0
    gain: float = 1.0
    """c; with c_σ (`activations.c_sigma`) hidden vectors keep the length of unit inputs."""


class Recursion(NamedTuple):
    """Layer by layer, what the kernels of a network with L hidden layers are made of."""

    covariances: list[np.ndarray]
    """Of z¹ … z^{L+1}: q^0 … q^L, each (n, p); without biases and with σ_w = 1 they are Σ^(l)."""
    slopes: list[np.ndarray]
    """σ_w² c E σ′(u)σ′(v) of hidden layers 1 … L."""

    def layer(self, number: int) -> np.ndarray:
        """K_l = q^{l−1} Π_{l′ ≥ l} slope^{l′}, l = 1 … L + 1: that layer's weights and biases."""
        kernel = self.covariances[number - 1].copy()
        for slope in self.slopes[number - 1 :]:
            kernel *= slope
        return kernel

    def tangent(self) -> np.ndarray:
        """Θ = Σ_l K_l over all L + 1 layers."""
        layers = [self.layer(number) for number in range(1, len(self.covariances) + 1)]
        return np.sum(layers, axis=0)


def pairs(left: np.ndarray, right: np.ndarray | None, network: Dense) -> Pairs:
    """What enters the first layer's units, for two sets of inputs, (n, d) and (p, d).

    right: None for the same set as left.
    """
    same = None if right is not None else (np.arange(len(left)),) * 2
    right = left if right is None else right
    squares = [_squares(each) for each in (left, right)]
    found = Pairs(squares[0][:, None], squares[1], *_products(left, right, squares), same)
    return _affine(found, network)


def _squares(inputs: np.ndarray) -> np.ndarray:
    """‖x‖², exactly 1 where it is but for rounding, so that unit inputs have equal diagonals."""
    found = np.einsum("nd,nd->n", inputs, inputs)
    found[np.abs(found - 1) < UNIT] = 1
    return found


def _products(
    left: np.ndarray, right: np.ndarray, squares: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """xᵀy, ‖x − y‖² and ‖x + y‖²; of near and of opposite rows from their difference and sum."""
    products = left @ right.T
    lengths = np.sqrt(squares[0])[:, None] * np.sqrt(squares[1])
    np.clip(products, -lengths, lengths, out=products)
    both = squares[0][:, None] + squares[1]
    difference, total = both - 2 * products, both + 2 * products
    rows, columns = np.nonzero(np.abs(products) > NEARLY_PARALLEL * lengths)
    for start in range(0, len(rows), PAIRS_AT_ONCE):
        i, j = rows[start : start + PAIRS_AT_ONCE], columns[start : start + PAIRS_AT_ONCE]
        difference[i, j] = np.sum((left[i] - right[j]) ** 2, axis=1)
        total[i, j] = np.sum((left[i] + right[j]) ** 2, axis=1)
    return products, difference, total


def _affine(inside: Pairs, network: Dense) -> Pairs:
    """The same after a layer of weights: σ_w² times each, and a bias in common."""
    w, b = network.sigma_w**2, network.sigma_b**2
    found = Pairs(
        w * inside.left + b, w * inside.right + b, w * inside.covariance + b,
        w * inside.difference, w * inside.total + 4 * b, inside.same,
    )  # fmt: skip
    return exact(found)


def exact(found: Pairs) -> Pairs:
    """The same, with the covariances of what is one variable set to its variance."""
    if found.same is not None:
        values = np.broadcast_to(found.left, found.covariance.shape)[found.same]
        found.covariance[found.same] = values
        found.difference[found.same] = 0
        found.total[found.same] = 4 * values
    return found


def layers(first: Pairs, network: Dense) -> Iterator[tuple[np.ndarray, Pairs]]:
    """For each hidden layer, without end: σ_w² c E σ′σ′, and what enters the next layer's units."""
    entering = first
    name, gain, w = network.activation, network.gain, network.sigma_w**2
    while True:
        left, right = (
            gain * activations.own(name, side).square for side in (entering.left, entering.right)
        )
        found = moments.moments(name, entering)
        product, difference = gain * found.product, gain * found.difference
        total = np.maximum(left + right + 2 * product, 0)
        inside = Pairs(left, right, product, difference, total, entering.same)
        entering = _affine(inside, network)
        yield w * gain * found.slope, entering


def recursion(left: np.ndarray, right: np.ndarray | None, network: Dense, depth: int) -> Recursion:
    """All that there is of a network with `depth` hidden layers, for inputs (n, d) and (p, d).

    right: None for the same inputs. Holds 2·depth + 1 matrices; `grams` holds what is asked for.
    """
    first = pairs(left, right, network)
    covariances, slopes = [first.covariance], []
    for slope, entering in islice(layers(first, network), depth):
        covariances.append(entering.covariance)
        slopes.append(slope)
    return Recursion(covariances, slopes)


def grams(
    left: np.ndarray, right: np.ndarray | None, network: Dense, wanted: Sequence[tuple[int, str]],
    tile: int | None = None,
) -> dict[tuple[int, str], np.ndarray]:  # fmt: skip
    """Kernel matrices of several depths, in one pass over the inputs.

    left, right: (n, d) and (p, d); right is None for the same inputs, and matrices are symmetric.
    wanted: numbers L ≥ 0 of hidden layers with a kind: nngp, the covariance of outputs; first and
        last, the layer kernels K_1 and K_L of the first and the last hidden layer; ntk, all
        layers'. Du et al.'s K^(H) is (H, last). L = 0 has no hidden layer: nngp and ntk alone.
    tile: side of the tiles in which matrices are filled, so that the peak memory is theirs and some
        tiles'; if not given, a thirtieth of n, and at most LARGEST_TILE.

    Returns a matrix (n, p) for each of `wanted`. Raises Refusal for an unknown kind or activation.
    """
    _check(wanted)
    activations.named(network.activation)
    n, p = len(left), len(left if right is None else right)
    tile = tile or min(LARGEST_TILE, max(64, max(n, p) // 30))
    found = {each: np.empty((n, p)) for each in wanted}
    for i in range(0, n, tile):
        for j in range(0, p if right is not None else i + 1, tile):
            ours, theirs = left[i : i + tile], (left if right is None else right)[j : j + tile]
            first = pairs(ours, None if right is None and i == j else theirs, network)
            for each, block in _tile(first, network, wanted):
                found[each][i : i + tile, j : j + tile] = block
                if right is None:
                    found[each][j : j + tile, i : i + tile] = block.T
    return found


def _tile(
    first: Pairs, network: Dense, wanted: Sequence[tuple[int, str]]
) -> Iterator[tuple[tuple[int, str], np.ndarray]]:
    """Each wanted kernel of one tile, as its depth is reached."""
    at = dict.fromkeys(KINDS, first.covariance)
    kinds = {kind for _, kind in wanted}
    for depth, step in enumerate(_steps(first, network)):
        if step is not None:
            slope, entering = step
            if "last" in kinds:
                at["last"] = at["nngp"] * slope
            if "first" in kinds:
                at["first"] = at["first"] * slope
            at["nngp"] = entering.covariance
            if "ntk" in kinds:
                at["ntk"] = entering.covariance + slope * at["ntk"]
        yield from (((depth, kind), at[kind]) for kind in KINDS if (depth, kind) in wanted)
        if depth == max(depth for depth, _ in wanted):
            return


def _steps(first: Pairs, network: Dense) -> Iterator[tuple[np.ndarray, Pairs] | None]:
    yield None
    yield from layers(first, network)


def _check(wanted: Sequence[tuple[int, str]]) -> None:
    for depth, kind in wanted:
        if kind not in KINDS:
            raise Refusal(f"kernel: found {kind!r}, expected one of {', '.join(KINDS)}")
        if depth < (kind in ("first", "last")):
            raise Refusal(
                f"kernel {kind}: found {depth} hidden layers, expected "
                f"{1 if kind in ('first', 'last') else 0} at least"
            )
