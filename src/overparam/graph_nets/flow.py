"""Gradient flow by small steps, several runs side by side, in the time of the flow.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1, which is of gradient flow.
A step is a share of 1/λ_max of the loss's Hessian, which is estimated anew every few steps: from
one estimate that is kept too long the loss rises, and what then exceeds a bound is the step.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

Parameters = list[np.ndarray]
Gradient = Callable[[Parameters], tuple[np.ndarray, Parameters]]
"""Loss (S,) and its gradient at parameters (S, …)."""
SHARE = 0.2  # of 1/λ_max
FRESH = 25  # steps from one estimate of λ_max to the next
POWER = 8  # iterations of an estimate
SIZE = 1e-5  # of a difference; fixed, so that no step depends on weights that no output reads


class State(NamedTuple):
    """S runs at one step."""

    step: int
    time: np.ndarray
    """Σ η up to here, (S,)."""
    loss: np.ndarray
    """(S,)."""
    parameters: Parameters
    """Changed in place by the next step."""
    slopes: Parameters
    """The gradient."""


def descend(
    start: Parameters, gradient: Gradient, steps: int, share: float = SHARE, fresh: int = FRESH
) -> Iterator[State]:
    """Each step from 0 to `steps`, or until the caller has seen enough."""
    parameters = [each.copy() for each in start]
    time = np.zeros(len(start[0]))
    direction: Parameters | None = None
    for step in range(steps + 1):
        loss, slopes = gradient(parameters)
        yield State(step, time, loss, parameters, slopes)
        if step % fresh == 0:
            largest, direction = sharpness(parameters, slopes, gradient, direction or slopes)
        eta = share / np.where(largest > 0, largest, np.inf)  # a run that rests takes no step
        for each, slope in zip(parameters, slopes, strict=True):
            each -= _wide(eta, each) * slope
        time = time + eta


def until(
    start: Parameters, gradient: Gradient, levels: np.ndarray, steps: int, share: float = SHARE
) -> tuple[np.ndarray, np.ndarray]:
    """Times and losses, (K, S) each, until each loss is at its level, (S,), or `steps` are made."""
    times, losses = [], []
    for state in descend(start, gradient, steps, share):
        times.append(state.time)
        losses.append(state.loss)
        if np.all(state.loss <= levels):
            break
    return np.array(times), np.array(losses)


def sharpness(
    parameters: Parameters, slopes: Parameters, gradient: Gradient, direction: Parameters
) -> tuple[np.ndarray, Parameters]:
    """λ_max of the Hessian, (S,), by power iterations from a direction, and where they ended.

    slopes: the gradient at the parameters, of which the Hessian's products are differences.
    """
    found = np.zeros(len(parameters[0]))
    for _ in range(POWER):
        scale = SIZE / np.maximum(length(direction), 1e-300)
        moved = [
            each + _wide(scale, each) * way for each, way in zip(parameters, direction, strict=True)
        ]
        _, there = gradient(moved)
        direction = [(new - old) / SIZE for new, old in zip(there, slopes, strict=True)]
        found = length(direction)
    return found, direction


def length(arrays: Parameters) -> np.ndarray:
    """Euclidean length of all that a run has, (S,)."""
    squares = [np.sum(each**2, axis=tuple(range(1, each.ndim))) for each in arrays]
    return np.sqrt(np.sum(squares, axis=0))


def arrival(times: np.ndarray, losses: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The first time at which each run's loss is at its level or below, (S,).

    times, losses: (K, S). levels: (S,). NaN for a run that ends above it.
    """
    there = losses <= levels
    first = np.argmax(there, axis=0)
    runs = np.arange(losses.shape[1])
    return np.where(there.any(axis=0), times[first, runs], np.nan)


def _wide(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    """(S,) with as many axes as an array (S, …)."""
    return values.reshape(-1, *[1] * (like.ndim - 1))
