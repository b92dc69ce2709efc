"""Data sets read: MNIST and CIFAR-10 never from other bytes than the registry's."""

import os
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from overparam.errors import Refusal
from pipeline import datasets, planetoid
from pipeline.archives import load_registry, obtain
from pipeline.datasets import Points, read, save
from tests.archives import (
    NOWHERE,
    PACKED,
    Payload,
    flip,
    put,
    registry_of,
    sha,
    source,
    tar_archive,
    tiny,
)

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("OVERPARAM_TEST_DATA", ROOT.parent / "shared" / "data"))


class Unpickler:
    """Stands in for torchvision, without its own check of MD5 sums."""

    def __init__(self, root: Path, train: bool, download: bool) -> None:
        assert not download
        pickle.loads((root / "tiny" / "one").read_bytes())
        self.data, self.targets = np.zeros((2, 3, 3)), [0, 1]


def test_what_the_registry_of_the_repository_offers_can_be_read():
    registry = load_registry(ROOT / "config" / "datasets.yaml")
    assert set(registry.sources) == {*datasets.CLASSES, *planetoid.SOURCES}


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
