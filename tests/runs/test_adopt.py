"""Results without Snakemake's notes (copied, unpacked, cloned): what `make adopt` accepts."""

import json
import os
import random
import re
import shutil

import pytest

from tests.workflow.graph import FIGURE2, appended, downstream, importers

FOLDERS = ("data", "results", "figures")
LOSSES = "figures/test/two_layer/figure1_tiny_losses.csv"
CONFIG = "config/test.yaml"


@pytest.fixture
def copied(finished, tmp_path):
    """The finished run without Snakemake's notes, its files as old as a copy may make them."""
    tree = finished.copied(tmp_path / "copied")
    shutil.rmtree(tree / ".snakemake")
    drawn = random.Random(0)
    for path in sorted(tree.files(*FOLDERS)):
        os.utime(tree / path, (drawn.uniform(1e9, 1.7e9),) * 2)
    return tree


def adopt(tree, config=CONFIG):
    """How many results were accepted and how many were not; the sidecars of those, by reason."""
    done = tree.python("scripts.ledger.adopt", "--configfile", config, "--cores", 2)
    assert done.returncode == 0, done.stderr
    *listed, last = done.stdout.splitlines()
    accepted, others = map(
        int, re.match(r"(\d+) results accepted, (\d+) to be made", last).groups()
    )
    reasons = {}
    for line in listed:
        if line.startswith("  "):
            reasons[reason].add(line.strip())  # noqa: F821 (a reason stands above its sidecars)
        else:
            reason = line.removesuffix(":")
            reasons[reason] = set()
    assert len(set().union(*reasons.values())) == others
    return accepted, reasons


def sidecars(tree, programs):
    """Sidecars of the results that some rules' programs made."""
    paths = [path for path in tree.files(*FOLDERS) if path.endswith(".json")]
    notes = {path: json.loads((tree / path).read_text()) for path in paths}
    named = {f"/{program}.py" for program in programs}
    return {
        path for path, note in notes.items()
        if any(note.get("program", "").endswith(name) for name in named)
    }  # fmt: skip


def test_a_whole_copy_is_accepted_and_nothing_is_left_to_do(copied):
    before = copied.contents(copied.files(*FOLDERS))
    done = copied.make("adopt", "RUN=test")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "65 results accepted, 0 to be made anew.\n"
    assert copied.contents(copied.files(*FOLDERS)) == before
    assert copied.planned() == set()
    # Those are notes like any other: an edit is noticed, now and with an old time.
    path = "src/overparam/schedules.py"
    with copied.edited(path, appended):
        os.utime(copied / path, (1e9, 1e9))
        assert copied.planned() == downstream(importers(path))


def test_of_an_edited_module_the_results_are_named_until_the_edit_is_gone(copied):
    path = "src/overparam/schedules.py"
    with copied.edited(path, appended):
        accepted, reasons = adopt(copied)
        made = sidecars(copied, importers(path))
        assert reasons == {"made by other code": made}
        assert accepted == 65 - len(made)
        assert copied.planned() == downstream(importers(path))
    assert copied.planned() == set()


def test_a_result_edited_by_hand_is_named_and_made_anew(copied):
    before = (copied / LOSSES).read_bytes()
    (copied / LOSSES).write_bytes(before.replace(b"1", b"2"))
    picture = "figures/test/two_layer/decay_tiny.png"  # which no job reads
    (copied / picture).write_bytes(b"edited")
    _, reasons = adopt(copied)
    folder = "results/test/two_layer"
    assert reasons == {
        f"{LOSSES}: not the bytes that were written": {f"{folder}/figure1/tiny/losses.json"},
        f"{LOSSES}: not the bytes that it was made from": {f"{folder}/figure1/tiny/plot.json"},
        f"{picture}: not the bytes that were written": {f"{folder}/decay/tiny/plot.json"},
    }
    assert copied.planned() == downstream({"losses", "plot_decay"})
    # Snakemake says why, and afterwards it is a result like any other.
    assert (
        f"{LOSSES}: not the bytes that were written"
        in copied.snakemake(LOSSES, "-n", "--quiet", "host").stdout
    )
    done = copied.snakemake(LOSSES)
    assert done.returncode == 0, done.stderr
    assert (copied / LOSSES).read_bytes() == before
    assert copied.planned() == downstream({"plot_figure1", "plot_decay"})


def test_a_replaced_data_file_is_named_and_made_anew(copied):
    path = "data/digits/digits.npz"
    with open(copied / path, "ab") as file:
        file.write(b"more")
    _, reasons = adopt(copied)
    assert reasons == {
        f"{path}: not the bytes that were written": {"data/digits/digits.json"},
        f"{path}: not the bytes that it was made from": sidecars(copied, {"prepare"}),
    }
    assert copied.planned() == downstream({"digits"})


def test_other_settings_are_named(copied):
    config = copied.overlay("longer", {"two_layer.figure2.steps": 101})
    _, reasons = adopt(copied, config)
    assert len(reasons.pop("steps: made with 100, now 101")) == len(FIGURE2)
    # The words of the caption.
    ((caption, drawn),) = reasons.items()
    assert re.fullmatch(r"training: made with '.* 100 steps', now '.* 101 steps'", caption)
    assert drawn == {"results/test/two_layer/figure2/tiny/plot.json"}
    assert copied.planned(config=config) == FIGURE2 | downstream({"errors"})


def test_results_without_a_sidecar_or_half_there_are_named(copied):
    folder = "results/test/two_layer"
    (copied / f"{folder}/decay/tiny/plot.json").unlink()
    (copied / f"{folder}/scale/tiny/plot.json").write_text("{}")
    gone = "figures/test/two_layer/draws_tiny.png"
    (copied / gone).unlink()
    metrics = f"{folder}/figure1/tiny/metrics.json"
    for path in (LOSSES, metrics, f"{folder}/figure1/tiny/losses.json"):
        (copied / path).unlink()  # all that one job wrote
    _, reasons = adopt(copied)
    assert reasons == {
        "no sidecar that says how it was made": {
            f"{folder}/{name}/tiny/plot.json" for name in ("decay", "scale")
        },
        f"{gone}: not the bytes that were written": {f"{folder}/draws/tiny/plot.json"},
        f"Invalid value for '--losses': File '{LOSSES}' does not exist.": {
            f"{folder}/figure1/tiny/plot.json"
        },
        f"Invalid value for '--metrics': File '{metrics}' does not exist.": {
            "results/test/collect.json"
        },
    }
    plots = {"plot_decay", "plot_scale", "plot_draws"}
    assert copied.planned() == downstream({"losses"} | plots)


def test_the_registry_counts_by_what_it_asks_for_alone(copied):
    registry = "config/datasets.yaml"
    with copied.edited(registry, lambda text: text.replace("https://", "https://mirror.")):
        assert adopt(copied) == (65, {})
    assert copied.planned() == set()


def test_while_a_run_is_going_on_nothing_is_taken_over(copied):
    locks = copied / ".snakemake/locks"
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text(f"{LOSSES}\n")
    done = copied.python("scripts.ledger.adopt", "--configfile", CONFIG, "--cores", 2)
    assert done.returncode == 1
    assert done.stderr == (
        "error: a run is going on here, or was broken off: wait for it, or type "
        "make with its RUN, which clears up after one that is gone\n"
    )
    assert not copied.files(".snakemake/metadata")
