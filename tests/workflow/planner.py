"""`snakemake -n`, forked from a process that has Snakemake loaded: half of a plan is loading it.

Each plan has a process of its own and reads the copy's own files. Run as a program, this module
reads a line of JSON for each plan (folder, options, where to write) and answers with its status.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# What a dry run imports: Snakemake, and what the project's own functions need.
LOADED = """
    snakemake.cli snakemake.api snakemake.persistence.file snakemake.report snakemake.executors
    snakemake.dag snakemake.scheduling.job_scheduler pandas psutil pydantic yaml
"""


class Planner:
    """The process that has Snakemake loaded."""

    def __init__(self) -> None:
        # Away from the repository under test, of which nothing may be loaded yet.
        environment = {key: os.environ[key] for key in os.environ if key != "PYTHONPATH"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            cwd="/", env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def plan(self, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
        """What `snakemake` with these options says in a folder."""
        with TemporaryDirectory() as said:
            options = [str(word) for word in words]
            self._process.stdin.write(json.dumps([str(folder), options, said]) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            out, err = (Path(said, name).read_text() for name in ("1", "2"))
            return subprocess.CompletedProcess(options, status, out, err)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _serve() -> None:
    for name in LOADED.split():
        __import__(name)
    for line in sys.stdin:
        folder, words, said = json.loads(line)
        child = os.fork()
        if child == 0:
            _plan(folder, words, said)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _plan(folder: str, words: list[str], said: str) -> None:
    os.chdir(folder)
    for stream in (1, 2):
        os.dup2(os.open(f"{said}/{stream}", os.O_WRONLY | os.O_CREAT), stream)
    sys.path[0:1] = [folder, f"{folder}/src"]
    sys.argv = ["snakemake", *words]
    from snakemake.cli import main

    main()


if __name__ == "__main__":
    _serve()
