"""Gradient descent on the squared loss of deep ReLU networks, several side by side.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1. F = ½ Σ_i (f(x_i) − y_i)², a sum; one
output. In the precision of the weights: float32 stalls near F = 10⁻⁴, where updates fall below half
a unit in the last place.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from overparam.deep_relu import networks
from overparam.deep_relu.networks import Networks


class State(NamedTuple):
    """S networks before a step."""

    weights: list[np.ndarray]
    """Of each layer, (S, m_l, m_{l-1}); the next step changes them in place."""
    residual: np.ndarray
    """f(x_i) − y_i, (S, n)."""
    gradients: list[np.ndarray]
    """Of F by each trained layer, (S, m_l, m_{l-1})."""

    @property
    def loss(self) -> np.ndarray:
        """F, (S,)."""
        return np.sum(self.residual**2, axis=1) / 2

    @property
    def squared_gradient(self) -> np.ndarray:
        """‖∇F‖², (S,)."""
        return sum(np.sum(gradient**2, axis=(1, 2)) for gradient in self.gradients)


def descend(
    drawn: Networks, inputs: np.ndarray, labels: np.ndarray, eta: np.ndarray
) -> Iterator[State]:
    """Gradient descent without end.

    inputs: (n, d_in) or a set for each network, (S, n, d_in). labels: (n,) or (S, n). eta: learning
    rate of each network, (S,). The networks' own weights are left as they are.
    """
    weights = [matrix.copy() for matrix in drawn.weights]
    rates = np.asarray(eta)[:, None, None]
    while True:
        run = networks.forward(weights, inputs)
        residual = networks.outputs(drawn, run)[..., 0] - labels
        back = networks.backward(weights, run.active, drawn.top * residual[..., None])
        found = networks.gradients(run, back, drawn.fixed)
        yield State(weights, residual, found)
        for matrix, gradient in zip(weights[drawn.fixed :], found, strict=True):
            matrix -= rates * gradient


def tangent_kernel(drawn: Networks, inputs: np.ndarray) -> np.ndarray:
    """K of the first output, (S, n, n)."""
    run = networks.forward(drawn.weights, inputs)
    back = networks.backward(drawn.weights, run.active, drawn.top[:, :1])
    return networks.tangent_kernel(run, back, drawn.fixed)


def linearised(kernel: np.ndarray, residual: np.ndarray, eta: float, steps: np.ndarray) -> np.ndarray:
    """F of the linearised network: ½‖(I − ηK)^k r‖² of each k, for K (n, n) and r (n,)."""
    values, vectors = np.linalg.eigh(kernel)
    parts = (vectors.T @ residual) ** 2
    return np.power(1 - eta * values, 2 * steps[:, None]) @ parts / 2
