"""What the header of a person's own data file says, for plans: nothing of its contents is read."""

import csv
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from pipeline.files import DAMAGES


def width(path: str | Path) -> int | None:
    """Numbers a point of a person's own file by its header alone, or None: reading it says why."""
    path = Path(path)
    with suppress(csv.Error, OverflowError, *DAMAGES):
        if path.suffix.lower() == ".csv":
            with path.open(newline="", encoding="utf-8-sig") as file:
                return max(len(next(csv.reader(file), [])) - 1, 0) or None
        with zipfile.ZipFile(path) as archive, archive.open("x.npy") as array:
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[np.lib.format.read_magic(array)]
            return int(np.prod(read(array)[0][1:]))
    return None
