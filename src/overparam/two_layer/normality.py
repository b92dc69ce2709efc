"""Whether projections of random labels on eigenvectors look normal.

Apart from `sampling`: SciPy's statistics take most of a second to load.
"""

import numpy as np
from scipy import stats


def chi_square_test(coefficients: np.ndarray) -> tuple[float, float]:
    """Kolmogorov–Smirnov test of (v_iᵀy)² against χ² with one degree of freedom.

    coefficients: (n,) projections v_iᵀy of one draw of random labels on orthonormal vectors; each
        has mean 0 and variance 1, and is close to normal where v_i is spread over many points.

    Returns the largest distance of the distribution functions, and the probability of a larger.
    """
    result = stats.kstest(coefficients**2, stats.chi2(1).cdf)
    return float(result.statistic), float(result.pvalue)


def largest_normal_tail(largest: float, n: int) -> float:
    """Two-sided probability of so extreme a largest |z| of n independent standard normal z."""
    below = np.exp(n * np.log1p(-2 * stats.norm.sf(largest)))
    return float(2 * min(below, 1 - below))
