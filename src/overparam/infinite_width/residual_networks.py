"""Residual networks of finite width, fully connected and convolutional, several side by side.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), sections 6 and 7; the networks and their
settings are those of `residual`. NumPy; S networks share a first axis, a fully connected one has
one pixel.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from overparam.infinite_width import activations
from overparam.infinite_width.residual import Residual, check


class Networks(NamedTuple):
    """S networks of one shape."""

    weights: list[np.ndarray]
    """W^1 … W^H, (S, m, q · channels below): the cells of a patch one below the other."""
    top: np.ndarray
    """a, (S, p, m)."""
    kind: Residual


class Pass(NamedTuple):
    """What the networks make of n inputs."""

    patched: list[np.ndarray]
    """φ(x^{h−1}), h = 1 … H: (S or 1, n, p, q · channels)."""
    before: list[np.ndarray]
    """W^h φ(x^{h−1}): (S, n, p, m)."""
    hidden: np.ndarray
    """x^H, (S, n, p, m)."""


def draw(
    rngs: Sequence[np.random.Generator], channels: int, pixels: int, m: int, kind: Residual
) -> Networks:
    """Networks with weights N(0, 1), one for each generator.

    channels: of an input's pixel, or its dimension. pixels: p, 1 if fully connected. m: channels of
    hidden layers. Raises Refusal if H < 2 or c_res ≤ 0.
    """
    check(kind)
    cells = 1 if kind.patches is None else kind.patches.shape[1]
    shapes = [(m, cells * (channels if at == 0 else m)) for at in range(kind.depth)]
    weights = [np.stack([rng.standard_normal(shape) for rng in rngs]) for shape in shapes]
    return Networks(weights, np.stack([rng.standard_normal((pixels, m)) for rng in rngs]), kind)


def forward(networks: Networks, inputs: np.ndarray) -> Pass:
    """Run inputs, (n, p, channels) or, fully connected, (n, d), through the networks."""
    x = (inputs if inputs.ndim == 3 else inputs[:, None])[None]
    sigma = activations.named(networks.kind.activation).value
    patched, before = [], []
    for at, matrix in enumerate(networks.weights):
        patched.append(_patched(x, networks.kind.patches))
        before.append(patched[-1] @ matrix[:, None].swapaxes(2, 3))
        x = (0 if at == 0 else x) + _scales(networks)[at] * sigma(before[-1])
    return Pass(patched, before, x)


def outputs(networks: Networks, run: Pass) -> np.ndarray:
    """f = Σ_l a_lᵀx^H_l: (S, n)."""
    return np.einsum("snpm,spm->sn", run.hidden, networks.top)


def backward(networks: Networks, run: Pass) -> list[np.ndarray]:
    """Derivatives of f with respect to W^h φ(x^{h−1}), h = 1 … H: (S, n, p, m) each."""
    slope = activations.named(networks.kind.activation).slope
    above, found = networks.top[:, None], []
    layers = zip(networks.weights, run.before, _scales(networks), strict=True)
    for matrix, before, scale in reversed([*layers]):
        found.append(scale * slope(before) * above)
        if len(found) < len(networks.weights):  # below the first layer are the inputs
            above = above + _gathered(found[-1] @ matrix[:, None], networks.kind.patches)
    return found[::-1]


def layer_grams(run: Pass, back: Sequence[np.ndarray]) -> np.ndarray:
    """Kernels of W^1 … W^H and of a, of every network: (H + 1, S, n, n).

    A layer's is Σ_{lr} ⟨φ_l, φ_r′⟩⟨δ_l, δ_r′⟩ over pixels, since all of them share W; that of a,
    which they do not share, Σ_l ⟨x_l, x_l′⟩.
    """
    n, p = run.hidden.shape[1:3]
    found = []
    for below, above in zip(run.patched, back, strict=True):
        whole = _gram(below) * _gram(above)
        found.append(whole.reshape(len(whole), n, p, n, p).sum(axis=(2, 4)))
    rows = run.hidden.reshape(len(run.hidden), n, -1)
    return np.stack([*found, rows @ rows.swapaxes(1, 2)])


def _gram(vectors: np.ndarray) -> np.ndarray:
    rows = vectors.reshape(len(vectors), -1, vectors.shape[3])
    return rows @ rows.swapaxes(1, 2)


def _scales(networks: Networks) -> list[float]:
    m, kind = networks.top.shape[2], networks.kind
    later = kind.scale / (kind.depth * np.sqrt(m))
    return [float(np.sqrt(kind.gain / m))] + [later] * (kind.depth - 1)


def _patched(x: np.ndarray, patches: np.ndarray | None) -> np.ndarray:
    """φ: (S, n, p, c) gives (S, n, p, q·c)."""
    if patches is None:
        return x
    return x[:, :, patches].reshape(*x.shape[:3], -1)


def _gathered(back: np.ndarray, patches: np.ndarray | None) -> np.ndarray:
    """The transpose of φ: (S, n, p, q·c) gives (S, n, p, c)."""
    if patches is None:
        return back
    cells = back.reshape(*back.shape[:3], patches.shape[1], -1)
    owners = np.argsort(patches, axis=0)
    moved = [cells[:, :, owners[:, k], k] for k in range(patches.shape[1])]
    return np.sum(moved, axis=0)
