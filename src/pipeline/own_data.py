"""Data of one's own: points of an .npz or a .csv that somebody else wrote, everything checked."""

import csv
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from overparam.errors import Refusal
from pipeline import own_header
from pipeline.datasets import Points
from pipeline.files import DAMAGES, read_member
from pipeline.own_header import alike, likeness, short

if TYPE_CHECKING:
    import pandas as pd

EXACT = 2**53  # floats below it hold every integer
# In a .csv: 3, and 3.0 as floats are written. Of more digits a float would lose some.
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.0*)?")


def read_own(
    path: str | Path, label_column: str, ignored: Sequence[str] = ()
) -> tuple[Points, Points | None]:
    """Points of a person's own file, everything checked, with what its reader should know.

    .npz: arrays x (n, ...), flattened to (n, d), and y (n,), and if there are test points x_test
    and y_test. .csv: a header, one point a row, the class in `label_column`, numbers elsewhere but
    in columns that are `ignored`; separated by commas, semicolons or tabs.
    Classes are integers or text; integral floats count as integers, a table's codes such as 001 as
    text. Raises Refusal naming the file and the array's element, or the line and column, that is
    wrong.
    """
    path = Path(path)
    ending = path.suffix.lower()
    check_there(path, "an .npz or a .csv")
    if ending == ".csv":
        return _read_csv(path, label_column, ignored), None
    if ending != ".npz":
        raise Refusal(f"{path}: found the ending {ending!r}, expected .npz or .csv: convert it")
    if ignored:
        raise Refusal(
            f"{path}: found columns to ignore ({short(ignored)}), expected none: those of an .npz "
            "have no names; save x without them"
        )
    return _read_npz(path)


def check_there(path: Path, what: str) -> None:
    """Refuse a file that is not there or may not be read."""
    if not path.is_file():
        raise Refusal(
            f"{path}: found no such file, expected {what}: correct the path"
            f"{own_header.others_there(path)}"
        )
    if not os.access(path, os.R_OK):
        raise Refusal(f"{path}: found no permission to read it, expected some: chmod gives it")


def _read_npz(path: Path) -> tuple[Points, Points | None]:
    arrays, unused = load_npz(path, ("x", "y", "x_test", "y_test"))
    train = _points(path, arrays, unused, "x", "y")
    if unused:
        told = f"arrays not used: {short(unused, str)}; used are {', '.join(arrays)}"
        train = train._replace(notes=np.array([told]))
    if not {"x_test", "y_test"} & arrays.keys():
        return train, None
    test = _points(path, arrays, unused, "x_test", "y_test")
    d, d_test = train.inputs.shape[1], test.inputs.shape[1]
    if d != d_test:
        raise Refusal(f"{path}: x_test: found {d_test} numbers a point, expected {d} as in x")
    if train.classes.dtype.kind != test.classes.dtype.kind:
        raise Refusal(
            f"{path}: y_test: found {test.classes.dtype} beside {train.classes.dtype} in y, "
            "expected integers in both, or text in both"
        )
    return train, test


def load_npz(path: Path, names: Sequence[str]) -> tuple[dict[str, np.ndarray], list[str]]:
    """Those of the named arrays that there are, and the names of the others."""
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
    return arrays, sorted(held - set(names))


def _points(
    path: Path, arrays: dict[str, np.ndarray], unused: Sequence[str], x: str, y: str
) -> Points:
    if missing := [name for name in (x, y) if name not in arrays]:
        raise Refusal(
            f"{path}: found the arrays {short([*arrays, *unused], str)}, expected {x} and {y}: "
            f"save {' and '.join(missing)} too, by that name, as numpy.savez(file, {x}=…, {y}=…) "
            "does"
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
    where = [f"{path}: {y}[{at}]" for at in range(len(labels))]
    return Points(
        finite(inputs, f"{path}: {x}").reshape(len(inputs), -1),
        read_classes(labels, where),
        np.array([f"{x}[{at}]" for at in range(len(labels))]),
        np.array([f"{x}[:, {', '.join(map(str, at))}]" for at in np.ndindex(inputs.shape[1:])]),
    )


def finite(inputs: np.ndarray, where: str) -> np.ndarray:
    """The same numbers; Refusal names the first that is not finite."""
    wrong = np.argwhere(~np.isfinite(inputs))
    if len(wrong):
        place = ", ".join(map(str, wrong[0]))
        raise Refusal(
            f"{where}[{place}]: found {inputs[tuple(wrong[0])]}, expected a finite number; "
            f"{len(wrong)} such in all: correct or leave out these points"
        )
    return inputs.astype(np.uint8) if inputs.dtype.kind == "b" else inputs


def read_classes(labels: np.ndarray, where: Sequence[str]) -> np.ndarray:
    """Labels of shape (n,) as int64 if all are integral numbers, else as text; where: of each."""
    if labels.dtype.kind in "biu":
        wrong = np.flatnonzero(labels > np.iinfo(np.int64).max)
        if len(wrong):
            raise Refusal(
                f"{where[wrong[0]]}: found {labels[wrong[0]]}, expected a class below 2⁶³: "
                "write it as text"
            )
        return labels.astype(np.int64)
    if labels.dtype.kind == "U":
        blank = np.flatnonzero(np.char.strip(labels) == "")
        if len(blank):
            raise Refusal(f"{where[blank[0]]}: found no class, expected one: add it, or leave that "
                          "point out")  # fmt: skip
        return labels
    if labels.dtype.kind == "f":
        wrong = np.flatnonzero(~((abs(labels) < EXACT) & (labels == np.floor(labels))))
        if not len(wrong):
            return labels.astype(np.int64)
        raise Refusal(
            f"{where[wrong[0]]}: found {labels[wrong[0]]}, expected a class: an integer or text"
        )
    raise Refusal(f"{where[0]}: found {labels.dtype}, expected classes: integers or text")


def _read_csv(path: Path, label_column: str, ignored: Sequence[str]) -> Points:
    separator, header = _header(path, label_column, ignored)
    lines = _lines(path, separator, header)
    table = _load_csv(path, separator, label_column)
    inputs = table.drop(columns=[label_column, *ignored])
    if inputs.shape[0] == 0 or inputs.shape[1] == 0:
        raise Refusal(
            f"{path}: found {inputs.shape[0]} rows and {inputs.shape[1]} columns of inputs, "
            "expected at least one of each"
        )
    columns = np.column_stack([_column(path, inputs[name], lines) for name in inputs])
    labels = np.array(table[label_column].str.strip().tolist(), dtype=np.str_)
    where = [f"{path}: line {line}, column {label_column!r}" for line in lines]
    notes = []
    if separator != ",":
        notes.append(f"fields are separated by {own_header.SEPARATORS[separator]}")
    if ignored:
        notes.append(f"columns not used, as asked: {', '.join(ignored)}")
    return Points(
        columns,
        read_classes(_numbers(labels), where),
        np.array([f"line {line}" for line in lines]),
        np.array([f"column {name!r}" for name in inputs]),
        np.array(notes, dtype=np.str_),
    )


def _numbers(labels: np.ndarray) -> np.ndarray:
    """Labels of a .csv as numbers if they are plain integers; else the text, since 001 and 1, 1e3
    and 1000 are different codes. Fractions become numbers too, to be refused."""
    try:
        numbers = labels.astype(np.float64)
    except ValueError:
        return labels
    plain = all(INTEGER.fullmatch(label) for label in labels)
    return numbers if plain or (numbers != np.floor(numbers)).any() else labels


def _header(path: Path, label_column: str, ignored: Sequence[str]) -> tuple[str, list[str]]:
    """The separator and the names in the header, each once."""
    try:
        separator, header = own_header.columns(path, label_column)
    except (ValueError, csv.Error) as problem:
        raise _no_table(path, problem) from problem
    split, tried = own_header.SEPARATORS[separator], ", ".join(own_header.SEPARATORS.values())
    keys = {label_column: "LABEL, or label_column"} | dict.fromkeys(
        ignored, "IGNORE, or ignore_columns"
    )
    for name in (name for name in keys if name not in header):
        near = alike(name, header)
        likely = near and likeness(name, near[0]) > 0.6
        raise Refusal(
            f"{path}: line 1: found the columns {short(near)} (separated by {split}; tried: "
            f"{tried}), expected {name!r} among them: "
            + (f"did you mean {near[0]!r}? " if likely else "")
            + f"Correct {keys[name]}, or the header"
        )
    if label_column in ignored:
        raise Refusal(f"{path}: found {label_column!r} among the columns to ignore, expected it to "
                      "be used: it holds the class")  # fmt: skip
    if twice := [name for name in header if header.count(name) > 1]:
        # pandas renames the second, and a second label would become an input.
        raise Refusal(
            f"{path}: line 1: found the column {twice[0]!r} {header.count(twice[0])} times, "
            "expected each once: rename one, or leave it out"
        )
    if blank := [place for place, name in enumerate(header, 1) if not name.strip()]:
        raise Refusal(
            f"{path}: line 1: found no name for column {blank[0]}, expected one: name it, or leave "
            "it out (pandas writes its row numbers so, unless told index=False)"
        )
    return separator, header


def _lines(path: Path, separator: str, header: Sequence[str]) -> list[int]:
    """The line on which each point begins, each with as many fields as the header."""
    lines, last = [], 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file, delimiter=separator)
            for row in rows:
                first, last = last + 1, rows.line_num
                if len(row) < 2 and not "".join(row).strip():  # a blank line is none to pandas
                    continue
                if len(row) != len(header):
                    raise Refusal(
                        f"{path}: line {first}: found {len(row)} fields, expected {len(header)} as "
                        "in the header: correct it (a field that holds the separator is quoted)"
                    )
                lines.append(first)
    except (ValueError, csv.Error) as problem:
        raise _no_table(path, problem) from problem
    return lines[1:]


def _load_csv(path: Path, separator: str, label_column: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(
            path,
            sep=separator,
            index_col=False,
            low_memory=False,
            na_filter=False,  # a class may be called "NA"; elsewhere it is no number anyway
            dtype={label_column: str},
        )
    except ValueError as problem:
        raise _no_table(path, problem) from problem


def _no_table(path: Path, problem: Exception) -> Refusal:
    return Refusal(
        f"{path}: found {str(problem).strip()}, expected a .csv in UTF-8 with a header and as many "
        "fields in each row: correct it"
    )


def _column(path: Path, column: "pd.Series", lines: Sequence[int]) -> np.ndarray:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        found = str(column.iloc[wrong[0]])
        raise Refusal(
            f"{path}: line {lines[wrong[0]]}, column {column.name!r}: found {found!r}, expected a "
            f"finite number; {len(wrong)} such of {len(numbers)} in this column: "
            + _mend(found, len(wrong) == len(numbers), str(column.name))
        )
    return numbers


def _mend(found: str, all_wrong: bool, name: str) -> str:
    """What to do about a field that is no number."""
    if re.fullmatch(r"\s*[-+]?\d+,\d+\s*", found):
        return "write decimals with a point"
    if all_wrong:
        return f"leave the column out (IGNORE={name}, or ignore_columns), or write it as numbers"
    return "correct or leave out these rows"
