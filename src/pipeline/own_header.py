"""What the header of a person's own data file says, for plans: nothing of its contents is read.

And what messages say of names that somebody mistook.
"""

import csv
import difflib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from overparam.errors import listed
from pipeline.files import DAMAGES

SHOWN = 8  # names in a message
SEPARATORS = {",": "','", ";": "';'", "\t": "tab"}


def columns(path: str | Path, label_column: str) -> tuple[str, list[str]]:
    """A table's separator and the names in its header.

    Of the separators it is the one by which the label column is found, else the one that gives
    most names.
    """
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        found = {}
        for separator in SEPARATORS:
            file.seek(0)
            found[separator] = next(
                csv.reader(file, delimiter=separator, skipinitialspace=True), []
            )
    best = max(found, key=lambda each: (label_column in found[each], len(found[each])))
    return best, found[best]


def width(path: str | Path, label_column: str, ignored: Sequence[str] = ()) -> int | None:
    """Numbers a point of a person's own file by its header alone, or None: reading it says why."""
    path = Path(path)
    with suppress(csv.Error, OverflowError, *DAMAGES):
        if path.suffix.lower() == ".csv":
            _, names = columns(path, label_column)
            return max(len(set(names) - {label_column, *ignored}), 0) or None
        with zipfile.ZipFile(path) as archive, archive.open("x.npy") as array:
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[np.lib.format.read_magic(array)]
            return int(np.prod(read(array)[0][1:]))
    return None


def others_there(path: Path) -> str:
    """The data files in a path's folder, the most alike first, to end a message with."""
    if not path.parent.is_dir():
        return f" ({path.parent} is no folder)"
    there = [file.name for file in path.parent.iterdir() if file.suffix.lower() in (".csv", ".npz")]
    return f" ({path.parent} has {short(alike(path.name, there), str)})" if there else ""


def alike(name: str, names: Iterable[str]) -> list[str]:
    """Names, those first that are most like one that was asked for."""
    return sorted(names, key=lambda each: -likeness(name, each))


def likeness(one: str, other: str) -> float:
    """From 0 to 1, whatever the case."""
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio()


def short(names: Sequence[str], said: Callable[[str], str] = repr) -> str:
    """The first of many names."""
    return listed([said(name) for name in names], SHOWN) or "(none)"
