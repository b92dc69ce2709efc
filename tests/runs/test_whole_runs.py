"""Whole runs on a person's own data."""

import numpy as np

from tests.runs.own_data import (
    SPOKEN,
    prepared,
    printed,
    save_measurements,
    save_npz,
    units,
)  # fmt: skip

FIGURES = ("figure1", "equation8", "figure2")


def test_the_readmes_example_on_a_csv(clone):
    (clone / "config/runs").mkdir(exist_ok=True)
    (clone / "config/runs/mine.yaml").write_text(printed())
    save_measurements(clone / "measurements.csv")
    done = clone.make("RUN=mine")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("claims: ")
    for figure in FIGURES:
        assert (clone / f"figures/mine/two_layer/{figure}_mine.svg").stat().st_size > 1_000
    assert (clone / "results/mine/report.html").is_file()
    again = clone.make("RUN=mine")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_all_experiments_on_an_npz(clone):
    path = clone / f"{SPOKEN}.npz"
    changes = {"run": "own", "data.tiny": save_npz(path), "two_layer.figure2.noise": [0.0, 1.0]}
    config = clone.overlay("own", changes)
    done = clone.snakemake(config=config)
    assert done.returncode == 0, done.stderr
    assert not list(clone.folder.rglob("hacked"))
    for figure in FIGURES:
        assert (clone / f"figures/own/two_layer/{figure}_tiny.svg").stat().st_size > 1_000
    assert clone.planned(config=config) == set()
    points = prepared(clone)
    with np.load(path) as arrays:
        given = dict(arrays)
    for side, end, n in (("", "", 60), ("test_", "_test", 30)):
        chosen = np.flatnonzero(given[f"y{end}"] != 2)[:n]
        assert [*points[f"{side}indices"]] == [*chosen]
        wanted = units(given[f"x{end}"][chosen].reshape(n, 16))
        np.testing.assert_allclose(points[f"{side}inputs"], wanted, rtol=1e-14)
        signs = np.where(given[f"y{end}"][chosen] == 3, -1, 1)
        assert [*points[f"{side}labels"]] == [*signs]
