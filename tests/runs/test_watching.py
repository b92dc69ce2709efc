"""What a run says at a terminal and in a pipe, and how it ends when jobs fail."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from tests.workflow.repository import environment

WALK = "results/test/toy/walk/tiny"


@pytest.fixture
def broken(made, tmp_path):
    """A run whose walks and Gram matrix are made of a damaged file."""
    tree = made.copied(tmp_path / "copy")
    (path,) = tree.folder.glob("results/shared/tiny-0-*/problem.npz")
    path.write_bytes(b"nothing")
    return tree.without(f"{WALK}/metrics.json")


def at_terminal(tree, columns, *words, **more):
    """What make shows at a terminal of that width, with its exit status."""
    tree.set_up()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = environment(**({"TERM": "xterm"} | more))
    with subprocess.Popen(
        ["make", "CORES=2", *words], cwd=tree.folder, env=variables, stdin=subprocess.DEVNULL,
        stdout=theirs, stderr=theirs, start_new_session=True,
    ) as making:  # fmt: skip
        os.close(theirs)
        said = b""
        while True:
            try:
                said += os.read(ours, 4096)
            except OSError:  # they have all ended
                break
    os.close(ours)
    return said.decode().replace("\r\n", "\n"), making.returncode


def snakemakes_own(tree):
    """Snakemake's words of the last run."""
    return max((tree / ".snakemake/log").glob("*.log")).read_text()


@pytest.mark.parametrize("columns", [None, 40])
def test_a_refused_file_is_told_once_and_last_after_one_attempt(broken, columns):
    if columns is None:
        done = broken.make("quick")
        said, status = done.stdout + done.stderr, done.returncode
        assert "\033" not in said
    else:
        said, status = at_terminal(broken, columns, "quick")
        # What is taken back has gone; it never was wider than the terminal.
        shown = re.findall(r"\d+/\d+ jobs .*?(?=\r\033\[J)", said)
        assert max(map(len, shown), default=0) < columns
        said = re.sub(r"^.*\r\033\[J", "", said, flags=re.MULTILINE)
    assert status == 2
    lines = said.splitlines()
    assert len(lines) <= 15, said
    *_, failed, message, of_make = lines
    rule, log = re.fullmatch(
        r"failed: (\w+), see (\S+); 1 more failed \(make failures lists them\)", failed
    ).groups()
    assert rule in {"toy_walk", "gram"}
    assert message.startswith("error: results/shared/tiny-0-")
    assert message in (broken / log).read_text()
    assert said.count("error: ") == 1
    assert of_make.startswith("make: *** ")
    assert "claims: " not in said
    own = snakemakes_own(broken)
    assert own.count("Error in rule toy_walk:") == 1
    assert "Trying to restart" not in own


def test_a_traceback_is_shown_by_its_end(made, tmp_path):
    tree = made.copied(tmp_path / "copy")
    first = ("def main(settings: Walk, job: experiment.Job) -> None:\n", "    1 / 0\n")
    with tree.edited("scripts/toy/walk.py", lambda code: code.replace(first[0], "".join(first))):
        done = tree.make("quick")
    assert done.returncode == 2
    *before, last, _ = done.stderr.splitlines()
    assert last == "ZeroDivisionError: division by zero"
    assert f"failed: toy_walk, see {WALK}/walk.log" in before
    assert len(before) <= 13
    assert snakemakes_own(tree).count("Error in rule toy_walk:") == 1


def test_a_mistake_in_the_configuration_is_told_last(made, tmp_path):
    tree = made.copied(tmp_path / "copy")
    settings = (tree / "config/test.yaml").read_text().replace("run: test", "run: wrong")
    (tree / "config/runs/wrong.yaml").write_text(f"{settings}\nsed: 3\n")
    done = tree.make("RUN=wrong")
    assert done.returncode == 2
    *_, first, last, _ = done.stderr.splitlines()
    assert first == "error: configuration:"
    assert last.startswith("  sed: unknown key, did you mean 'seed'?")


def test_a_finished_run_at_a_terminal_and_nothing_left_to_do(made, tmp_path):
    tree = made.copied(tmp_path / "copy").without("figures/test/toy/*.png")
    said, status = at_terminal(tree, 80, "quick")
    assert status == 0
    assert re.search(r"^\d+ jobs? to do ", said, re.MULTILINE)
    # The line has gone when what comes after it is printed.
    assert re.search(r"\r\033\[J(\d+) of \1 jobs done in \d+ s\n", said)
    assert said.splitlines()[-1].startswith("claims: ")
    assert not (tree / ".snakemake/status.json").exists()
    said, status = at_terminal(tree, 80, "quick", TERM="dumb")
    assert "Nothing to be done" in said
    assert "\033" not in said


def test_what_is_wanted_early_is_told_when_it_is_there(clone):
    early = ("    says: ClassVar", "    early: ClassVar = 1\n    says: ClassVar")
    with clone.edited("scripts/toy/slice.py", lambda text: text.replace(*early)):
        done = clone.make("quick")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines().count("figures/test/toy/spread_tiny.png") == 1
