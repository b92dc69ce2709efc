"""Gradient descent, whole or in batches, on deep ReLU networks, several side by side.

Sources: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1: F = ½ Σ_i (f(x_i) − y_i)², a sum.
Zou, Cao, Zhou, Gu 2019 (arXiv 1811.08888): (1/n) Σ_i ℓ(y_i f(x_i)), a mean. One output. In the
precision of the weights: float32 stalls near F = 10⁻⁴, where updates fall below half a unit in the
last place.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from overparam import ensembles
from overparam.deep_relu import networks
from overparam.deep_relu.networks import Networks

Slope = Callable[[np.ndarray, "np.ndarray | slice"], np.ndarray]
"""The loss's derivative by each output: outputs (S, b) of the inputs with some indices, (S, b)."""
WHOLE = slice(None)


class State(NamedTuple):
    """S networks before a step."""

    weights: list[np.ndarray]
    """Of each layer, (S, m_l, m_{l-1}); the next step changes them in place."""
    outputs: np.ndarray
    """f(x_i) of the inputs of the step, (S, b)."""
    run: networks.Pass
    """What the trained layers make of these inputs."""
    back: list[np.ndarray]
    """Derivatives of the loss by what enters each trained layer's ReLUs, (S, b, m_l)."""
    active: list[np.ndarray]
    """Whether each of these ReLUs is active, per layer (S, b, m_l)."""

    @property
    def gradients(self) -> list[np.ndarray]:
        """Of the loss by each trained layer, (S, m_l, m_{l-1})."""
        return networks.gradients(self.run, self.back)

    @property
    def products(self) -> np.ndarray:
        """⟨∇F_i, ∇F_j⟩ of the inputs' own losses, (S, b, b); their sum is ‖∇F‖²."""
        return networks.tangent_kernel(self.run, self.back)


def descend(
    drawn: Networks, inputs: np.ndarray, slope: Slope, eta: np.ndarray,
    batches: Iterator[np.ndarray] | None = None,
) -> Iterator[State]:  # fmt: skip
    """Gradient descent, without end or as long as there are batches.

    inputs: (n, d_in) or a set for each network, (S, n, d_in). eta: learning rate of each network,
    (S,). batches: indices of the inputs of each step; all unless told. The networks' own weights
    are left as they are.
    """
    weights = [matrix.copy() for matrix in drawn.weights]
    trained = weights[drawn.fixed :]
    # Layers that are not trained make the same of every input at every step.
    below = networks.forward(weights[: drawn.fixed], inputs).hidden[-1]
    while True:
        batch = WHOLE if batches is None else next(batches, None)
        if batch is None:
            return
        run = networks.forward(trained, below[:, batch])
        outputs = networks.outputs(drawn, run)[..., 0]
        top, active = drawn.top * slope(outputs, batch)[..., None], run.active
        back = networks.backward(trained, active, top)
        yield State(weights, outputs, run, back, active)
        for matrix, above, under in zip(trained, back, run.hidden[:-1], strict=True):
            ensembles.descend(matrix, above, under, eta)


def squared(labels: np.ndarray) -> Slope:
    """Of ½ Σ (f − y)²."""
    return lambda outputs, batch: outputs - labels[batch]


def batches(n: int, size: int, count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of each step's inputs: `size` of n, without repetition, drawn anew for every step."""
    return (rng.choice(n, size, replace=False) for _ in range(count))


def tangent_kernel(drawn: Networks, inputs: np.ndarray, shared: bool = False) -> np.ndarray:
    """K of the first output, (S, n, n).

    shared: with gradients through those ReLUs alone that are active at all inputs.
    """
    run = networks.forward(drawn.weights, inputs)
    active = [on.all(axis=1, keepdims=True) & on for on in run.active] if shared else run.active
    back = networks.backward(drawn.weights, active, drawn.top[:, :1])
    return networks.tangent_kernel(run, back, drawn.fixed)


def linearised(
    kernel: np.ndarray, residual: np.ndarray, eta: float, steps: np.ndarray
) -> np.ndarray:
    """F of the linearised network: ½‖(I − ηK)^k r‖² of each k, for K (n, n) and r (n,)."""
    values, vectors = np.linalg.eigh(kernel)
    parts = (vectors.T @ residual) ** 2
    return np.power(1 - eta * values, 2 * steps[:, None]) @ parts / 2
