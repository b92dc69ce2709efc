"""Data sets: only the registry's bytes are ever used, wherever they come from."""

import gzip
import hashlib
import io
import logging
import os
import pickle
import re
import socket
import tarfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import Refusal
from overparam.house import datasets
from overparam.house.datasets import Points, load_registry, obtain, read, read_own, save
from tests.loopback import Loopback, closed_port

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("OVERPARAM_TEST_DATA", ROOT.parent / "shared" / "data"))

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
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for entry, content in entries:
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def plain_tar(**contents: bytes) -> bytes:
    return tar(*((file_entry(f"tiny/{name}", data), data) for name, data in contents.items()))


PACKED = plain_tar(readme=b"not wanted", one=ONE, two=TWO)
GZIP = gzip.compress(ZIPPED)


def known(content: bytes) -> dict[str, object]:
    return {"size": len(content), "sha256": sha(content)}


def tar_archive(packed: bytes, mirrors: list[str], **members: bytes) -> dict[str, object]:
    listed = [{"path": f"tiny/{name}", **known(data)} for name, data in members.items()]
    return {"name": "tiny.tar.gz", "mirrors": mirrors, "members": listed, **known(packed)}


def gzip_archive(packed: bytes, mirrors: list[str], content: bytes = ZIPPED) -> dict[str, object]:
    member = {"path": "zipped/raw/file", **known(content)}
    return {"name": "file.gz", "mirrors": mirrors, "members": [member], **known(packed)}


def source(*archives: dict[str, object]) -> datasets.Source:
    terms = {"homepage": "h", "licence": "l", "citation": "c"}
    return datasets.Source.model_validate({**terms, "archives": list(archives)})


NOWHERE = ["http://127.0.0.1:9/unused"]


def tiny(mirrors: list[str] = NOWHERE, packed: bytes = PACKED) -> datasets.Source:
    return source(tar_archive(packed, mirrors, one=ONE, two=TWO))


def snapshot(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, sha(path.read_bytes()))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(autouse=True)
def no_proxy_no_pause(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Reach the loopback directly, do not wait between retries, and see the log."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    caplog.set_level(logging.INFO, logger="overparam")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def places(tmp_path: Path) -> SimpleNamespace:
    return SimpleNamespace(
        data=tmp_path / "data", archives=tmp_path / "archives", own=tmp_path / "own"
    )


def check_tiny(data: Path) -> None:
    assert (data / "tiny" / "one").read_bytes() == ONE
    assert (data / "tiny" / "two").read_bytes() == TWO
    assert names(data) == {"tiny/one", "tiny/two"}


# --- Downloads -------------------------------------------------------------------------------


def test_mirrors_are_tried_in_order_and_failures_are_told(places, caplog):
    with Loopback({"flipped": flip(PACKED), "good": PACKED}) as server:
        dead = f"http://127.0.0.1:{closed_port()}/dead"
        mirrors = [dead, server.url("flipped"), server.url("good"), server.url("spare")]
        obtain(tiny(mirrors), places.data, places.archives)
    check_tiny(places.data)
    warnings = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert dead in warnings[0]
    assert "refused" in warnings[0]
    assert mirrors[1] in warnings[1]
    assert sha(flip(PACKED)) in warnings[1]
    assert any(mirrors[2] in one.getMessage() for one in caplog.records)
    assert set(server.requests) == {"flipped", "good"}
    assert server.requests.count("good") == 1
    assert names(places.archives) == {"tiny.tar.gz"}


def test_all_mirrors_dead_is_one_message_naming_each(places):
    with Loopback({}) as server:
        mirrors = [f"http://127.0.0.1:{closed_port()}/dead", server.url("gone")]
        with pytest.raises(Refusal) as refusal:
            obtain(tiny(mirrors), places.data, places.archives)
    message = str(refusal.value)
    assert "tiny.tar.gz" in message
    assert re.search(re.escape(mirrors[0]) + r".*refused", message)
    assert re.search(re.escape(mirrors[1]) + r".*404", message)
    assert "--data-dir" in message
    assert sha(PACKED) in message
    assert not places.data.exists()
    assert names(places.archives) == set()


def test_a_mirror_that_falters_is_tried_again(places, caplog):
    with Loopback({"good": PACKED}) as server:
        server.failures["good"] = datasets.RETRIES
        obtain(tiny([server.url("good")]), places.data, places.archives)
    check_tiny(places.data)
    assert len(server.requests) == datasets.RETRIES + 1
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_mirror_that_falters_too_often_is_given_up(places):
    with Loopback({"good": PACKED}) as server:
        server.failures["good"] = datasets.RETRIES + 1
        with pytest.raises(Refusal, match="503"):
            obtain(tiny([server.url("good")]), places.data, places.archives)
    assert len(server.requests) == datasets.RETRIES + 1


def test_a_connection_cut_short_leaves_nothing(places):
    with Loopback({"good": PACKED}) as server:
        server.cut["good"] = len(PACKED) // 2
        with pytest.raises(Refusal, match=re.escape(server.url("good"))):
            obtain(tiny([server.url("good")]), places.data, places.archives)
    assert not places.data.exists()
    assert names(places.archives) == set()


def test_a_download_stops_at_the_size_of_the_registry(places):
    with (
        Loopback({"flood": PACKED + bytes(50 * datasets.MIB)}) as server,
        pytest.raises(Refusal, match=f"found more than {len(PACKED)} bytes"),
    ):
        obtain(tiny([server.url("flood")]), places.data, places.archives)
    assert names(places.archives) == set()


def test_a_truncated_archive_of_a_mirror_is_not_used(places):
    with (
        Loopback({"short": PACKED[:-100]}) as server,
        pytest.raises(Refusal, match=r"short: .*expected"),
    ):
        obtain(tiny([server.url("short")]), places.data, places.archives)
    assert not places.data.exists()


def test_a_wrong_hash_in_the_registry_is_refused(places):
    with Loopback({"good": PACKED}) as server:
        entry = tar_archive(PACKED, [server.url("good")], one=ONE, two=TWO)
        with pytest.raises(Refusal, match="b" * 64):
            obtain(source({**entry, "sha256": "b" * 64}), places.data, places.archives)
    assert not places.data.exists()


def test_a_wrong_member_hash_in_the_registry_is_refused(places):
    entry = tar_archive(PACKED, NOWHERE, one=flip(ONE), two=TWO)
    put(places.archives / "tiny.tar.gz", PACKED)
    with pytest.raises(Refusal, match=f"tiny/one: found sha256 {sha(ONE)}.*{sha(flip(ONE))}"):
        obtain(source(entry), places.data, places.archives)
    assert names(places.data) == set()


def test_a_full_disk_is_not_blamed_on_the_mirror(places, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with Loopback({"good": PACKED}) as server:
        monkeypatch.setattr(datasets, "track", full)
        with pytest.raises(OSError, match="No space left") as problem:
            obtain(tiny([server.url("good")]), places.data, places.archives)
    assert problem.value.errno == 28
    assert names(places.archives) == set()


# --- What is there already -------------------------------------------------------------------


@pytest.mark.usefixtures("no_network")
def test_good_files_are_kept_and_nothing_is_asked_for(places):
    put(places.data / "tiny" / "one", ONE)
    put(places.data / "tiny" / "two", TWO)
    before = snapshot(places.data)
    obtain(tiny(), places.data, places.archives)
    assert snapshot(places.data) == before
    assert not places.archives.exists()


@pytest.mark.usefixtures("no_network")
def test_a_good_archive_is_unpacked_again_without_network(places):
    put(places.archives / "tiny.tar.gz", PACKED)
    put(places.data / "tiny" / "one", ONE)
    before = snapshot(places.data)["tiny/one"]
    obtain(tiny(), places.data, places.archives)
    check_tiny(places.data)
    assert snapshot(places.data)["tiny/one"] == before


def test_leftovers_and_damaged_files_never_count(places, caplog):
    put(places.archives / "tiny.tar.gz", PACKED[:1000])
    put(places.archives / ".tiny.tar.gz.abc.part", PACKED)
    put(places.data / "tiny" / "one", ONE[:-1])
    put(places.data / "tiny" / "two", flip(TWO))
    with Loopback({"good": PACKED}) as server:
        obtain(tiny([server.url("good")]), places.data, places.archives)
    check_tiny(places.data)
    assert server.requests == ["good"]
    assert (places.archives / "tiny.tar.gz").read_bytes() == PACKED
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert [message.split(": ")[0] for message in told] == [
        str(places.data / "tiny" / "one"),
        str(places.data / "tiny" / "two"),
        str(places.archives / "tiny.tar.gz"),
    ]


# --- A folder of one's own -------------------------------------------------------------------

PLACES_OF_ARCHIVES = ["tiny.tar.gz", "tiny/tiny.tar.gz", "archives/tiny.tar.gz"]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("place", PLACES_OF_ARCHIVES)
def test_own_archives_are_unpacked_and_left_alone(places, place):
    put(places.own / place, PACKED)
    before = snapshot(places.own)
    obtain(tiny(), places.data, places.archives, places.own)
    check_tiny(places.data)
    assert snapshot(places.own) == before
    assert not places.archives.exists()


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("place", ["file.gz", "zipped/raw/file.gz", "archives/file.gz"])
def test_own_gzip_archives_too(places, place):
    put(places.own / place, GZIP)
    obtain(source(gzip_archive(GZIP, NOWHERE)), places.data, places.archives, places.own)
    assert (places.data / "zipped/raw/file").read_bytes() == ZIPPED


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("folder", ["tiny", "."])
def test_own_members_are_copied_and_left_alone(places, folder):
    put(places.own / folder / "one", ONE)
    put(places.own / folder / "two", TWO)
    before = snapshot(places.own)
    obtain(tiny(), places.data, places.archives, places.own)
    check_tiny(places.data)
    assert snapshot(places.own) == before


@pytest.mark.usefixtures("no_network")
def test_own_members_are_completed_from_the_own_archive(places):
    put(places.own / "two", TWO)
    put(places.own / "tiny.tar.gz", PACKED)
    obtain(tiny(), places.data, places.archives, places.own)
    check_tiny(places.data)


@pytest.mark.usefixtures("no_network")
def test_an_archive_downloaded_earlier_completes_the_own_folder(places):
    put(places.own / "two", TWO)
    put(places.archives / "tiny.tar.gz", PACKED)
    obtain(tiny(), places.data, places.archives, places.own)
    check_tiny(places.data)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tiny/one", flip(ONE)),
        ("one", ONE[:-1]),
        ("one", ONE + b"1"),
        ("tiny.tar.gz", flip(PACKED)),
        ("archives/tiny.tar.gz", PACKED[:-1]),
    ],
)
def test_a_damaged_own_file_is_refused_by_name(places, name, content):
    put(places.own / name, content)
    put(places.archives / "tiny.tar.gz", PACKED)
    before = snapshot(places.own)
    with pytest.raises(Refusal, match=f"{re.escape(str(places.own / name))}: found .*expected"):
        obtain(tiny(), places.data, places.archives, places.own)
    assert snapshot(places.own) == before
    assert names(places.data) == set()


@pytest.mark.usefixtures("no_network")
def test_a_member_missing_from_the_own_folder_is_refused(places):
    put(places.own / "one", ONE)
    with Loopback({"good": PACKED}) as server, pytest.raises(Refusal) as refusal:
        obtain(tiny([server.url("good")]), places.data, places.archives, places.own)
    assert server.requests == []
    for place in PLACES_OF_ARCHIVES:
        assert str(places.own / place) in str(refusal.value)
    assert str(len(PACKED)) in str(refusal.value)


@pytest.mark.usefixtures("no_network")
def test_a_missing_own_folder_is_refused(places):
    with pytest.raises(Refusal, match=f"{places.own}: found no such folder"):
        obtain(tiny(), places.data, places.archives, places.own)


# --- Archives that are not what they seem ----------------------------------------------------


def link(kind: bytes, target: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo("tiny/one")
    entry.type, entry.linkname = kind, target
    return entry


@pytest.mark.usefixtures("no_network")
def test_only_members_of_the_registry_are_written(places, tmp_path):
    escapes = ["../escape", "tiny/../../escape", str(tmp_path / "escape"), "tiny/extra"]
    packed = tar(
        *((file_entry(name, b"bad"), b"bad") for name in escapes),
        (file_entry("tiny/one", ONE), ONE),
        (file_entry("tiny/two", TWO), TWO),
        (file_entry("tiny/one", b"again"), b"again"),
    )
    put(places.archives / "tiny.tar.gz", packed)
    before = names(tmp_path)
    obtain(tiny(packed=packed), places.data, places.archives)
    check_tiny(places.data)
    assert names(tmp_path) == before | {"data/tiny/one", "data/tiny/two"}


@pytest.mark.parametrize(
    "path", ["../escape", "tiny/../../escape", "/etc/escape", "a//b", "a\\b", ".", "", "a/\n"]
)
def test_paths_of_the_registry_stay_below_the_data_folder(path):
    with pytest.raises(ValueError, match="path"):
        datasets.Member(path=path, size=1, sha256="a" * 64)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(places, tmp_path, kind):
    secret = tmp_path / "secret"
    secret.write_bytes(ONE)
    packed = tar((link(kind, str(secret)), b""), (file_entry("tiny/two", TWO), TWO))
    put(places.own / "tiny.tar.gz", packed)
    with pytest.raises(Refusal, match="tiny/one: found a link or a device"):
        obtain(tiny(packed=packed), places.data, places.archives, places.own)
    assert names(places.data) == set()


class Meter(io.BytesIO):
    """A stream that counts the bytes read from it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        block = super().read(size)
        self.taken += len(block)
        return block


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("kind", ["tar", "gzip"])
def test_a_decompression_bomb_stops_at_the_size_of_the_registry(places, monkeypatch, kind):
    bomb = bytes(100 * datasets.MIB)
    if kind == "tar":
        packed = plain_tar(one=bomb, two=TWO)
        entry = tar_archive(packed, NOWHERE, one=ONE, two=TWO)
    else:
        packed = gzip.compress(bomb, 1)
        entry = gzip_archive(packed, NOWHERE)
    limit = entry["members"][0]["size"]
    put(places.own / entry["name"], packed)
    taken = []

    def spy(stream, data, member, origin, store=datasets._store):
        meter = Meter(stream.read(2 * limit))
        try:
            store(meter, data, member, origin)
        finally:
            taken.append(meter.taken)

    monkeypatch.setattr(datasets, "_store", spy)
    with pytest.raises(Refusal, match=f"found more than {limit} bytes, expected {limit}"):
        obtain(source(entry), places.data, places.archives, places.own)
    assert taken == [limit + 1]
    assert names(places.data) == set()


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("packed", [PACKED[:-5000], flip(PACKED, 2000), b"no archive at all"])
def test_a_tar_that_does_not_unpack_is_refused(places, packed):
    """Even where the registry was written from the damaged file."""
    put(places.archives / "tiny.tar.gz", packed)
    with pytest.raises(Refusal, match=r"tiny\.tar\.gz: .*found"):
        obtain(tiny(packed=packed), places.data, places.archives)
    assert not any((places.data / "tiny").glob(".*"))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("packed", [GZIP[:-20], GZIP[:30], b"no archive at all"])
def test_a_gzip_that_does_not_unpack_is_refused(places, packed):
    put(places.archives / "file.gz", packed)
    with pytest.raises(Refusal, match=r"file\.gz: .*found"):
        obtain(source(gzip_archive(packed, NOWHERE)), places.data, places.archives)
    assert names(places.data) == set()


@pytest.mark.usefixtures("no_network")
def test_an_archive_without_a_member_is_refused(places):
    packed = plain_tar(one=ONE)
    put(places.archives / "tiny.tar.gz", packed)
    with pytest.raises(Refusal, match="found no tiny/two in it"):
        obtain(tiny(packed=packed), places.data, places.archives)


# --- The registry ----------------------------------------------------------------------------


def registry_of(name: str, entry: datasets.Source) -> datasets.Registry:
    return datasets.Registry(sources={name: entry})


def test_the_registry_of_the_repository_is_sound():
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    assert set(registry.sources) == set(datasets.CLASSES)
    mnist, cifar10 = (registry.source(name) for name in ("mnist", "cifar10"))
    assert [len(one.members) for one in mnist.archives] == [1, 1, 1, 1]
    assert [len(one.members) for one in cifar10.archives] == [7]
    for archive in (*mnist.archives, *cifar10.archives):
        assert len(set(archive.mirrors)) == len(archive.mirrors) >= 3
        assert all(mirror.startswith("https://") for mirror in archive.mirrors)
        assert all(mirror.endswith(f"/{archive.name}") for mirror in archive.mirrors)
    assert "cs.toronto.edu" in cifar10.archives[0].mirrors[-1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mirors": []}, r"archives\.0\.mirors: unknown key, did you mean 'mirrors'"),
        ({"sha256": "abc"}, r"archives\.0\.sha256: found 'abc'"),
        ({"size": 0}, r"archives\.0\.size: found 0"),
        ({"mirrors": []}, r"archives\.0\.mirrors: found \[\]"),
        ({"mirrors": ["ftp://x"]}, r"mirrors\.0: found 'ftp://x'"),
        ({"name": "../x.gz"}, r"archives\.0\.name: found '\.\./x\.gz'"),
        ({"name": "two.gz"}, r"members: found 2, expected 1"),
    ],
)
def test_mistakes_in_the_registry_are_named(tmp_path, change, told):
    archive = tar_archive(PACKED, NOWHERE, one=ONE, two=TWO) | change
    entry = {"homepage": "h", "licence": "l", "citation": "c", "archives": [archive]}
    path = tmp_path / "registry.yaml"
    path.write_text(yaml.safe_dump({"sources": {"tiny": entry}}))
    with pytest.raises(Refusal, match=told) as refusal:
        load_registry(path)
    assert str(path) in str(refusal.value)


def test_a_registry_runs_no_code(tmp_path):
    path, sign = tmp_path / "registry.yaml", tmp_path / "sign"
    path.write_text(f"sources: !!python/object/apply:os.mkdir ['{sign}']")
    with pytest.raises(Refusal, match=r"registry\.yaml"):
        load_registry(path)
    assert not sign.exists()


@pytest.mark.parametrize("text", ["sources: [", "- a list", ""])
def test_a_registry_that_is_no_mapping_is_refused(tmp_path, text):
    path = tmp_path / "registry.yaml"
    path.write_text(text)
    with pytest.raises(Refusal, match=re.escape(str(path))):
        load_registry(path)


def test_a_missing_registry_and_an_unknown_source_are_refused(tmp_path):
    with pytest.raises(Refusal, match=r"none\.yaml"):
        load_registry(tmp_path / "none.yaml")
    with pytest.raises(Refusal, match="found 'tinny', expected one of tiny"):
        registry_of("tiny", tiny()).source("tinny")


# --- Reading ---------------------------------------------------------------------------------


class Payload:
    """A pickle of it creates a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


class Unpickler:
    """Stands in for torchvision, without its own check of MD5 sums."""

    def __init__(self, root: Path, train: bool, download: bool) -> None:
        assert not download
        pickle.loads((root / "tiny" / "one").read_bytes())
        self.data, self.targets = np.zeros((2, 3, 3)), [0, 1]


@pytest.mark.parametrize("listed", [True, False])
def test_a_pickle_is_opened_only_if_its_hash_is_right(tmp_path, monkeypatch, listed):
    """With its hash in the registry the payload runs: so its absence below means something."""
    sign = tmp_path / "sign"
    malicious = pickle.dumps(Payload(sign))
    put(tmp_path / "data" / "tiny" / "one", malicious)
    # Of the right size, so that the hash alone tells.
    entry = source(tar_archive(PACKED, NOWHERE, one=malicious if listed else flip(malicious)))
    monkeypatch.setattr(datasets, "_torchvision", lambda: SimpleNamespace(CIFAR10=Unpickler))
    if listed:
        read("cifar10", tmp_path / "data", registry_of("cifar10", entry))
    else:
        with pytest.raises(Refusal, match=f"tiny/one: found sha256 {sha(malicious)}"):
            read("cifar10", tmp_path / "data", registry_of("cifar10", entry))
    assert sign.exists() is listed


def test_a_missing_file_is_refused_before_torchvision_looks(tmp_path):
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    with pytest.raises(Refusal, match="data_batch_1: found no such file"):
        read("cifar10", tmp_path, registry)


def test_what_an_old_torchvision_left_is_refused(tmp_path):
    (tmp_path / "MNIST" / "processed").mkdir(parents=True)
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    with pytest.raises(Refusal, match="processed: found"):
        read("mnist", tmp_path, registry)


@pytest.mark.data
@pytest.mark.usefixtures("no_network")
def test_real_data_from_a_folder(tmp_path):
    if not (REAL / "MNIST").is_dir() or not (REAL / "cifar-10-batches-py").is_dir():
        pytest.skip("skipped: data not present")
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    for name in ("mnist", "cifar10"):
        obtain(registry.source(name), tmp_path, tmp_path / "archives", REAL)
    mnist, mnist_test = read("mnist", tmp_path, registry)
    cifar10, cifar10_test = read("cifar10", tmp_path, registry)
    assert mnist.inputs.shape == (60_000, 784)
    assert mnist_test.inputs.shape == (10_000, 784)
    assert cifar10.inputs.shape == (50_000, 3072)
    assert cifar10_test.inputs.shape == (10_000, 3072)
    for points in (mnist, mnist_test, cifar10, cifar10_test):
        assert points.inputs.dtype == np.uint8
        assert points.inputs.max() == 255
        assert points.classes.dtype == np.int64
        assert points.classes.shape == points.inputs.shape[:1]
        assert set(points.classes) == set(range(10))
    # The first labels of each file, and the sums of all pixels, as other readers give them.
    assert mnist.classes[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist_test.classes[:5].tolist() == [7, 2, 1, 0, 4]
    assert cifar10.classes[:5].tolist() == [6, 9, 9, 4, 1]
    assert cifar10_test.classes[:5].tolist() == [3, 8, 8, 0, 6]
    assert mnist.inputs.mean() == pytest.approx(0.1306604762738429 * 255, rel=1e-9)
    # Colour varies fastest: the known means of red, green and blue.
    means = cifar10.inputs.reshape(-1, 3).mean(axis=0) / 255
    assert means == pytest.approx([0.4914, 0.4822, 0.4465], abs=5e-5)


def test_saved_points_are_read_back(tmp_path):
    train = Points(np.arange(6.0).reshape(3, 2), np.array(["cat", "dog", "cat"]))
    test = Points(np.ones((1, 2)), np.array(["owl"]))
    registry = registry_of("tiny", tiny())
    save(tmp_path / "both.npz", train, test)
    save(tmp_path / "one.npz", train)
    both = read("file", tmp_path / "both.npz", registry)
    for got, expected in zip(both, (train, test), strict=True):
        np.testing.assert_array_equal(got.inputs, expected.inputs)
        np.testing.assert_array_equal(got.classes, expected.classes)
    assert read("digits", tmp_path / "one.npz", registry)[1] is None


def test_damaged_arrays_are_refused(tmp_path):
    path = tmp_path / "points.npz"
    save(path, Points(np.ones((30, 2)), np.arange(30)))
    path.write_bytes(flip(path.read_bytes(), 300))
    with pytest.raises(Refusal, match=r"points\.npz"):
        read("digits", path, registry_of("tiny", tiny()))


# --- Data of one's own: .npz -----------------------------------------------------------------

X = np.arange(24.0).reshape(4, 6)
Y = np.array([0, 1, 1, 0])


def npz(tmp_path: Path, **arrays: object) -> Path:
    path = tmp_path / "own.npz"
    np.savez(path, **arrays)
    return path


def test_own_npz_with_images_and_test_points(tmp_path):
    images = np.arange(48, dtype=np.uint8).reshape(4, 3, 2, 2)
    path = npz(tmp_path, x=images, y=Y, x_test=images[:1], y_test=Y[:1])
    train, test = read_own(path)
    np.testing.assert_array_equal(train.inputs, images.reshape(4, 12))
    np.testing.assert_array_equal(test.inputs, images[:1].reshape(1, 12))
    assert train.inputs.dtype == np.uint8
    assert train.classes.dtype == np.int64
    np.testing.assert_array_equal(test.classes, Y[:1])


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (np.array([3.0, -1.0, 3.0, 7.0]), "i"),
        (np.array([3, 1, 3, 7], dtype=np.uint8), "i"),
        (np.array([True, False, True, True]), "i"),
        (np.array(["cat", "dög", "cat", "7"]), "U"),
    ],
)
def test_own_classes_are_integers_or_text(tmp_path, labels, kind):
    train, test = read_own(npz(tmp_path, x=X, y=labels))
    assert test is None
    assert train.classes.dtype.kind == kind
    assert train.classes.tolist() == labels.tolist()


def test_own_truth_values_become_numbers(tmp_path):
    train, _ = read_own(npz(tmp_path, x=X > 3, y=Y))
    assert train.inputs.dtype == np.uint8
    np.testing.assert_array_equal(train.inputs, (X > 3).astype(int))


def test_unused_arrays_are_told(tmp_path, caplog):
    read_own(npz(tmp_path, x=X, y=Y, x_tset=X, y_tset=Y))
    assert "not used: x_tset, y_tset" in caplog.text


@given(
    st.integers(1, 5), st.integers(1, 4), st.integers(0, 4), st.integers(0, 3),
    st.sampled_from([np.nan, np.inf, -np.inf]),
)  # fmt: skip
def test_a_number_that_is_not_finite_is_found_wherever_it_is(n, d, row, column, value):
    inputs = np.zeros((n, d))
    inputs[row % n, column % d] = value
    with pytest.raises(Refusal, match=f"here: row {row % n}, column {column % d} "):
        datasets._finite(inputs, "here")


NAN = np.where(X == 13, np.nan, X)
BAD_NPZ = [
    ({"y": Y}, r"found y, expected arrays x and y: add x"),
    ({"x": X}, r"found x, expected arrays x and y: add y"),
    ({"x_train": X, "y_train": Y}, r"found neither, expected arrays x and y"),
    ({"x": NAN, "y": Y}, r"x: row 2, column 1 .*found nan"),
    ({"x": X, "y": Y, "x_test": NAN, "y_test": Y}, r"x_test: row 2, column 1 .*found nan"),
    ({"x": np.where(X == 5, -np.inf, X), "y": Y}, r"x: row 0, column 5 .*found -inf"),
    ({"x": X.astype(str), "y": Y}, r"x: found shape \(4, 6\) of <U"),
    ({"x": X * 1j, "y": Y}, r"x: found .*complex128"),
    ({"x": X[:, 0], "y": Y}, r"x: found shape \(4,\)"),
    ({"x": X[:0], "y": Y[:0]}, r"x: found shape \(0, 6\)"),
    ({"x": X[:, :0], "y": Y}, r"x: found shape \(4, 0\)"),
    ({"x": X, "y": Y[:3]}, r"y: found shape \(3,\), expected \(4,\)"),
    ({"x": X, "y": np.eye(4)}, r"y: found shape \(4, 4\), expected \(4,\)"),
    ({"x": X, "y": Y + 0.5}, r"y: row 0 .*found 0\.5"),
    ({"x": X, "y": np.array([0, 1, np.nan, 1])}, r"y: row 2 .*found nan"),
    ({"x": X, "y": np.array([0, 1e300, 1, 1])}, r"y: row 1 .*found 1e\+300"),
    ({"x": X, "y": np.array(["a", " ", "b", "c"])}, r"y: row 1 .*found no class"),
    ({"x": X, "y": Y * 1j}, r"y: found complex128"),
    ({"x": X, "y": Y, "x_test": X}, r"add y_test"),
    ({"x": X, "y": Y, "y_test": Y}, r"add x_test"),
    (
        {"x": X, "y": Y, "x_test": X[:, 1:], "y_test": Y},
        r"x_test: found 5 numbers a point, expected 6",
    ),
    (
        {"x": X, "y": Y, "x_test": X, "y_test": Y.astype(str)},
        r"y_test: found <U\d+ beside int64 in y",
    ),
    ({"x": X.astype(object), "y": Y}, r"[Oo]bject"),
]


@pytest.mark.parametrize(("arrays", "told"), BAD_NPZ, ids=range(len(BAD_NPZ)))
def test_a_bad_own_npz_is_refused(tmp_path, arrays, told):
    path = npz(tmp_path, **arrays)
    with pytest.raises(Refusal, match=told) as refusal:
        read_own(path)
    assert str(path) in str(refusal.value)


def test_an_own_object_array_is_never_unpickled(tmp_path):
    sign = tmp_path / "sign"
    path = npz(tmp_path, x=np.array([[Payload(sign)]], dtype=object), y=np.array([1]))
    with pytest.raises(Refusal):
        read_own(path)
    assert not sign.exists()
    with np.load(path, allow_pickle=True) as archive:
        archive["x"]
    assert sign.exists()  # so it would have been seen


def test_own_files_that_are_no_npz_are_refused(tmp_path):
    whole = npz(tmp_path, x=X, y=Y).read_bytes()
    for content in (b"", b"text", whole[:-50], flip(whole, 200), pickle.dumps(X)):
        path = tmp_path / "bad.npz"
        path.write_bytes(content)
        with pytest.raises(Refusal, match=r"bad\.npz: found"):
            read_own(path)


def test_own_files_by_unknown_names_are_refused(tmp_path):
    with pytest.raises(Refusal, match=r"none\.csv: found no such file"):
        read_own(tmp_path / "none.csv")
    put(tmp_path / "own.xlsx", b"x")
    with pytest.raises(Refusal, match=r"found the ending '\.xlsx'"):
        read_own(tmp_path / "own.xlsx")


# --- Data of one's own: .csv -----------------------------------------------------------------


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("a,label,b\n1,0,2.5\n-3e2,1,4\n", [0, 1]),
        ("a,label,b\n1,3.0,2.5\n-3e2,-1,4\n", [3, -1]),
        ("a,label,b\n1,cat,2.5\n-3e2,NA,4\n", ["cat", "NA"]),
        ("a,label,b\n1,7,2.5\n-3e2,x,4\n", ["7", "x"]),
        ('\ufeffa,label,b\r\n1," cat ",2.5\r\n-3e2,"d,g",4\r\n', ["cat", "d,g"]),
    ],
)
def test_own_csv(tmp_path, text, classes):
    train, test = read_own(table(tmp_path, text))
    assert test is None
    np.testing.assert_array_equal(train.inputs, [[1, 2.5], [-300, 4]])
    assert train.inputs.dtype == np.float64
    assert train.classes.tolist() == classes
    assert train.classes.dtype.kind == ("i" if isinstance(classes[0], int) else "U")


def test_own_csv_keeps_the_last_digit(tmp_path):
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308]
    text = "v,label\n" + "".join(f"{number!r},0\n" for number in numbers)
    train, _ = read_own(table(tmp_path, text))
    assert train.inputs[:, 0].tolist() == numbers


def test_own_csv_with_another_label_column(tmp_path):
    train, _ = read_own(table(tmp_path, "kind,v\ncat,1\n"), "kind")
    assert train.classes.tolist() == ["cat"]
    assert train.inputs.tolist() == [[1.0]]


BAD_CSV = [
    ("", r"found the columns \(none\)"),
    ("a,label\n", "found 0 rows"),
    ("label\n1\n", "0 columns of inputs"),
    ("a,b\n1,2\n", r"found the columns 'a', 'b', expected each once and 'label' among them"),
    ("1,2\n3,4\n", "found the columns '1', '2'"),
    ("a;label\n1;2\n", "found the columns 'a;label'"),
    ("a,label,label\n1,2,3\n", "expected each once"),
    ("a,label\n1,0\n2x,1\n3,1\n", r"row 1 \(from 0, after the header\), column 'a': found '2x'"),
    ("a,label\n1,0\n,1\n", "row 1 .*column 'a': found ''"),
    ("a,label\n1,0\nnan,1\n", "row 1 .*column 'a': found 'nan'"),
    ("a,label\n-inf,0\n1,1\n", "row 0 .*column 'a': found '-inf'"),
    ("a,b,label\n1,2,0\n1\n", "row 1 .*column 'b'"),
    ("a,label\n1,0,5\n", r"found .*expected a \.csv"),
    ("a,label\n1,0\n1,0,5\n", r"found .*expected a \.csv"),
    ("a,label\n1,0\n1,\n", r"column 'label': row 1 .*found no class"),
    ("a,label\n1,cat\n1, \n", r"column 'label': row 1 .*found no class"),
    ("a,label\n1,0.5\n", r"column 'label': row 0 .*found 0\.5"),
    ("a,label\n1,nan\n", r"column 'label': row 0 .*found nan"),
    ('a,label\n"1,0\n', r"found .*expected a \.csv"),
    (b"a,label\n1,\xff\n", r"found .*expected a \.csv in UTF-8"),
    (b"\x93NUMPY\x00", r"expected a \.csv in UTF-8"),
]


@pytest.mark.parametrize(("text", "told"), BAD_CSV, ids=range(len(BAD_CSV)))
def test_a_bad_own_csv_is_refused(tmp_path, text, told):
    path = table(tmp_path, text)
    with pytest.raises(Refusal, match=told) as refusal:
        read_own(path)
    assert str(path) in str(refusal.value)


def test_many_columns_are_not_all_listed(tmp_path):
    path = table(tmp_path, ",".join(f"pixel{i}" for i in range(784)) + "\n")
    with pytest.raises(Refusal, match="'pixel7' and 776 more"):
        read_own(path)
