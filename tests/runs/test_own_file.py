"""Data of one's own, and what runs share."""

import csv
import json
import os

import numpy as np
import pytest
import yaml

from tests.runs.own_data import (
    SPOKEN,
    prepared,
    printed,
    save_csv,
    save_measurements,
    units,
)  # fmt: skip
from tests.toy import JOBS, LEDGER
from tests.workflow.repository import CONFIG


def test_points_of_a_csv(clone):
    path = clone / f"{SPOKEN}.csv"
    config = clone.overlay("own", {"run": "own", "data.tiny": save_csv(path)})
    done = clone.snakemake("--until", "prepare", config=config)
    assert done.returncode == 0, done.stderr
    assert not list(clone.folder.rglob("hacked"))
    points = prepared(clone)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*points["classes"]].count("cat") == [*points["classes"]].count("dog") == 30
    for side, n in (("", 60), ("test_", 40)):
        chosen = [rows[i] for i in points[f"{side}indices"]]
        assert len(chosen) == n
        assert [row["kind"] for row in chosen] == [*points[f"{side}classes"]]
        numbers = units([[row[key] for key in ("height, cm", "weight", "age")] for row in chosen])
        np.testing.assert_allclose(points[f"{side}inputs"], numbers, rtol=1e-14)
        signs = [1 if row["kind"] == "cat" else -1 for row in chosen]
        assert signs == [*points[f"{side}labels"]]
    assert not {*points["indices"]} & {*points["test_indices"]}
    (sidecar,) = clone.folder.glob("data/own/tiny-*.json")
    notes = json.loads(sidecar.read_text())
    assert [*notes["inputs"]["file"]] == [path.name]


def test_the_readmes_example_plans_as_printed_and_on_ones_own_data_alone(everything):
    (everything / "config/runs/mine.yaml").write_text(printed())
    save_measurements(everything / "measurements.csv")
    jobs = everything.jobs(config="config/runs/mine.yaml")
    files = [path for job in jobs.values() for path in job["output"] if "/shared/" in path]
    assert {path.split("/")[2].split("-")[0] for path in files} == {"mine"}
    assert len(jobs) < 60


def test_a_name_in_only_that_there_is_not_is_told_with_those_there_are(clone):
    config = clone.overlay("one", {"only": ["tinny", "synthetic"]})
    done = clone.dry(config=config)
    assert done.returncode != 0
    told = "  only: found 'tinny', expected one of digits, digits01, tiny"
    assert told in done.stdout + done.stderr


def test_only_keeps_what_it_names_in_every_list(clone):
    tiny = settings(clone)["data"]["tiny"]
    changes = {"data.other": tiny, "toy.walk.problems": ["tiny", "other"]}
    jobs = clone.planned(config=clone.overlay("one", changes | {"only": ["other"]}))
    assert jobs == {"digits", "prepare other-0", "toy_walk other"} | LEDGER
    jobs = clone.planned(config=clone.overlay("none", changes | {"only": ["synthetic"]}))
    assert jobs == LEDGER
    (clone / CONFIG).write_text(
        (clone / CONFIG).read_text().replace("checks:", "only: [tiny]\nchecks:")
    )
    assert clone.planned() == {name for name, _, _ in JOBS.values()}


def test_an_edit_of_ones_own_file_is_noticed_whatever_its_time(clone):
    path = clone / "own.csv"
    config = clone.overlay("own", {"run": "own", "data.tiny": save_csv(path)})
    assert clone.snakemake("--until", "file", config=config).returncode == 0
    (target,) = clone.folder.glob("data/own/tiny-*.npz")
    target = target.relative_to(clone.folder)
    assert clone.planned(target, config=config) == set()
    before = path.stat()
    path.write_text(path.read_text().replace("dog", "ant").replace("cow", "dog"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    (job,) = clone.planned(target, config=config)
    assert job.startswith("file tiny ")


def test_a_file_that_is_not_there_is_named_also_when_it_was_read_before(clone):
    kept = clone / "own.csv"
    settings = save_csv(kept) | {"splits": 1}
    for there in (False, True, False):
        if there:
            save_csv(kept)
        else:
            kept.unlink()
        config = clone.overlay("own", {"run": "own", "data.tiny": settings})
        done = clone.snakemake("--until", "prepare", config=config)
        assert (done.returncode == 0) == there
        if not there:
            assert "data.tiny.file: found 'own.csv', which is not there or no file" in done.stderr
            assert "Traceback" not in done.stderr


def test_a_class_that_the_file_lacks_is_named(clone):
    settings = save_csv(clone / "own.csv") | {"groups": [["cat"], ["dog", "bird"]]}
    config = clone.overlay("own", {"run": "own", "data.tiny": settings})
    assert clone.snakemake("--until", "prepare", config=config).returncode != 0
    logs = [path.read_text() for path in clone.folder.glob("results/shared/tiny-*/prepare.log")]
    assert any(
        "data.tiny.groups: found class 'bird', expected one of cat, cow, dog" in log for log in logs
    )


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({"run": "other"}, set()),
        ({"run": "other", "toy.walk.steps": 32, "data.more": "tiny"}, set()),
        ({"run": "other", "data.tiny.train.n": 61}, {"tiny-0"}),
        ({"run": "other", "data.tiny.splits": 1}, set()),
        ({"run": "other", "seed": 1}, {"tiny-0"}),
        ({"run": "other", "data.tiny.label_column": "unused"}, set()),
    ],
)
def test_runs_that_agree_on_the_data_share_what_is_made_of_it(finished, changes, anew, tmp_path):
    tree = finished.copied(tmp_path / "copy")
    if "data.more" in changes:
        changes = changes | {"data.more": {**settings(tree)["data"]["tiny"], "train": {"n": 30}}}
    jobs = tree.planned(config=tree.overlay("other", changes))
    made = {job.split()[1] for job in jobs if job.split()[0] in ("prepare", "gram", "spectrum")}
    assert made == anew
    assert "digits" not in jobs
    assert jobs >= {"toy_walk tiny", "toy_spread tiny"} | LEDGER


def settings(tree):
    return yaml.safe_load((tree / CONFIG).read_text())
