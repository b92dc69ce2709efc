"""What jobs cost: seconds and memory, for the scheduler and for `make plan`.

The models stand with the jobs that they are of, and count flop and bytes. The rates are those of a
slow core, so that the seconds are seldom exceeded; `make plan` prefers the times of a run that was
made here (its benchmark files).
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
    return {"runtime": minutes(seconds)} | {key: resource(model) for key, model in models.items()}


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


def network_mb(m: int, d: int, span: int, size: int = 8) -> float:
    """Weights whole and, five times, in the span that is trained; a block of rows."""
    weights = matrix_mb(d, m, 8 + 2 * size) + 5 * matrix_mb(span, m, size)
    return weights + matrix_mb(512, m, 2 * size)
