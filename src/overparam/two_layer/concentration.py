"""The Gram matrix of a network at its start, and how close to H∞ chance alone brings it.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), lemma C.3.
"""

import numpy as np

from overparam import networks

# Neurons drawn at once: n × m activations never exist together.
NEURONS = 1024


def initial_gram(inputs: np.ndarray, m: int, rng: np.random.Generator) -> np.ndarray:
    """H(0) of m neurons with Gaussian weights: inputs (n, d) give (n, n).

    It depends on the signs of w_rᵀx_i alone, so neither on κ nor on the second layer; inputs may
    be coordinates in their span, in which Gaussian weights are Gaussian too.
    """
    n, d = inputs.shape
    gram = np.zeros((n, n))
    for start in range(0, m, NEURONS):
        size = min(NEURONS, m - start)
        weights, _ = networks.initialise(size, d, 1.0, False, rng)
        gram += networks.empirical_gram(inputs, weights) * (size / m)
    return gram


def expected_square(cosines: np.ndarray, gram: np.ndarray) -> float:
    """m · E‖H(0) − H∞‖_F², exactly: Σ_ij H∞_ij (x_iᵀx_j − H∞_ij).

    Each neuron adds x_iᵀx_j · Bernoulli(p_ij), with H∞_ij = x_iᵀx_j p_ij, over m.

    cosines: (n, n) x_iᵀx_j. gram: (n, n) H∞.
    """
    return float(np.sum(gram * (cosines - gram)))
