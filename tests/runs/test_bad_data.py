"""Data that cannot work, and places where nothing can be written: one clear message, nothing
half-made left, and the next run works."""

import gzip
import hashlib
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.loopback import Loopback, closed_port
from tests.workflow.repository import ROOT, leftovers, mounts, refused

REAL = Path(os.environ.get("OVERPARAM_TEST_DATA", ROOT.parent / "shared" / "data"))
WALK = "results/test/toy/walk/tiny"
SPREAD = "figures/test/toy/spread_tiny.csv"
# The others say when, where or how fast something was made.
TELLS_NO_TIME = ("metrics.json", "claims.json", "npz", "npy", "tiny.csv", "svg", "png", "md")


def on(*problems):
    """Changes by which these problems alone are prepared, for walks."""
    return {"toy.walk.problems": [*problems], "toy.spread.problems": []}


@pytest.fixture(autouse=True)
def nothing_half_made(request):
    """After each test."""
    trees = [request.getfixturevalue(name) for name in {"copy", "clone"} & {*request.fixturenames}]
    yield
    assert not any(map(leftovers, trees))


def log_of(tree, path):
    """A failed job's log: one message, no traceback."""
    text = (tree / path).read_text()
    assert text.count("error: ") == 1
    assert "Traceback" not in text
    return text


# --- The data --------------------------------------------------------------------------------


def test_too_many_points_are_refused_with_the_number_there_is(copy):
    tiny = yaml.safe_load((copy / "config/test.yaml").read_text())["data"]["tiny"]
    other = tiny | {"train": {"n": 1_700}, "test": {"n": 200}, "splits": 1}
    changes = {"data.other": other, "data.tiny.train.n": 2_000, "data.tiny.splits": 1}
    changes |= on("tiny", "other")
    before = copy.files("results")
    done = copy.snakemake("-k", "--until", "prepare", config=copy.overlay("many", changes))
    assert refused(
        done,
        "error: data.tiny.train.n: found 2000, expected at most 1797 points of classes",
        "error: data.other.test.n: found 200, expected at most 97 points of classes",
    )
    new = copy.files("results") - before
    assert {Path(path).name for path in new} == {"prepare.log"}
    assert all("error: data." in log_of(copy, path) for path in new)
    assert copy.planned() == set()


@pytest.mark.data
@pytest.mark.skipif(not (REAL / "MNIST").is_dir(), reason="skipped: data not present")
def test_mnist_has_980_zeros_for_a_balanced_test_set(copy):
    values = {
        "source": "mnist", "groups": [[0], [1]], "train": {"n": 200, "balanced": True},
        "test": {"n": 2_000, "balanced": True},
    }  # fmt: skip
    changes = {"data.mnist": values, "data_dir": str(REAL)} | on("mnist")
    config = copy.overlay("balanced", changes)
    assert refused(
        copy.snakemake("--until", "prepare", config=config),
        "error: data.mnist.test.n: found 2000, 1000 for each of the two groups, expected at most "
        "980 points of class 0: lower n, or set balanced to false",
    )
    assert not list((copy / "results/shared").glob("mnist*/*.npz"))


def own(tree, degenerate):
    """A run on a file of one's own, point 7 zero, point 12 twice point 3."""
    rng = np.random.default_rng(0)
    points = rng.integers(1, 17, (40, 6))
    points[7], points[12] = 0, 2 * points[3]
    rows = [f"{i % 2},{','.join(map(str, point))}" for i, point in enumerate(points)]
    (tree / "own.csv").write_text("\n".join(["label,a,b,c,d,e,f", *rows]) + "\n")
    values = {
        "source": "file", "file": "own.csv", "groups": [[0], [1]], "train": {"n": 30},
        "test": {"n": 8}, "degenerate": degenerate,
    }  # fmt: skip
    return tree.overlay("own", {"run": "own", "data.own": values} | on("own"))


def test_points_that_the_kernel_cannot_bear_are_named_and_can_be_dropped(copy):
    done = copy.snakemake(config=own(copy, "refuse"))
    assert refused(
        done,
        "error: data.own.train: found 2 points that make H∞ singular or cannot be scaled (line "
        "9 is zero; line 14 is parallel to line 5, of class 1 and not 0), expected none",
    )
    assert not list(copy.folder.glob("results/shared/own*/*.npz"))
    table = "figures/own/toy/walk_own_turns.csv"
    done = copy.snakemake(table, config=own(copy, "drop"))
    assert done.returncode == 0, done.stderr
    (prepared,) = copy.folder.glob("results/shared/own*/problem.npz")
    with np.load(prepared) as arrays:
        assert not {7, 12} & {*arrays["indices"]}
        assert len(arrays["indices"]) == 30
    assert (copy / table).is_file()


def idx(array):
    """An array in the format of MNIST's files."""
    dimensions = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + dimensions + array.tobytes()


def known(content):
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


class Small:
    """MNIST in 60 training and 20 test images, in place of the real one in the registry."""

    def __init__(self, tree):
        self.tree = tree
        rng = np.random.default_rng(0)
        self.members, self.archives = {}, {}
        for part, n in (("train", 60), ("t10k", 20)):
            images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
            labels = np.arange(n, dtype=np.uint8) % 2
            for name, array in (("images-idx3", images), ("labels-idx1", labels)):
                self.members[f"{part}-{name}-ubyte"] = idx(array)
        self.archives = {
            f"{name}.gz": gzip.compress(content, mtime=0) for name, content in self.members.items()
        }
        values = {
            "source": "mnist", "groups": [[0], [1]], "train": {"n": 40}, "test": {"n": 20}
        }  # fmt: skip
        changes = {"run": "small", "data.small": values} | on("small")
        self.config = tree.overlay("small", changes)

    def register(self, mirrors):
        """Write the registry: the mirrors of each archive by its name."""
        path = self.tree / "config/datasets.yaml"
        registry = yaml.safe_load(path.read_text())
        registry["sources"]["mnist"]["archives"] = [
            {
                "name": name, "mirrors": mirrors(name), **known(packed),
                "members": [{
                    "path": f"MNIST/raw/{name[:-3]}", **known(self.members[name[:-3]]),
                }],
            }
            for name, packed in self.archives.items()
        ]  # fmt: skip
        path.write_text(yaml.safe_dump(registry))

    def folder(self, name, damage=None):
        """A folder with the archives, the first one damaged."""
        folder = self.tree / name
        folder.mkdir()
        for place, (file, content) in enumerate(self.archives.items()):
            (folder / file).write_bytes(damage(content) if damage and place == 0 else content)
        return folder

    def run(self, *words, data_dir=None):
        given = [f"data_dir={data_dir}"] if data_dir else ["seed=0"]
        return self.tree.snakemake(*words, "--config", *given, config=self.config)


def flipped(content):
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


def halved(content):
    return content[: len(content) // 2]


def test_damaged_or_missing_downloads_are_refused_and_the_next_good_run_works(clone):
    small, first = Small(clone), "train-images-idx3-ubyte"
    dead = f"http://127.0.0.1:{closed_port()}"
    small.register(lambda name: [f"{dead}/{name}"])
    size, packed = (
        len(small.archives[f"{first}.gz"]),
        known(small.archives[f"{first}.gz"])["sha256"],
    )
    cases = [
        (small.folder("halved", halved), f"found {size // 2} bytes, expected {size}"),
        (small.folder("flipped", flipped), f", expected {packed}"),
        (None, f"{first}.gz: found no mirror that delivers it"),
    ]
    for folder, said in cases:
        assert refused(small.run("--until", "mnist", data_dir=folder), said)
        message = log_of(clone, "data/MNIST/mnist.log")
        assert said in message
        assert (str(folder) if folder else f"  {dead}/{first}.gz: ") in message
        assert clone.files("data") - {"data/README.md"} == {"data/MNIST/mnist.log"}
    done = small.run("--until", "mnist", data_dir=small.folder("good"))
    assert done.returncode == 0, done.stderr
    assert (clone / f"data/MNIST/raw/{first}").read_bytes() == small.members[first]


def test_downloads_go_on_to_the_next_mirror_and_only_hashes_count_afterwards(clone):
    """Mirrors of the first archive: dead, corrupt, good."""
    small, first = Small(clone), "train-images-idx3-ubyte.gz"
    files = {f"good/{name}": packed for name, packed in small.archives.items()}
    files[f"corrupt/{first}"] = flipped(small.archives[first])
    dead = f"http://127.0.0.1:{closed_port()}"

    with Loopback(files) as server:

        def mirrors(name):
            good = [server.url(f"good/{name}")]
            return (
                [f"{dead}/{name}", server.url(f"corrupt/{name}"), *good] if name == first else good
            )

        small.register(mirrors)
        done = small.run("--until", "prepare")
        assert done.returncode == 0, done.stderr
        asked = list(server.requests)
    assert set(asked) == set(files)
    assert all(asked.count(f"good/{name}") == 1 for name in small.archives)
    log = (clone / "data/MNIST/mnist.log").read_text()
    assert re.search(rf"mirror {dead}/{first} failed: ", log)
    assert re.search(rf"mirror \S+/corrupt/{first} failed: ", log)
    for name, content in small.members.items():
        assert (clone / f"data/MNIST/raw/{name}").read_bytes() == content
    (prepared,) = clone.folder.glob("results/shared/small-0-*/problem.npz")
    with np.load(prepared) as arrays:
        pixels = np.frombuffer(small.members["train-images-idx3-ubyte"][16:], np.uint8)
        inputs = pixels.reshape(60, 784)[:40] / 1.0
        lengths = np.linalg.norm(inputs, axis=1, keepdims=True)
        np.testing.assert_allclose(arrays["inputs"], inputs / lengths, rtol=1e-14)
        assert [*arrays["labels"]] == [1, -1] * 20

    # Afterwards other mirrors change nothing, nor does another source's hash; one's own does.
    registry, packed = "config/datasets.yaml", known(small.archives[first])["sha256"]
    cifar = yaml.safe_load((clone / registry).read_text())["sources"]["cifar10"]["archives"][0]

    def planned(*words):
        return clone.planned(prepared.relative_to(clone.folder), *words, config=small.config)

    assert planned("--config", "data_dir=elsewhere") == set()
    with clone.edited(
        registry, lambda text: text.replace("/good/", "/other/").replace(cifar["sha256"], "a" * 64)
    ):
        assert planned() == set()
    with clone.edited(registry, lambda text: text.replace(packed, "b" * 64)):
        os.utime(clone / registry, (1e9, 1e9))
        assert planned() == {"mnist", "prepare small-0"}


# A file of each kind, a job that reads it, and that job's log.
DAMAGED = {
    "data/digits/digits.npz": ("results/shared/*/problem.npz", "results/shared/*/prepare.log"),
    "results/shared/*/problem.npz": (f"{WALK}/metrics.json", f"{WALK}/walk.log"),
    "results/shared/*/gram.npy": ("results/shared/*/spectrum.npz", "results/shared/*/spectrum.log"),
    "results/shared/*/spectrum.npz": (SPREAD, "results/test/toy/spread/tiny/spread.log"),
    "figures/test/toy/walk_tiny_turns.csv": (SPREAD, "results/test/toy/spread/tiny/spread.log"),
    f"{WALK}/metrics.json": ("results/test/claims.json", "results/test/collect.log"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_intermediate_is_named_and_can_be_made_anew(copy, kind):
    found = (next(copy.folder.glob(each)) for each in (kind, *DAMAGED[kind]))
    name, made, log = (path.relative_to(copy.folder).as_posix() for path in found)
    results = [path for path in copy.files("results", "figures") if path.endswith(TELLS_NO_TIME)]
    before = copy.contents([name, *results])
    (copy / name).write_bytes(flipped(before[name]))
    done = copy.snakemake(made)
    assert refused(done, f"error: {name}: changed since it was written", "delete the file and run")
    assert name in log_of(copy, log)
    assert not (copy / made).exists()
    (copy / name).unlink()
    for words in ([made], []):  # the same again, and the rest
        done = copy.snakemake(*words)
        assert done.returncode == 0, done.stderr
    assert copy.contents([name, *results]) == before
    assert copy.planned() == set()


# --- Where nothing can be written ------------------------------------------------------------


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$PWD" && exec "$@"'


def read_only(tree, folder, module, *words):
    """Run a module while a folder is read-only, as on a full or foreign disk, even for root."""
    program = [sys.executable, "-m", module, *words]
    return tree.run("unshare", "-m", "sh", "-c", READ_ONLY, tree / folder, *program)


def times(tree):
    """When each file changed, but for Snakemake's own log."""
    paths = (path for path in tree.files(".") if not path.startswith(".snakemake/log/"))
    return {path: (tree / path).stat().st_mtime_ns for path in paths}


@pytest.mark.skipif(not mounts(), reason="skipped: needs mount namespaces")
@pytest.mark.parametrize("folder", ["results", "figures", "."])
def test_a_read_only_folder_is_told_before_anything_runs(copy, folder):
    picture = "figures/test/toy/spread_tiny.svg"
    (copy / picture).unlink()
    before = times(copy)
    done = read_only(copy, folder, "snakemake", "--configfile", "config/test.yaml", "--cores", 2)
    place = (copy / folder).resolve()
    assert refused(done, f"{place}: the folder is read-only, expected one that can be written to")
    assert times(copy) == before
    assert copy.planned() == {"plot_toy_spread tiny", "assemble", "report"}


@pytest.mark.skipif(not mounts(), reason="skipped: needs mount namespaces")
def test_a_program_by_hand_says_that_its_folder_is_read_only(copy):
    words = ["--output", "results/shared/x.npz"]
    done = read_only(copy, "results", "scripts.data.digits", *words)
    assert done.returncode == 1
    assert re.fullmatch(r"error: results/shared/x.npz: Read-only file system: .+\n", done.stderr)


@pytest.mark.skipif(not mounts(), reason="skipped: needs mount namespaces")
def test_a_data_folder_that_is_read_only_is_read_and_nothing_else(clone):
    small = Small(clone)
    small.register(lambda name: [f"http://127.0.0.1:{closed_port()}/{name}"])
    folder = small.folder("given")
    before = times(clone)
    words = ["--until", "prepare", "--config", f"data_dir={folder}", "--cores", 2]
    done = read_only(clone, "given", "snakemake", *words, "--configfile", small.config)
    assert done.returncode == 0, done.stderr
    for name, content in small.members.items():
        assert (clone / f"data/MNIST/raw/{name}").read_bytes() == content
    assert list(clone.folder.glob("results/shared/small-0-*/problem.npz"))
    after = times(clone)
    given = {path for path in before | after if path.startswith("given/")}
    assert given == {f"given/{name}" for name in small.archives}
    assert {path for path in given if before[path] != after[path]} == set()
