"""What governs the loss at one point: the imbalance D, the operator τ, the bounds α and β on it.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (3) to (7) and its lemma 3.1.
"""

import numpy as np


def transposed(matrices: np.ndarray) -> np.ndarray:
    """The transpose of each matrix (…, a, b): (…, b, a)."""
    return np.swapaxes(matrices, -1, -2)


def norm(matrices: np.ndarray) -> np.ndarray:
    """Frobenius norms of matrices (…, a, b): (…)."""
    return np.sqrt(np.sum(matrices**2, axis=(-2, -1)))


def imbalance(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """D = W1ᵀW1 − W2W2ᵀ, (…, h, h); in print the minus is lost."""
    return transposed(w1) @ w1 - w2 @ transposed(w2)


def tau(gradient: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """τ(∇ℓ) = ∇ℓ W2ᵀW2 + W1W1ᵀ ∇ℓ of eq. (5), (…, n, m)."""
    return gradient @ (transposed(w2) @ w2) + (w1 @ transposed(w1)) @ gradient


def tau_extremes(w1: np.ndarray, w2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """λ_min(τ) and λ_max(τ), each (…): τ is the Kronecker sum of W1W1ᵀ and W2ᵀW2."""
    left = np.linalg.eigvalsh(w1 @ transposed(w1))
    right = np.linalg.eigvalsh(transposed(w2) @ w2)
    return left[..., 0] + right[..., 0], left[..., -1] + right[..., -1]


def narrowed(w1: np.ndarray, w2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same network in the span of the rows of W1 and the columns of W2.

    Gradients lie in that span, of at most n + m dimensions, so descent and flow from there are the
    same in exact arithmetic, whatever the width h: loss, product, τ and the spectrum of D but for
    zeros.
    """
    if w1.shape[-1] <= w1.shape[-2] + w2.shape[-1]:
        return w1, w2
    span, _ = np.linalg.qr(np.concatenate([transposed(w1), w2], axis=-1))
    return w1 @ span, transposed(span) @ w2


def product_update(
    w1: np.ndarray, w2: np.ndarray, gradient: np.ndarray, eta: np.ndarray
) -> np.ndarray:
    """The product after a step, eq. (16): W − η τ(∇ℓ) + η² ∇ℓ Wᵀ ∇ℓ, (…, n, m); η (…, 1, 1)."""
    w = w1 @ w2
    return w - eta * tau(gradient, w1, w2) + eta**2 * gradient @ transposed(w) @ gradient


def margins(value: np.ndarray, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """σ_m(W) and σ_n(W), or bounds on them, from one on σ_min(W): the one beyond min(n, m) is 0."""
    zero = np.zeros_like(value)
    return (value if m <= n else zero), (value if n <= m else zero)


def imbalance_spectrum(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """Eigenvalues of D, falling, in the span that they are not 0 in: (…, at most n + m)."""
    return np.linalg.eigvalsh(imbalance(*narrowed(w1, w2)))[..., ::-1]


def alpha(spectrum: np.ndarray, least: np.ndarray, n: int, m: int) -> np.ndarray:
    """The lower bound α(D, σ_min(W)) on λ_min(τ), (…).

    spectrum: eigenvalues of D, falling (…, k). least: σ_min(W), or a lower bound on it, (…).

    σ_m(W) belongs to the first root, the one with λ_1(D), and σ_n(W) to the second; at n = m and
    for balanced starts it does not matter which.
    """
    first, second = margins(least, n, m)
    above, below = np.maximum(spectrum, 0), np.maximum(-spectrum[..., ::-1], 0)
    high, low = _at(above, n), _at(below, m)  # λ_n(D)₊ and λ_m(−D)₊
    gap, other, common = above[..., 0] - high, below[..., 0] - low, high + low
    return _root(gap, common, first) + _root(other, common, second)


def beta(spectrum: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """The upper bound β(D, σ_max(W)) on λ_max(τ), (…)."""
    above, below = np.maximum(spectrum[..., 0], 0), np.maximum(-spectrum[..., -1], 0)
    return sum(0.5 * (extreme + np.sqrt(extreme**2 + 4 * largest**2)) for extreme in (above, below))


def _at(falling: np.ndarray, index: int) -> np.ndarray:
    """The index-th of some values, counted from 1; 0 beyond the last."""
    return falling[..., index - 1] if index <= falling.shape[-1] else np.zeros(falling.shape[:-1])


def _root(gap: np.ndarray, common: np.ndarray, product: np.ndarray) -> np.ndarray:
    return 0.5 * (np.sqrt((gap + common) ** 2 + 4 * product**2) - gap)
