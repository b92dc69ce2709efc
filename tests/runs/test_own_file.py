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


def test_the_readmes_example_plans_as_printed_and_on_ones_own_data_alone(clone):
    (clone / "config/runs/mine.yaml").write_text(printed())
    save_measurements(clone / "measurements.csv")
    config = "config/runs/mine.yaml"
    jobs = clone.jobs(config=config)
    problems = {
        name.split()[1].split("-")[0] for name in jobs if " " in name and "train" not in name
    }
    assert problems == {"mine"}
    trained = [name for name in jobs if name.startswith("train ")]
    assert {name.split()[2] for name in trained} == {"mine"}
    assert {name.split()[1] for name in trained} == {"figure1", "equation8", "figure2"}
    assert len(jobs) < 60


def test_mistakes_in_the_lists_of_problems_are_told_at_once(clone):
    """One's own data without `only`: experiments that read the figures are still on the digits."""
    values = yaml.safe_load(printed())
    del values["only"]
    (clone / "own.yaml").write_text(yaml.safe_dump(values))
    done = clone.snakemake(config="own.yaml")
    assert done.returncode != 0
    for name, figure in (("published", "figure1"), ("noise", "figure2")):
        said = f"  two_layer.{name}.problems: found 'digits', expected problems of {figure}"
        assert said in done.stderr
    assert "two_layer.widths.problems: found 'digits01', expected problems of eq" in done.stderr
    (clone / "own.yaml").write_text(printed().replace("only: [mine]", "only: [mime, synthetic]"))
    done = clone.snakemake(config="own.yaml")
    assert "  only: found 'mime', expected one of digits, digits01, mine" in done.stderr


def test_only_keeps_what_it_names_in_every_list(clone):
    changes = {"only": ["synthetic"]}
    jobs = clone.planned(config=clone.overlay("one", changes))
    assert {name.split()[1] for name in jobs if " " in name} == {"synthetic", "linear"}
    (clone / "config/test.yaml").write_text(
        (clone / "config/test.yaml").read_text().replace("checks:", "only: [tiny]\nchecks:")
    )
    jobs = clone.planned()
    assert not any(name.endswith("synthetic") for name in jobs)
    assert {"fit tiny", "capacity tiny", "plot_decay tiny"} <= jobs


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
        ({"run": "other", "two_layer.train.width": 32, "data.more": "tiny"}, set()),
        ({"run": "other", "data.tiny.train.n": 61}, {"tiny-0", "tiny-1"}),
        ({"run": "other", "data.tiny.splits": 3}, {"tiny-2"}),
        ({"run": "other", "seed": 1}, {"tiny-0", "tiny-1"}),
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
    assert sum(job.startswith("train ") for job in jobs) == 8


def settings(tree):
    return yaml.safe_load((tree / CONFIG).read_text())
