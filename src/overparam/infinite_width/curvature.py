"""‖∇²f‖ of networks at one input: exact for two layers, by Lanczos' iteration for more.

Source: Lee's survey (2019), "Curvature": the Hessian of a two-layer network has a block for each
neuron, of w and of a. NumPy float64; networks as in `networks`.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from overparam.errors import Refusal
from overparam.infinite_width import activations
from overparam.infinite_width.networks import Networks


def two_layers(networks: Networks, point: np.ndarray) -> np.ndarray:
    """The spectral norm of ∇²f(x), x (d,), of networks with one hidden layer: (S,).

    Of a neuron's block s [[a σ″ xxᵀ, σ′x], [σ′xᵀ, 0]] all but two eigenvalues are 0, and those are
    s (t ± √(t² + 4u²))/2 with t = a σ″‖x‖² and u = σ′‖x‖.
    """
    activation = activations.smooth(networks.activation, "curvature")
    if len(networks.weights) != 1:
        raise Refusal(f"curvature: found {len(networks.weights)} hidden layers, expected 1")
    entering, length = networks.weights[0] @ point, np.linalg.norm(point)
    t = np.abs(networks.top * activation.bend(entering)) * length**2
    u = activation.slope(entering) * length
    return networks.scale * ((t + np.sqrt(t**2 + 4 * u**2)) / 2).max(axis=1)


def norms(networks: Networks, point: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same of networks of any depth: (S,), to some 10⁻⁸ of itself.

    point: x, (d,). rng: where the iteration starts. Raises Refusal for ReLU, which has no ∇²f.
    """
    activations.smooth(networks.activation, "curvature")
    sizes = [each[0].size for each in (*networks.weights, networks.top)]
    start = rng.standard_normal(sum(sizes))
    found = []
    for at in range(len(networks.top)):
        one = networks._replace(
            weights=[each[at] for each in networks.weights], top=networks.top[at]
        )
        operator = LinearOperator(
            (sum(sizes),) * 2, matvec=lambda v, one=one: product(one, point, v), dtype=float
        )
        # Both ends of the spectrum: eigenvalues come in pairs of nearly opposite ones, and of the
        # largest magnitude alone the search may end at the lesser of a pair.
        ends = eigsh(operator, k=2, which="BE", v0=start, tol=1e-8, return_eigenvectors=False)
        found.append(np.abs(ends).max())
    return np.array(found)


def product(one: Networks, point: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """∇²f(x) v of one network, whose arrays have no first axis S; v and the result are
    (parameters,).

    The derivative along v of backpropagation (Pearlmutter 1994); parameters are W^1 … W^L, row by
    row, and a.
    """
    activation = activations.smooth(one.activation, "curvature")
    moved, move_top = _split(direction, one)
    hidden, hidden_moves, before, before_moves = [point], [np.zeros_like(point)], [], []
    for matrix, move in zip(one.weights, moved, strict=True):
        before.append(matrix @ hidden[-1])
        before_moves.append(move @ hidden[-1] + matrix @ hidden_moves[-1])
        hidden.append(one.scale * activation.value(before[-1]))
        hidden_moves.append(one.scale * activation.slope(before[-1]) * before_moves[-1])
    above, above_move, found = one.top, move_top, [hidden_moves[-1]]
    for at in reversed(range(len(before))):
        slope = one.scale * activation.slope(before[at])
        bend = one.scale * activation.bend(before[at])
        back = slope * above
        back_move = bend * before_moves[at] * above + slope * above_move
        found.append(np.outer(back_move, hidden[at]) + np.outer(back, hidden_moves[at]))
        above_move = moved[at].T @ back + one.weights[at].T @ back_move
        above = one.weights[at].T @ back
    return np.concatenate([each.ravel() for each in found[::-1]])


def _split(direction: np.ndarray, one: Networks) -> tuple[Sequence[np.ndarray], np.ndarray]:
    arrays = [*one.weights, one.top]
    parts = np.split(direction.ravel(), np.cumsum([each.size for each in arrays])[:-1])
    *moved, top = (part.reshape(each.shape) for part, each in zip(parts, arrays, strict=True))
    return moved, top
