"""How cost grows: what doubling n, m or d does to seconds, beside what the operations say."""

from collections.abc import Callable

import numpy as np

from bench.rates import best
from bench.steps import step_seconds
from overparam import kernels, matrices, measures

# What a job does, its sizes, and by how much more there is to do at twice each of them.
CASES = (
    ("Gram matrix", {"n": 2000, "d": 784}, {"n": 4, "d": 2}),
    ("spectrum", {"n": 1000}, {"n": 8}),
    ("complexity measure", {"n": 2000}, {"n": 8}),
    ("gradient step", {"n": 1000, "m": 1024, "d": 400}, {"n": 2, "m": 2, "d": 2}),
)


def report() -> str:
    """Seconds at some size and at twice n, m or d, and their ratio."""
    lines = [
        "## Growth",
        "",
        "One thread, the fastest of three calls (of a step the median of 40). The ratio is to the",
        "first size; counted is that of the operations. Steps, labellings and seeds just add up.",
        "",
        "| job | size | seconds | ratio | counted |",
        "|---|---|---|---|---|",
    ]
    for job, size, doubled in CASES:
        first = seconds(job, **size)
        lines.append(f"| {job} | {_said(size)} | {first:.3g} | 1 | 1 |")
        for key, counted in doubled.items():
            larger = size | {key: 2 * size[key]}
            took = seconds(job, **larger)
            lines.append(
                f"| {job} | {_said(larger)} | {took:.3g} | {took / first:.1f} | {counted} |"
            )
    return "\n".join(lines)


def _said(size: dict[str, int]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in size.items())


def seconds(job: str, n: int, d: int = 64, m: int = 0) -> float:
    """Seconds of one call."""
    if job == "gradient step":
        return step_seconds(n, m, d)
    inputs = np.random.default_rng(0).standard_normal((n, d))
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    if job == "Gram matrix":
        return best(lambda: kernels.relu_gram(inputs), 3)
    gram = kernels.relu_gram(inputs)
    work: dict[str, Callable[[], object]] = {
        "spectrum": lambda: matrices.decompose(gram.copy()),
        "complexity measure": lambda: measures.factorise(gram.copy()),
    }
    return best(work[job], 3)
