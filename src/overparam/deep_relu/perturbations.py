"""Weights W' of given spectral norm, one for each trained layer, and what the worst of them does.

Sources: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), stability after adversarial perturbation; Zou,
Cao, Zhou, Gu 2019 (arXiv 1811.08888), theorem 5.3. A single input sees W'_l as a vector alone: it
adds W'_l h'_{l-1} to what enters the layer, which has length ω‖h'_{l-1}‖ at most, and W'_l of rank
one makes it any such vector. So the worst is searched over vectors, one for each layer and input;
what a search finds is a lower bound of the maximum.

Arrays: S networks, n inputs, each with a W' of its own: (S, n, m). Directions have length 1, or 0
where a layer is left as it is.
"""

from collections.abc import Sequence

import numpy as np

from overparam.deep_relu.networks import Networks, Pass, backward

Directions = list[np.ndarray]
"""Of each trained layer, (S, n, m)."""


def perturbed(networks: Networks, inputs: np.ndarray, steps: Directions, omega: float) -> Pass:
    """The networks with ω‖h'_{l-1}‖ · direction added to what enters each trained layer."""
    hidden, before = [inputs[None]], []
    free = len(networks.weights) - len(steps)
    for at, matrix in enumerate(networks.weights):
        entering = hidden[-1] @ matrix.swapaxes(1, 2)
        if at >= free:
            entering += omega * lengths(hidden[-1]) * steps[at - free]
        before.append(entering)
        hidden.append(np.maximum(entering, 0))
    return Pass(hidden, before)


def gaussian(
    networks: Networks, omega: float, rngs: Sequence[np.random.Generator]
) -> list[np.ndarray]:
    """All layers' weights with Gaussian W' of spectral norm ω (at large width) added."""
    found = list(networks.weights[: networks.fixed])
    for matrix in networks.weights[networks.fixed :]:
        rows, columns = matrix.shape[1:]
        edge = np.sqrt(rows) + np.sqrt(columns)
        drawn = np.stack([rng.standard_normal((rows, columns), matrix.dtype) for rng in rngs])
        found.append(matrix + (omega / edge) * drawn)
    return found


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Euclidean lengths over the last axis, which is kept."""
    return np.linalg.norm(vectors, axis=-1, keepdims=True)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors over their lengths; 0 stays 0."""
    size = lengths(vectors)
    return np.divide(vectors, size, out=np.zeros_like(vectors), where=size > 0)


def none(networks: Networks, n: int) -> Directions:
    """No W' at all."""
    trained = networks.weights[networks.fixed :]
    return [np.zeros((len(each), n, each.shape[1]), each.dtype) for each in trained]


def toward(networks: Networks, active: Sequence[np.ndarray], top: np.ndarray) -> Directions:
    """Directions that move what enters the last layer most along `top`, (S, n, m): its images under
    the layers above each, transposed."""
    found = [top]
    pairs = zip(networks.weights[: networks.fixed : -1], active[-2::-1], strict=False)
    for matrix, on in pairs:
        found.append(on * (found[-1] @ matrix))
    return [unit(each) for each in found[::-1]]


def flip_last(start: Pass, now: Pass, omega: float) -> np.ndarray:
    """The direction in the last layer that flips most ReLUs: the cheapest first.

    start: without W'. now: with W' in the layers below, on which ω‖h‖ is spent. ReLUs that have
    flipped already cost nothing.
    """
    signs = np.where(start.before[-1] >= 0, 1, -1)
    # How far a ReLU has to go; a little more than to zero, since there it counts as active.
    cost = np.maximum(signs * now.before[-1], 0) * (1 + 1e-3)
    order = np.argsort(cost, axis=-1)
    spent = np.cumsum(np.take_along_axis(cost, order, -1) ** 2, axis=-1)
    budget = (omega * lengths(now.hidden[-2])) ** 2
    chosen = np.zeros(cost.shape, bool)
    np.put_along_axis(chosen, order, spent <= budget, -1)
    wanted = np.where(chosen, -signs * cost, 0)
    return (wanted / (omega * lengths(now.hidden[-2]))).astype(wanted.dtype)


def flip_all(
    networks: Networks, inputs: np.ndarray, start: Pass, omega: float, reaches: Sequence[float]
) -> Directions:
    """All layers help to flip ReLUs of the last: those below push all that lie within some reach
    towards the other side, the last flips the cheapest; of the reaches the one with most flips."""
    spread = np.sqrt(2 / networks.weights[-1].shape[1]) * lengths(start.hidden[-2])
    signs = np.where(start.before[-1] >= 0, 1.0, -1.0).astype(start.before[-1].dtype)
    found = []
    for reach in reaches:
        near = np.abs(start.before[-1]) <= reach * spread
        steps = toward(networks, start.active, -signs * near)
        found.append(finish(networks, inputs, start, steps, omega))
    return _best(networks, inputs, start, found, omega)


def finish(
    networks: Networks, inputs: np.ndarray, start: Pass, steps: Directions, omega: float
) -> Directions:
    """The same directions below the last layer, and there those that flip most."""
    below = [*steps[:-1], np.zeros_like(steps[-1])]
    return [*below[:-1], flip_last(start, perturbed(networks, inputs, below, omega), omega)]


def search(
    networks: Networks, inputs: np.ndarray, start: Pass, steps: Directions, omega: float,
    rounds: int = 30, share: float = 0.3,
) -> Directions:  # fmt: skip
    """Improve directions by gradient ascent on flips made soft, then flip the cheapest again; the
    best of all rounds."""
    spread = np.sqrt(2 / networks.weights[-1].shape[1]) * lengths(start.hidden[-2])
    signs = np.where(start.before[-1] >= 0, 1.0, -1.0).astype(start.before[-1].dtype)
    best, found = steps, [steps]
    for turn in range(rounds):
        now = perturbed(networks, inputs, best, omega)
        width = spread * np.asarray(0.3 * 0.9**turn + 0.01, spread.dtype)
        margin = np.clip(signs * now.before[-1] / width, -30, 30)
        slope = -signs / (np.cosh(margin / 2) ** 2)
        ascent = toward(networks, now.active, slope)
        best = [
            unit((1 - share) * old + share * new) for old, new in zip(best, ascent, strict=True)
        ]
        best = finish(networks, inputs, start, best, omega)
        found.append(best)
    return _best(networks, inputs, start, found, omega)


def farthest(
    networks: Networks, inputs: np.ndarray, start: Pass, omega: float, steps: Directions,
    rounds: int = 40,
) -> Directions:  # fmt: skip
    """Directions that move the last hidden vector most, found by steps along the gradient of
    ‖h_L − h'_L‖² from the given ones."""
    for _ in range(rounds):
        now = perturbed(networks, inputs, steps, omega)
        moved = now.hidden[-1] - start.hidden[-1]
        steps = toward(networks, now.active, now.active[-1] * moved)
    return steps


def leave_line(networks: Networks, start: Pass, omega: float) -> np.ndarray:
    """The direction in the last layer that moves the output farthest above its linearisation.

    A ReLU whose output weight b is positive is moved across 0, to |b|/λ in all, if it is nearer to
    0 than half of that; λ spends ω‖h‖, found by bisection.
    """
    weight = np.broadcast_to(networks.top[:, :1], start.before[-1].shape)
    entering, budget = start.before[-1], omega * lengths(start.hidden[-2])

    def moves(reach: np.ndarray) -> np.ndarray:
        size = weight * reach
        return np.where((weight > 0) & (np.abs(entering) < size / 2), size, 0)

    low, high = np.zeros_like(budget), np.ones_like(budget)
    for _ in range(60):
        middle = (low + high) / 2
        enough = lengths(moves(middle)) <= budget
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return moves(low) * np.where(entering >= 0, -1, 1) / budget


def flips(start: Pass, now: Pass, layer: int = -1) -> np.ndarray:
    """Share of a layer's ReLUs that are active in one alone: (S, n)."""
    return np.mean(start.active[layer] != now.active[layer], axis=-1)


def back(networks: Networks, run: Pass) -> list[np.ndarray]:
    """Backward vectors of the first output in each trained layer."""
    return backward(networks.weights, run.active, networks.top[:, :1])[networks.fixed :]


def _best(
    networks: Networks, inputs: np.ndarray, start: Pass, found: Sequence[Directions], omega: float
) -> Directions:
    """Of several directions, for each network and input those with most flips."""
    counts = [flips(start, perturbed(networks, inputs, steps, omega)) for steps in found]
    first = np.argmax(counts, axis=0)[None, ..., None]
    return [
        np.take_along_axis(np.stack(each), first, axis=0)[0] for each in zip(*found, strict=True)
    ]
