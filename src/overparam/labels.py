"""The labellings that the experiments train on.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), sections 4 and 5, appendix A.
"""

import numpy as np

from overparam import label_kinds
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


def shuffled(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`labels` in another order, drawn from all orders alike: as many of each sign as before.

    Of labels with mean ȳ the order alone is drawn: E[yyᵀ] = ȳ² 11ᵀ + (1 − ȳ²) (nI − 11ᵀ)/(n − 1).
    """
    return rng.permutation(labels)


def along(eigenvector: np.ndarray) -> np.ndarray:
    """√n v, labels along one eigenvector of H∞: (n,), ‖y‖₂ = √n, as of signs.

    Along v_i a network forgets y at one rate, (1 − ηλ_i)^k in eq. (8); along v_n it is slowest.
    Single labels may be larger than 1. An eigenvector's sign is arbitrary: here its entry of
    largest magnitude is positive.
    """
    largest = np.argmax(np.abs(eigenvector))
    sign = np.sign(eigenvector[largest])
    return np.sqrt(len(eigenvector)) * sign * eigenvector


def draw(
    kind: str,
    train: np.ndarray,
    test: np.ndarray,
    eigenvectors: np.ndarray,
    master: int,
    problem: str,
    repetition: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Training and test labels of one kind, from seeds that their names alone determine.

    kind: as in `label_kinds`, e.g. `noise0.3`.
    train, test: (n,), (n_test,) true labels ±1. eigenvectors: (n, n), rows v_i of H∞, largest
        eigenvalue first; the last row is enough for `worst`, and none for kinds that are drawn.
    master, problem, repetition: the axes of the draw, with `kind` and the side (train or test):
        the two sides are drawn independently.

    An eigenvector says nothing about test points: their true labels come back.
    Raises Refusal for an unknown kind, and for an index i beyond n.
    """
    if wrong := label_kinds.mistake(kind):
        raise Refusal(f"labels: {wrong}")
    if kind == "true":
        return train, test
    place = label_kinds.index(kind)
    if place is not None:
        if place > len(eigenvectors):
            raise Refusal(
                f"labels: found {kind!r}, expected i from 1 to {len(eigenvectors)}, as many "
                "eigenvectors as are given"
            )
        return along(eigenvectors[place - 1 if place > 0 else place]), test

    def other(labels: np.ndarray, side: str) -> np.ndarray:
        rng = generator(master, problem, "labels", side, kind, repetition)
        p = label_kinds.portion(kind)
        return shuffled(labels, rng) if p is None else partially_random(labels, p, rng)

    return other(train, "train"), other(test, "test")
