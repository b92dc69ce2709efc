"""Exponents: straight lines through points on log-log axes, with confidence intervals."""

from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.seeds import generator

RESAMPLES = 2000


class Fit(NamedTuple):
    """An exponent and the ends of its 95 % confidence interval."""

    exponent: float
    low: float
    high: float


def power_law(sizes: np.ndarray, values: np.ndarray) -> Fit:
    """Exponent b of values ≈ c · sizes^b, by least squares through log of the per-size medians.

    sizes: (k,) positive, at least two different ones. values: (k, seeds) positive.

    The interval holds the middle 95 % of 2 000 bootstrap resamples of the seeds, the same ones at
    each size and in each call; with one seed it is the exponent alone.
    Raises Refusal for fewer than two sizes, or values that are not positive.
    """
    sizes, values = np.asarray(sizes, dtype=float), np.asarray(values, dtype=float)
    if len(np.unique(sizes)) < 2 or not (sizes > 0).all() or not (values > 0).all():
        raise Refusal(
            f"power law: found sizes {sizes.tolist()} and smallest value {values.min(initial=0):g}"
            ", expected at least two sizes, and sizes and values above 0"
        )
    seeds = values.shape[1]
    rng = generator(0, "power law", "bootstrap", seeds)
    chosen = np.vstack([np.arange(seeds), rng.integers(0, seeds, (RESAMPLES, seeds))])
    exponents = slopes(sizes, np.median(values[:, chosen], axis=2))
    low, high = np.percentile(exponents[1:], [2.5, 97.5])
    return Fit(float(exponents[0]), float(low), float(high))


def slopes(sizes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least-squares exponent of each column: sizes (k,), values (k, q), all positive, give (q,)."""
    centred = np.log(sizes) - np.log(sizes).mean()
    return centred @ np.log(values) / (centred @ centred)
