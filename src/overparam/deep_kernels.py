"""The kernel that a problem's settings name: its Gram matrix, and its values at new inputs.

Sources: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3), for two-layer ReLU networks of
which the first layer is trained; `dense` and `residual` for deeper and for other ones. NumPy
float64, inputs of unit length.
"""

from math import isqrt
from typing import NamedTuple

import numpy as np

from overparam import activations, dense, kernels, residual
from overparam.errors import Refusal

# By what is trained, the kernel's name in `dense` and `residual`.
KINDS = {"first": "first", "all": "ntk"}
PATCH = 3  # side of a convolutional network's patches


class Kernel(NamedTuple):
    """A kernel as settings name it; what each means says the model of these settings."""

    depth: int
    activation: str
    sigma_w: float
    sigma_b: float
    layers: str
    architecture: str


TWO_LAYER = Kernel(2, "relu", 1.0, 0.0, "first", "dense")


def gram(inputs: np.ndarray, kernel: Kernel) -> np.ndarray:
    """The matrix (n, n) of inputs (n, d), symmetric; of TWO_LAYER `kernels.relu_gram`, bit by bit.

    Memory is the matrix and some tiles. Raises Refusal for a row that is not of unit length, and
    for rows that are no square images if the network is convolutional.
    """
    if kernel == TWO_LAYER:
        return kernels.relu_gram(inputs)
    return _matrix(inputs, None, kernel)


def cross_gram(left: np.ndarray, right: np.ndarray, kernel: Kernel) -> np.ndarray:
    """The kernel between two sets of inputs: (p, d) and (n, d) give (p, n). Refuses as `gram`."""
    if kernel == TWO_LAYER:
        return kernels.relu_cross_gram(left, right)
    return _matrix(left, right, kernel)


def images(inputs: np.ndarray) -> tuple[np.ndarray, int]:
    """Rows (n, d) as pixels (n, side², channels), and the side: d = side² or 3·side², the three
    colours of a pixel one after the other. Raises Refusal for another d."""
    d = inputs.shape[1]
    for channels in (1, 3):
        side = isqrt(d // channels)
        if side**2 * channels == d and side >= PATCH:
            return inputs.reshape(len(inputs), side**2, channels), side
    raise Refusal(
        f"inputs: found {d} numbers each, expected those of a square image for a convolutional "
        f"network: side² or, in colour, 3·side², side {PATCH} or more"
    )


def _matrix(left: np.ndarray, right: np.ndarray | None, kernel: Kernel) -> np.ndarray:
    for inputs in (left, right):
        if inputs is not None:
            kernels.check_unit_rows(inputs)
    kind, hidden = KINDS[kernel.layers], kernel.depth - 1
    if kernel.architecture == "dense":
        network = dense.Dense(kernel.activation, kernel.sigma_w, kernel.sigma_b)
        return dense.grams(left, right, network, [(hidden, kind)])[hidden, kind]
    patches = None
    if kernel.architecture == "convolutional":
        left, side = images(left)
        right = None if right is None else images(right)[0]
        patches = residual.circular_patches(side, side, PATCH)
    gain = activations.c_sigma(kernel.activation)
    blocks = residual.Residual(kernel.activation, hidden, gain=gain, patches=patches)
    return residual.grams(left, right, blocks, kinds=[kind])[kind]
