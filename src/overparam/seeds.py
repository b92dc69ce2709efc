"""Seeds that are functions of names, so that adding an axis value never moves the others."""

import hashlib

import numpy as np


def generator(master: int, *axes: str | int) -> np.random.Generator:
    """A generator for the draw that `axes` name, e.g. ``generator(0, "digits", "init", 1024, 2)``.

    master: the run's master seed.
    axes: the names the draw depends on: data set, role, width, repetition …
    """
    name = "\x1f".join(str(axis) for axis in (master, *axes))
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
