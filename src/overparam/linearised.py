"""The linear recursion that eq. (7) puts in place of a network's training.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (7). NumPy, float64.
"""

import numpy as np


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
