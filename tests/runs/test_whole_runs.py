"""Whole runs: of the project's own slices, and on a person's own data.

`make quick` on the project's own slices is here and in test_outputs.py and test_slices.py.
"""

import os
import re

import numpy as np
import pytest

from tests import toy
from tests.runs.own_data import (
    SPOKEN,
    prepared,
    printed,
    save_measurements,
    save_npz,
    units,
)  # fmt: skip
from tests.workflow.repository import alone


def test_quick_says_what_it_found_and_where(whole):
    said = (whole / "said.txt").read_text()
    assert "Headline results (run test)" in said
    pictures = [path for path in whole.files("figures/test") if path.endswith(".png")]
    assert any(f"  figure: {path}\n" in said for path in pictures)
    assert "\nreport: results/test/report.html\n" in said
    assert re.fullmatch(r"claims: .*\d+ holds, .*\d+ not run", said.splitlines()[-1])


@pytest.mark.skipif(not alone(), reason="skipped: needs network namespaces")
def test_it_was_made_without_network(whole):
    assert (whole / "routes.txt").read_text().splitlines()[1:] == []  # at most the table's head


def test_afterwards_there_is_nothing_to_do_whatever_is_touched_or_commented(whole, tmp_path):
    tree = whole.copied(tmp_path / "copy")
    for path in tree.files("src", "scripts", "workflow", "config", "data", "results"):
        # Claims count byte by byte.
        if path.endswith((".py", ".smk", ".yaml")) and "/claims/" not in path:
            (tree / path).write_text((tree / path).read_text() + "\n# edited\n")
        os.utime(tree / path)
    assert tree.planned() == set()


def test_the_readmes_example_on_a_csv(everything):
    (everything / "config/runs").mkdir(exist_ok=True)
    (everything / "config/runs/mine.yaml").write_text(printed())
    save_measurements(everything / "measurements.csv")
    done = everything.make("RUN=mine")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("claims: ")
    drawn = {path for path in everything.files("figures/mine") if path.endswith("_mine.svg")}
    assert all((everything / path).stat().st_size > 1_000 for path in drawn)
    assert len(drawn) >= len(re.findall(r"\w+: {problems: \[mine\]}", printed())) > 1
    assert (everything / "results/mine/report.html").is_file()
    assert everything.planned(config="config/runs/mine.yaml") == set()


def test_a_run_on_an_npz(clone):
    path = clone / f"{SPOKEN}.npz"
    config = clone.overlay("own", {"run": "own", "data.tiny": save_npz(path)})
    done = clone.snakemake(config=config)
    assert done.returncode == 0, done.stderr
    assert not list(clone.folder.rglob("hacked"))
    assert (clone / f"figures/own/{toy.NAME}/spread_tiny.svg").stat().st_size > 1_000
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
