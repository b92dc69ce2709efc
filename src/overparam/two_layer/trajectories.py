"""A network's gradient descent, from NumPy arrays to the step that is looked at.

What the experiments share that train many small networks in one job. Source: Arora, Du, Hu, Li,
Wang 2019 (arXiv 1901.08584), section 3; the steps themselves are those of `dynamics.descend`.
"""

from collections.abc import Iterator

import numpy as np

from overparam import device, networks
from overparam.dynamics import Step, descend


def trajectory(
    inputs: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    signs: np.ndarray,
    eta: float,
    steps: int,
    dtype: str = "float32",
    place: str = "cpu",
) -> Iterator[Step]:
    """Yield the steps 0 … `steps` of gradient descent on the summed loss Φ = ½ Σ_i (y_i − u_i)².

    inputs (n, d), labels (n,), weights (d, m), signs (m,): NumPy, left as they are.
    eta: learning rate η for Φ. dtype: float32 or float64. place: cpu or cuda.

    The weights of a step are in the coordinates of the inputs' span, which changes nothing.
    Raises Refusal if `place` is not there.
    """
    basis, on = networks.row_span(inputs), device.choose(place)
    arrays = inputs @ basis, labels, basis.T @ weights, signs
    x, y, start, second = (device.tensor(array, dtype, on) for array in arrays)
    return descend(x, y, start, second, eta, steps)


def losses(steps: Iterator[Step], count: int) -> np.ndarray:
    """Φ(0) … Φ(count − 1) of a trajectory, NaN from the step after which one is not finite."""
    phi = np.full(count, np.nan)
    for step in steps:
        phi[step.k] = step.loss
        if not np.isfinite(step.loss):
            break
    return phi
