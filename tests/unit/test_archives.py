"""Archives: only the registry's bytes are ever used, wherever they come from."""

import gzip
import io
import logging
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from overparam.errors import Refusal
from pipeline import archives
from pipeline.archives import Source, load_registry, obtain
from tests.archives import (
    GZIP,
    NOWHERE,
    ONE,
    PACKED,
    TWO,
    ZIPPED,
    file_entry,
    flip,
    gzip_archive,
    known,
    plain_tar,
    put,
    registry_file,
    registry_of,
    sha,
    source,
    tar,
    tar_archive,
    tiny,
)
from tests.loopback import Loopback, closed_port

ROOT = Path(__file__).resolve().parents[2]


def snapshot(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, sha(path.read_bytes()))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def no_proxy_no_pause(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Reach the loopback directly, do not wait between retries, and see the log."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    caplog.set_level(logging.INFO, logger="overparam")


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
    warnings = [text for _, level, text in caplog.record_tuples if level == logging.WARNING]
    assert len(warnings) == 2
    assert dead in warnings[0]
    assert "refused" in warnings[0]
    assert mirrors[1] in warnings[1]
    assert sha(flip(PACKED)) in warnings[1]
    assert any(mirrors[2] in record.getMessage() for record in caplog.records)
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
        server.failures["good"] = archives.RETRIES
        obtain(tiny([server.url("good")]), places.data, places.archives)
    check_tiny(places.data)
    assert len(server.requests) == archives.RETRIES + 1
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_mirror_that_falters_too_often_is_given_up(places):
    with Loopback({"good": PACKED}) as server:
        server.failures["good"] = archives.RETRIES + 1
        with pytest.raises(Refusal, match="503"):
            obtain(tiny([server.url("good")]), places.data, places.archives)
    assert len(server.requests) == archives.RETRIES + 1


def test_a_connection_cut_short_leaves_nothing(places):
    with Loopback({"good": PACKED}) as server:
        server.cut["good"] = len(PACKED) // 2
        with pytest.raises(Refusal, match=re.escape(server.url("good"))):
            obtain(tiny([server.url("good")]), places.data, places.archives)
    assert not places.data.exists()
    assert names(places.archives) == set()


def test_a_download_stops_at_the_size_of_the_registry(places):
    with (
        Loopback({"flood": PACKED + bytes(50 * archives.MIB)}) as server,
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
        monkeypatch.setattr(archives, "track", full)
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
    put(places.archives / "tmpabc_12x", PACKED)  # what pooch left of a download that was killed
    put(places.data / "tiny" / "one", ONE[:-1])
    put(places.data / "tiny" / "two", flip(TWO))
    with Loopback({"good": PACKED}) as server:
        obtain(tiny([server.url("good")]), places.data, places.archives)
    check_tiny(places.data)
    assert server.requests == ["good"]
    assert (places.archives / "tiny.tar.gz").read_bytes() == PACKED
    told = [text for _, level, text in caplog.record_tuples if level == logging.WARNING]
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


IDX = "train-images-idx3-ubyte"


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("place", "content"),
    [
        (f"MNIST/raw/{IDX}", ZIPPED),
        (f"raw/{IDX}", ZIPPED),  # torchvision's own folder
        (f"raw/{IDX}.gz", GZIP),
        (IDX, ZIPPED),
        ("train-images.idx3-ubyte", ZIPPED),
        ("raw/train-images.idx3-ubyte", ZIPPED),
        (f"{IDX}.gz", ZIPPED),  # unpacked on its way
        (f"archives/{IDX}.gz", ZIPPED),
    ],
)
def test_own_files_are_found_where_people_put_them(places, place, content):
    entry = gzip_archive(GZIP, NOWHERE) | {"name": f"{IDX}.gz"}
    entry["members"] = [entry["members"][0] | {"path": f"MNIST/raw/{IDX}"}]
    put(places.own / place, content)
    obtain(source(entry), places.data, places.archives, places.own)
    assert (places.data / "MNIST/raw" / IDX).read_bytes() == ZIPPED
    assert names(places.own) == {place}


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
@pytest.mark.parametrize("archives", ["own", "archives"])  # or downloaded earlier
def test_own_members_are_completed_from_an_archive(places, archives):
    put(places.own / "two", TWO)
    put(getattr(places, archives) / "tiny.tar.gz", PACKED)
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
    ids=["member-flipped", "member-short", "member-long", "archive-flipped", "archive-short"],
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
    assert "or, unpacked, tiny/one, tiny/two there, with or without the folders" in str(
        refusal.value
    )
    assert "DATA_DIR of make, which your shell may have set" in str(refusal.value)


@pytest.mark.usefixtures("no_network")
def test_a_missing_own_folder_is_refused(places):
    with pytest.raises(Refusal, match=f"{places.own}: found no such folder"):
        obtain(tiny(), places.data, places.archives, places.own)


# --- Files that are not packed ---------------------------------------------------------------


def plain(url: Callable[[str], str] = lambda path: NOWHERE[0]) -> Source:
    return source(
        *(
            {"name": name, "mirrors": [url(f"bad/{name}"), url(name)], "folder": "tiny"}
            | known(content)
            for name, content in (("one", ONE), ("two", TWO))
        )
    )


def test_plain_files_are_downloaded(places):
    with Loopback({"bad/one": flip(ONE), "one": ONE, "two": TWO}) as server:
        obtain(plain(server.url), places.data, places.archives)
        asked = list(dict.fromkeys(server.requests))
    assert asked == ["bad/one", "one", "bad/two", "two"]
    check_tiny(places.data)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("folder", ["tiny", "archives", "."])
def test_own_plain_files_are_copied(places, folder):
    put(places.own / folder / "one", ONE)
    put(places.own / folder / "two", TWO)
    obtain(plain(), places.data, places.archives, places.own)
    check_tiny(places.data)
    assert not places.archives.exists()


@pytest.mark.usefixtures("no_network")
def test_a_missing_or_damaged_plain_file_is_refused_by_name(places):
    places.own.mkdir()
    with pytest.raises(Refusal, match=r"own: found no one, expected one of .*own/tiny/one, .*put"):
        obtain(plain(), places.data, places.archives, places.own)
    put(places.own / "tiny/one", flip(ONE))
    with pytest.raises(Refusal, match=r"own/tiny/one: found sha256 .*expected"):
        obtain(plain(), places.data, places.archives, places.own)


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
        archives.Member(path=path, size=1, sha256="a" * 64)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE],
    ids=["symbolic-link", "hard-link", "fifo"],
)
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
    bomb = bytes(100 * archives.MIB)
    if kind == "tar":
        packed = plain_tar(one=bomb, two=TWO)
        entry = tar_archive(packed, NOWHERE, one=ONE, two=TWO)
    else:
        packed = gzip.compress(bomb, 1, mtime=0)
        entry = gzip_archive(packed, NOWHERE)
    limit = entry["members"][0]["size"]
    put(places.own / entry["name"], packed)
    taken = []

    def spy(stream, data, member, origin, store=archives._store):
        meter = Meter(stream.read(2 * limit))
        try:
            store(meter, data, member, origin)
        finally:
            taken.append(meter.taken)

    monkeypatch.setattr(archives, "_store", spy)
    with pytest.raises(Refusal, match=f"found more than {limit} bytes, expected {limit}"):
        obtain(source(entry), places.data, places.archives, places.own)
    assert taken == [limit + 1]
    assert names(places.data) == set()


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "packed",
    [PACKED[:-5000], flip(PACKED, 2000), b"no archive at all"],
    ids=["short", "flipped", "text"],
)
def test_a_tar_that_does_not_unpack_is_refused(places, packed):
    """Even where the registry was written from the damaged file."""
    put(places.archives / "tiny.tar.gz", packed)
    with pytest.raises(Refusal, match=r"tiny\.tar\.gz: .*found"):
        obtain(tiny(packed=packed), places.data, places.archives)
    assert not any((places.data / "tiny").glob(".*"))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "packed",
    [GZIP[:-20], GZIP[:30], b"no archive at all"],
    ids=["short", "shorter", "text"],
)
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


def test_the_registry_of_the_repository_is_sound():
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    mnist, cifar10 = (registry.source(name) for name in ("mnist", "cifar10"))
    assert [len(archive.members) for archive in mnist.archives] == [1, 1, 1, 1]
    assert [len(archive.members) for archive in cifar10.archives] == [7]
    cora, citeseer = (registry.source(name).archives for name in ("cora", "citeseer"))
    assert len(cora) == len(citeseer) == 8
    for archive in (*mnist.archives, *cifar10.archives, *cora, *citeseer):
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
    path = registry_file(tmp_path, archive)
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
