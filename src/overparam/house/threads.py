"""What decides the last bits of a result before any library is loaded.

Apart from `cli`, since a change here can change numbers, and fingerprints count it.
"""

import os

VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def set_threads(threads: int) -> None:
    """Give mathematical libraries this many threads; call it before NumPy or torch is loaded."""
    for variable in VARIABLES:
        os.environ[variable] = str(threads)
    # On a GPU, torch's deterministic mode asks for this workspace, set before CUDA starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def fill_buffers() -> None:
    """Let NumPy's and SciPy's OpenBLAS take their working memory: one that is refused it later, by
    a limit, asks for ever."""
    import numpy as np
    import scipy.linalg

    square = np.eye(128)
    for library in (np.linalg, scipy.linalg):
        library.eigh(square @ square)
