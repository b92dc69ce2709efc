"""What decides the last bits of a result before any library is loaded.

Apart from `cli`, since a change here can change numbers, and fingerprints count it.
"""

import importlib
import os
from collections.abc import Container

VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def set_threads(threads: int) -> None:
    """Give mathematical libraries this many threads; call it before NumPy or torch is loaded."""
    for variable in VARIABLES:
        os.environ[variable] = str(threads)
    # On a GPU, torch's deterministic mode asks for this workspace, set before CUDA starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def fill_buffers(libraries: Container[str]) -> None:
    """Let NumPy's OpenBLAS, and SciPy's if SciPy is among the libraries that a program uses, take
    their working memory: one that is refused it later, by a limit, asks for ever."""
    import numpy as np

    square = np.eye(128)
    np.linalg.eigh(square @ square)
    if "scipy" in libraries:  # It loads slowly; by name, so that not every program names it.
        importlib.import_module("scipy.linalg").eigh(square @ square)
