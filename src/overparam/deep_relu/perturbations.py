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

from overparam.deep_relu.networks import Networks, Pass

Directions = list[np.ndarray]
"""Of each trained layer, (S, n, m)."""
Norm = float | np.ndarray
"""ω, or that of each input, (n, 1)."""
STEPS = 40
"""Of power iteration."""


def perturbed(networks: Networks, inputs: np.ndarray, steps: Directions, omega: Norm) -> Pass:
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


def gaussian(networks: Networks, rngs: Sequence[np.random.Generator]) -> list[np.ndarray]:
    """A Gaussian W' of each trained layer, of spectral norm 1 (at large width)."""
    found = []
    for matrix in networks.weights[networks.fixed :]:
        rows, columns = matrix.shape[1:]
        edge = np.sqrt(rows) + np.sqrt(columns)
        drawn = np.stack([rng.standard_normal((rows, columns), matrix.dtype) for rng in rngs])
        found.append(drawn / drawn.dtype.type(edge))
    return found


def added(networks: Networks, steps: Sequence[np.ndarray], omega: float) -> Networks:
    """The networks with ω times these matrices added to the trained layers."""
    first, trained = networks.weights[: networks.fixed], networks.weights[networks.fixed :]
    moved = [matrix + omega * step for matrix, step in zip(trained, steps, strict=True)]
    return networks._replace(weights=[*first, *moved])


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


def flip_last(start: Pass, now: Pass, omega: Norm, worth: np.ndarray | None = None) -> np.ndarray:
    """The direction in the last layer that flips most ReLUs: the cheapest first.

    start: without W'. now: with W' in the layers below, on which ω‖h‖ is spent. ReLUs that have
    flipped already cost nothing. worth: whose squares shall be large in sum over those that flip,
    (S, n, m); 0 leaves a ReLU alone. The same for all unless told.
    """
    signs = np.where(start.before[-1] >= 0, 1, -1)
    # How far a ReLU has to go; a little more than to zero, since there it counts as active.
    cost = np.maximum(signs * now.before[-1], 0) * (1 + 1e-3)
    price = cost
    if worth is not None:
        cost = np.where(worth > 0, cost, np.inf)
        price = np.divide(cost, worth, out=np.full_like(cost, np.inf), where=worth > 0)
    order = np.argsort(price, axis=-1)
    spent = np.cumsum(np.take_along_axis(cost, order, -1) ** 2, axis=-1)
    budget = (omega * lengths(now.hidden[-2])) ** 2
    chosen = np.zeros(cost.shape, bool)
    np.put_along_axis(chosen, order, spent <= budget, -1)
    wanted = np.where(chosen, -signs * cost, 0)
    return (wanted / (omega * lengths(now.hidden[-2]))).astype(wanted.dtype)


def flip_all(
    networks: Networks, inputs: np.ndarray, start: Pass, omega: Norm, reaches: Sequence[float]
) -> Directions:
    """All layers help to flip ReLUs of the last: those below push all that lie within some reach
    towards the other side, the last flips the cheapest; of the reaches the one with most flips."""
    best = none(networks, start.before[-1].shape[1])
    counts = np.zeros(start.before[-1].shape[:2])
    for reach in reaches:
        near = np.abs(start.before[-1]) <= reach * _spread(networks, start)
        steps = toward(networks, start.active, -_signs(start) * near)
        steps, now = finish(networks, inputs, start, steps, omega)
        best, counts = _better(best, counts, steps, flips(start, now))
    return best


def finish(
    networks: Networks, inputs: np.ndarray, start: Pass, steps: Directions, omega: Norm
) -> tuple[Directions, Pass]:
    """The same directions below the last layer, and there those that flip most; and the pass."""
    below = perturbed(networks, inputs, [*steps[:-1], np.zeros_like(steps[-1])], omega)
    last = flip_last(start, below, omega)
    entering = below.before[-1] + omega * lengths(below.hidden[-2]) * last
    now = Pass([*below.hidden[:-1], np.maximum(entering, 0)], [*below.before[:-1], entering])
    return [*steps[:-1], last], now


def search(
    networks: Networks, inputs: np.ndarray, start: Pass, steps: Directions, omega: Norm,
    rounds: int = 20, share: float = 0.3,
) -> Directions:  # fmt: skip
    """Improve directions by gradient ascent on flips made soft, then flip the cheapest again; the
    best of all rounds."""
    now = perturbed(networks, inputs, steps, omega)
    best, counts = steps, flips(start, now)
    for turn in range(rounds):
        width = _spread(networks, start) * np.float32(0.3 * 0.9**turn + 0.01)
        margin = np.clip(_signs(start) * now.before[-1] / width, -30, 30)
        slope = -_signs(start) / (np.cosh(margin / 2) ** 2)
        ascent = toward(networks, now.active, slope)
        steps = [
            unit((1 - share) * old + share * new) for old, new in zip(steps, ascent, strict=True)
        ]
        steps, now = finish(networks, inputs, start, steps, omega)
        best, counts = _better(best, counts, steps, flips(start, now))
    return best


def kernel_gain(networks: Networks, start: Pass) -> np.ndarray:
    """What each ReLU of the last layer that flips adds to K(x, x), to first order, (S, n, m).

    ReLU j with output weight c_j changes ‖b_l‖² by c_j²‖Q_l e_j‖² ± 2c_j⟨Q_l e_j, b_l⟩, Q_l what
    takes layer L back to l, + where it turns on. Of ‖Q_l e_j‖² only squares of weights are summed:
    exact one layer below, and without terms of mean 0 farther down.
    """
    below, active = start.hidden[networks.fixed : -1], start.active[networks.fixed :]
    sizes = [lengths(each) ** 2 for each in below]
    behind = back(networks, start.active, start)
    square, cross = np.broadcast_to(sizes[0], behind[0].shape), sizes[0] * behind[0]
    for at in range(1, len(behind)):
        matrix = networks.weights[networks.fixed + at].swapaxes(1, 2)
        square = sizes[at] + (active[at - 1] * square) @ matrix**2
        cross = sizes[at] * behind[at] + (active[at - 1] * cross) @ matrix
    weight = networks.top[:, :1]
    return weight**2 * square + 2 * np.where(active[-1], -1, 1) * weight * cross


def farthest(
    networks: Networks, inputs: np.ndarray, start: Pass, omega: Norm, steps: Directions,
    rounds: int = 15,
) -> Directions:  # fmt: skip
    """Directions that move the last hidden vector most, found by steps along the gradient of
    ‖h_L − h'_L‖² from the given ones."""
    for _ in range(rounds):
        now = perturbed(networks, inputs, steps, omega)
        moved = now.hidden[-1] - start.hidden[-1]
        steps = toward(networks, now.active, now.active[-1] * moved)
    return steps


def leave_line(networks: Networks, start: Pass, omega: Norm, reach: float = 0.5) -> np.ndarray:
    """The direction in the last layer that moves the output farthest above its linearisation.

    A ReLU whose output weight b is positive is moved across 0, by |b|/λ in all, if it is nearer to
    0 than a part of that, `reach`: half is the best. λ spends ω‖h‖, found by bisection.
    """
    weight = np.broadcast_to(networks.top[:, :1], start.before[-1].shape)
    entering, budget = start.before[-1], omega * lengths(start.hidden[-2])

    def moves(scale: np.ndarray) -> np.ndarray:
        size = weight * scale
        return np.where((weight > 0) & (np.abs(entering) < reach * size), size, 0)

    low, high = np.zeros_like(budget), np.ones_like(budget)
    for _ in range(60):
        middle = (low + high) / 2
        enough = lengths(moves(middle)) <= budget
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return moves(low) * np.where(entering >= 0, -1, 1) / budget


def cheapest(start: Pass, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The least norm of a W' of the last layer that flips a share of its ReLUs, one at least,
    (S, n), and which are active then, (S, n, m)."""
    size = np.abs(start.before[-1])
    most = max(1, round(share * size.shape[-1]))
    flipped = np.argsort(np.argsort(size, axis=-1), axis=-1) < most
    norm = np.sqrt(np.sum(np.where(flipped, size, 0) ** 2, axis=-1))
    return norm / lengths(start.hidden[-2])[..., 0], start.active[-1] ^ flipped


def flips(start: Pass, now: Pass, layer: int = -1) -> np.ndarray:
    """Share of a layer's ReLUs that are active in one alone: (S, n)."""
    return np.mean(start.active[layer] != now.active[layer], axis=-1)


def back(
    networks: Networks, active: Sequence[np.ndarray], run: Pass, steps: Directions | None = None,
    omega: Norm = 0.0,
) -> list[np.ndarray]:  # fmt: skip
    """Backward vectors of the first output in each trained layer, (S, n, m).

    active: which ReLUs are, in each layer. steps: of W' of norm ω, under which `run` is a pass.
    """
    found = [active[-1] * networks.top[:, :1]]
    for at in reversed(range(networks.fixed + 1, len(networks.weights))):
        below = found[-1] @ networks.weights[at]
        if steps is not None:
            below += omega * _along(found[-1], steps[at - networks.fixed]) * unit(run.hidden[at])
        found.append(active[at - 1] * below)
    return found[::-1]


def product_norms(
    networks: Networks, run: Pass, rng: np.random.Generator, steps: Directions | None = None,
    omega: Norm = 0.0,
) -> np.ndarray:  # fmt: skip
    """‖W_L D_{L-1} … W_1‖₂ of the trained layers at each input, (S, n), by power iteration: a lower
    bound. steps: of W' of norm ω, which are added, and under which `run` is a pass."""
    places = range(networks.fixed, len(networks.weights))
    vector = unit(rng.standard_normal(run.hidden[places[0]].shape).astype(run.hidden[0].dtype))
    size = np.zeros(vector.shape[:2])
    for _ in range(STEPS):
        for at in places:
            image = vector @ networks.weights[at].swapaxes(1, 2)
            if steps is not None:
                step = steps[at - networks.fixed]
                image += omega * _along(vector, unit(run.hidden[at])) * step
            vector = image * run.active[at] if at < places[-1] else image
        size = lengths(vector)[..., 0]
        for at in reversed(places):
            image = vector @ networks.weights[at]
            if steps is not None:
                step = steps[at - networks.fixed]
                image += omega * _along(vector, step) * unit(run.hidden[at])
            vector = image * run.active[at - 1] if at > places[0] else image
        vector = unit(vector)
    return size


def _along(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Inner products over the last axis, which is kept."""
    return np.sum(vectors * others, axis=-1, keepdims=True)


def _better(
    best: Directions, counts: np.ndarray, steps: Directions, new: np.ndarray
) -> tuple[Directions, np.ndarray]:
    """For each network and input the directions with more flips, and how many; counts (S, n)."""
    more = (new > counts)[..., None]
    kept = [np.where(more, after, before) for before, after in zip(best, steps, strict=True)]
    return kept, np.maximum(counts, new)


def _spread(networks: Networks, start: Pass) -> np.ndarray:
    """The standard deviation of what enters the last layer's ReLUs, (S, n, 1)."""
    return np.sqrt(2 / networks.weights[-1].shape[1]) * lengths(start.hidden[-2])


def _signs(start: Pass) -> np.ndarray:
    """1 where the last layer's ReLUs are active, −1 where not: (S, n, m)."""
    return np.where(start.before[-1] >= 0, 1, -1).astype(start.before[-1].dtype)
