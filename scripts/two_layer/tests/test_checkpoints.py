"""A training goes on from its checkpoint to the same bytes, and from no other's."""

import json
import random
import zipfile

import numpy as np
import pytest

from overparam import dynamics
from pipeline import checkpoints, files
from scripts.runs import clean
from scripts.two_layer import train
from tests.scripts.programs import call, options

RECIPE = {
    "name": "toy", "width": 14, "kappa": 0.3, "antisymmetric": False, "eta": 0.9, "steps": 60,
    "dtype": "float32", "seed": 3, "labels": "noise0.5", "points_per_decade": 8, "first": 2,
    "last": 4,
}  # fmt: skip
STEPS = 3 * (RECIPE["steps"] + 1)
NAME = "metrics.checkpoint.npz"


class Killed(BaseException):
    """Stands for kill -9: the program's own code does not run on."""


@pytest.fixture
def tiny(tiny, monkeypatch):
    # A checkpoint before every step.
    monkeypatch.setenv("OVERPARAM_CHECKPOINT_SECONDS", "0")
    monkeypatch.delenv("OVERPARAM_SCRATCH", raising=False)
    monkeypatch.setattr(files.os, "fsync", lambda handle: None)  # not for each of them
    return tiny


def run(folder, tiny, **changes):
    """The program's exit status."""
    folder.mkdir(exist_ok=True)
    made = {"metrics": folder / "metrics.csv", "arrays": folder / "arrays.npz"}
    return call(train, *options(**RECIPE | changes | tiny.inputs("problem", "spectrum") | made))


def trained(folder, tiny, **changes):
    """Run the program; the bytes of its outputs."""
    assert run(folder, tiny, **changes) == 0
    return [(folder / name).read_bytes() for name in ("metrics.csv", "arrays.npz")]


def killed(folder, tiny, after, **changes):
    """Run it until it has taken some steps, counted over its networks."""
    taken, descend = 0, dynamics.descend

    def until(*given):
        nonlocal taken
        for step in descend(*given):
            yield step
            taken += 1
            if taken == after:
                raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamics, "descend", until)
        assert run(folder, tiny, **changes) == 1
    assert taken == after


@pytest.mark.parametrize(
    ("changes", "kills"),
    [
        ({}, 3),
        ({"dtype": "float64", "labels": "random"}, 3),
        ({"antisymmetric": True, "kappa": 1.0}, 3),
        # Networks that end early.
        ({"stop_loss": 0.3}, 1),
        ({"eta": 1e30, "on_divergence": "record"}, 1),
    ],
    ids=["plain", "double", "antisymmetric", "stopped", "diverging"],
)
def test_killed_at_random_steps_it_goes_on_to_the_same_bytes(
    tmp_path, tiny, changes, kills, caplog
):
    whole = trained(tmp_path / "whole", tiny, **changes)
    draw = random.Random(str(changes))
    for attempt in range(3):
        folder = tmp_path / f"killed{attempt}"
        for _ in range(kills):
            killed(folder, tiny, draw.randrange(2, 60 if kills > 1 else 4), **changes)
            assert [path.name for path in folder.iterdir()] == [NAME]
        assert trained(folder, tiny, **changes) == whole
        assert not (folder / NAME).exists()
    assert "goes on with network" in caplog.text
    assert "not used" not in caplog.text


def test_it_takes_only_the_steps_that_are_left(tmp_path, tiny, monkeypatch):
    folder, taken, descend = tmp_path / "one", [], dynamics.descend
    killed(folder, tiny, STEPS - 10)

    def counted(*given):
        for step in descend(*given):
            taken.append(step.k)
            yield step

    monkeypatch.setattr(dynamics, "descend", counted)
    trained(folder, tiny)
    # The last step before the kill had not been saved yet.
    assert taken == list(range(RECIPE["steps"] - 10, RECIPE["steps"] + 1))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"eta": 0.8}, "settings.eta"),
        ({"seed": 4, "last": 5}, "settings.last, settings.seed"),
        ({"threads": 2}, "settings.threads"),
        ({"dtype": "float64"}, "settings.dtype"),
    ],
)
def test_a_checkpoint_of_other_settings_is_not_used(tmp_path, tiny, changes, said, caplog):
    whole, folder = trained(tmp_path / "whole", tiny), tmp_path / "one"
    killed(folder, tiny, 30, **changes)
    assert trained(folder, tiny) == whole
    lines = [line for line in caplog.messages if "checkpoint" in line]
    assert lines == [f"{folder / NAME}: a checkpoint of another {said}, not used: starts anew"]


@pytest.mark.parametrize("key", ["code", "inputs", "machine", "program"])
def test_a_checkpoint_of_other_code_inputs_or_libraries_is_not_used(tmp_path, tiny, key, caplog):
    whole, folder = trained(tmp_path / "whole", tiny), tmp_path / "one"
    killed(folder, tiny, 30)
    with np.load(folder / NAME) as archive:
        arrays = dict(archive)
    identity = json.loads(str(arrays["identity"]))
    assert {"libraries", "blas", "processor"} <= identity["machine"].keys()
    assert identity["inputs"].keys() == {"problem", "spectrum"}
    identity[key] = "another"
    files.save_arrays(folder / NAME, arrays | {"identity": np.array(json.dumps(identity))})
    assert trained(folder, tiny) == whole
    assert f"a checkpoint of another {key}, not used: starts anew" in caplog.text


def damage(kind, path):
    content = path.read_bytes()
    middle = len(content) // 2
    if kind == "truncated":
        path.write_bytes(content[:middle])
    elif kind == "changed":
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "method":  # of compression, in the archive's list of its members
        at = content.index(b"PK\x01\x02") + 10
        path.write_bytes(content[:at] + b"\x08" + content[at + 1 :])
    elif kind == "huge":
        with zipfile.ZipFile(path, "w") as archive, archive.open("identity.npy", "w") as member:
            header = {"descr": "<f8", "fortran_order": False, "shape": (10**15,)}
            np.lib.format.write_array_header_1_0(member, header)
    elif kind == "pickle":
        np.savez(path, identity=np.array({}, dtype=object))
    else:
        np.savez(path, x=np.arange(3))


@pytest.mark.parametrize(
    "kind", ["truncated", "changed", "empty", "method", "huge", "pickle", "foreign"]
)
def test_a_damaged_checkpoint_is_told_in_a_line_and_not_used(tmp_path, tiny, kind, caplog):
    whole, folder = trained(tmp_path / "whole", tiny), tmp_path / "one"
    killed(folder, tiny, 30)
    damage(kind, folder / NAME)
    assert trained(folder, tiny) == whole
    lines = [line for line in caplog.messages if "checkpoint" in line]
    assert lines == [f"{folder / NAME}: a damaged checkpoint, not used: starts anew"]
    assert {path.name for path in folder.iterdir()} == {"metrics.csv", "arrays.npz"}


def test_what_a_kill_left_of_a_checkpoint_is_removed(tmp_path, tiny):
    whole, folder = trained(tmp_path / "whole", tiny), tmp_path / "one"
    killed(folder, tiny, 30)
    (folder / f".{NAME}.abc.part").write_bytes(b"half")
    assert trained(folder, tiny) == whole
    assert {path.name for path in folder.iterdir()} == {"metrics.csv", "arrays.npz"}


def test_a_short_training_writes_none(tmp_path, tiny, monkeypatch):
    monkeypatch.delenv("OVERPARAM_CHECKPOINT_SECONDS")
    monkeypatch.setattr(files, "save_arrays", lambda path, arrays: wrote.append(path))
    wrote = []
    with pytest.raises(FileNotFoundError):
        trained(tmp_path / "one", tiny)
    assert wrote == [str(tmp_path / "one/arrays.npz")]


def test_no_room_for_a_checkpoint_is_no_reason_to_stop(tmp_path, tiny, monkeypatch, caplog):
    whole, save = trained(tmp_path / "whole", tiny), files.save_arrays

    def full(path, arrays):
        if "checkpoint" in path.name:
            raise OSError(28, "No space left on device")
        save(path, arrays)

    monkeypatch.setattr(checkpoints.files, "save_arrays", full)
    # The programs are given text, which they make paths of where they need them.
    monkeypatch.setattr(files, "save_arrays", lambda path, arrays: full(files.Path(path), arrays))
    assert trained(tmp_path / "one", tiny) == whole
    assert f"{NAME}: no checkpoint saved: No space left on device" in caplog.text


def test_checkpoints_lie_in_the_scratch_folder_and_go_with_the_run(tmp_path, tiny, monkeypatch):
    place, scratch = tmp_path / "project", tmp_path / "scratch"
    (place / "results/mine").mkdir(parents=True)
    monkeypatch.chdir(place)
    monkeypatch.setenv("OVERPARAM_SCRATCH", str(scratch))
    whole, folder = trained(tmp_path / "whole", tiny), place / "results/mine/net"
    killed(folder, tiny, 30)
    assert list(folder.iterdir()) == []
    (found,) = scratch.rglob("*.npz")
    assert found == scratch / folder.relative_to("/") / NAME
    assert trained(folder, tiny) == whole
    assert not found.exists()
    killed(folder, tiny, 30)
    assert found.exists()
    assert call(clean, "--run", "mine") == 0
    assert not found.exists()


def test_an_interval_that_is_no_number_is_refused(tmp_path, tiny, monkeypatch, capsys):
    monkeypatch.setenv("OVERPARAM_CHECKPOINT_SECONDS", "often")
    assert run(tmp_path / "one", tiny) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: OVERPARAM_CHECKPOINT_SECONDS: found 'often', expected seconds")
