"""The labellings that the experiments train on.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), sections 4 and 5, appendix A.
"""

import numpy as np

from overparam.errors import Refusal
from overparam.seeds import generator


def random_signs(n: int, rng: np.random.Generator) -> np.ndarray:
    """Labels drawn from unif{−1, +1}: (n,) float64."""
    return rng.choice(np.array([-1.0, 1.0]), size=n)


def partially_random(labels: np.ndarray, portion: float, rng: np.random.Generator) -> np.ndarray:
    """`labels` with a portion p of them, drawn without replacement, replaced by unif{−1, +1}.

    labels: (n,) ±1. portion: p in [0, 1]; round(p·n) labels are redrawn, so about p/2 change.
    """
    count = round(portion * len(labels))
    chosen = rng.permutation(len(labels))[:count]
    noisy = labels.copy()
    noisy[chosen] = random_signs(count, rng)
    return noisy


def worst_case(least_eigenvector: np.ndarray) -> np.ndarray:
    """√n v_min, the labelling on which gradient descent is slowest: (n,), ‖y‖₂ = √n.

    An eigenvector's sign is arbitrary: here its entry of largest magnitude is positive.
    """
    largest = np.argmax(np.abs(least_eigenvector))
    sign = np.sign(least_eigenvector[largest])
    return np.sqrt(len(least_eigenvector)) * sign * least_eigenvector


def draw(
    kind: str,
    train: np.ndarray,
    test: np.ndarray,
    least_eigenvector: np.ndarray,
    master: int,
    problem: str,
    repetition: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Training and test labels of one kind, from seeds that their names alone determine.

    kind: `true`, `random` (all redrawn), `worst` (√n v_min) or `noise<p>`, e.g. `noise0.3`.
    train, test: (n,), (n_test,) true labels ±1. least_eigenvector: (n,) v_min of H∞.
    master, problem, repetition: the axes of the draw, with `kind` and the side (train or test):
        the two sides are drawn independently.

    The worst case says nothing about test points: their true labels come back.
    Raises Refusal for an unknown kind.
    """
    if kind == "true":
        return train, test
    if kind == "worst":
        return worst_case(least_eigenvector), test

    def noisy(labels: np.ndarray, side: str) -> np.ndarray:
        rng = generator(master, problem, "labels", side, kind, repetition)
        return partially_random(labels, portion(kind), rng)

    return noisy(train, "train"), noisy(test, "test")


def portion(kind: str) -> float:
    """The portion p of random labels in a kind: 1 for `random`, p for `noise<p>`."""
    if kind == "random":
        return 1.0
    try:
        p = float(kind.removeprefix("noise"))
    except ValueError:
        p = float("nan")
    if not (kind.startswith("noise") and 0 <= p <= 1):
        raise Refusal(
            f"labels: found {kind!r}, expected 'true', 'random', 'worst' or 'noise<p>' with p "
            "between 0 and 1"
        )
    return p
