"""What a node of a cluster does with what its job was planned with, without a cluster; and who runs
Snakemake."""

import json
import platform

import pytest


def node(tree, planned, *words):
    """Run jobs as a node does, with what the main process is said to have planned."""
    return tree.run(
        "python", "-m", "snakemake", "--configfile", "config/test.yaml", "--cores", "2",
        "--mode", "remote", *words, OVERPARAM_PLANNED=json.dumps(planned),
    )  # fmt: skip


def test_other_code_than_planned_is_refused(clone):
    program = "scripts/data/digits.py"
    done = node(clone, {program: "0123456789ab"}, "data/digits/digits.npz")
    assert done.returncode == 1
    said = (clone / "data/digits/digits.log").read_text()
    assert f"error: {program}: it or a module that it imports changed since" in said
    assert not (clone / "data/digits/digits.npz").exists()
    # Other programs' edits are no affair of this job's.
    planned = {"scripts/data/gram.py": "0123456789ab"}
    assert node(clone, planned, "data/digits/digits.npz").returncode == 0


@pytest.mark.parametrize("what", ["configuration of run test", "Snakefile, workflow/ and slices"])
def test_another_plan_is_refused(clone, what):
    done = node(clone, {what: "0123456789ab"}, "data/digits/digits.npz")
    assert done.returncode == 1
    assert f"{what}: changed since this run was planned: start the run again" in done.stderr
    assert not (clone / "data/digits/digits.npz").exists()


def test_snakemake_that_is_typed_itself_notes_whose_run_it_is(clone):
    note = clone / ".snakemake/owner.json"
    note.unlink(missing_ok=True)
    assert clone.snakemake("-n", "data/digits/digits.npz").returncode == 0
    assert not note.exists()
    assert clone.snakemake("--force", "data/digits/digits.npz").returncode == 0
    assert json.loads(note.read_text())["host"] == platform.node()
