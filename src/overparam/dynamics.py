"""Full-batch gradient descent on the first layer of a two-layer ReLU network.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 3: the update rule with the
summed loss Φ(W) = ½ Σ_i (y_i − u_i)² and the second layer fixed at a_r = ±1.

The pre-activations n × m never exist: they are made in blocks of rows small enough for the
cache, and each block serves the output, the loss and the gradient before the next one is made.
A step costs 4nmd flop (two products) and two passes over each block.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from overparam.device import array
from overparam.predictions import l1_loss, zero_one_error

# Pre-activations in one block: 2¹⁹ float32 are 2 MiB, about a core's second-level cache; beyond
# width 4 096 a block keeps 128 rows, below which the products lose more than the passes gain.
BLOCK_ENTRIES = 2**19
LEAST_ROWS = 128
# Loss over its start at which a run counts as diverged.
DIVERGED = 1e3


@dataclass(frozen=True)
class Step:
    """The state after k gradient steps; its tensors change with the next step."""

    k: int
    loss: float  # Φ(k) = ½‖y − u(k)‖², summed over samples, accumulated in float64
    residual: torch.Tensor  # (n,) u(k) − y
    weights: torch.Tensor  # (d, m)


def descend(
    inputs: torch.Tensor,
    labels: torch.Tensor,
    weights: torch.Tensor,
    signs: torch.Tensor,
    eta: float,
    steps: int,
    first: int = 0,
) -> Iterator[Step]:
    """Yield W(0), W(1), … W(steps) of gradient descent on Φ, the weights changed in place.

    inputs (n, d), labels (n,), weights (d, m), signs (m,): one dtype, one device.
    eta: learning rate η for the summed loss Φ.
    first: the step that `weights` are of: given W(k) and k, it goes on as if never interrupted.

    Neurons with w_rᵀx_i = 0 count as active, as in the paper.
    """
    n, m = len(inputs), len(signs)
    rows = block_rows(n, m)
    activations = torch.empty(rows, m, dtype=weights.dtype, device=weights.device)
    active = torch.empty_like(activations)
    residual, gradient = torch.empty_like(labels), torch.empty_like(weights)
    update = -eta / math.sqrt(m) * signs
    for k in range(first, steps + 1):
        gradient.zero_()
        for start in range(0, n, rows):
            block = slice(start, min(start + rows, n))
            x, z, on = inputs[block], activations[: n - start], active[: n - start]
            torch.mm(x, weights, out=z)
            torch.ge(z, 0, out=on)
            z.clamp_(min=0)
            residual[block] = torch.mv(z, signs).div_(math.sqrt(m)).sub_(labels[block])
            # a_r leaves the sum over samples, so the pattern itself, 0 or 1, is the factor.
            gradient.addmm_((x * residual[block, None]).T, on)
        yield Step(k, summed_loss(residual), residual, weights)
        if k < steps:
            weights.addcmul_(gradient, update)


class Observer:
    """What is measured of a network while it trains: its distance from the start, its errors.

    inputs (n, r), labels (n,), start (r, m) and signs (m,): what it trains on, in the coordinates
    of the inputs' span; start is copied. test_inputs (n_test, d), test_labels (n_test,): as they
    are. whole_start (d, m) and basis (d, r): the whole network is whole_start + basis (W − start).
    All are tensors of one dtype on one device. leading: (q, n) eigenvectors in rows.
    """

    def __init__(
        self,
        inputs: torch.Tensor,
        labels: torch.Tensor,
        test_inputs: torch.Tensor,
        test_labels: torch.Tensor,
        start: torch.Tensor,
        signs: torch.Tensor,
        whole_start: torch.Tensor,
        basis: torch.Tensor,
        leading: np.ndarray,
    ) -> None:
        self.inputs, self.labels = inputs, labels
        self.test_inputs, self.test_labels = test_inputs, array(test_labels)
        self.start, self.signs = start.clone(), signs
        self.whole_start, self.basis, self.leading = whole_start, basis, leading

    def measure(self, step: Step) -> dict[str, float]:
        """Φ, Φ/n, ‖y − u‖₂, distances from the start, flipped patterns, train and test errors."""
        fitted = array(step.residual + self.labels)
        whole = torch.addmm(self.whole_start, self.basis, step.weights - self.start)
        predicted = array(outputs(self.test_inputs, whole, self.signs))
        distance, largest = distances(self.start, step.weights)
        return {
            "k": step.k,
            "phi": step.loss,
            "loss": step.loss / len(fitted),
            "residual_norm": math.sqrt(2 * step.loss),
            "distance": distance,
            "distance_max": largest,
            "flips": flipped(self.inputs, self.start, step.weights),
            "train_error": float(zero_one_error(fitted, np.sign(array(self.labels)))),
            "test_error": float(zero_one_error(predicted, self.test_labels)),
            "test_l1": float(l1_loss(predicted, self.test_labels)),
        }

    def project(self, step: Step) -> np.ndarray:
        """v_iᵀ(y − u(k)) on the leading eigenvectors: (q,)."""
        return -self.leading @ array(step.residual)


def outputs(inputs: torch.Tensor, weights: torch.Tensor, signs: torch.Tensor) -> torch.Tensor:
    """u_i = m^{-1/2} Σ_r a_r σ(w_rᵀx_i) in blocks: (n, d), (d, m), (m,) give (n,)."""
    rows = block_rows(len(inputs), len(signs))
    blocks = [(x @ weights).clamp_(min=0) @ signs for x in inputs.split(rows)]
    return torch.cat(blocks) / math.sqrt(len(signs))


def flipped(inputs: torch.Tensor, start: torch.Tensor, weights: torch.Tensor) -> float:
    """Share of the n·m ReLU patterns 1{w_rᵀx_i ≥ 0} that differ from those of `start` (d, m)."""
    n, m = len(inputs), weights.shape[1]
    changed = sum(
        torch.count_nonzero((x @ start >= 0) != (x @ weights >= 0)).item()
        for x in inputs.split(block_rows(n, m))
    )
    return changed / (n * m)


def distances(start: torch.Tensor, weights: torch.Tensor) -> tuple[float, float]:
    """‖W(k) − W(0)‖_F and max_r ‖w_r(k) − w_r(0)‖₂, accumulated in float64."""
    squares = (weights - start).double().square_().sum(dim=0)
    return squares.sum().sqrt().item(), squares.max().sqrt().item()


def summed_loss(residual: torch.Tensor) -> float:
    """Φ = ½‖y − u‖², the squares summed in float64."""
    return 0.5 * residual.double().square().sum().item()


def has_diverged(loss: float, first: float) -> bool:
    """Whether Φ(k) is not finite or above 10³ Φ(0)."""
    return not math.isfinite(loss) or loss > DIVERGED * first


def divergence(step: Step, first: float, eta: float, largest_eigenvalue: float) -> str:
    """The message for a run that diverged: step, loss, its start, η and the stability edge."""
    return (
        f"training diverged at step {step.k}: found Φ = {step.loss:.6g}, expected a finite value "
        f"of at most {DIVERGED:g} times its start {first:.6g} (η = {eta:.6g}, 2/λ_max = "
        f"{2 / largest_eigenvalue:.6g}): lower eta, or set on_divergence to 'record'"
    )


def block_rows(n: int, m: int) -> int:
    """Rows of a block of pre-activations that stays in the cache."""
    return min(n, max(LEAST_ROWS, BLOCK_ENTRIES // m))
