"""Kernels of infinitely wide residual networks, fully connected and convolutional.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), sections 6 and 7, whose recursions these
are; derived here. Of a convolutional network x is p pixels with a vector each, and φ(x)_l are the
vectors of the q cells in the patch of pixel l, one below the other; of a fully connected one there
is one pixel, and φ(x) = x. With all weights N(0, 1) and c_res as `scale`,

x¹ = √(c/m) σ(W¹φ(x)),  x^h = x^{h−1} + (c_res/(H√m)) σ(W^h φ(x^{h−1})), h = 2 … H,
f = Σ_l a_lᵀx^H_l.

NumPy float64. Matrices over pixels are (n, p, n′, p): of pixel l of one input and pixel r of
another.
"""

from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.infinite_width import activations, dense, moments
from overparam.infinite_width.moments import Pairs

KINDS = dense.KINDS
# Entries of a matrix over pixels that are held at once.
TILE = 300_000


class Residual(NamedTuple):
    """What such networks are."""

    activation: str
    depth: int
    """H ≥ 2, hidden layers."""
    scale: float = 1.0
    """c_res > 0."""
    gain: float = 1.0
    """c of the first layer; `activations.c_sigma` for hidden vectors as long as unit inputs."""
    patches: np.ndarray | None = None
    """The q cells in each pixel's patch, (p, q) of 0 … p − 1; each column has every pixel once.
    None for a fully connected network."""


class _Hidden(NamedTuple):
    """x^h of all pixels: Gram matrices over channels, and means of channels times √m."""

    pairs: Pairs
    means: tuple[np.ndarray, np.ndarray]


def circular_patches(height: int, width: int, side: int) -> np.ndarray:
    """Square patches of odd side around each pixel of an image whose edges meet: (p, side²).

    Pixels are numbered row by row. Raises Refusal if a patch would hold a pixel twice.
    """
    if side % 2 == 0 or side > min(height, width):
        raise Refusal(
            f"patch: found side {side}, expected an odd one of at most {min(height, width)}"
        )
    shifts = range(-(side // 2), side // 2 + 1)
    numbers = np.arange(height * width).reshape(height, width)
    cells = [np.roll(numbers, (-down, -right), (0, 1)) for down in shifts for right in shifts]
    return np.stack([each.ravel() for each in cells], axis=1)


def grams(
    left: np.ndarray, right: np.ndarray | None, network: Residual, tile: int | None = None
) -> dict[str, np.ndarray]:
    """Kernel matrices between two sets of inputs, (n, p, channels) or, fully connected, (n, d).

    right: None for the same inputs. tile: how many inputs of each set are taken at once.

    Returns by kind (n, n′): nngp, the covariance of f; first and last, the kernels of W¹ and W^H,
    of which the last is Du et al.'s K^(H), a trace over pixels; ntk, all layers' and that of a.
    Raises Refusal if H < 2 or c_res ≤ 0.
    """
    check(network)
    left, right = _pixels(left), None if right is None else _pixels(right)
    n, m = len(left), len(left if right is None else right)
    tile = tile or max(1, int(np.sqrt(TILE) / left.shape[1]))
    found = {kind: np.empty((n, m)) for kind in KINDS}
    for i in range(0, n, tile):
        for j in range(0, m if right is not None else i + 1, tile):
            ours, theirs = left[i : i + tile], (left if right is None else right)[j : j + tile]
            layers = layer_kernels(ours, None if right is None and i == j else theirs, network)
            blocks = {"nngp": layers[-1], "first": layers[0], "last": layers[-2]}
            for kind, block in (blocks | {"ntk": np.sum(layers, axis=0)}).items():
                found[kind][i : i + tile, j : j + tile] = block
                if right is None:
                    found[kind][j : j + tile, i : i + tile] = block.T
    return found


def layer_kernels(
    left: np.ndarray, right: np.ndarray | None, network: Residual
) -> list[np.ndarray]:
    """The kernels of W¹ … W^H and of a, each (n, n′); inputs as in `grams`, but not in tiles.

    K_h = Σ_{lr} (patch sum of K^{h−1})_{lr} s_h² E σ′(u_l)σ′(v_r) G^h_{lr}, s_1² = c and s_h =
    c_res/H: G^H is 1 where l = r and 0 elsewhere, and G^{h−1} = G^h + the sum over patches that
    pixels are in of s_h² E σ′σ′ G^h. Raises Refusal as `grams`.
    """
    check(network)
    left, right = _pixels(left), None if right is None else _pixels(right)
    hidden = _Hidden(_inputs(left, right), (np.zeros(()),) * 2)
    entering, slopes = [], []
    for number in range(1, network.depth + 1):
        entering.append(_patch_sum(hidden.pairs, network.patches))
        slope, hidden = _layer(hidden, entering[-1], network, number)
        slopes.append(slope)
    pixels = np.eye(left.shape[1])[:, None, :]
    found, above = [(hidden.pairs.covariance * pixels).sum(axis=(1, 3))], pixels
    for below, slope in zip(reversed(entering), reversed(slopes), strict=True):
        back = slope * above
        found.append((below.covariance * back).sum(axis=(1, 3)))
        above = above + _scattered(back, network.patches)
    return found[::-1]


def check(network: Residual) -> None:
    """Raises Refusal for an unknown activation, H < 2 or c_res ≤ 0."""
    activations.named(network.activation)
    if network.depth < 2:
        raise Refusal(f"residual network: found H = {network.depth}, expected 2 or more")
    if not network.scale > 0:
        raise Refusal(f"residual network: found c_res = {network.scale}, expected a positive one")


def _pixels(inputs: np.ndarray) -> np.ndarray:
    return inputs if inputs.ndim == 3 else inputs[:, None]


def _inputs(left: np.ndarray, right: np.ndarray | None) -> Pairs:
    """Products of the vectors of every two pixels."""
    shapes = [left.shape[:2], (left if right is None else right).shape[:2]]
    ours = left.reshape(-1, left.shape[2])
    theirs = None if right is None else right.reshape(-1, left.shape[2])
    found = dense.pairs(ours, theirs, dense.Dense("relu"))
    whole = (*shapes[0], *shapes[1])
    same = np.indices(shapes[0]).reshape(2, -1)
    return Pairs(
        found.left.reshape(*shapes[0], 1, 1),
        found.right.reshape(shapes[1]),
        found.covariance.reshape(whole),
        found.difference.reshape(whole),
        found.total.reshape(whole),
        None if right is not None else (*same, *same),
    )


def _patch_sum(hidden: Pairs, patches: np.ndarray | None) -> Pairs:
    """The same of patches: sums over cells k, pixel l's k-th with pixel r's k-th."""
    if patches is None:
        return hidden

    def total(each: np.ndarray) -> np.ndarray:
        return np.sum([each[:, cells][:, :, :, cells] for cells in patches.T], axis=0)

    return dense.exact(Pairs(
        hidden.left[:, patches].sum(axis=2), hidden.right[:, patches].sum(axis=2),
        total(hidden.covariance), total(hidden.difference), total(hidden.total), hidden.same,
    ))  # fmt: skip


def _scattered(back: np.ndarray, patches: np.ndarray | None) -> np.ndarray:
    """The transpose of that: what pixels l and r get from all patches that they are cell k of."""
    if patches is None:
        return back
    owners = np.argsort(patches, axis=0)
    return np.sum([back[:, cells][:, :, :, cells] for cells in owners.T], axis=0)


def _layer(
    hidden: _Hidden, entering: Pairs, network: Residual, number: int
) -> tuple[np.ndarray, _Hidden]:
    """s_h² E σ′σ′ of a layer, and x^h."""
    found = moments.moments(network.activation, entering)
    sides = [activations.own(network.activation, side) for side in (entering.left, entering.right)]
    first = number == 1
    s = np.sqrt(network.gain) if first else network.scale / network.depth
    (e, e_other), (b, b_other) = (side.mean for side in sides), hidden.means
    before = hidden.pairs
    if first:
        nothing = np.zeros(())
        before = Pairs(nothing, nothing, nothing, nothing, nothing, before.same)
    left = before.left + 2 * s * b * e + s**2 * sides[0].square
    right = before.right + 2 * s * b_other * e_other + s**2 * sides[1].square
    cross = b * e_other + b_other * e
    product = before.covariance + s * cross + s**2 * found.product
    apart = 2 * s * (b - b_other) * (e - e_other)
    difference = np.maximum(before.difference + apart + s**2 * found.difference, 0)
    total = np.maximum(left + right + 2 * product, 0)
    pairs = dense.exact(Pairs(left, right, product, difference, total, before.same))
    return s**2 * found.slope, _Hidden(pairs, (b + s * e, b_other + s * e_other))
