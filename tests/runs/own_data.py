"""A person's own data: toy files, and what has to come of them."""

import csv
import re

import numpy as np

from tests.workflow.repository import ROOT

CLASSES = ("cat", "dog", "cow")
SPOKEN = 'a person\'s "toy" data $(touch hacked); `touch hacked`'


def save_csv(path):
    """150 points of three classes, the class in the middle: more of each than are needed."""
    rng = np.random.default_rng(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["height, cm", "kind", "weight", "age"])
        for i in range(150):
            kind = i % 3
            a, b, c = rng.normal(size=3) + 2 * np.eye(3)[kind]
            writer.writerow([a, CLASSES[kind], b, c])
    return {
        "source": "file", "file": path.name, "label_column": "kind", "groups": [["cat"], ["dog"]],
        "selection": "stratified", "train": {"n": 60}, "test": {"n": 40}, "splits": 2,
    }  # fmt: skip


def save_npz(path):
    """Small images with whole numbers as classes, and a test set of their own."""
    rng = np.random.default_rng(2)
    x, x_test = (rng.integers(0, 256, (n, 4, 4), dtype=np.uint8) for n in (80, 50))
    y, y_test = np.arange(80) % 4, np.arange(50) % 4
    np.savez(path, x=x, y=y, x_test=x_test, y_test=y_test)
    return {
        "source": "file", "file": path.name, "groups": [[0, 1], [3]], "selection": "first",
        "train": {"n": 60}, "test": {"n": 30},
    }  # fmt: skip


def save_measurements(path):
    """What the README's example reads."""
    rng = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "length", "width", "species"])
        writer.writerows(
            [50 * at + row, *rng.normal(at, 1, 2), name]
            for at, name in enumerate(("setosa", "versicolor")) for row in range(50)
        )  # fmt: skip


def prepared(tree):
    """The arrays of the prepared set."""
    with np.load(*tree.folder.glob("results/shared/tiny-0-*/problem.npz")) as arrays:
        return dict(arrays)


def units(rows):
    rows = np.asarray(rows, dtype=float)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def printed():
    """The configuration for one's own data as docs/own_data.md has it."""
    text = (ROOT / "docs/own_data.md").read_text()
    (block,) = re.findall(r"```yaml\n(run: mine\n.*?)```", text, re.S)
    return block
