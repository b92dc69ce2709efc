"""What else goes wrong: interrupts, a full disk, too little memory, a clock that was set back."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from tests.faults.test_kills import continued
from tests.faults.tree import RUN, WALKED
from tests.workflow.repository import environment, mounts


def test_an_interrupt_leaves_what_make_goes_on_from(half, finished):
    half.start(OVERPARAM_CHECKPOINT_SECONDS="0.5", **half.hold_at("step 9000"))
    half.reached()
    os.killpg(half.making.pid, signal.SIGINT)  # as a terminal does
    assert half.ended() != 0
    assert not [path for path in half.files("results") if path.endswith(".part")]
    continued(half, finished, OVERPARAM_CHECKPOINT_SECONDS="0.5")
    assert "goes on from " in (half / WALKED / "walk.log").read_text()


def test_while_a_run_is_at_work_another_names_it_and_touches_nothing(half, finished):
    half.start(**half.hold_at("step 3000"))
    half.reached()
    snakemake = half.snakemake_process()
    before = half.files("results", "figures")
    other = half.make(RUN)
    assert other.returncode != 0
    assert re.search(
        rf"error: another run is at work in this folder \(process {snakemake.pid} on \S+, since "
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", other.stderr,
    )  # fmt: skip
    assert half.files("results", "figures") == before
    assert snakemake.is_running()
    os.kill(snakemake.pid, signal.SIGKILL)
    half.ended()
    # Snakemake alone says what to type.
    plain = half.python("snakemake", "--configfile", "config/runs/faults.yaml")
    assert plain.returncode != 0
    assert f"(process {snakemake.pid} on " in plain.stderr
    assert "was cut off. Type make as you did before" in plain.stderr
    continued(half, finished)


@pytest.mark.skipif(not mounts(), reason="skipped: needs mount namespaces")
def test_a_full_disk_is_told_and_leaves_nothing_truncated(half, finished):
    """The walks' outputs on a disk of 100 kB, which then grows."""
    folder = half / "figures/faults/toy"
    folder.mkdir()
    script = half / "disk.sh"
    script.write_text(
        'disk=$1; shift; mount -t tmpfs -o size=100k tmpfs "$disk" || exit 9\n'
        '"$@" >full.txt 2>&1 && exit 8\n'
        'find "$disk" -type f ! -name "*.log" ! -name "*.tsv" >left.txt\n'
        'mount -o remount,size=50m "$disk" || exit 9\n'
        '"$@" >room.txt 2>&1 || exit 7\n'
        'cp -a "$disk" kept\n'
    )
    half.set_up()
    done = half.run("unshare", "-m", "sh", script, folder, "make", "CORES=2", RUN)
    said = (half / "full.txt").read_text()
    assert done.returncode == 0, said + done.stderr
    assert "No space left on device: free disk space and run again" in said
    assert (half / "left.txt").read_text() == ""
    folder.rmdir()
    shutil.copytree(half / "kept", folder)
    assert half.results() == finished.results()


@pytest.mark.skipif(not mounts(), reason="skipped: needs mount namespaces")
def test_a_disk_that_has_no_room_for_a_log_either(half):
    """Results and logs on a disk that is full from the start: the reason is told all the same."""
    folder = half / "results/faults/toy"
    folder.mkdir(parents=True, exist_ok=True)
    script = half / "disk.sh"
    script.write_text(
        'disk=$1; shift; mount -t tmpfs -o size=4k tmpfs "$disk" || exit 9\n'
        'head -c 4096 /dev/zero >"$disk/filler" || exit 9\n'
        '"$@" >full.txt 2>&1 && exit 8\n'
        'find "$disk" -name "*.log" -size +0 >told.txt\n'
    )
    half.set_up()
    done = half.run("unshare", "-m", "sh", script, folder, "make", "CORES=2", RUN)
    said = (half / "full.txt").read_text()
    assert done.returncode == 0, said + done.stderr
    assert (half / "told.txt").read_text() == ""
    assert "No space left on device: free disk space and run again" in said


LARGE = """\
run: large
only: [large]
data:
  large: {source: file, file: large.npz, groups: [[0], [1]], train: {n: 7000}, test: {n: 10}}
toy:
  walk: {problems: [large]}
"""


def test_too_little_memory_is_told_and_a_retry_asks_for_more(finished, tmp_path):
    """A matrix of 7 000 points is 392 MB, beside what the libraries take."""
    tree = finished.copied(tmp_path / "large")
    points = np.random.default_rng(0).normal(size=(7010, 3))
    classes = np.arange(7010) % 2
    parts = {"x": points[10:], "y": classes[10:], "x_test": points[:10], "y_test": classes[:10]}
    np.savez(tree / "large.npz", **parts)
    (tree / "large.yaml").write_text(LARGE)
    made = tree.snakemake("--until", "prepare", config="large.yaml")
    assert made.returncode == 0, made.stderr
    (problem,) = (tree / "results/shared").glob("large-*/problem.npz")
    gram = problem.relative_to(tree.folder).with_name("gram.npy")

    def make(mem_mb, retries):
        words = ("--set-resources", f"gram:mem_mb={mem_mb}", "--retries", retries)
        return tree.snakemake(gram, *words, config="large.yaml")

    done = make(400, 0)
    assert done.returncode != 0
    assert (
        "error: out of memory: rule gram may take mem_mb=400: give it more (make "
        "SNAKEMAKE_ARGS='--set-resources gram:mem_mb=800')" in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert not (tree / gram).exists()
    done = make("attempt*400", 1)
    assert done.returncode == 0, done.stderr
    assert "rule gram may take mem_mb=400" in done.stderr
    assert np.load(tree / gram, mmap_mode="r", allow_pickle=False).shape == (7000, 7000)


def test_a_clock_that_was_set_back(half, finished):
    """What was made before then carries times that are yet to come."""
    ahead = time.time() + 2 * 86400
    for path in half.files("results", "figures", "data"):
        os.utime(half / path, (ahead, ahead))
    said = continued(half, finished)
    assert "carried times that are yet to come" in said


@pytest.mark.skipif(not shutil.which("faketime"), reason="skipped: needs faketime")
def test_programs_that_are_told_a_clock_two_days_back(half, finished, tmp_path):
    half.set_up()
    settings = {"NO_FAKE_STAT": "1", "DONT_FAKE_MONOTONIC": "1"}
    # Snakemake's plugin for SLURM asks scontrol as it is loaded, and waits for its end in sleeps
    # until a time of the monotonic clock, which faketime gets wrong.
    settings["PATH"] = programs_but("scontrol", tmp_path / "bin")
    done = half.run("faketime", "-f", "-2d", "make", "CORES=2", RUN, **settings)
    assert done.returncode == 0, done.stderr
    continued(half, finished)


def programs_but(hidden, folder):
    """A PATH on which one program is not found, and all others are."""
    folder.mkdir()
    for place in environment()["PATH"].split(os.pathsep):
        found = Path(place).iterdir() if Path(place).is_dir() else ()
        for program in found:
            if program.name != hidden and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return str(folder)
