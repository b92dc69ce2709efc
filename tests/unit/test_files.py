"""Files that are whole or absent, whose bytes depend on their content alone."""

import itertools
import json
import os
import stat
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

from overparam.errors import Refusal
from pipeline import files, metrics

ARRAYS = {"x": np.arange(6.0).reshape(2, 3), "labels": np.array([1, -1])}


def test_a_file_appears_in_one_piece_with_its_folders(tmp_path):
    path = tmp_path / "new" / "folder" / "out.bin"
    with files.whole(path) as file:
        file.write(b"con")
        file.flush()
        assert not path.exists()
        file.write(b"tent")
    assert path.read_bytes() == b"content"
    assert os.listdir(path.parent) == ["out.bin"]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("existing", [False, True])
def test_a_failure_leaves_neither_file_nor_temporary(tmp_path, problem, existing):
    path = tmp_path / "out.bin"
    if existing:
        path.write_bytes(b"before")
        os.utime(path, (1, 1))

    def fail():
        with files.whole(path) as file:
            file.write(b"half")
            file.flush()
            raise problem

    with pytest.raises(problem):
        fail()
    assert os.listdir(tmp_path) == (["out.bin"] if existing else [])
    if existing:
        assert path.read_bytes() == b"before"
        assert path.stat().st_mtime == 1


def test_a_failed_replacement_leaves_no_temporary(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(IsADirectoryError):
        files.save_text(tmp_path / "out", "text")
    assert os.listdir(tmp_path) == ["out"]
    assert os.listdir(tmp_path / "out") == []


def test_the_temporary_lies_in_the_same_folder_and_is_hidden(tmp_path):
    with files.whole(tmp_path / "out.bin"):
        (name,) = os.listdir(tmp_path)
    assert name.startswith(".out.bin.")


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_file_is_as_readable_as_any_other_new_one(tmp_path, mask):
    before = os.umask(mask)
    try:
        files.save_text(tmp_path / "out", "text")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o666 & ~mask


def test_text_and_json_are_utf_8_to_the_last_digit(tmp_path):
    files.save_text(tmp_path / "a.txt", "κ\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xce\xba\n"
    value = {"κ": 0.1 + 0.2, "z": [1, None]}
    files.save_json(tmp_path / "a.json", value)
    assert json.loads((tmp_path / "a.json").read_text()) == value
    assert "κ" in (tmp_path / "a.json").read_text()
    assert (tmp_path / "a.json").read_text().endswith("}\n")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_json_refuses_what_it_cannot_say(tmp_path, bad):
    with pytest.raises(ValueError, match="JSON"):
        files.save_json(tmp_path / "a.json", {"x": bad})
    assert os.listdir(tmp_path) == []


def test_tables_keep_every_digit_and_no_index(tmp_path):
    table = pd.DataFrame({"k": [0, 1], "loss": [0.1 + 0.2, 1e-300]})
    files.save_table(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_bytes() == b"k,loss\n0,0.30000000000000004\n1,1e-300\n"


def test_arrays_come_back_by_name(tmp_path):
    files.save_arrays(tmp_path / "a.npz", ARRAYS)
    labels, x = files.load_arrays(tmp_path / "a.npz", "labels", "x")
    assert np.array_equal(labels, ARRAYS["labels"])
    assert np.array_equal(x, ARRAYS["x"])
    assert labels.dtype == ARRAYS["labels"].dtype
    files.save_array(tmp_path / "a.npy", ARRAYS["x"])
    assert np.array_equal(files.load_array(tmp_path / "a.npy"), ARRAYS["x"])


def test_equal_arrays_are_equal_bytes_whenever_they_are_written(tmp_path, monkeypatch):
    files.save_arrays(tmp_path / "now.npz", ARRAYS)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2e9))
    files.save_arrays(tmp_path / "later.npz", {key: array.copy() for key, array in ARRAYS.items()})
    assert (tmp_path / "now.npz").read_bytes() == (tmp_path / "later.npz").read_bytes()
    assert files.digest(tmp_path / "now.npz") == files.digest(tmp_path / "later.npz")
    with zipfile.ZipFile(tmp_path / "now.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {files.EPOCH}
    files.save_arrays(tmp_path / "other.npz", ARRAYS | {"x": ARRAYS["x"] + 1})
    assert files.digest(tmp_path / "now.npz") != files.digest(tmp_path / "other.npz")


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_equal_arrays_are_equal_bytes_in_whatever_order_they_lie(tmp_path, suffix):
    for order in "CF":
        x, path = np.array(ARRAYS["x"], order=order), tmp_path / f"{order}.{suffix}"
        files.save_array(path, x) if suffix == "npy" else files.save_arrays(path, {"x": x})
    assert files.digest(tmp_path / f"C.{suffix}") == files.digest(tmp_path / f"F.{suffix}")


def test_object_arrays_are_neither_written_nor_read(tmp_path):
    pickled = np.array([{}], dtype=object)
    with pytest.raises(ValueError, match="Object arrays"):
        files.save_arrays(tmp_path / "a.npz", {"x": pickled})
    with pytest.raises(ValueError, match="Object arrays"):
        files.save_array(tmp_path / "a.npy", pickled)
    assert os.listdir(tmp_path) == []
    np.savez(tmp_path / "b.npz", x=pickled)
    with pytest.raises(Refusal, match=r"b\.npz: found Object arrays"):
        files.load_arrays(tmp_path / "b.npz", "x")
    np.save(tmp_path / "b.npy", pickled)
    with pytest.raises(Refusal, match=r"b\.npy: found Object arrays"):
        files.load_array(tmp_path / "b.npy")


def lengths(size):
    """Every length of a truncated file near its ends, and some between."""
    return sorted({*range(1, 12), *range(12, size, 17), *range(size - 30, size)})


def test_a_truncated_archive_is_refused_by_name(tmp_path):
    path = tmp_path / "a.npz"
    files.save_arrays(path, ARRAYS)
    content = path.read_bytes()
    for length in lengths(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(Refusal, match=r"a\.npz: found .*expected an \.npz with x, labels"):
            files.load_arrays(path, "x", "labels")


def test_an_empty_archive_is_refused_by_name(tmp_path):
    (tmp_path / "a.npz").touch()
    with pytest.raises(Refusal, match=r"a\.npz: found .*expected an \.npz with x"):
        files.load_arrays(tmp_path / "a.npz", "x")


def test_a_single_array_is_refused_as_an_archive(tmp_path):
    with files.whole(tmp_path / "a.npz") as file:
        np.save(file, ARRAYS["x"])
    with pytest.raises(Refusal, match=r"a\.npz: found .*expected an \.npz with x"):
        files.load_arrays(tmp_path / "a.npz", "x")


def test_a_truncated_array_is_refused_by_name(tmp_path):
    path = tmp_path / "a.npy"
    files.save_array(path, ARRAYS["x"])
    content = path.read_bytes()
    for length in [0, *lengths(len(content))]:
        path.write_bytes(content[:length])
        with pytest.raises(Refusal, match=r"a\.npy: found .*expected an \.npy array"):
            files.load_array(path)


def test_damaged_content_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    files.save_arrays(path, ARRAYS)
    content = bytearray(path.read_bytes())
    content[content.index(ARRAYS["x"].tobytes()) + 9] ^= 1  # one bit of a number
    path.write_bytes(bytes(content))
    with pytest.raises(Refusal, match=r"a\.npz: found Bad CRC-32"):
        files.load_arrays(path, "x")


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_a_flipped_bit_is_refused_or_changes_a_value_and_raises_nothing_else(tmp_path, suffix):
    """In an .npz, which has checksums, it changes none; in no header does it lose a value."""
    path, x = tmp_path / f"x.{suffix}", np.arange(66.0).reshape(33, 2)
    files.save_array(path, x) if suffix == "npy" else files.save_arrays(path, {"x": x})
    whole, refused = path.read_bytes(), 0
    for at, bit in itertools.product(range(len(whole)), range(8)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        try:
            found = files.load_array(path) if suffix == "npy" else files.load_arrays(path, "x")[0]
        except Refusal:
            refused += 1
        else:
            assert found.nbytes == x.nbytes
            assert suffix == "npy" or found.tobytes() == x.tobytes()
    assert refused > len(whole) / 2


@pytest.mark.parametrize("shape", ["(32, 2)", "(33, 1)", "(22, 2)"])
@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_a_header_that_says_fewer_numbers_than_there_are_is_refused(tmp_path, suffix, shape):
    """NumPy reads as many as it says, and zipfile checks no sum before a member's end."""
    path, x = tmp_path / f"x.{suffix}", np.arange(66.0).reshape(33, 2)
    files.save_array(path, x) if suffix == "npy" else files.save_arrays(path, {"x": x})
    whole = path.read_bytes()
    assert whole.count(b"(33, 2)") == 1
    path.write_bytes(whole.replace(b"(33, 2)", shape.encode()))
    with pytest.raises(Refusal, match=rf"x\.{suffix}: found "):
        files.load_array(path) if suffix == "npy" else files.load_arrays(path, "x")


def test_a_missing_name_or_file_is_refused(tmp_path):
    files.save_arrays(tmp_path / "a.npz", ARRAYS)
    with pytest.raises(Refusal, match=r"a\.npz: found .*gone.*expected an \.npz with x, gone"):
        files.load_arrays(tmp_path / "a.npz", "x", "gone")
    with pytest.raises(Refusal, match=r"b\.npz: found .*No such file"):
        files.load_arrays(tmp_path / "b.npz", "x")


def test_digest_is_sha_256(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.digest(tmp_path / "a") == known


def test_metrics_follow_their_contract_and_are_sorted(tmp_path):
    seeds = np.array([0.25, 0.75])
    figure = metrics.measured(np.float64(0.5), per_seed=seeds, unit="s", where="k=1")
    rest = {"interval": None, "unit": "s", "where": "k=1"}
    assert figure == {"value": 0.5, "per_seed": [0.25, 0.75]} | rest
    rest = {"interval": None, "unit": "", "where": ""}
    assert metrics.measured(2) == {"value": 2.0, "per_seed": None} | rest
    metrics.save(tmp_path / "m.json", {"b": metrics.measured(1), "a": figure})
    assert list(json.loads((tmp_path / "m.json").read_text())) == ["a", "b"]


@pytest.mark.parametrize("value", [1, [1, 2], [np.nan, 2]])
def test_a_figure_of_no_seeds_has_no_value(value):
    assert metrics.measured(np.nan, per_seed=[])["value"] is None
    for seeds in ([], np.array([])):
        with pytest.raises(ValueError, match="of no seeds"):
            metrics.measured(value, per_seed=seeds)


def test_a_figure_may_be_a_series_and_have_a_confidence_interval(tmp_path):
    seeds = np.arange(6.0).reshape(2, 3)
    figure = metrics.measured(seeds.mean(axis=0), per_seed=seeds, interval=(np.float64(1), 2))
    assert figure == {
        "value": [1.5, 2.5, 3.5], "per_seed": [[0, 1, 2], [3, 4, 5]], "interval": [1, 2],
        "unit": "", "where": "",
    }  # fmt: skip
    seeds[1, 2] = np.nan
    wild = metrics.measured([0, np.inf, 2], per_seed=seeds, interval=(0, np.nan))
    metrics.save(tmp_path / "m.json", {"wild": wild, "tame": figure})
    written = json.loads((tmp_path / "m.json").read_text())
    assert written["tame"] == figure
    assert written["wild"]["value"] == [0, None, 2]
    assert written["wild"]["per_seed"] == [[0, 1, 2], [3, 4, None]]
    assert written["wild"]["interval"] == [0, None]
