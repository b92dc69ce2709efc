"""Calling programs in this process, their tables, and small prepared problems for them to read."""

import csv
from pathlib import Path

import numpy as np
import pytest


def call(program, *words: object) -> int:
    """The exit status of a program; one that draws does so with seed 0 unless told."""
    draws = any(option.name == "seed" for option in program.main.command.params)
    seed = ["--seed", 0] if draws and "--seed" not in words else []
    with pytest.raises(SystemExit) as ending:
        program.main([str(word) for word in (*words, *seed)])
    return ending.value.code or 0


def options(**values: object) -> list[str]:
    """`width=4, labels=["a", "b"], antisymmetric=True` as options; True and False are flags."""
    words = []
    for key, value in values.items():
        name = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        else:
            listed = value if isinstance(value, list) else [value]
            words += [word for item in listed for word in (f"--{name}", str(item))]
    return words


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def relu_kernel(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """H∞ of unit rows, written plainly."""
    cosines = np.clip(left @ right.T, -1, 1)
    return cosines * (np.pi - np.arccos(cosines)) / (2 * np.pi)


class Tiny:
    """A prepared problem of a few random points and all that the data slice makes of it."""

    def __init__(self, folder: Path, n: int = 12, d: int = 5, n_test: int = 7) -> None:
        rng = np.random.default_rng(n * d)
        self.x, self.test_x = (
            rows / np.linalg.norm(rows, axis=1, keepdims=True)
            for rows in (rng.standard_normal((n, d)), rng.standard_normal((n_test, d)))
        )
        self.y, self.test_y = (rng.choice([-1.0, 1.0], size) for size in (n, n_test))
        self.gram = relu_kernel(self.x, self.x)
        np.fill_diagonal(self.gram, 0.5)
        values, columns = np.linalg.eigh(self.gram)
        self.values, self.vectors = values[::-1], columns.T[::-1]
        self.paths = {
            name: folder / f"{name}.{kind}"
            for name, kind in (
                ("problem", "npz"), ("gram", "npy"), ("spectrum", "npz"), ("eigenvectors", "npy"),
            )
        }  # fmt: skip
        np.savez(
            self.paths["problem"],
            inputs=self.x, labels=self.y, test_inputs=self.test_x, test_labels=self.test_y,
            classes=np.where(self.y > 0, "up", "down"),
            test_classes=np.where(self.test_y > 0, "up", "down"),
            left_out=np.array(["point 3"]), notes=np.array(["left out"]),
        )  # fmt: skip
        np.save(self.paths["gram"], self.gram)
        np.savez(
            self.paths["spectrum"],
            eigenvalues=self.values, leading=self.vectors[:100], least=self.vectors[-1],
        )  # fmt: skip
        np.save(self.paths["eigenvectors"], self.vectors)

    def inputs(self, *names: str) -> dict[str, Path]:
        """Some of its files, as options."""
        return {name: self.paths[name] for name in names}
