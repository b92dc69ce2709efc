"""The two-layer ReLU network f(x) = m^{-1/2} Σ_r a_r σ(w_rᵀx), second layer fixed.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 3. NumPy, float64: what training
starts from, and the plain formula that the fast one in `dynamics` is tested against.
"""

import numpy as np

from overparam.errors import Refusal


def initialise(
    m: int, d: int, kappa: float, antisymmetric: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """First-layer weights w_r ~ N(0, κ²I) and fixed second layer a_r ~ unif{−1, +1}.

    m: number of neurons, *both* halves counted. d: input dimension. kappa: κ > 0.
    antisymmetric: draw m/2 neurons and repeat them with the opposite a_r, so that u(0) = 0
        exactly while H(0) is that of m/2 free neurons.

    Returns weights (d, m), column r is w_r, and signs (m,).
    Raises Refusal if m is odd and `antisymmetric`.
    """
    if antisymmetric and m % 2:
        raise Refusal(
            f"width: found m = {m}, expected an even number: an antisymmetric network repeats "
            "each neuron with the opposite sign"
        )
    drawn = m // 2 if antisymmetric else m
    weights = kappa * rng.standard_normal((drawn, d)).T
    signs = rng.choice(np.array([-1.0, 1.0]), size=drawn)
    if antisymmetric:
        weights, signs = np.hstack([weights, weights]), np.concatenate([signs, -signs])
    return np.ascontiguousarray(weights), signs


def outputs(inputs: np.ndarray, weights: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """u_i = m^{-1/2} Σ_r a_r σ(w_rᵀx_i): inputs (n, d), weights (d, m), signs (m,) give (n,)."""
    return np.maximum(inputs @ weights, 0) @ signs / np.sqrt(len(signs))


def row_span(inputs: np.ndarray) -> np.ndarray:
    """Orthonormal basis Q (d, r) of a space that holds every input (n, d), r = min(n, d).

    Gradient steps add combinations of inputs, so the weights' part outside that span never moves:
    training on the coordinates (inputs @ Q, Qᵀ W) is the same in exact arithmetic, at 4nmr flop a
    step. With n ≥ d there is nothing to gain, and Q is the identity.
    """
    n, d = inputs.shape
    return np.linalg.qr(inputs.T)[0] if n < d else np.eye(d)


def empirical_gram(inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """H_ij = x_iᵀx_j · (1/m) #{r : w_rᵀx_i ≥ 0 and w_rᵀx_j ≥ 0}, the kernel at finite width.

    inputs (n, d), weights (d, m) give (n, n). It tends to H∞ as m grows (lemma C.3).
    """
    active = (inputs @ weights >= 0).astype(float)
    return (inputs @ inputs.T) * (active @ active.T) / weights.shape[1]
