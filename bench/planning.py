"""How long Snakemake thinks before it starts, and what our parameters and checks add.

The same graph is planned twice, each time with nothing to do: as it is, and plain, which is the
same rules and input functions with constant parameters, and with settings and claims that are
there as they were once read: nothing is checked or fingerprinted, and no model of them is built.
The two take turns. Processor seconds are counted, of which the least say what the programs take:
other programs on the computer only ever add to them.

The graph grows by the networks of `two_layer.figure2`, the one experiment here whose settings ask
for any number of jobs; the rest is whatever slices there are.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

# Jobs of a graph, how often it is planned, and what is promised of ours beside the plain one.
SIZES = ((300, 7, "at most .8 s more"), (10_000, 3, "at most 1.25 times"))
NOISE = (0.0, 0.5, 1.0)

# Modules of models, empty where nothing is checked.
MODELS = ("workflow/settings/data.py", "workflow/settings/run.py", "src/pipeline/claims.py")
EMPTY = """
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return object
"""
# What declarations of experiments are made of, where they are plain classes with defaults.
BASES = "src/pipeline/settings.py"
PLAIN = """
SYNTHETIC = "synthetic"
class Strict:
    model_fields = {}
    def __init_subclass__(cls):
        cls.model_fields = cls.model_fields | vars(cls).get("__annotations__", {})
    def __class_getitem__(cls, of):
        return cls
    def __init__(self, **values):
        vars(self).update(values)
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Strict
"""
# Makes every output, empty, and Snakemake's notes that it made them itself.
FINISH = """
import time
from pathlib import Path
from pipeline.running.dag import Found, planned, take_over
jobs = planned("run.yaml", 2)
for job in jobs:
    for path in map(Path, job.outputs):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
start = time.process_time()
take_over("run.yaml", 2, lambda job: Found(job.code, []))
print(len(jobs), time.process_time() - start)
"""
# What the plain Snakefile is given in place of what is read and checked: the same values, without
# their models.
KEEP = """
import pickle, sys
from types import SimpleNamespace
from pathlib import Path
from pydantic import BaseModel
from pipeline.claims import Claims
from scripts.runs.configs import DEFAULT, read
from workflow.lib import run
from workflow.lib.data import Data
from workflow.lib.ledger import Ledger
from workflow.lib.slices import Slices
from workflow.settings.run import merged
EMPTIED = ("workflow.settings.data", "workflow.settings.run", "pipeline.claims")
def plainly(held):
    # The class that stands in a file: that of a slice's settings was made from it.
    for cls in type(held).__mro__:
        if cls.__module__ in EMPTIED:
            return SimpleNamespace
        if getattr(sys.modules[cls.__module__], cls.__name__, None) is cls:
            return cls
class Pickler(pickle.Pickler):
    def reducer_override(self, held):
        if isinstance(held, Claims):
            return SimpleNamespace, (), held._asdict()
        if not isinstance(held, BaseModel):
            return NotImplemented
        named = [name for name in vars(type(held)) if isinstance(vars(type(held))[name], property)]
        values = vars(held) | {name: getattr(held, name) for name in named}
        if hasattr(held, "classes"):
            values["classes"] = held.classes
        return plainly(held), (), values
settings = run.read(merged(read(DEFAULT), read(Path("run.yaml"))))
data = Data(settings)
slices = Slices(settings, data)
ledger = Ledger(settings, slices)
for problem in settings.data:
    data.splits(problem, "problem.npz")  # the names of the sets, which follow from the models
with open("kept.pkl", "wb") as file:
    Pickler(file).dump((settings, data, slices, ledger))
"""


def report() -> str:
    """Seconds of a dry run with nothing to do, ours and plain."""
    lines = [
        "## Planning",
        "",
        "`snakemake -n` with nothing to do, beside the same graph with constant parameters and",
        "with settings and claims that nobody checks: processor seconds, the least of dry runs",
        "that took turns. Noise: by how much the plain ones differ among themselves. Taking over:",
        "`make adopt` without reading the files.",
        "",
        "| jobs | runs | plain, s | ours, s | ratio | more, s | promised | noise, s "
        "| taking over, s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for size, times, promised in SIZES:
        runs = compared(size, times)
        plain, ours = min(runs.plain), min(runs.ours)
        lines.append(
            f"| {runs.jobs} | {times} | {plain:.2f} | {ours:.2f} | {ours / plain:.2f} "
            f"| {ours - plain:.2f} | {promised} | {max(runs.plain) - plain:.2f} "
            f"| {runs.taken:.1f} |"
        )
    return "\n".join(lines)


class Compared(NamedTuple):
    """Seconds of planning a graph, plain and ours, and of taking over its results."""

    jobs: int
    plain: list[float]
    ours: list[float]
    taken: float


def compared(size: int, times: int) -> Compared:
    """Plan a graph of about so many jobs, each way so many times."""
    with TemporaryDirectory() as folder:
        ours, plain = Path(folder, "ours"), Path(folder, "plain")
        _copy(ours, size)
        _python(ours, KEEP)
        shutil.copytree(ours, plain)
        _plainly(plain)
        jobs, taken = _python(ours, FINISH).split()
        if _python(plain, FINISH).split()[0] != jobs:
            raise SystemExit(f"planning: expected two graphs of {jobs} jobs")
        turns = [(_seconds(plain), _seconds(ours)) for _ in range(times)]
        return Compared(int(jobs), *map(list, zip(*turns, strict=True)), float(taken))


def _copy(folder: Path, jobs: int) -> None:
    """The files under git, and a run of so many jobs: one for each network of figure 2."""
    names = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)
    for name in names.stdout.split("\0")[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, folder / name)
    run = yaml.safe_load(Path("config/test.yaml").read_text())
    others = 60  # jobs that do not depend on the number of networks
    repetitions = (jobs - others) // len(NOISE)
    figure2 = {"seeds_per_job": 1, "repetitions": repetitions, "noise": [*NOISE]}
    run["two_layer"] = {"figure2": figure2}
    (folder / "run.yaml").write_text(yaml.safe_dump(run))


def _plainly(folder: Path) -> None:
    """Constant parameters in every rule, and settings as they were kept, without models."""
    for name in MODELS:
        (folder / name).write_text(EMPTY)
    (folder / BASES).write_text(PLAIN)
    for path in (*folder.glob("workflow/rules/*.smk"), *folder.glob("scripts/*/rules.smk")):
        text = re.sub(
            r"^( *)params:\n(?:\1 +.*\n)+", r'\1params:' + "\n" + r'\1    code="",' + "\n",
            path.read_text(), flags=re.MULTILINE,
        )  # fmt: skip
        path.write_text(
            re.sub(
                r'^( *shell:\n *)(?:r""".*?"""|".*?"|COMMAND)', r'\1"true"', text, flags=re.M | re.S
            )
        )
    text = (folder / "Snakefile").read_text()
    start, end = text.index("SETTINGS ="), text.index("run.limit(")
    kept = (
        "import pickle\n"
        'SETTINGS, data, slices, ledger = pickle.load(open("kept.pkl", "rb"))\n'
        "cluster = Cluster.__new__(Cluster)\n"
        "cluster.submits = False\n"
    )
    (folder / "Snakefile").write_text(text[:start] + kept + text[end:])


def _python(folder: Path, program: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder, capture_output=True, text=True, check=True, env=_environment(),
    )  # fmt: skip
    return answer.stdout


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": "src:."}


def _seconds(folder: Path) -> float:
    command = [sys.executable, "-m", "snakemake", "-n", "-q", "all", "--configfile", "run.yaml"]
    start = _processor()
    answer = subprocess.run(
        [*command, "--cores", "2"],
        cwd=folder, capture_output=True, text=True, check=True, env=_environment(),
    )  # fmt: skip
    seconds = _processor() - start
    if "Nothing to be done" not in answer.stdout + answer.stderr:
        raise SystemExit(f"{folder}: expected nothing to do, found {answer.stdout}{answer.stderr}")
    return seconds


def _processor() -> float:
    """Processor seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
