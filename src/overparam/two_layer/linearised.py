"""The network linearised at its start: features Z(0), and the two sequences that follow them.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (5), (7) and (11). With features that
stay as they were at the start, gradient descent is a linear recursion: of the outputs, ũ (with H∞
for H(0)), and of the weights, W̃. NumPy, float64.
"""

import numpy as np


def features(inputs: np.ndarray, weights: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Z, whose column i stacks m^{-1/2} a_r 1{w_rᵀx_i ≥ 0} x_i over the neurons r (eq. 5).

    inputs (n, d), weights (d, m), signs (m,) give (m·d, n). It is the gradient of u_i in the
    weights, ordered as `stacked` orders them, and ZᵀZ = H.
    """
    active = (weights.T @ inputs.T >= 0) * signs[:, None] / np.sqrt(len(signs))
    return (active[:, None, :] * inputs.T).reshape(weights.size, len(inputs))


def stacked(weights: np.ndarray) -> np.ndarray:
    """vec W: the columns w_r of weights (d, m), one below the other, (m·d,)."""
    return weights.T.ravel()


def residuals(gram: np.ndarray, labels: np.ndarray, eta: float, last: int) -> np.ndarray:
    """‖y − ũ(k)‖₂ for k = 0 … last, by the recursion ũ(k+1) = ũ(k) − ηH(ũ(k) − y), ũ(0) = 0.

    gram: (n, n), H∞ in eq. (7). labels: (n,). eta: learning rate for the *summed* loss. What
    `spectra.predicted_residual` gives in closed form. Returns (last + 1,).
    """
    outputs, norms = np.zeros(len(labels)), np.empty(last + 1)
    for k in range(last + 1):
        norms[k] = np.linalg.norm(labels - outputs)
        outputs = outputs - eta * gram @ (outputs - labels)
    return norms


def auxiliary(z: np.ndarray, labels: np.ndarray, eta: float, steps: int) -> np.ndarray:
    """vec W̃(steps) of the auxiliary sequence W̃ ← W̃ − ηZ(ZᵀW̃ − y), W̃(0) = 0 (eq. 11).

    z: (m·d, n) features at the start. labels: (n,). eta: learning rate for the *summed* loss.
    Returns (m·d,).
    """
    weights = np.zeros(len(z))
    for _ in range(steps):
        weights -= eta * (z @ (weights @ z - labels))
    return weights


def auxiliary_limit(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """vec W̃(∞): of all weights with Zᵀvec W = y those of least norm, from an SVD of Zᵀ.

    Its norm is √(yᵀH(0)⁻¹y). z: (m·d, n), labels (n,) give (m·d,).
    """
    return np.linalg.lstsq(z.T, labels, rcond=None)[0]
