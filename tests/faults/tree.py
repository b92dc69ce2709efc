"""A copy of the repository in which a run is at work, to be killed and continued."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import psutil

from tests.workflow.repository import Repository, environment

RUN = "RUN=faults"
WALKED = "results/faults/toy/walk/tiny"
# Files that tell when and how long: never the same twice.
DATED = {"timings.csv", "report.json", "report.html"}
PATIENCE = 240


class Tree(Repository):
    """A copy with `make RUN=faults` in the background."""

    def start(self, *words: str, **more: str) -> None:
        """Type make, in a session of its own as a terminal's."""
        self.set_up()
        self.said = self / "said.txt"
        with self.said.open("w") as said:
            self.making = subprocess.Popen(
                ["make", "CORES=2", RUN, *words], cwd=self.folder, env=environment(**more),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
                # What runs in the background of a script ignores interrupts, and its children too.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )  # fmt: skip

    def ended(self) -> int:
        """Wait for that make; its exit status."""
        return self.making.wait(PATIENCE)

    def reached(self) -> psutil.Process:
        """The process that is held there."""
        return psutil.Process(int(self.until(lambda: _text(self / "reached").strip())))

    def until(self, look):
        """What `look` returns once it is something, while make is at work."""
        deadline = time.monotonic() + PATIENCE
        while not (found := look()):
            assert self.making.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.02)
        return found

    def processes(self) -> list[psutil.Process]:
        """What is at work in this folder."""
        found = psutil.process_iter(["cwd", "cmdline"])
        return [process for process in found if process.info["cwd"] == str(self.folder)]

    def snakemake_process(self) -> psutil.Process | None:
        """The run's Snakemake, from its first moment on."""
        return self._at_work(r"snakemake|scripts\.runs\.start")

    def job(self) -> psutil.Process | None:
        """A program of the run."""
        return self._at_work(r"scripts\.(?!runs\.)")

    def _at_work(self, module: str) -> psutil.Process | None:
        """A process that runs such a module."""
        for process in self.processes():
            words = process.info["cmdline"] or []
            if words[1:2] == ["-m"] and re.match(module, words[2]):
                return process
        return None

    def results(self) -> dict[str, bytes]:
        """Everything that was made, but sidecars, logs, benchmarks and what is dated."""
        paths = {Path(path) for path in self.files("results", "figures", "data")}
        made = {path for path in paths if path.suffix not in {".log", ".tsv"}}
        sidecars = {path for path in made if path.with_suffix(".log") in paths}
        dated = {path for path in made if path.name in DATED | {"report_made.json"}}
        return self.contents(sorted(str(path) for path in made - sidecars - dated))


def kill(process: psutil.Process) -> None:
    """kill -9."""
    os.kill(process.pid, signal.SIGKILL)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
