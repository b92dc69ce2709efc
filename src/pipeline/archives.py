"""The files of data sets: found or downloaded, checked against the registry and unpacked.

The registry (`config/datasets.yaml`) gives the size and SHA-256 of every archive and of every file
in it. Nothing is unpacked whose bytes are not those.
"""

import gzip
import hashlib
import logging
import math
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any, TypeAlias

from pydantic import Field, PositiveInt, model_validator

from overparam.errors import Refusal
from pipeline import plain_yaml
from pipeline.files import digest, whole
from pipeline.progress import track
from pipeline.settings import Name, Strict, validate

log = logging.getLogger("overparam")

MIB = 2**20
RETRIES = 2  # per mirror, after the first attempt
TIMEOUT = 30.0  # seconds without a byte after which a mirror counts as silent
# Some servers turn nameless clients away; a recompressed body would have another length.
HEADERS = {"User-Agent": "overparam", "Accept-Encoding": "identity"}
PACKING_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError)
# How a person names a folder of their own, maybe without knowing.
GIVEN = "(DATA_DIR of make, which your shell may have set)"

# Paths stay below the folder they are joined to: no root, no `.` or `..` among the parts.
_PART = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
Below = Annotated[str, Field(pattern=f"^{_PART}(/{_PART})*$")]

# What a member is read from.
Stream: TypeAlias = IO[bytes] | gzip.GzipFile


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

    name: Annotated[str, Field(pattern=f"^{_PART}$")]
    """File name: .gz holds one member, .tar.gz any number; any other is its own member."""
    mirrors: Annotated[list[Annotated[str, Field(pattern="^https?://")]], Field(min_length=1)]
    """Addresses, tried in this order."""
    members: Annotated[list[Member], Field(min_length=1)]
    """The files that are wanted of it."""

    @model_validator(mode="before")
    @classmethod
    def _not_packed(cls, values: Any) -> Any:
        """A file that is not packed names its `folder` below data/, and is its own member."""
        if not isinstance(values, dict) or "folder" not in values:
            return values
        member = {key: values[key] for key in ("size", "sha256") if key in values}
        member["path"] = f"{values['folder']}/{values.get('name')}"
        return {key: values[key] for key in values if key != "folder"} | {"members": [member]}

    @property
    def is_tar(self) -> bool:
        """Whether members are looked up by name."""
        return self.name.endswith(".tar.gz")

    @property
    def is_packed(self) -> bool:
        """Whether its bytes are not those of its member."""
        return self.name.endswith(".gz")

    @model_validator(mode="after")
    def _one_member(self) -> "Archive":
        if not self.is_tar and len(self.members) != 1:
            raise ValueError(f"members: found {len(self.members)}, expected 1 but in a .tar.gz")
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
                f"source: found {name!r}, expected one of {', '.join(self.sources)}: correct the "
                "name or add it to the registry of data sets"
            )
        return self.sources[name]


def load_registry(path: str | Path) -> Registry:
    """Read the registry; Refusal names the file and the key that is wrong."""
    values = plain_yaml.read(path)
    try:
        return validate(Registry, values)
    except Refusal as problem:
        raise Refusal(f"{path}: {problem}") from None


def obtain(source: Source, data: Path, archives: Path, data_dir: Path | None = None) -> None:
    """Make every member of `source` exist below `data`, with the registry's size and hash.

    Members that are right stay. The others come from `data_dir` (members or archives, never
    written), from an archive downloaded earlier to `archives`, or from the first mirror that
    delivers. With `data_dir` the network is never touched. Raises Refusal if a file of `data_dir`
    is damaged, if something is missing, or if all mirrors fail.
    """
    if data_dir is not None and not os.path.isdir(data_dir):
        raise Refusal(
            f"{data_dir}: found no such folder, expected one with archives or their members: "
            f"correct data_dir {GIVEN}, or leave it out to download"
        )
    try:
        _obtain(source, data, archives, data_dir)
    except PermissionError as problem:
        if data_dir is None or not Path(str(problem.filename)).is_relative_to(data_dir):
            raise
        raise Refusal(
            f"{problem.filename}: found no permission to read it, expected some: give yourself "
            f"some (chmod), or name another folder as data_dir {GIVEN}"
        ) from None


def _obtain(source: Source, data: Path, archives: Path, data_dir: Path | None) -> None:
    for archive in source.archives:
        wanted = [member for member in archive.members if not _is_right(data / member.path, member)]
        if wanted and data_dir is not None:
            wanted = _take(archive, wanted, data, data_dir)
        if wanted:
            packed = archives / archive.name
            if not _is_right(packed, archive):
                _fetch(archive, archives, data_dir)
            _unpack(packed, archive, wanted, data)


def _is_right(path: Path, known: Known) -> bool:
    """Whether one of our own files may stay; a damaged one is told of, and then replaced."""
    wrong = fault(path, known)
    if wrong and path.exists():
        log.warning("%s: %s: not used", path, wrong)
    return wrong is None


def fault(path: Path, known: Known) -> str | None:
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
        found = _first_file(*_member_places(archive, member, folder))
        if found is None:
            lacking.append(member)
        else:
            with found.open("rb") as stream:
                _store(stream, data, member, str(found))
            log.info("%s: copied from %s", member.path, found)
    packed = _first_file(*_places(archive, folder))
    if not lacking or packed is None:
        return lacking
    if wrong := fault(packed, archive):
        raise Refusal(f"{packed}: {wrong}: replace it by an intact copy, or remove it")
    _unpack(packed, archive, lacking, data)
    return []


def _places(archive: Archive, folder: Path) -> list[Path]:
    """Where an archive may lie in a person's own folder."""
    beside = Path(archive.members[0].path).with_name(archive.name)
    return [*_below(folder, beside), folder / "archives" / archive.name]


def _member_places(archive: Archive, member: Member, folder: Path) -> list[Path]:
    """Where a member may lie in a person's own folder: by its name, by the one that MNIST's files
    have in other collections (train-images.idx3-ubyte), or by that of a .gz which a browser
    unpacked without saying so."""
    path = Path(member.path)
    dotted = path.with_name(path.name.replace("-idx", ".idx"))
    packed = [] if archive.is_tar else _places(archive, folder)
    unpacked = [place for place in packed if fault(place, member) is None]
    return [*_below(folder, path), *_below(folder, dotted), *unpacked]


def _below(folder: Path, path: Path) -> list[Path]:
    """Places of a path below a folder, which may be one of those that the path begins with."""
    return [folder.joinpath(*path.parts[at:]) for at in range(len(path.parts))]


def _first_file(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _fetch(archive: Archive, folder: Path, data_dir: Path | None) -> None:
    """Download to `folder` from the first mirror that delivers; Refusal lists all that failed."""
    if data_dir is not None:
        places = ", ".join(str(path) for path in _places(archive, data_dir))
        found, members = f"no {archive.name}", ""
        if archive.is_packed:
            found = f"neither {archive.name} nor all of its members"
            members = (
                f", or, unpacked, {', '.join(member.path for member in archive.members)} there, "
                "with or without the folders before the name"
            )
        raise Refusal(
            f"{data_dir}: found {found}, expected one of {places} with {archive.size} bytes and "
            f"sha256 {archive.sha256}{members}: put it there, or leave out data_dir {GIVEN} to "
            "download it"
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


def _unpack(packed: Path, archive: Archive, wanted: list[Member], data: Path) -> None:
    """Write the wanted members of an archive below `data`, each whole and right or not at all."""
    members = _tar_members if archive.is_tar else _one_member
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
        "data sets names: correct the registry, or replace the archive"
    )


def _one_member(packed: Path, lacking: dict[str, Member]) -> Iterator[tuple[str, Stream]]:
    with gzip.open(packed) if packed.suffix == ".gz" else packed.open("rb") as stream:
        yield next(iter(lacking)), stream


def _tar_members(packed: Path, lacking: dict[str, Member]) -> Iterator[tuple[str, Stream]]:
    """The entries whose exact names are wanted; all others are passed over unread."""
    with tarfile.open(packed, "r|gz") as archive:
        for entry in archive:
            if entry.name in lacking:
                stream = archive.extractfile(entry) if entry.isreg() else None
                if stream is None:
                    raise Refusal(
                        f"{packed}: {entry.name}: found a link or a device, expected a plain "
                        "file: get the archive from one of the registry's mirrors"
                    )
                yield entry.name, stream


def _store(stream: Stream, data: Path, member: Member, origin: str) -> None:
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
