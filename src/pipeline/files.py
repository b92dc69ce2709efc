"""Files that are whole or not there at all; their bytes depend on their content alone."""

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, Any

from overparam.errors import Refusal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# What a run writes to.
FOLDERS = ("data", "results", "figures")
# Entries of an archive carry a time; a fixed one keeps equal arrays equal bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)


class Unwritable(OSError):
    """A file that cannot be begun where it is to be."""


@contextmanager
def whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` in one piece when the block ends, or not at all."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 (closed below, then renamed)
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        )
    except OSError as problem:
        raise Unwritable(problem.errno, problem.strerror, str(path)) from problem
    try:
        with handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        # Temporary files are private; results are as readable as any other new file.
        os.chmod(handle.name, 0o666 & ~_umask())
        os.replace(handle.name, path)
    except BaseException:
        Path(handle.name).unlink(missing_ok=True)
        raise


def save_text(path: str | Path, text: str) -> None:
    """Write `text` in UTF-8."""
    with whole(path) as file:
        file.write(text.encode())


def save_json(path: str | Path, value: Any) -> None:
    """Write `value` as indented JSON, numbers to their last digit; NaN is refused."""
    save_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def save_table(path: str | Path, table: "pd.DataFrame") -> None:
    """Write a tidy table as CSV, numbers to their last digit, without the index."""
    save_text(path, table.to_csv(index=False, lineterminator="\n"))


def save_array(path: str | Path, array: "np.ndarray") -> None:
    """Write one array as .npy, never pickled."""
    import numpy as np

    with whole(path) as file:
        np.save(file, _by_rows(array), allow_pickle=False)


def save_arrays(path: str | Path, arrays: Mapping[str, "np.ndarray"]) -> None:
    """Write several arrays as one .npz, never pickled; equal arrays give equal bytes."""
    import numpy as np

    with whole(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, _by_rows(array), allow_pickle=False)


def load_arrays(path: str | Path, *names: str) -> list["np.ndarray"]:
    """Read the named arrays of an .npz; Refusal names the file if it is damaged or lacks one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [read_member(archive, name) for name in names]
    except DAMAGES as problem:
        raise Refusal(
            f"{path}: found {problem}, expected an .npz with {', '.join(names)}: delete the file "
            "and run again"
        ) from problem


def read_member(archive: zipfile.ZipFile, name: str) -> "np.ndarray":
    """One array of an open .npz, never pickled; one of `DAMAGES` if its bytes are not whole.

    `numpy.load` reads as many bytes as the array's header says: a damaged header that says fewer
    gives another array, since zipfile compares a member's checksum at its end.
    """
    import numpy as np

    with archive.open(f"{name}.npy") as member:
        array = np.lib.format.read_array(member, allow_pickle=False)
        _at_end(member, name)
        return array


def _at_end(file: IO[bytes], name: str) -> None:
    if file.read(1):
        raise ValueError(f"more bytes in {name} than its header says")


# What NumPy and zipfile raise for a file that is missing, empty, cut short, another or overwritten.
DAMAGES = (
    ValueError, KeyError, TypeError, OSError, EOFError, RuntimeError, zipfile.BadZipFile,
    zlib.error, SyntaxError, TokenError,
)  # fmt: skip


def load_array(path: str | Path) -> "np.ndarray":
    """Read one .npy array; Refusal names the file if it is damaged."""
    import numpy as np

    try:
        with open(path, "rb") as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
            _at_end(file, "it")
            return array
    except DAMAGES as problem:
        raise Refusal(
            f"{path}: found {problem}, expected an .npy array: delete the file and run again"
        ) from problem


def _by_rows(array: "np.ndarray") -> "np.ndarray":
    """The array, its rows one after another in memory if its columns were, which .npy notes."""
    import numpy as np

    array = np.asanyarray(array)
    return np.array(array, order="C") if array.flags.fnc else array


def digest(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short_digest(path: str | Path) -> str:
    """The first twelve digits: an edit is noticed whatever its time stamp."""
    return digest(path)[:12]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
