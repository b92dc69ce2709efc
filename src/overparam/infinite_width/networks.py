"""Fully connected networks of finite width, several side by side: their kernels and their training.

Sources: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), section 3; Lee's survey (2019), "Neural
Tangent Kernel" and "NTK Parametrization vs Standard Parametrization". Networks are
z^l = W^l h^{l−1}, h^l = s σ(z^l), f = aᵀh^L, without biases; s = √(c/m) in Du et al.'s and the NTK
parametrisation, 1 in the standard one.

NumPy; S networks share a first axis, so that one product serves them all. Gram matrices of layers
are ⟨h, h′⟩⟨δ, δ′⟩, δ = ∂f/∂z: no Jacobian is formed.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from overparam import activations, ensembles


class Networks(NamedTuple):
    """S networks of one shape."""

    weights: list[np.ndarray]
    """W^l of each hidden layer from the inputs up, (S, m, m_below)."""
    top: np.ndarray
    """a, (S, m)."""
    scale: float
    """s."""
    activation: str


class Pass(NamedTuple):
    """What the networks make of n inputs."""

    hidden: list[np.ndarray]
    """The inputs, (1, n, d), and h^1 … h^L, (S, n, m)."""
    before: list[np.ndarray]
    """z^1 … z^L, (S, n, m)."""
    outputs: np.ndarray
    """f, (S, n)."""


def draw(
    rngs: Sequence[np.random.Generator], d: int, m: int, depth: int, activation: str,
    scale: float | None = None, deviations: tuple[float, float] = (1, 1), dtype: type = np.float64,
) -> Networks:  # fmt: skip
    """Networks with Gaussian weights, one for each generator.

    d: input dimension. m: width. depth: L ≥ 1 hidden layers. scale: s; if not given √(c_σ/m).
    deviations: standard deviations of the entries of all W^l and of a.
    """
    if scale is None:
        scale = np.sqrt(activations.c_sigma(activation) / m)
    shapes = [(m, d if at == 0 else m) for at in range(depth)]
    weights = [ensembles.normal(rngs, shape, deviations[0], dtype) for shape in shapes]
    top = ensembles.normal(rngs, (m,), deviations[1], dtype)
    return Networks(weights, top, float(scale), activation)


def forward(networks: Networks, inputs: np.ndarray) -> Pass:
    """Run inputs, (n, d), through the networks."""
    sigma = activations.named(networks.activation).value
    hidden, before = [inputs[None]], []
    for matrix in networks.weights:
        before.append(hidden[-1] @ matrix.swapaxes(1, 2))
        hidden.append(networks.scale * sigma(before[-1]))
    return Pass(hidden, before, np.einsum("snm,sm->sn", hidden[-1], networks.top))


def backward(networks: Networks, run: Pass) -> list[np.ndarray]:
    """δ^1 … δ^L, derivatives of f with respect to z^l: (S, n, m) each."""
    slope = activations.named(networks.activation).slope
    above, found = networks.top[:, None], []
    for matrix, before in zip(networks.weights[::-1], run.before[::-1], strict=True):
        found.append(networks.scale * slope(before) * above)
        above = found[-1] @ matrix
    return found[::-1]


def layer_grams(run: Pass, back: Sequence[np.ndarray], split: int | None = None) -> np.ndarray:
    """K_1 … K_{L+1} of every network, the last that of a: (L + 1, S, n, n).

    split: if given, of the first `split` inputs (columns) with all of them alone, (L + 1, S, n,
    split).
    """
    found = [
        _gram(below, split) * _gram(above, split)
        for below, above in zip(run.hidden[:-1], back, strict=True)
    ]
    return np.stack([*found, _gram(run.hidden[-1], split)])


def _gram(vectors: np.ndarray, split: int | None) -> np.ndarray:
    return vectors @ vectors[:, :split].swapaxes(1, 2)


def tangent_kernel(networks: Networks, inputs: np.ndarray, split: int | None = None) -> np.ndarray:
    """Θ̂ = Σ_l K_l at inputs (n, d): (S, n, n), or (S, n, split) as `layer_grams`."""
    run = forward(networks, inputs)
    return layer_grams(run, backward(networks, run), split).sum(axis=0)


def descend(
    networks: Networks, inputs: np.ndarray, labels: np.ndarray, rates: Sequence[np.ndarray | float],
    steps: int,
) -> Iterator[tuple[Networks, Pass]]:  # fmt: skip
    """Gradient descent on ½Σ(f − y)², float64: the networks before each step, and after the last.

    inputs: (n, d). labels: (n,) or (S, n). rates: η of W^1 … W^L and of a, each one number or (S,);
        0 keeps a layer as it is.

    Yields steps + 1 networks with their pass; the start's arrays are not written to, later ones are
    used again: copy what is to be kept. Networks that diverge go on to infinity.
    """
    *eta, top = (np.asarray(rate, float) for rate in rates)
    now = networks._replace(
        weights=[each.copy() for each in networks.weights], top=networks.top.copy()
    )
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            run = forward(now, inputs)
            yield now, run
            if step == steps:
                return
            back, residual = backward(now, run), run.outputs - labels
            layers = zip(now.weights, back, run.hidden[:-1], eta, strict=True)
            for matrix, above, below, rate in layers:
                if rate.any():
                    ensembles.descend(matrix, residual[..., None] * above, below, rate)
            now.top[:] -= top.reshape(-1, 1) * np.einsum("sn,snm->sm", residual, run.hidden[-1])


def linearised(
    kernel: np.ndarray, start: np.ndarray, labels: np.ndarray, eta: np.ndarray | float, steps: int
) -> np.ndarray:
    """Outputs of the linearised networks under the same descent, f̂ = f₀ + ∇f₀ᵀ(θ − θ₀).

    kernel: Θ̂ or a limit, (S, N, n), of all N points with the n that are learned, the first ones.
    start: f₀, (S, N). labels: (n,) or (S, n). eta: one number or (S,). Returns (steps + 1, S, N).
    """
    n = kernel.shape[2]
    eta = np.asarray(eta, float).reshape(-1, 1)
    found = np.empty((steps + 1, *np.broadcast_shapes(start.shape, kernel.shape[:2])))
    found[0] = start
    for step in range(steps):
        residual = found[step, :, :n] - labels
        found[step + 1] = found[step] - eta * np.einsum("sNn,sn->sN", kernel, residual)
    return found
