"""Linear graph networks and their loss, several side by side, without their nodes.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), definition 1. Plain: f = W X_(H);
with skip connections: f = Σ_{l=0}^{H} W_(l) X_(l). The loss is L = ‖f_{*I} − Y‖_F², a sum without
½.

With P_l = B_(l) … B_(1) and F_l = W_(l) P_l, f_{*I} = Σ F_l Z_l: the nodes enter by Z_k Z_lᵀ and Y
Z_lᵀ alone, and a step costs the same for any number of them. Parameters are a list of arrays, W_(l)
of each layer in use, then B_(1) … B_(H), each with a first axis for the S runs.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.graph_nets.graphs import rank

Parameters = list[np.ndarray]


class Data(NamedTuple):
    """What S runs of one shape are trained on; a first axis of 1 is shared by all runs."""

    layers: Sequence[int]
    """The layers with a W_(l): H alone, or 0 … H; T of them."""
    gram: np.ndarray
    """Z_k Z_lᵀ of these layers, in blocks, (S, T m, T m)."""
    cross: np.ndarray
    """Y Z_lᵀ side by side, (S, q, T m)."""
    square: np.ndarray
    """‖Y‖², (S,)."""
    least: np.ndarray
    """L* = min_F ‖Σ F_l Z_l − Y‖², (S,)."""
    sigma: np.ndarray
    """The smallest singular value of the Z_l in use, stacked, that is not 0, (S,)."""


def layers_in_use(depth: int, skips: bool) -> Sequence[int]:
    """The layers with an output of their own."""
    return range(depth + 1) if skips else (depth,)


def data(z: np.ndarray, y: np.ndarray, layers: Sequence[int]) -> Data:
    """Z_0 … Z_H (S, H + 1, m, k) and labels (S, q, k) as training sees them."""
    stacked = np.concatenate([z[:, layer] for layer in layers], axis=1)
    least, sigma = zip(*(_least(each) for each in stacked), strict=True)
    rows = [y @ basis.T for basis in least] if len(least) == 1 else [
        one @ basis.T for one, basis in zip(y, least, strict=True)
    ]  # fmt: skip
    square = np.sum(y**2, axis=(1, 2))
    fitted = np.array([np.sum(one**2, axis=(-2, -1)) for one in rows]).reshape(-1)
    return Data(
        layers, stacked @ stacked.transpose(0, 2, 1), y @ stacked.transpose(0, 2, 1), square,
        square - fitted, np.array(sigma),
    )  # fmt: skip


def _least(stacked: np.ndarray) -> tuple[np.ndarray, float]:
    """An orthogonal basis of the row space, (r, k), and the least singular value that is not 0."""
    _, values, right = np.linalg.svd(stacked, full_matrices=False)
    found = rank(values, stacked.shape)
    return right[:found], float(values[found - 1])


def draw(
    rngs: Sequence[Sequence[np.random.Generator]], m: int, width: int, q: int, skips: bool
) -> Parameters:
    """W_(l) = 0 and Gaussian B_(l) of variance 1/width.

    rngs: for each of B_(1) … B_(H) a generator for each run, so that deeper networks begin with
    the layers of shallower ones. m: rows of Z. q: classes. skips: whether each layer has an
    output.

    Raises Refusal if width < m: then λ_T = 0, and the theorem says nothing.
    """
    if width < m:
        raise Refusal(
            f"width: found {width}, expected at least {m}, the dimension of the features in use: "
            "in narrower networks λ_min(PᵀP) = 0, and the theorem says nothing"
        )
    runs, depth = len(rngs[0]), len(rngs)
    sizes = [m] + [width] * depth
    tops = [np.zeros((runs, q, sizes[layer])) for layer in layers_in_use(depth, skips)]
    hidden = [
        np.stack([rng.standard_normal((width, sizes[at])) for rng in each]) / np.sqrt(width)
        for at, each in enumerate(rngs)
    ]
    return tops + hidden


def products(parameters: Parameters, layers: Sequence[int]) -> list[np.ndarray]:
    """P_0 … P_H, (S, m_l, m); P_0, the identity, has a first axis of 1."""
    hidden = parameters[len(layers) :]
    found = [np.eye(hidden[0].shape[2])[None], hidden[0]]
    for b in hidden[1:]:
        found.append(b @ found[-1])
    return found


def gradient(data: Data, parameters: Parameters) -> tuple[np.ndarray, Parameters]:
    """The loss (S,) and its gradient, an array for each parameter.

    E_l = Σ_k F_k Z_kZ_lᵀ − Y Z_lᵀ, L = Σ⟨F_l, E_l − Y Z_lᵀ⟩ + ‖Y‖², ∇W_(l) = 2E_l P_lᵀ,
    Q_l = 2W_(l)ᵀE_l + B_(l+1)ᵀQ_{l+1}, ∇B_(l) = Q_l P_{l−1}ᵀ.
    """
    at = {layer: place for place, layer in enumerate(data.layers)}
    tops, hidden = parameters[: len(at)], parameters[len(at) :]
    p = products(parameters, data.layers)
    f = np.concatenate([tops[place] @ p[layer] for layer, place in at.items()], axis=2)
    error = f @ data.gram - data.cross
    loss = np.sum(f * (error - data.cross), axis=(1, 2)) + data.square
    errors = np.split(error, len(at), axis=2)
    of_tops = [2 * errors[place] @ _t(p[layer]) for layer, place in at.items()]
    of_hidden: Parameters = []
    q = 2 * _t(tops[-1]) @ errors[-1]
    for layer in range(len(hidden), 0, -1):
        if layer < len(hidden):
            q = _t(hidden[layer]) @ q
            if layer in at:
                q = q + 2 * _t(tops[at[layer]]) @ errors[at[layer]]
        of_hidden.append(q @ _t(p[layer - 1]) if layer > 1 else q)
    return loss, of_tops + of_hidden[::-1]


def least_eigenvalue(parameters: Parameters, layers: Sequence[int]) -> np.ndarray:
    """λ of the theorem, (S,): λ_min(P_lᵀP_l), the least of the layers in use."""
    found = products(parameters, layers)
    each = [np.linalg.eigvalsh(_t(found[layer]) @ found[layer])[:, 0] for layer in layers]
    return np.min(np.broadcast_arrays(*each), axis=0)


def rate(least: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """The theorem's rate 4λσ². W alone gives L̇ ≤ −4‖(f − Y)ZᵀPᵀ‖² ≤ −4λσ²(L − L*)."""
    return 4 * least * sigma**2


def _t(matrices: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrices, -1, -2)
