"""Data sets: found or downloaded, checked against the registry, unpacked and read.

The registry (`config/datasets.yaml`) gives the size and SHA-256 of every archive and of every file
in it. Nothing is unpacked or opened whose bytes are not those. torch and torchvision are imported
only while MNIST or CIFAR-10 is read.
"""

import csv
import gzip
import hashlib
import logging
import math
import sys
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
import yaml
from pydantic import Field, PositiveInt, model_validator

from overparam.errors import Refusal
from overparam.house.files import digest, load_arrays, save_arrays, whole
from overparam.house.progress import track
from overparam.house.settings import Name, Strict, validate

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger("overparam")

MIB = 2**20
RETRIES = 2  # per mirror, after the first attempt
TIMEOUT = 30.0  # seconds without a byte after which a mirror counts as silent
# Some servers turn nameless clients away; a recompressed body would have another length.
HEADERS = {"User-Agent": "overparam", "Accept-Encoding": "identity"}
# torchvision's class for each source that it reads.
CLASSES = {"mnist": "MNIST", "cifar10": "CIFAR10"}
EXACT = 2**53  # floats below it hold every integer
SHOWN = 8  # column names in a message
PACKING_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError)
ARRAY_ERRORS = (ValueError, EOFError, OSError, NotImplementedError, zlib.error, zipfile.BadZipFile)
CSV_ERRORS = (ValueError, csv.Error)

# Paths stay below the folder they are joined to: no root, no `.` or `..` among the parts.
_PART = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
Below = Annotated[str, Field(pattern=f"^{_PART}(/{_PART})*$")]


class Known(Strict):
    """A file whose bytes are known."""

    size: PositiveInt
    """Bytes."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256, in hexadecimal."""


class Member(Known):
    """A file that an archive holds."""

    path: Below
    """Where it is unpacked, below the data folder; in a .tar.gz also its name."""


class Archive(Known):
    """A file to download, and what is in it."""

    name: Annotated[str, Field(pattern=rf"^{_PART}\.gz$")]
    """File name: .gz holds one member, .tar.gz any number."""
    mirrors: Annotated[list[Annotated[str, Field(pattern="^https?://")]], Field(min_length=1)]
    """Addresses, tried in this order."""
    members: Annotated[list[Member], Field(min_length=1)]
    """The files that are wanted of it."""

    @property
    def is_tar(self) -> bool:
        """Whether members are looked up by name."""
        return self.name.endswith(".tar.gz")

    @model_validator(mode="after")
    def _one_member(self) -> "Archive":
        if not self.is_tar and len(self.members) != 1:
            raise ValueError(f"members: found {len(self.members)}, expected 1 in a .gz")
        return self


class Source(Strict):
    """A data set: its terms and its files."""

    homepage: str
    """Page that describes it."""
    licence: str
    """Terms of use."""
    citation: str
    """What to cite."""
    archives: Annotated[list[Archive], Field(min_length=1)]
    """Files to download."""


class Registry(Strict):
    """All data sets that can be downloaded."""

    sources: dict[Name, Source]
    """Data sets by name."""

    def source(self, name: str) -> Source:
        """The data set of that name; Refusal if there is none."""
        if name not in self.sources:
            raise Refusal(
                f"source: found {name!r}, expected one of {', '.join(self.sources)}: mend the name "
                "or add it to the registry of data sets"
            )
        return self.sources[name]


class Points(NamedTuple):
    """Inputs and their classes, in the order of the files they come from."""

    inputs: np.ndarray
    """Shape (n, d), numbers as stored: raw pixels 0..255 (uint8) for MNIST and CIFAR-10."""
    classes: np.ndarray
    """Shape (n,), int64 or text."""


def load_registry(path: str | Path) -> Registry:
    """Read the registry; Refusal names the file and the key that is wrong."""
    try:
        values = yaml.safe_load(Path(path).read_bytes())
        return validate(Registry, values)
    except (OSError, yaml.YAMLError) as problem:
        raise Refusal(f"{path}: found {problem}, expected a registry in YAML: mend it") from None
    except Refusal as problem:
        raise Refusal(f"{path}: {problem}") from None


# --- Getting the files -----------------------------------------------------------------------


def obtain(source: Source, data: Path, archives: Path, data_dir: Path | None = None) -> None:
    """Make every member of `source` exist below `data`, with the registry's size and hash.

    Members that are right stay. The others come from `data_dir` (members or archives, never
    written), from an archive downloaded earlier to `archives`, or from the first mirror that
    delivers. With `data_dir` the network is never touched. Raises Refusal if a file of `data_dir`
    is damaged, if something is missing, or if all mirrors fail.
    """
    if data_dir is not None and not data_dir.is_dir():
        raise Refusal(
            f"{data_dir}: found no such folder, expected one with archives or their members: mend "
            "data_dir, or leave it out to download"
        )
    for archive in source.archives:
        wanted = [one for one in archive.members if not _is_right(data / one.path, one)]
        if wanted and data_dir is not None:
            wanted = _take(archive, wanted, data, data_dir)
        if wanted:
            packed = archives / archive.name
            if not _is_right(packed, archive):
                _fetch(archive, archives, data_dir)
            _unpack(packed, archive, wanted, data)


def _is_right(path: Path, known: Known) -> bool:
    """Whether one of our own files may stay; a damaged one is told of, and then replaced."""
    fault = _fault(path, known)
    if fault and path.exists():
        log.warning("%s: %s: not used", path, fault)
    return fault is None


def _fault(path: Path, known: Known) -> str | None:
    """What is wrong with a file: value found, value expected; None if it is right."""
    if not path.is_file():
        return f"found no such file, expected {known.size} bytes"
    size = path.stat().st_size
    return _difference(size, digest(path) if size == known.size else "", known)


def _difference(size: int, sha256: str, known: Known) -> str | None:
    if size != known.size:
        found = f"more than {known.size}" if size > known.size else str(size)
        return f"found {found} bytes, expected {known.size}"
    if sha256 != known.sha256:
        return f"found sha256 {sha256}, expected {known.sha256}"
    return None


def _take(archive: Archive, wanted: list[Member], data: Path, folder: Path) -> list[Member]:
    """Copy or unpack what `folder` holds of the wanted members; return those that it lacks."""
    lacking = []
    for member in wanted:
        found = _first_file(folder / member.path, folder / Path(member.path).name)
        if found is None:
            lacking.append(member)
        else:
            with found.open("rb") as stream:
                _store(stream, data, member, str(found))
            log.info("%s: copied from %s", member.path, found)
    packed = _first_file(*_places(archive, folder))
    if not lacking or packed is None:
        return lacking
    if fault := _fault(packed, archive):
        raise Refusal(f"{packed}: {fault}: replace it by an intact copy, or remove it")
    _unpack(packed, archive, lacking, data)
    return []


def _places(archive: Archive, folder: Path) -> list[Path]:
    """Where an archive may lie in a person's own folder."""
    beside = (folder / archive.members[0].path).parent
    return [parent / archive.name for parent in (folder, beside, folder / "archives")]


def _first_file(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _fetch(archive: Archive, folder: Path, data_dir: Path | None) -> None:
    """Download to `folder` from the first mirror that delivers; Refusal lists all that failed."""
    if data_dir is not None:
        places = ", ".join(str(path) for path in _places(archive, data_dir))
        raise Refusal(
            f"{data_dir}: found neither {archive.name} nor all of its members, expected one of "
            f"{places} with {archive.size} bytes and sha256 {archive.sha256}: put it there, or "
            "leave out data_dir to download it"
        )
    reasons = []
    for mirror in archive.mirrors:
        log.info("%s: downloading %.1f MB from %s", archive.name, archive.size / 1e6, mirror)
        reason = _download(archive, mirror, folder)
        if reason is None:
            return
        log.warning("%s: mirror %s failed: %s", archive.name, mirror, reason)
        reasons.append(f"\n  {mirror}: {reason}")
    raise Refusal(
        f"{archive.name}: found no mirror that delivers it, expected {archive.size} bytes with "
        f"sha256 {archive.sha256}:{''.join(reasons)}\n"
        "Try again later; or get the file by hand, put it into a folder of your own and name that "
        "folder as data_dir (--data-dir)."
    )


def _download(archive: Archive, mirror: str, folder: Path) -> str | None:
    """Download from one mirror, with retries; the reason if it failed. pooch checks the hash."""
    import pooch
    import requests

    def stream(url: str, path: str, _: Any) -> None:
        with requests.get(url, stream=True, timeout=TIMEOUT, headers=HEADERS) as answer:
            answer.raise_for_status()
            blocks = answer.iter_content(MIB)
            total, size = math.ceil(archive.size / MIB), 0
            with open(path, "wb") as file:
                for block in track(blocks, total, f"MiB of {archive.name}"):
                    size += len(block)
                    if size > archive.size:
                        raise ValueError(_difference(size, "", archive))
                    file.write(block)

    # We tell what happens ourselves; pooch says it without the reason.
    pooch.get_logger().setLevel(logging.WARNING)
    store = pooch.create(
        path=folder,
        base_url="",
        registry={archive.name: f"sha256:{archive.sha256}"},
        urls={archive.name: mirror},
        retry_if_failed=RETRIES,
    )
    try:
        store.fetch(archive.name, downloader=stream)
    # Not every OSError: a full disk is no fault of the mirror's.
    except (requests.RequestException, ValueError) as problem:
        return str(problem)
    return None


def _unpack(packed: Path, archive: Archive, wanted: Sequence[Member], data: Path) -> None:
    """Write the wanted members of an archive below `data`, each whole and right or not at all."""
    members = _tar_members if archive.is_tar else _gzip_member
    lacking = {member.path: member for member in wanted}
    try:
        for path, stream in members(packed, lacking):
            _store(stream, data, lacking.pop(path), f"{packed}: {path}")
            log.info("%s: unpacked from %s", path, packed)
            if not lacking:
                return
    except PACKING_ERRORS as problem:
        raise Refusal(
            f"{packed}: found a damaged archive ({problem}), expected one that unpacks: replace it "
            "by an intact copy, or remove it"
        ) from problem
    raise Refusal(
        f"{packed}: found no {', '.join(lacking)} in it, expected all members that the registry of "
        "data sets names: mend the registry, or replace the archive"
    )


def _gzip_member(packed: Path, lacking: dict[str, Member]) -> Iterator[tuple[str, IO[bytes]]]:
    with gzip.open(packed) as stream:
        yield next(iter(lacking)), stream


def _tar_members(packed: Path, lacking: dict[str, Member]) -> Iterator[tuple[str, IO[bytes]]]:
    """The entries whose exact names are wanted; all others are passed over unread."""
    with tarfile.open(packed, "r|gz") as archive:
        for entry in archive:
            if entry.name in lacking:
                if not entry.isreg():
                    raise Refusal(
                        f"{packed}: {entry.name}: found a link or a device, expected a plain "
                        "file: get the archive from one of the registry's mirrors"
                    )
                yield entry.name, archive.extractfile(entry)


def _store(stream: IO[bytes], data: Path, member: Member, origin: str) -> None:
    """Copy a stream to its member's place below `data`, if its bytes are the member's.

    Never reads more than one byte beyond the member's size, whatever the stream holds.
    """
    seen, size = hashlib.sha256(), 0
    with whole(data / member.path) as file:
        while block := stream.read(min(MIB, member.size + 1 - size)):
            size += len(block)
            seen.update(block)
            file.write(block)
        if difference := _difference(size, seen.hexdigest(), member):
            raise Refusal(f"{origin}: {difference}: replace it by an intact copy, or remove it")


# --- Reading them ----------------------------------------------------------------------------


def read(source: str, path: str | Path, registry: Registry) -> tuple[Points, Points | None]:
    """Training points and, where the source has them, test points, in file order.

    `path` is the data folder for mnist and cifar10 (pixels 0..255, uint8; images flattened to 784,
    and to 3072 in the order height, width, colour), and an .npz as `save` writes it for others.
    Raises Refusal if a file is missing or damaged.
    """
    if source in CLASSES:
        return _read_images(source, Path(path), registry)
    train = Points(*load_arrays(path, "inputs", "classes"))
    with zipfile.ZipFile(path) as archive:
        has_test = "test_inputs.npy" in archive.namelist()
    return train, Points(*load_arrays(path, "test_inputs", "test_classes")) if has_test else None


def save(path: str | Path, train: Points, test: Points | None = None) -> None:
    """Write points as .npz: inputs, classes and, if given, test_inputs, test_classes."""
    arrays = train._asdict()
    if test is not None:
        arrays |= {f"test_{name}": array for name, array in test._asdict().items()}
    save_arrays(path, arrays)


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
            if fault := _fault(data / member.path, member):
                raise Refusal(
                    f"{data / member.path}: {fault}: delete it and run again to get it anew"
                )
    sets = [reader(root=data, train=train, download=False) for train in (True, False)]
    train, test = (
        Points(np.asarray(one.data).reshape(len(one.data), -1), np.asarray(one.targets, np.int64))
        for one in sets
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


# --- Data of one's own -----------------------------------------------------------------------


def read_own(path: str | Path, label_column: str = "label") -> tuple[Points, Points | None]:
    """Points of a person's own file, everything checked.

    .npz: arrays x (n, ...), flattened to (n, d), and y (n,), and if there are test points x_test
    and y_test. .csv: a header, one point a row, the class in `label_column`, numbers elsewhere.
    Classes are integers or text; integral floats count as integers. Raises Refusal naming the file
    and the array, or the row and column, that is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise Refusal(f"{path}: found no such file, expected an .npz or a .csv: mend the path")
    ending = path.suffix.lower()
    if ending == ".npz":
        return _own_npz(path)
    if ending == ".csv":
        return _own_csv(path, label_column), None
    raise Refusal(f"{path}: found the ending {ending!r}, expected .npz or .csv: convert it")


def _own_npz(path: Path) -> tuple[Points, Points | None]:
    arrays = _load_own(path)
    train = _own_points(path, arrays, "x", "y")
    if not {"x_test", "y_test"} & arrays.keys():
        return train, None
    test = _own_points(path, arrays, "x_test", "y_test")
    d, d_test = train.inputs.shape[1], test.inputs.shape[1]
    if d != d_test:
        raise Refusal(f"{path}: x_test: found {d_test} numbers a point, expected {d} as in x")
    if train.classes.dtype.kind != test.classes.dtype.kind:
        raise Refusal(
            f"{path}: y_test: found {test.classes.dtype} beside {train.classes.dtype} in y, "
            "expected integers in both, or text in both"
        )
    return train, test


def _load_own(path: Path) -> dict[str, np.ndarray]:
    names = ("x", "y", "x_test", "y_test")
    if not zipfile.is_zipfile(path):
        raise Refusal(f"{path}: found no .npz in it, expected what numpy.savez writes")
    try:
        with np.load(path, allow_pickle=False) as archive:
            unused = sorted(set(archive.files) - set(names))
            arrays = {name: archive[name] for name in names if name in archive.files}
    except ARRAY_ERRORS as problem:
        raise Refusal(
            f"{path}: found {problem}, expected arrays of numbers or text (never of objects), as "
            "numpy.savez writes them: save it again"
        ) from problem
    if unused:
        log.warning("%s: not used: %s; used are %s", path, ", ".join(unused), ", ".join(arrays))
    return arrays


def _own_points(path: Path, arrays: dict[str, np.ndarray], x: str, y: str) -> Points:
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
            f"{inputs[row, column]}, expected a finite number; {len(wrong)} such in all: mend or "
            "leave out these points"
        )
    return inputs.astype(np.uint8) if inputs.dtype.kind == "b" else inputs


def _classes(labels: np.ndarray, where: str) -> np.ndarray:
    """Labels of shape (n,) as int64 if all are integral numbers, else as text."""
    if labels.dtype.kind in "biu":
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


def _own_csv(path: Path, label_column: str) -> Points:
    table = _load_csv(path, label_column)
    inputs = table.drop(columns=label_column)
    if inputs.shape[0] == 0 or inputs.shape[1] == 0:
        raise Refusal(
            f"{path}: found {inputs.shape[0]} rows and {inputs.shape[1]} columns of inputs, "
            "expected at least one of each"
        )
    columns = [_csv_column(path, inputs[name]) for name in inputs]
    labels = np.array(table[label_column].str.strip().tolist(), dtype=np.str_)
    with suppress(ValueError):  # unless all are numbers they stay text
        labels = labels.astype(np.float64)
    return Points(np.column_stack(columns), _classes(labels, f"{path}: column {label_column!r}"))


def _load_csv(path: Path, label_column: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        # pandas renames a column that occurs twice, and the second label would become an input.
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file), [])
        if label_column not in header or len(set(header)) < len(header):
            raise Refusal(
                f"{path}: found the columns {_short(header)}, expected each once and "
                f"{label_column!r} among them: mend the header or name the label column"
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
    except (*CSV_ERRORS, pd.errors.ParserWarning) as problem:
        raise Refusal(
            f"{path}: found {str(problem).strip()}, expected a .csv in UTF-8 with a header and as "
            "many fields in each row: mend it"
        ) from problem


def _short(names: list[str]) -> str:
    """The first of many names."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(map(repr, names[:SHOWN])) or "(none)") + more


def _csv_column(path: Path, column: "pd.Series") -> np.ndarray:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        row = wrong[0]
        raise Refusal(
            f"{path}: row {row} (from 0, after the header), column {column.name!r}: found "
            f"{str(column.iloc[row])!r}, expected a finite number; {len(wrong)} such in this "
            "column: mend or leave out these rows"
        )
    return numbers
