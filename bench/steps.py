"""A gradient step beside the products it cannot do without."""

import time

import numpy as np
import torch

from bench.rates import torch_rate
from overparam import dynamics

# n, m, d: the default run's networks, equation 8's, and MNIST's in the workstation run.
SIZES = ((1437, 1024, 64), (1437, 2048, 64), (200, 3200, 64), (1000, 1024, 784))


def report() -> str:
    """Milliseconds a step, the rate reached, and its ratio to the best product before and after."""
    lines = [
        "## Gradient step",
        "",
        "One thread, float32; a step is 4nmd flop. The ratio is to the rate of a 1 024³ product,",
        "measured before and after.",
        "",
        "| n | m | d | ms a step | GFLOP/s | product GFLOP/s | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for n, m, d in SIZES:
        before = torch_rate()
        seconds = step_seconds(n, m, d)
        product = (before + torch_rate()) / 2
        rate = 4 * n * m * d / seconds / 1e9
        lines.append(
            f"| {n} | {m} | {d} | {1e3 * seconds:.2f} | {rate:.0f} | {product:.0f} "
            f"| {rate / product:.2f} |"
        )
    return "\n".join(lines)


def step_seconds(n: int, m: int, d: int, steps: int = 40) -> float:
    """Median seconds of a step of gradient descent."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.nn.functional.normalize(torch.randn(n, d, generator=generator))
    labels = torch.sign(torch.randn(n, generator=generator))
    weights = torch.randn(d, m, generator=generator)
    signs = torch.sign(torch.randn(m, generator=generator))
    times, last = [], time.perf_counter()
    for _ in dynamics.descend(inputs, labels, weights, signs, eta=1e-3, steps=steps):
        now = time.perf_counter()
        times.append(now - last)
        last = now
    return float(np.median(times[1:]))
