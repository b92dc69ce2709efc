"""Copies of the repository, for tests to run, edit and break."""

import atexit
import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Self

import yaml

from tests.workflow.planner import Planner

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "config/test.yaml"
# Variables of make, and of its command line.
GIVEN = ("MAKE", "VENV", "CORES", "MEM", "PIP_ARGS", "SNAKEMAKE_ARGS", "PYTEST_ARGS")
# Sets of what root may do that a program which root starts has its own from.
BOUNDS = ("bounding-set", "inh-caps")
# What git ignores, for a copy without git (an unpacked archive).
MADE = {".snakemake", ".git", "__pycache__", ".pytest_cache", ".hypothesis", "runs"}


def environment(**more: str) -> dict[str, str]:
    """The variables of a shell in which this Python's environment is switched on."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # `make test` would tell the make of a test that it is its child, which then says so, and what
    # it was told itself.
    outer = {key: value for key, value in os.environ.items() if not key.startswith(GIVEN)}
    return outer | {"PATH": path, "PYTHONPATH": "src", "NO_PROXY": "127.0.0.1"} | more


def _works(*words: str) -> bool:
    """Whether a program can be run by this user, and succeeds."""
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def alone() -> list[str]:
    """How to run a program where there is no network, not even a route; nothing if it cannot be."""
    words = ["unshare", "-n"]
    return words if _works(*words, "true") else []


def unprivileged() -> list[str]:
    """How to run a program to which permissions mean something, as they do not to root."""
    words = ["setpriv", *(f"--{kind}=-dac_override,-dac_read_search" for kind in BOUNDS)]
    return words if _works(*words, "true") else []


def mounts() -> bool:
    """Whether this user may mount a file system in a namespace of their own."""
    return _works("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt")


def is_clone() -> bool:
    """Whether the files under test are in git."""
    return (ROOT / ".git").exists()


def listed(*options: str) -> list[str]:
    """Files of the repository as `git ls-files` lists them."""
    words = ["git", "ls-files", "-z", *options]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]


@cache
def _planner() -> Planner:
    planner = Planner()
    atexit.register(planner.close)
    return planner


class Repository:
    """A copy of the repository in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __truediv__(self, path: str) -> Path:
        return self.folder / path

    def run(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the folder."""
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.folder,
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def hold_at(self, point: str) -> dict[str, str]:
        """The variable that holds the first program of this copy to come to a point: it says so in
        the file `reached`. The points are in tests/holding.py."""
        shutil.copy(ROOT / "tests/holding.py", self / "src/sitecustomize.py")
        return {"HOLD_AT": f"{point} {self / 'reached'}"}

    def python(self, module: str, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a module of this repository."""
        return self.run(sys.executable, "-m", module, *words)

    def make(
        self, *words: str, within: Sequence[str] = (), **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run make with this Python's environment in place of a `.venv` of its own.

        within: a program to run it by, such as unshare.
        """
        self.set_up()
        return self.run(*within, "make", "CORES=2", *words, **more)

    def set_up(self) -> None:
        """Put this Python's environment in place of a `.venv` of its own."""
        stamp = f"# {self.folder}/.venv\n{(self / 'requirements/requirements.txt').read_text()}"
        python = self / ".venv/bin/python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (self / ".venv/made-for.txt").write_text(stamp)

    def snakemake(
        self, *words: object, config: str | Path = CONFIG
    ) -> subprocess.CompletedProcess[str]:
        """Run the workflow on two cores; words are targets and options."""
        return self.python("snakemake", *words, "--configfile", config, "--cores", 2)

    def dry(self, *words: object, config: str | Path = CONFIG) -> subprocess.CompletedProcess[str]:
        """What `snakemake -n` says, quicker than by starting it anew."""
        options = ("--configfile", config, "--cores", 2)
        return _planner().plan(self.folder, "-n", *words, *options)

    def jobs(self, *words: object, config: str | Path = CONFIG) -> dict[str, dict[str, list[str]]]:
        """What `snakemake -n` would run: jobs by name, each with its files by kind."""
        answer = self.dry(*words, config=config)
        assert answer.returncode == 0, answer.stderr
        blocks = re.split(r"^(?:local)?rule (\w+):\n", answer.stdout, flags=re.MULTILINE)[1:]
        found = {}
        for rule, text in zip(blocks[::2], blocks[1::2], strict=True):
            said = dict(re.findall(r"^    (\w+): (.*)$", text, re.MULTILINE))
            axes = re.findall(r"\w+=([^,\s]+)", said.get("wildcards", ""))
            name = " ".join([rule, *(re.sub(r"-[0-9a-f]{8}$", "", axis) for axis in axes)])
            assert name not in found
            kinds = ("input", "output", "log", "benchmark")
            found[name] = {kind: said.get(kind, "").split(", ") for kind in kinds}
        assert bool(found) != ("Nothing to be done" in answer.stdout)
        return found

    def planned(self, *words: object, config: str | Path = CONFIG) -> set[str]:
        """The names of those jobs, such as `gram tiny-0`; without `all`, which makes nothing."""
        return set(self.jobs(*words, config=config)) - {"all"}

    def overlay(self, name: str, changes: dict[str, object]) -> str:
        """Write the test run with some settings changed; its path."""
        values = yaml.safe_load((self / CONFIG).read_text())
        for key, value in changes.items():
            *parents, last = key.split(".")
            inner = values
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[last] = value
        path = f"config/{name}.yaml"
        (self / path).write_text(yaml.safe_dump(values, sort_keys=False))
        return path

    def files(self, *folders: str) -> set[str]:
        """Paths of all files below some folders, hidden ones too."""
        found = (path for folder in folders for path in (self / folder).rglob("*"))
        return {path.relative_to(self.folder).as_posix() for path in found if path.is_file()}

    def contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of files, by path."""
        return {path: (self / path).read_bytes() for path in paths}

    @contextmanager
    def edited(self, path: str, change: Callable[[str], str]):
        """Change a file's text for a while."""
        before = (self / path).read_text()
        after = change(before)
        assert after != before, f"{path} has no such text any more"
        (self / path).write_text(after)
        try:
            yield
        finally:
            (self / path).write_text(before)

    def copied(self, folder: Path) -> Self:
        """A copy of this copy, with results, Snakemake's notes and all times."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return type(self)(folder)

    def without(self, *patterns: str) -> Self:
        """The same without some of what was made."""
        for pattern in patterns:
            for path in self.folder.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return self


def fresh(folder: Path) -> Repository:
    """The files of the repository as a new clone would have them."""
    if is_clone():
        for name in listed("-co", "--exclude-standard"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        return Repository(folder)

    def ignored(place: str, names: list[str]) -> set[str]:
        results = Path(place).parent == ROOT and Path(place).name in {"data", "results", "figures"}
        hidden = {name for name in names if name in MADE or name.startswith(".venv")}
        return hidden | ({*names} - {"README.md"} if results else set())

    shutil.copytree(ROOT, folder, ignore=ignored, dirs_exist_ok=True)
    return Repository(folder)


def shared(factory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first of pytest's workers to need it makes, for all of them."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done, folder = base / f"{name}.done", base / name
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert not folder.exists(), f"{name} failed in another worker"
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def refused(done: subprocess.CompletedProcess[str], *said: str) -> bool:
    """A run that failed with these words and no traceback."""
    assert done.returncode != 0
    told = done.stdout + done.stderr
    for words in said:
        assert words in told, told
    assert "Traceback" not in told
    return True


def leftovers(tree: Repository) -> list[str]:
    """Files that were begun and not finished."""
    return [path for path in tree.files(".") if path.endswith(".part")]
