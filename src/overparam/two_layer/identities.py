"""What must be equal, measured: how far apart two ways to the same number are.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (3), (7), (8), (11), lemma 5.3 and
section 6. Each function computes both sides by routes that share as little as possible.
"""

import numpy as np

from overparam import kernels, matrices, measures, networks, spectra
from overparam.points import unit_rows
from overparam.two_layer import concentration, linearised, synthetic, targets


def sampled_pairs(
    angles: np.ndarray, d: int, m: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Eq. (3) and its Monte-Carlo estimate from m neurons, for pairs of unit vectors.

    angles: (q,) in [0, π] between a vector and q others in d dimensions.
    Returns, each (q,): `cosine`; `exact`, the closed form; `sampled`, the mean of xᵀx′ times
    whether both are active; and `error`, its standard error, from the sample alone.
    """
    first = synthetic.sphere(1, d, rng)
    others = synthetic.at_angles(np.repeat(first, len(angles), axis=0), angles, rng)
    points = np.vstack([first, others])
    cosine = others @ first[0]
    exact = kernels.relu_gram(points)[0, 1:]
    sampled = concentration.initial_gram(points, m, rng)[0, 1:]
    # With s the share of neurons active for both, cos²·s(1 − s) = sampled·(cos − sampled).
    error = np.sqrt(np.maximum(sampled * (cosine - sampled), 0) / m)
    return {"cosine": cosine, "exact": exact, "sampled": sampled, "error": error}


def trace(inputs: np.ndarray) -> dict[str, float]:
    """tr H∞ = n/2 and H_ii = ½: inputs (n, d).

    Returns `diagonal`, the largest |H_ii − ½|, and `trace`, |Σ_i λ_i − n/2| / (n/2).
    """
    gram = kernels.relu_gram(inputs)
    diagonal = np.abs(gram.diagonal() - 0.5).max()
    half = len(inputs) / 2
    eigenvalues, _ = matrices.decompose(gram)
    return {"diagonal": float(diagonal), "trace": float(abs(eigenvalues.sum() - half) / half)}


def recursion(inputs: np.ndarray, labels: np.ndarray, edge: float, last: int) -> float:
    """Largest relative difference of eq. (7), iterated, and the sum in eq. (8), k = 0 … last.

    Only steps at which ‖y − ũ(k)‖ is above 10⁻⁴ ‖y‖ count: rounding of the size of ‖y‖ leaves less
    than ten digits of a smaller one. inputs (n, d), labels (n,). edge: η in units of 1/λ_max(H∞).
    """
    gram = kernels.relu_gram(inputs)
    eigenvalues, vectors = matrices.decompose(gram.copy())
    eta = edge / eigenvalues[0]
    coefficients = spectra.project(vectors, labels)
    formula = spectra.predicted_residual(eigenvalues, coefficients, eta, np.arange(last + 1))
    iterated = linearised.residuals(gram, labels, eta, last)
    counted = iterated > 1e-4 * iterated[0]
    return float(np.max(np.abs(formula[counted] / iterated[counted] - 1)))


def auxiliary(
    inputs: np.ndarray, labels: np.ndarray, m: int, antisymmetric: bool, rng: np.random.Generator
) -> dict[str, float]:
    """‖W̃(∞)‖_F = √(yᵀH(0)⁻¹y) for the auxiliary sequence of a network of m neurons (eq. 11).

    inputs (n, d), labels (n,).
    Returns relative differences to √(yᵀH(0)⁻¹y), by Cholesky of the Gram matrix: `solved`, of
    the least-norm solution, and `iterated`, of the sequence until its slowest part is below
    10⁻¹²; the largest |ZᵀZ − H(0)|, `gram`; and the largest |u_i − z_iᵀvec W(0)|, `outputs`: ReLU
    is homogeneous, so that a network is linear in its weights but for its patterns.
    """
    weights, signs = networks.initialise(m, inputs.shape[1], 1.0, antisymmetric, rng)
    z = linearised.features(inputs, weights, signs)
    gram = networks.empirical_gram(inputs, weights)
    outputs = networks.outputs(inputs, weights, signs) - linearised.stacked(weights) @ z
    apart = np.abs(z.T @ z - gram).max()
    expected = matrices.inverse_norm(measures.factorise(gram.copy()), labels[:, None])[0]
    eigenvalues, _ = matrices.decompose(gram)
    eta = 1 / eigenvalues[0]
    steps = int(np.ceil(np.log(1e-12) / np.log1p(-eta * eigenvalues[-1])))
    solved = np.linalg.norm(linearised.auxiliary_limit(z, labels))
    iterated = np.linalg.norm(linearised.auxiliary(z, labels, eta, steps))
    return {
        "solved": float(abs(solved / expected - 1)),
        "iterated": float(abs(iterated / expected - 1)),
        "gram": float(apart),
        "outputs": float(np.abs(outputs).max()),
    }


def doubled(inputs: np.ndarray, m: int, rng: np.random.Generator) -> dict[str, float]:
    """An antisymmetric network of m neurons starts at u(0) = 0 with the H(0) of its first half.

    Returns the largest |u_i(0)|, `outputs`, and the largest difference of the two matrices, `gram`.
    """
    weights, signs = networks.initialise(m, inputs.shape[1], 1.0, True, rng)
    whole = networks.empirical_gram(inputs, weights)
    half = networks.empirical_gram(inputs, weights[:, : m // 2])
    outputs = networks.outputs(inputs, weights, signs)
    return {"outputs": float(np.abs(outputs).max()), "gram": float(np.abs(whole - half).max())}


def start_power(
    inputs: np.ndarray, m: int, kappa: float, draws: int, rng: np.random.Generator
) -> float:
    """Mean of u_i(0)² over inputs and `draws` networks, over κ²/2, which is its expectation."""
    started = [networks.initialise(m, inputs.shape[1], kappa, False, rng) for _ in range(draws)]
    squares = [np.mean(networks.outputs(inputs, *network) ** 2) for network in started]
    return float(np.mean(squares) / (kappa**2 / 2))


def sum_rule(inputs: np.ndarray, kinds: list[str], pairs: int, rng: np.random.Generator) -> float:
    """Largest (‖y + z‖ − ‖y‖ − ‖z‖) / (‖y‖ + ‖z‖), at most 0, in the norm √(yᵀ(H∞)⁻¹y).

    Of `pairs` pairs of targets of random kinds, directions and signs, and of one pair y, 2y that
    meets the bound. inputs (n, d). kinds: names that `targets.draw` knows (corollary 6.2).
    """
    first, second = (
        np.column_stack(
            [
                rng.normal() * targets.draw(kind, inputs.shape[1], rng).values(inputs)
                for kind in rng.choice(kinds, pairs)
            ]
        )
        for _ in range(2)
    )
    first, second = np.hstack([first, first[:, :1]]), np.hstack([second, 2 * first[:, :1]])
    factor = measures.factorise(kernels.relu_gram(inputs))
    parts = matrices.inverse_norm(factor, first) + matrices.inverse_norm(factor, second)
    return float(np.max(matrices.inverse_norm(factor, first + second) / parts - 1))


def parallel(inputs: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """What a copy of one input, or its opposite, does to λ_min(H∞): inputs (n, d).

    Returns `duplicate`, |λ_min| with a copy, and `antipode`, by how much of itself λ_min falls
    with the opposite. The input is drawn at random.
    """
    row = inputs[rng.integers(len(inputs))]
    before, copied, opposite = (_least(np.vstack([inputs, *more])) for more in ([], [row], [-row]))
    return {"duplicate": abs(copied), "antipode": 1 - opposite / before}


def antipodes(
    inputs: np.ndarray, pairs: list[int], null: float = 1e-10
) -> tuple[np.ndarray, np.ndarray]:
    """λ_min(H∞), and how many |λ_i| are below `null`, where so many inputs are opposites of others.

    The kernel of x less that of −x is linear, zᵀx/2. So q pairs span no more than d such
    functions: λ_min > 0 up to q = d, and q − d eigenvalues are 0 beyond.

    inputs: (n, d), the last q of which are replaced, for each q in `pairs`: two arrays (len,).
    """
    found = [
        np.linalg.eigvalsh(kernels.relu_gram(synthetic.with_antipodes(inputs, count)))
        for count in pairs
    ]
    least = np.array([values[0] for values in found])
    return least, np.array([np.sum(np.abs(values) < null) for values in found])


def closest_pair(inputs: np.ndarray, angles: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """λ_min(H∞) with one more input at each of the angles θ to the first: about θ/2π if small.

    Of the two rows alone, λ_min = ½ − cos θ (π − θ)/2π. inputs (n, d), angles (q,) give (q,).
    """
    across = synthetic.at_angles(inputs[:1], np.array([np.pi / 2]), rng)
    close = np.cos(angles)[:, None] * inputs[:1] + np.sin(angles)[:, None] * across
    return np.array([_least(np.vstack([inputs, row])) for row in unit_rows(close)])


def _least(inputs: np.ndarray) -> float:
    return matrices.least_eigenvalue(kernels.relu_gram(inputs))
