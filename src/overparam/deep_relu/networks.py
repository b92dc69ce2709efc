"""Deep ReLU networks, several side by side: drawn, run forward and backward.

Sources: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), definition 2.3: h_0 = φ(Ax),
h_l = φ(W_l h_{l-1}) for l = 1 … L, y = B h_L, with A and B fixed. Zou, Cao, Zhou, Gu 2018 (arXiv
1811.08888), section 3: L ReLU layers, all trained, f = vᵀ h_L with v fixed. A ReLU counts as active
at 0, as in both.

NumPy. S networks share a first axis, so that one product serves them all.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from overparam import ensembles
from overparam.errors import Refusal


class Networks(NamedTuple):
    """S networks of one shape."""

    weights: list[np.ndarray]
    """Of each ReLU layer from the inputs up, (S, m_l, m_{l-1})."""
    top: np.ndarray
    """The linear layer above them, (S, d, m); never trained."""
    fixed: int
    """How many layers at the bottom are not trained: 1 (Allen-Zhu et al.), 0 (Zou et al.)."""

    def within(self, basis: np.ndarray) -> "Networks":
        """The same networks at inputs given by their coordinates in a basis (d, r) of their span.

        What the first layer does elsewhere no input sees, and gradients leave it as it is.
        """
        first, *others = self.weights
        return self._replace(weights=[first @ basis, *others])


BLOCK = 2e8
"""Bytes of weights that networks drawn side by side may take."""


def blocks(seeds: int, inputs: int, m: int, layers: int, dtype: type = np.float64) -> list[range]:
    """Which of some networks to draw at a time, so that their weights take BLOCK at most.

    inputs: input dimension. layers: the square ones of width m.
    """
    bytes_of_one = m * (inputs + layers * m) * np.dtype(dtype).itemsize
    return ensembles.blocks(seeds, max(1, int(BLOCK / bytes_of_one)))


class Pass(NamedTuple):
    """What the networks make of n inputs."""

    hidden: list[np.ndarray]
    """The inputs, (1, n, d_in), and the outputs of each ReLU layer, (S, n, m_l)."""
    before: list[np.ndarray]
    """What enters each layer's ReLUs, (S, n, m_l)."""

    @property
    def active(self) -> list[np.ndarray]:
        """Whether each ReLU is active, per layer (S, n, m_l)."""
        return [entering >= 0 for entering in self.before]


def allen_zhu(
    rngs: Sequence[np.random.Generator], inputs: int, m: int, depth: int, outputs: int = 1,
    dtype: type = np.float64,
) -> Networks:  # fmt: skip
    """Networks as Allen-Zhu, Li, Song draw them, one for each generator.

    inputs: input dimension. m: width. depth: L, the trained layers, above one that is not.
    outputs: d. A and W_l have entries N(0, 2/m), B has N(0, 1/d).
    """
    layers = [ensembles.normal(rngs, (m, inputs), np.sqrt(2 / m), dtype)]
    layers += [ensembles.normal(rngs, (m, m), np.sqrt(2 / m), dtype) for _ in range(depth)]
    return Networks(layers, ensembles.normal(rngs, (outputs, m), np.sqrt(1 / outputs), dtype), 1)


def zou(
    rngs: Sequence[np.random.Generator], inputs: int, m: int, depth: int, dtype: type = np.float64
) -> Networks:
    """Networks as Zou, Cao, Zhou, Gu draw them, one for each generator.

    depth: L, the ReLU layers, all trained. W_l has entries N(0, 2/m); of the m entries of v half
    are 1 and half −1. Raises Refusal if m is odd.
    """
    if m % 2:
        raise Refusal(
            f"width: found m = {m}, expected an even number: half of the output weights are 1 and "
            "half −1"
        )
    layers = [
        ensembles.normal(rngs, (m, m if at else inputs), np.sqrt(2 / m), dtype)
        for at in range(depth)
    ]
    signs: np.ndarray = np.repeat(np.array([1, -1], dtype), m // 2)
    return Networks(layers, np.stack([rng.permutation(signs) for rng in rngs])[:, None], 0)


def forward(weights: Sequence[np.ndarray], inputs: np.ndarray) -> Pass:
    """Run inputs, (n, d_in) or one set for each network (S, n, d_in), through the ReLU layers."""
    hidden, before = [inputs if inputs.ndim == 3 else inputs[None]], []
    for matrix in weights:
        before.append(hidden[-1] @ matrix.swapaxes(1, 2))
        hidden.append(np.maximum(before[-1], 0))
    return Pass(hidden, before)


def outputs(networks: Networks, run: Pass) -> np.ndarray:
    """y_i = B h_{i,L}: (S, n, d)."""
    return run.hidden[-1] @ networks.top.swapaxes(1, 2)


def backward(
    weights: Sequence[np.ndarray], active: Sequence[np.ndarray], top: np.ndarray
) -> list[np.ndarray]:
    """Derivatives with respect to what enters each layer's ReLUs, per layer (S, n, m_l).

    top: derivatives with respect to the last layer's outputs, (S, n, m) or (S, 1, m): with the row
    b of B, row i of layer l is (b D_L W_L … D_{l+1} W_{l+1} D_l)ᵀ at input i.
    """
    found = [active[-1] * top]
    for matrix, on in zip(reversed(weights[1:]), reversed(active[:-1]), strict=True):
        found.append(on * (found[-1] @ matrix))
    return found[::-1]


def gradients(run: Pass, back: Sequence[np.ndarray], fixed: int = 0) -> list[np.ndarray]:
    """Σ_i back_{i,l} h_{i,l-1}ᵀ of each trained layer, from the bottom: (S, m_l, m_{l-1}).

    back: as from `backward`, of a sum over the inputs; for a mean divide by n.
    """
    pairs = zip(back[fixed:], run.hidden[fixed:-1], strict=True)
    return [above.swapaxes(1, 2) @ below for above, below in pairs]


def tangent_kernel(run: Pass, back: Sequence[np.ndarray], fixed: int = 0) -> np.ndarray:
    """K_ij = ⟨∇f(x_i), ∇f(x_j)⟩ over the trained layers, of one output: (S, n, n).

    back: as from `backward` for that output.
    """
    return sum(
        (above @ above.swapaxes(1, 2)) * (below @ below.swapaxes(1, 2))
        for above, below in zip(back[fixed:], run.hidden[fixed:-1], strict=True)
    )
