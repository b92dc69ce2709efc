"""Random walks on the line."""

from collections.abc import Iterator

import numpy as np


def walk(steps: np.ndarray, start: int = 0, position: float = 0.0) -> Iterator[tuple[int, float]]:
    """Step k and position S_k = X_1 + … + X_k, from step `start` at `position` on.

    steps: X_1, …, X_K, shape (K,).
    """
    yield start, position
    for k in range(start, len(steps)):
        position += steps[k]
        yield k + 1, position
