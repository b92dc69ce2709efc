"""A small citation graph in the form of Planetoid's files: pickles as Python 2 wrote them."""

import io
import pickle
import struct
from collections import defaultdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from pipeline.archives import Registry
from tests.archives import NOWHERE, known, put, registry_of, source

# Where NumPy and SciPy keep these today, and where they did then.
MOVED = {b"numpy._core.": b"numpy.core.", b"scipy.sparse._csr": b"scipy.sparse.csr"}

# Ten nodes, seven of them without the test ones: 0 to 3 are trained on, 8 stands in no file.
ALLX = np.eye(7, 3) + np.eye(7, 3, -3) + np.eye(7, 3, -6)
ALLY = np.eye(2)[[0, 1, 0, 1, 0, 1, 0]]
TEST = [9, 7]
TX, TY = np.array([[0, 1, 1], [1, 1, 1]]), np.eye(2)[[1, 0]]
NEIGHBOURS = {0: [1, 1, 0], 1: [0], 2: [3], 3: [2, 9], 9: [3], 7: [], 8: []}


class Pickler(pickle._Pickler):
    """Writes bytes as Python 2 did, whose text they were."""

    dispatch: ClassVar[Any] = dict(pickle._Pickler.dispatch)

    def _save_bytes(self, text: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(text)) + text)

    dispatch[bytes] = _save_bytes


def pickled(value: object) -> bytes:
    """A value as a pickle of Python 2."""
    stream = io.BytesIO()
    Pickler(stream, protocol=2).dump(value)
    content = stream.getvalue()
    for today, then in MOVED.items():
        content = content.replace(today, then)
    return content


def files() -> dict[str, bytes]:
    """The eight files of the graph, by what follows its name."""
    matrix = sparse.csr_matrix
    parts = {
        "x": matrix(ALLX[:4]), "y": ALLY[:4], "tx": matrix(TX), "ty": TY, "allx": matrix(ALLX),
        "ally": ALLY, "graph": defaultdict(list, NEIGHBOURS),
    }  # fmt: skip
    made = {part: pickled(value) for part, value in parts.items()}
    return made | {"test.index": "".join(f"{node}\n" for node in TEST).encode()}


def write(data: Path, name: str = "tiny", **changed: bytes) -> Registry:
    """Write the files below a data folder; the registry that knows their bytes."""
    entries = []
    for part, content in (files() | changed).items():
        put(data / f"planetoid/ind.{name}.{part}", content)
        place = {"name": f"ind.{name}.{part}", "mirrors": NOWHERE, "folder": "planetoid"}
        entries.append(place | known(content))
    return registry_of(name, source(*entries))
