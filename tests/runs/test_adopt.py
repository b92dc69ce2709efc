"""Results without Snakemake's notes (copied, unpacked, cloned): what `make adopt` accepts."""

import os
import random
import re
import shutil

import pytest

from tests.toy import JOBS, appended, downstream

FOLDERS = ("data", "results", "figures")
WALKS = "src/overparam/toy/walks.py"
POSITIONS = "figures/test/toy/walk_tiny_positions.csv"
TABLE = "figures/test/toy/spread_tiny.csv"
FOLDER = "results/test/toy"
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


def test_a_whole_copy_is_accepted_and_nothing_is_left_to_do(copied):
    before = copied.contents(copied.files(*FOLDERS))
    done = copied.make("adopt", "RUN=test")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(JOBS)} results accepted, 0 to be made anew.\n"
    assert copied.contents(copied.files(*FOLDERS)) == before
    assert copied.planned() == set()
    # Those are notes like any other: an edit is noticed, now and with an old time.
    with copied.edited(WALKS, appended):
        os.utime(copied / WALKS, (1e9, 1e9))
        assert copied.planned() == downstream("toy_walk")


def test_of_an_edited_module_the_results_are_named_until_the_edit_is_gone(copied):
    with copied.edited(WALKS, appended):
        accepted, reasons = adopt(copied)
        assert reasons == {"made by other code": {f"{FOLDER}/walk/tiny/walk.json"}}
        assert accepted == len(JOBS) - 1
        assert copied.planned() == downstream("toy_walk")
    assert copied.planned() == set()


def test_a_result_edited_by_hand_is_named_and_made_anew(copied):
    before = (copied / POSITIONS).read_bytes()
    (copied / POSITIONS).write_bytes(before.replace(b"1", b"2"))
    picture = "figures/test/toy/spread_tiny.png"  # which no job reads
    (copied / picture).write_bytes(b"edited")
    _, reasons = adopt(copied)
    assert reasons == {
        f"{POSITIONS}: not the bytes that were written": {f"{FOLDER}/walk/tiny/walk.json"},
        f"{POSITIONS}: not the bytes that it was made from": {f"{FOLDER}/spread/tiny/spread.json"},
        f"{picture}: not the bytes that were written": {f"{FOLDER}/spread/tiny/plot.json"},
    }
    assert copied.planned() == downstream("toy_walk", "plot_toy_spread")
    # Snakemake says why, and afterwards it is a result like any other.
    assert (
        f"{POSITIONS}: not the bytes that were written"
        in copied.snakemake(POSITIONS, "-n", "--quiet", "host").stdout
    )
    done = copied.snakemake(POSITIONS)
    assert done.returncode == 0, done.stderr
    assert (copied / POSITIONS).read_bytes() == before
    assert copied.planned() == downstream("toy_spread", "plot_toy_spread")


def test_a_replaced_data_file_is_named_and_made_anew(copied):
    path = "data/digits/digits.npz"
    with open(copied / path, "ab") as file:
        file.write(b"more")
    _, reasons = adopt(copied)
    assert reasons == {
        f"{path}: not the bytes that were written": {"data/digits/digits.json"},
        f"{path}: not the bytes that it was made from": prepared(copied),
    }
    assert copied.planned() == downstream("digits")


def prepared(tree):
    """The sidecars of the prepared set."""
    return {path for path in tree.files("results/shared") if path.endswith("/prepare.json")}


def test_other_settings_are_named(copied):
    config = copied.overlay("longer", {"toy.walk.steps": 401, "toy.spread.least": 11})
    _, reasons = adopt(copied, config)
    assert reasons == {
        "steps: made with 400, now 401": {f"{FOLDER}/walk/tiny/walk.json"},
        "least: made with 10, now 11": {f"{FOLDER}/spread/tiny/spread.json"},
        # The words of the caption.
        "fitted: made with 'fitted from step 10 on', now 'fitted from step 11 on'": {
            f"{FOLDER}/spread/tiny/plot.json"
        },
    }
    assert copied.planned(config=config) == downstream("toy_walk")


def test_results_without_a_sidecar_or_half_there_are_named(copied):
    (copied / f"{FOLDER}/spread/tiny/plot.json").unlink()
    (copied / f"{FOLDER}/spread/tiny/spread.json").write_text("{}")
    gone, (eigenvectors,) = (
        prepared(copied),
        copied.folder.glob("results/shared/*/eigenvectors.npy"),
    )
    (sidecar,) = gone
    (copied / sidecar).unlink()
    eigenvectors.unlink()
    metrics = f"{FOLDER}/walk/tiny/metrics.json"
    for path in (POSITIONS, POSITIONS.replace("positions", "turns"), metrics):
        (copied / path).unlink()  # all that one job wrote
    (copied / f"{FOLDER}/walk/tiny/walk.json").unlink()
    _, reasons = adopt(copied)
    path = eigenvectors.relative_to(copied.folder).as_posix()
    spectrum = path.replace("eigenvectors.npy", "spectrum.json")
    assert reasons == {
        "no sidecar that says how it was made": {
            f"{FOLDER}/spread/tiny/plot.json", f"{FOLDER}/spread/tiny/spread.json", sidecar,
        },
        f"{path}: not the bytes that were written": {spectrum},
        f"Invalid value for '--metrics': File '{metrics}' does not exist.": {
            "results/test/collect.json"
        },
    }  # fmt: skip
    assert copied.planned() == downstream("prepare")


def test_the_registry_counts_by_what_it_asks_for_alone(copied):
    registry = "config/datasets.yaml"
    with copied.edited(registry, lambda text: text.replace("https://", "https://mirror.")):
        assert adopt(copied) == (len(JOBS), {})
    assert copied.planned() == set()


def test_while_a_run_is_going_on_nothing_is_taken_over(copied):
    locks = copied / ".snakemake/locks"
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text(f"{POSITIONS}\n")
    done = copied.python("scripts.ledger.adopt", "--configfile", CONFIG, "--cores", 2)
    assert done.returncode == 1
    assert done.stderr == (
        "error: a run is going on here, or was broken off: wait for it, or type "
        "make with its RUN, which clears up after one that is gone\n"
    )
    assert not copied.files(".snakemake/metadata")
