"""What chance allows: whether draws agree with the law that they should follow."""

import numpy as np


def standard_errors(draws: np.ndarray, expected: float) -> float:
    """|mean of the draws − expected| over the standard error of that mean, which they give.

    draws: (s,), s ≥ 2. Two numbers that agree exactly are 0 apart, even without any spread.
    """
    distance = abs(np.mean(draws) - expected)
    error = np.std(draws, ddof=1) / np.sqrt(len(draws))
    return float(distance / error) if distance else 0.0


def distances(draws: np.ndarray, expected: float) -> np.ndarray:
    """(draw − expected) over the standard deviation that the draws give, each: (s,), s ≥ 2."""
    apart = np.asarray(draws) - expected
    spread = np.std(draws, ddof=1)
    return apart / spread if spread else np.where(apart == 0, 0.0, np.copysign(np.inf, apart))


def top_energy_error(shares: np.ndarray, k: int, n: int) -> float:
    """How far the mean share of ‖y‖² in k of n directions lies from k/n, in standard errors.

    shares: (s,) of s draws of random labels. Random signs are spread over directions evenly: the
    share has mean k/n and, for coefficients close to normal, variance 2k(n − k)/(n²(n + 2)).
    """
    error = np.sqrt(2 * k * (n - k) / (n + 2) / len(shares)) / n
    return float(abs(np.mean(shares) - k / n) / error)


def noise_correlation(first: np.ndarray, second: np.ndarray, portion: float) -> np.ndarray:
    """Correlation over points of two relabellings: (q, n) and (q, n) give (q,).

    first, second: ±1, noisy label times true one, of two sets of n points with a portion p of
        labels redrawn: mean 1 − p, variance 1 − (1 − p)². The law's moments are taken, not the
        sample's, so that labels which nobody relabelled are no division by zero. If the two are
        drawn independently the result has standard deviation 1/√n or a little less.
    """
    mean = 1 - portion
    return np.mean((first - mean) * (second - mean), axis=1) / (1 - mean**2)
