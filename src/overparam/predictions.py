"""How far predictions lie from the labels."""

import numpy as np


def zero_one_error(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of points (axis 0) whose predicted sign is not the label's; 0 counts as +1."""
    return np.mean(np.where(predictions >= 0, 1.0, -1.0) != labels, axis=0)


def l1_loss(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean |f − y| over axis 0: unbounded, so theorem 5.1 (losses in [0, 1]) does not cover it."""
    return np.mean(np.abs(predictions - labels), axis=0)
