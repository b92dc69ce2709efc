"""Exponents and slopes fitted to measurements over seeds, with their uncertainty.

NumPy float64. Statements such as "the deviation falls like m^{-1/2}" (Arora, Du, Hu, Li, Wang 2019,
arXiv 1901.08584) are held against what these find.
"""

from typing import NamedTuple

import numpy as np

from overparam.errors import Refusal
from overparam.seeds import generator

RESAMPLES = 2000


class Fit(NamedTuple):
    """A fitted exponent and its 95 % confidence interval."""

    exponent: float
    low: float
    high: float


class Trend(NamedTuple):
    """The mean slope over seeds, its standard error, and the slope of each seed, (seeds,)."""

    slope: float
    error: float
    per_seed: np.ndarray


def power_law(sizes: np.ndarray, values: np.ndarray) -> Fit:
    """The exponent of values ∝ size^exponent, from the median over seeds at each size.

    sizes: (k,) positive, two different ones at least. values: (k, seeds) positive.

    The exponent is the slope of the least-squares line through the logarithms of the medians; its
    interval holds the middle 95 % of 2 000 bootstrap resamples of the seeds, the same ones at each
    size, since what a seed draws (random labels) may be shared between sizes. Their generator
    depends on nothing but the number of seeds: equal values give equal intervals.
    Raises Refusal if a size or a value is not positive, or all sizes are equal.
    """
    sizes, values = np.asarray(sizes, float), np.asarray(values, float)
    if not (np.all(sizes > 0) and np.all(values > 0) and len(np.unique(sizes)) > 1):
        raise Refusal(
            f"power law: found sizes {sizes.tolist()} and values from {values.min():.6g}, "
            "expected different sizes and positive values: no logarithm fits these"
        )
    seeds = values.shape[1]
    chosen = generator(0, "fits", "bootstrap", seeds).integers(seeds, size=(RESAMPLES, seeds))
    resampled = np.median(values[:, chosen], axis=2)  # (k, RESAMPLES)
    slopes = _slopes(np.log(sizes), np.log(resampled.T))
    low, high = np.percentile(slopes, [2.5, 97.5])
    exponent = slope(np.log(sizes), np.log(np.median(values, axis=1)))
    return Fit(exponent, float(low), float(high))


def trend(x: np.ndarray, values: np.ndarray) -> Trend:
    """The slope of values against x, fitted for each seed, and the standard error of their mean.

    x: (k,), two different ones at least. values: (k, seeds), two seeds at least: measurements
        that share what a seed draws are compared with each other alone.

    Raises Refusal if all x are equal, or there is but one seed.
    """
    x, values = np.asarray(x, float), np.asarray(values, float)
    if len(np.unique(x)) < 2 or values.shape[1] < 2:
        raise Refusal(
            f"trend: found {len(np.unique(x))} sizes and {values.shape[1]} seeds, expected two "
            "of each at least: fewer have no slope, or none with an error"
        )
    slopes = _slopes(x, values.T)
    error = slopes.std(ddof=1) / np.sqrt(len(slopes))
    return Trend(float(slopes.mean()), float(error), slopes)


def slopes(sizes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The exponent of each seed alone: sizes (k,) and values (k, seeds), all positive, (seeds,)."""
    return _slopes(np.log(np.asarray(sizes, float)), np.log(np.asarray(values, float)).T)


def slope(x: np.ndarray, values: np.ndarray) -> float:
    """Slope of the least-squares line through values (k,) at x (k,)."""
    return float(_slopes(np.asarray(x, float), np.asarray(values, float)[None])[0])


def farthest_from_one(ratios: np.ndarray) -> float:
    """Of ratios, that whose logarithm is largest, up or down; NaN when empty, or one is NaN.

    0 and less count as farther than any positive number.
    """
    values = np.asarray(ratios, float)
    if not len(values) or np.isnan(values).any():
        return np.nan
    logs = np.log(values, out=np.full(len(values), np.inf), where=values > 0)
    return float(values[np.argmax(np.abs(logs))])


def _slopes(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Least-squares slopes of each row (q, k) against x (k,): (q,)."""
    centred = x - x.mean()
    return rows @ centred / (centred @ centred)
