"""The computer, and the best rate at which it multiplies matrices."""

import time
from collections.abc import Callable

import torch

from pipeline import provenance


def computer() -> str:
    """Processor, cores, BLAS and the kernel that it chose."""
    facts = provenance.computer()
    pools = provenance.blas()["pools"]
    kernels = ", ".join(
        f"{pool['internal_api']} {pool['version']} ({pool['architecture']})"
        for pool in pools
        if pool.get("architecture")
    )
    return f"{facts['processor']}, {facts['cores']} cores, Python {facts['python']}, {kernels}"


def best(function: Callable[[], object], repeats: int = 15) -> float:
    """Seconds of the fastest of several calls, after one that warms up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def torch_rate(size: int = 1024) -> float:
    """float32 GFLOP/s of one square matrix product in torch, with one thread."""
    left, right = torch.randn(size, size), torch.randn(size, size)
    out = torch.empty(size, size)
    return 2 * size**3 / best(lambda: torch.mm(left, right, out=out)) / 1e9
