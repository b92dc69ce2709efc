"""Small things that tests of data sets share: archives, registries of them, a telling pickle."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import yaml

from pipeline.archives import Registry, Source

# Of random bytes, so that archives of them have a length to cut.
ONE, TWO, ZIPPED = (np.random.default_rng(seed).bytes(40_000) for seed in range(3))


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def flip(content: bytes, at: int = -20) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def file_entry(name: str, content: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return entry


def tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Of the same bytes each time: neither its entries nor its gzip header hold the time."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for entry, content in entries:
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def plain_tar(**contents: bytes) -> bytes:
    return tar(*((file_entry(f"tiny/{name}", data), data) for name, data in contents.items()))


PACKED = plain_tar(readme=b"not wanted", one=ONE, two=TWO)
GZIP = gzip.compress(ZIPPED, mtime=0)


def known(content: bytes) -> dict[str, object]:
    return {"size": len(content), "sha256": sha(content)}


def tar_archive(packed: bytes, mirrors: list[str], **members: bytes) -> dict[str, object]:
    listed = [{"path": f"tiny/{name}", **known(data)} for name, data in members.items()]
    return {"name": "tiny.tar.gz", "mirrors": mirrors, "members": listed, **known(packed)}


def gzip_archive(packed: bytes, mirrors: list[str], content: bytes = ZIPPED) -> dict[str, object]:
    member = {"path": "zipped/raw/file", **known(content)}
    return {"name": "file.gz", "mirrors": mirrors, "members": [member], **known(packed)}


TERMS = {"homepage": "h", "licence": "l", "citation": "c"}


def source(*archives: dict[str, object]) -> Source:
    return Source.model_validate({**TERMS, "archives": list(archives)})


NOWHERE = ["http://127.0.0.1:9/unused"]


def tiny(mirrors: list[str] = NOWHERE, packed: bytes = PACKED) -> Source:
    return source(tar_archive(packed, mirrors, one=ONE, two=TWO))


def registry_of(name: str, entry: Source) -> Registry:
    return Registry(sources={name: entry})


def registry_file(folder: Path, archive: dict[str, object]) -> Path:
    path = folder / "registry.yaml"
    path.write_text(yaml.safe_dump({"sources": {"tiny": {**TERMS, "archives": [archive]}}}))
    return path


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


class Payload:
    """A pickle of it creates a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)
