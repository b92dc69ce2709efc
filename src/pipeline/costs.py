"""What jobs cost: seconds and memory by n, m and d, for the scheduler and for `make plan`.

The models count flop and bytes. The rates are those of a slow core, so that the seconds are seldom
exceeded; `make plan` prefers the times of a run that was made here (its benchmark files).
"""

import math
from collections.abc import Callable
from typing import Any

from pipeline.wildcards import Wildcards

# Flop per second and thread of a float64 matrix product; float32 does twice as many.
FLOPS = 20e9
# Bytes per second read from a file.
READ = 200e6
# The same as FLOPS of a GPU, which does nothing else in this pipeline.
GPU_FLOPS = 10e12
# Seconds and MB that any job takes: starting Python, NumPy and, in training, torch. On a cluster,
# two Snakemakes of 160 MB stand beside it on the node: the memory holds them too.
START, START_TORCH = 2, 4
BASE, BASE_TORCH = 650, 1000
# How much longer than expected a job may take before a cluster ends it.
PATIENCE = 5
# Seconds and MB of a job that draws a figure, and of one that puts together what others found.
PLOT = 5, 600
TABLE = START + 1, BASE + 250

Model = Callable[[Wildcards], float] | float
"""What a rule's jobs are expected to take: a number, or one for their wildcards."""


def matrix_mb(rows: float, columns: float, size: int = 8) -> float:
    """Megabytes of a matrix."""
    return rows * columns * size / 1e6


def cost(seconds: Model, mb: Model, **more: Model) -> dict[str, Any]:
    """The resources of a rule whose jobs are expected to take so long and so much memory."""
    models = {"mem_mb": mb, "seconds": seconds} | more
    return {"runtime": minutes(seconds)} | {key: resource(one) for key, one in models.items()}


def minutes(model: Model) -> Callable[..., int]:
    """The time limit of a job whose seconds are expected to be `model`: more on each retry."""

    def limit(wildcards: Wildcards, attempt: int) -> int:
        return (math.ceil(PATIENCE * expected(model, wildcards) / 60) + 1) * attempt

    return limit


def resource(model: Model) -> Callable[..., int]:
    """A model as a resource: whole numbers, more on each retry."""

    def rounded(wildcards: Wildcards, attempt: int) -> int:
        return math.ceil(expected(model, wildcards) * attempt)

    return rounded


def expected(model: Model, wildcards: Wildcards) -> float:
    """What a job is expected to take."""
    return model(wildcards) if callable(model) else model


def gram_seconds(n: int, d: int, threads: int) -> float:
    """n²d flop of products (half the tiles), then some 100 flop an entry for arccos."""
    return START + (n * n * d / threads + 100 * n * n) / FLOPS


def gram_mb(n: int, d: int) -> float:
    """The matrix, the inputs twice, and tiles."""
    return BASE + 1.1 * matrix_mb(n, n) + 2 * matrix_mb(n, d)


def spectrum_seconds(n: int, threads: int) -> float:
    """Some 9 n³ flop, of which a third runs at the speed of a matrix product."""
    return START + 20 * n**3 / FLOPS / threads


def spectrum_mb(n: int) -> float:
    """The matrix, the eigenvectors and LAPACK's workspace of two matrices."""
    return BASE + 4.2 * matrix_mb(n, n)


def labels_seconds(n: int, labellings: int, threads: int) -> float:
    """Projecting labellings on eigenvectors: reading n² numbers, at most twice, and 2n² flop."""
    return START + n * n * (16 / READ + 2 * labellings / FLOPS / threads)


def complexity_seconds(n: int, test: int, labellings: int, threads: int) -> float:
    """Cholesky and its inverse, n³/3 flop each (the inverse slower), then 4n² a labelling."""
    return START + (3 * n**3 + 4 * n * n * (labellings + test)) / FLOPS / threads


def complexity_mb(n: int, test: int, d: int, labellings: int) -> float:
    """The factor and LAPACK's copy, the cross kernel and the labels' solutions."""
    return (
        BASE + 2.2 * matrix_mb(n, n) + matrix_mb(test, n) + matrix_mb(n + test, d + 4 * labellings)
    )


def train_seconds(n: int, m: int, d: int, steps: int, nets: int, rate: float) -> float:
    """4nmd flop a step, the passes over the pre-activations a third on top; rate in flop/s."""
    return START_TORCH + 1.33 * nets * steps * 4 * n * m * d / rate


def train_rate(device: str, dtype: str, threads: int) -> float:
    """Flop per second of training: float64 runs at half the rate of float32."""
    rate = GPU_FLOPS if device == "cuda" else 2 * FLOPS * threads
    return rate if dtype == "float32" else rate / 2


def checkpoint_mb(span: int, m: int, size: int, steps: int, nets: int) -> float:
    """The weights as they are trained and the loss history; twice while it is replaced."""
    return 2 * (matrix_mb(span, m, size) + matrix_mb(steps, nets))


def train_mb(
    n: int, test: int, m: int, d: int, span: int, size: int, steps: int, nets: int
) -> float:
    """Inputs as stored, all d dimensions; a network; the loss history. size: bytes of a number in
    training."""
    inputs = 3 * matrix_mb(n, d) + matrix_mb(test, d, 8 + size)
    return BASE_TORCH + inputs + network_mb(m, d, span, size) + matrix_mb(steps, nets)


def network_mb(m: int, d: int, span: int, size: int = 8) -> float:
    """Weights whole and, five times, in the span that is trained; a block of rows."""
    weights = matrix_mb(d, m, 8 + 2 * size) + 5 * matrix_mb(span, m, size)
    return weights + matrix_mb(512, m, 2 * size)
