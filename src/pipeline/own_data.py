"""Data of one's own: points of an .npz or a .csv that somebody else wrote, everything checked."""

import csv
import logging
import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from overparam.errors import Refusal
from pipeline.datasets import Points
from pipeline.files import DAMAGES, read_member

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger("overparam")

EXACT = 2**53  # floats below it hold every integer
# In a .csv: 3, and 3.0 as floats are written. Of more digits a float would lose some.
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.0*)?")
SHOWN = 8  # column names in a message


def read_own(path: str | Path, label_column: str) -> tuple[Points, Points | None]:
    """Points of a person's own file, everything checked.

    .npz: arrays x (n, ...), flattened to (n, d), and y (n,), and if there are test points x_test
    and y_test. .csv: a header, one point a row, the class in `label_column`, numbers elsewhere.
    Classes are integers or text; integral floats count as integers, a table's codes such as 001 as
    text. Raises Refusal naming the file and the array, or the row and column, that is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise Refusal(f"{path}: found no such file, expected an .npz or a .csv: correct the path")
    ending = path.suffix.lower()
    if ending == ".npz":
        return _read_npz(path)
    if ending == ".csv":
        return _read_csv(path, label_column), None
    raise Refusal(f"{path}: found the ending {ending!r}, expected .npz or .csv: convert it")


def _read_npz(path: Path) -> tuple[Points, Points | None]:
    arrays = _load_npz(path)
    train = _points(path, arrays, "x", "y")
    if not {"x_test", "y_test"} & arrays.keys():
        return train, None
    test = _points(path, arrays, "x_test", "y_test")
    d, d_test = train.inputs.shape[1], test.inputs.shape[1]
    if d != d_test:
        raise Refusal(f"{path}: x_test: found {d_test} numbers a point, expected {d} as in x")
    if train.classes.dtype.kind != test.classes.dtype.kind:
        raise Refusal(
            f"{path}: y_test: found {test.classes.dtype} beside {train.classes.dtype} in y, "
            "expected integers in both, or text in both"
        )
    return train, test


def _load_npz(path: Path) -> dict[str, np.ndarray]:
    names = ("x", "y", "x_test", "y_test")
    if not zipfile.is_zipfile(path):
        raise Refusal(f"{path}: found no .npz in it, expected what numpy.savez writes")
    try:
        with zipfile.ZipFile(path) as archive:
            held = {name.removesuffix(".npy") for name in archive.namelist()}
            arrays = {name: read_member(archive, name) for name in names if name in held}
    except (*DAMAGES, OverflowError) as problem:  # of a size that no number holds
        raise Refusal(
            f"{path}: found {problem}, expected arrays of numbers or text (never of objects), as "
            "numpy.savez writes them: save it again"
        ) from problem
    if unused := sorted(held - set(names)):
        log.warning("%s: not used: %s; used are %s", path, ", ".join(unused), ", ".join(arrays))
    return arrays


def _points(path: Path, arrays: dict[str, np.ndarray], x: str, y: str) -> Points:
    for name in (x, y):
        if name not in arrays:
            raise Refusal(
                f"{path}: found {', '.join(arrays) or 'neither'}, expected arrays {x} and {y}: "
                f"add {name}"
            )
    inputs, labels = arrays[x], arrays[y]
    if inputs.ndim < 2 or inputs.size == 0 or inputs.dtype.kind not in "biuf":
        raise Refusal(
            f"{path}: {x}: found shape {inputs.shape} of {inputs.dtype}, expected real numbers, "
            "one point a row: at least one row and one column"
        )
    if labels.shape != inputs.shape[:1]:
        raise Refusal(
            f"{path}: {y}: found shape {labels.shape}, expected {inputs.shape[:1]}: one class for "
            f"each row of {x}"
        )
    inputs = _finite(inputs.reshape(len(inputs), -1), f"{path}: {x}")
    return Points(inputs, _classes(labels, f"{path}: {y}"))


def _finite(inputs: np.ndarray, where: str) -> np.ndarray:
    wrong = np.argwhere(~np.isfinite(inputs))
    if len(wrong):
        row, column = wrong[0]
        raise Refusal(
            f"{where}: row {row}, column {column} (from 0, each point flattened): found "
            f"{inputs[row, column]}, expected a finite number; {len(wrong)} such in all: correct "
            "or leave out these points"
        )
    return inputs.astype(np.uint8) if inputs.dtype.kind == "b" else inputs


def _classes(labels: np.ndarray, where: str) -> np.ndarray:
    """Labels of shape (n,) as int64 if all are integral numbers, else as text."""
    if labels.dtype.kind in "biu":
        wrong = np.flatnonzero(labels > np.iinfo(np.int64).max)
        if len(wrong):
            raise Refusal(
                f"{where}: row {wrong[0]} (from 0): found {labels[wrong[0]]}, expected a class "
                "below 2⁶³: write it as text"
            )
        return labels.astype(np.int64)
    if labels.dtype.kind == "U":
        blank = np.flatnonzero(np.char.strip(labels) == "")
        if len(blank):
            raise Refusal(f"{where}: row {blank[0]} (from 0): found no class, expected one")
        return labels
    if labels.dtype.kind == "f":
        wrong = np.flatnonzero(~((abs(labels) < EXACT) & (labels == np.floor(labels))))
        if not len(wrong):
            return labels.astype(np.int64)
        raise Refusal(
            f"{where}: row {wrong[0]} (from 0): found {labels[wrong[0]]}, expected a class: an "
            "integer or text"
        )
    raise Refusal(f"{where}: found {labels.dtype}, expected classes: integers or text")


def _read_csv(path: Path, label_column: str) -> Points:
    table = _load_csv(path, label_column)
    inputs = table.drop(columns=label_column)
    if inputs.shape[0] == 0 or inputs.shape[1] == 0:
        raise Refusal(
            f"{path}: found {inputs.shape[0]} rows and {inputs.shape[1]} columns of inputs, "
            "expected at least one of each"
        )
    columns = [_column(path, inputs[name]) for name in inputs]
    labels = np.array(table[label_column].str.strip().tolist(), dtype=np.str_)
    classes = _classes(_numbers(labels), f"{path}: column {label_column!r}")
    return Points(np.column_stack(columns), classes)


def _numbers(labels: np.ndarray) -> np.ndarray:
    """Labels of a .csv as numbers if they are plain integers; else the text, since 001 and 1, 1e3
    and 1000 are different codes. Fractions become numbers too, to be refused."""
    try:
        numbers = labels.astype(np.float64)
    except ValueError:
        return labels
    plain = all(INTEGER.fullmatch(label) for label in labels)
    return numbers if plain or (numbers != np.floor(numbers)).any() else labels


def _load_csv(path: Path, label_column: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        # pandas renames a column that occurs twice, and the second label would become an input.
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file), [])
        if label_column not in header or len(set(header)) < len(header):
            raise Refusal(
                f"{path}: found the columns {_short(header)}, expected each once and "
                f"{label_column!r} among them: correct the header or name the label column"
            )
        blank = [place for place, name in enumerate(header, 1) if not name.strip()]
        if blank:
            raise Refusal(
                f"{path}: found no name for column {blank[0]}, expected one: name it, or leave it "
                "out (pandas writes its row numbers so, unless told index=False)"
            )
        with warnings.catch_warnings():
            # pandas only warns when it drops what stands beyond the header's last column.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                path,
                index_col=False,
                low_memory=False,
                na_filter=False,  # a class may be called "NA"; elsewhere it is no number anyway
                dtype={label_column: str},
            )
    except (ValueError, csv.Error, pd.errors.ParserWarning) as problem:
        raise Refusal(
            f"{path}: found {str(problem).strip()}, expected a .csv in UTF-8 with a header and as "
            "many fields in each row: correct it"
        ) from problem


def _short(names: list[str]) -> str:
    """The first of many names."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(map(repr, names[:SHOWN])) or "(none)") + more


def _column(path: Path, column: "pd.Series") -> np.ndarray:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        row = wrong[0]
        raise Refusal(
            f"{path}: row {row} (from 0, after the header), column {column.name!r}: found "
            f"{str(column.iloc[row])!r}, expected a finite number; {len(wrong)} such in this "
            "column: correct or leave out these rows"
        )
    return numbers
