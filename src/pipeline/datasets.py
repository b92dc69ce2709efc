"""Data sets as arrays: MNIST and CIFAR-10 read from their files, any other from an .npz.

A file of MNIST or CIFAR-10 is opened only if its bytes are those of the registry. torch and
torchvision are imported only while one of the two is read.
"""

import sys
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from overparam.errors import Refusal
from pipeline.archives import Registry, fault
from pipeline.files import DAMAGES, load_arrays, save_arrays

# torchvision's class for each source that it reads.
CLASSES = {"mnist": "MNIST", "cifar10": "CIFAR10"}


class Points(NamedTuple):
    """Inputs and their classes, in the order of the files they come from."""

    inputs: np.ndarray
    """Shape (n, d), numbers as stored: raw pixels 0..255 (uint8) for MNIST and CIFAR-10."""
    classes: np.ndarray
    """Shape (n,), int64 or text."""
    called: np.ndarray = np.empty(0, str)
    """Shape (n,), what messages call each point, such as its line of a table; or (0,)."""
    columns: np.ndarray = np.empty(0, str)
    """Shape (d,), what messages call each input; or (0,)."""
    notes: np.ndarray = np.empty(0, str)
    """What its reader found worth saying, a line each."""

    def names(self, chosen: np.ndarray) -> list[str]:
        """What messages call some points, by their places."""
        return [self.called[at] if len(self.called) else f"point {at}" for at in chosen]


def read(source: str, path: str | Path, registry: Registry) -> tuple[Points, Points | None]:
    """Training points and, where the source has them, test points, in file order.

    `path` is the data folder for mnist and cifar10 (pixels 0..255, uint8; images flattened to 784,
    and to 3072 in the order height, width, colour), and an .npz as `save` writes it for others.
    Raises Refusal if a file is missing or damaged.
    """
    if source in CLASSES:
        return _read_images(source, Path(path), registry)
    held = {"inputs", "classes"}  # those that a damaged file is said to lack
    with suppress(*DAMAGES), zipfile.ZipFile(path) as archive:
        held |= {name.removesuffix(".npy") for name in archive.namelist()}

    def side(prefix: str) -> Points:
        names = [name for name in Points._fields if prefix + name in held]
        arrays = load_arrays(path, *(prefix + name for name in names))
        return Points(**dict(zip(names, arrays, strict=True)))

    return side(""), side("test_") if "test_inputs" in held else None


def save(path: str | Path, train: Points, test: Points | None = None) -> None:
    """Write points as .npz, those of a test set as test_inputs …, without what holds nothing."""
    arrays = train._asdict()
    if test is not None:
        arrays |= {f"test_{name}": array for name, array in test._asdict().items()}
    save_arrays(path, {name: array for name, array in arrays.items() if array.size})


def _read_images(source: str, data: Path, registry: Registry) -> tuple[Points, Points]:
    processed = data / "MNIST" / "processed"
    if source == "mnist" and processed.exists():
        raise Refusal(
            f"{processed}: found a folder of an old torchvision, which it would read in place of "
            "the checked files, expected none: delete it"
        )
    reader = getattr(_torchvision(), CLASSES[source])
    # torchvision unpickles CIFAR-10's files, so the check stands right before it opens them.
    for archive in registry.source(source).archives:
        for member in archive.members:
            if wrong := fault(data / member.path, member):
                raise Refusal(
                    f"{data / member.path}: {wrong}: delete it and run again to get it anew"
                )
    sets = [reader(root=data, train=train, download=False) for train in (True, False)]
    train, test = (
        Points(
            np.asarray(dataset.data).reshape(len(dataset.data), -1),
            np.asarray(dataset.targets, np.int64),
        )
        for dataset in sets
    )
    return train, test


def _torchvision() -> Any:
    """torchvision's data sets, also where its CUDA build stands beside a CPU build of torch.

    That pair stops at the import, because torch lacks operators that torchvision describes further.
    Declared by name alone they satisfy it; data sets never call them.
    """
    try:
        from torchvision import datasets
    except RuntimeError as problem:
        if "torchvision::nms" not in str(problem):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        _declare_operators()
        from torchvision import datasets
    return datasets


@cache
def _declare_operators() -> Any:
    """The declarations hold for as long as the library lives: the cache keeps it."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library
