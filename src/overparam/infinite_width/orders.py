"""Exponents in the width, of means over networks.

Du et al. and Lee's survey say O(m^{-1/2}) of what scatters over networks: a root mean square or a
mean over them, where `overparam.fits` takes the median. NumPy float64.
"""

from collections.abc import Callable

import numpy as np

from overparam import fits
from overparam.errors import Refusal
from overparam.seeds import generator

RESAMPLES = 1000


def root_mean_square(values: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    return np.sqrt(np.mean(np.square(np.asarray(values)), axis=-1))


def mean(values: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    return np.mean(np.asarray(values), axis=-1)


def power_law(
    sizes: np.ndarray, values: np.ndarray, middle: Callable[[np.ndarray], np.ndarray]
) -> fits.Fit:
    """The exponent of `middle` over seeds of values ∝ size^exponent.

    sizes: (k,) positive. values: (k, seeds) positive. middle: over the last axis.

    The interval holds the middle 95 % of 1 000 bootstrap resamples of the seeds, each size's own,
    since networks of different widths share nothing; those of which `middle` is not positive at
    every size are left out. Raises Refusal if it is not of all seeds.
    """
    found = middle(values)
    if not np.all(found > 0):
        raise Refusal(f"exponent: found {found.tolist()}, expected positive numbers")
    k, seeds = values.shape
    chosen = generator(0, "orders", "bootstrap", seeds).integers(seeds, size=(k, RESAMPLES, seeds))
    resampled = middle(np.take_along_axis(values[:, None], chosen, axis=2))
    resampled = resampled[:, np.all(resampled > 0, axis=0)]
    exponent = fits.slopes(sizes, found[:, None])[0]
    low, high = np.percentile(fits.slopes(sizes, resampled), [2.5, 97.5])
    return fits.Fit(float(exponent), float(low), float(high))


def farthest(found: list[fits.Fit], expected: float) -> fits.Fit:
    """The fit whose exponent is farthest from what is expected."""
    return max(found, key=lambda fit: abs(fit.exponent - expected))
