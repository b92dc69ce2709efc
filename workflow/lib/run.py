"""The run: its settings, its folders, and what it aims for."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import psutil
from snakemake.exceptions import WorkflowError

from overparam.errors import Refusal
from pipeline import plain_yaml
from pipeline.files import FOLDERS
from pipeline.settings import validate
from workflow.settings.run import Common, Settings, complete
from workflow.slices import SLICES

# The memory in MB that SLURM gave a job on a node, for what that starts there.
GIVEN = "OVERPARAM_MEM_MB"
# The variable that says what `make` was told as DATA_DIR.
DATA_DIR = "OVERPARAM_DATA_DIR"
# Where Linux says in which control group a process is, and where it keeps their limits.
GROUP, GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def read(
    config: Mapping[str, Any], cores: int | None = None, files: Iterable[str | Path] = ()
) -> Common:
    """The validated settings of a run; WorkflowError, with one line per mistake, otherwise.

    cores: those that its jobs may have; None where other computers run them. files: those that
    Snakemake read `config` from, in which it passes over what `plain_yaml` refuses.

    The environment's data folder, if it names one, goes before that of the configuration.
    """
    _shield()
    folder = os.environ.get(DATA_DIR)
    try:
        for file in files:
            plain_yaml.read(file)
        settings = validate(
            Settings, complete({**config, **({"data_dir": folder} if folder else {})})
        )
    except Refusal as problem:
        raise WorkflowError(str(problem)) from None
    _check_folders()
    _check_cores(settings, cores)
    _check_files(settings)
    return settings


def cores(workflow: Any) -> int | None:
    """The cores that a run was given; None where it is one job of a run that plans elsewhere."""
    return workflow.cores if workflow.is_main_process else None


def _shield() -> None:
    """Keep from jobs what a shell has set for other programs; `make` does it for all of its own."""
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        if name not in ("PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"):
            del os.environ[name]
    if sys.getfilesystemencoding() != "utf-8":
        raise WorkflowError(
            f"locale: found the encoding {sys.getfilesystemencoding()}, expected UTF-8, in which "
            "jobs are told Greek letters: type make, or set PYTHONUTF8=1"
        )


def _check_folders() -> None:
    """Refuse a folder that cannot be written to."""
    for folder in (".", *FOLDERS):
        if Path(folder).exists() and not os.access(folder, os.W_OK):
            raise WorkflowError(
                f"{Path(folder).resolve()}: the folder is read-only, expected one that can be "
                "written to: copy the project to where you may write"
            )


def _check_cores(settings: Common, cores: int | None) -> None:
    """Refuse fewer cores than a job has threads: Snakemake would lower the threads, and a result's
    last bits depend on their number."""
    wanted = {key: count for name in SLICES for key, count in getattr(settings, name).threads()}
    wanted |= {f"data.{name}.threads": settings.data[name].threads for name in used(settings)}
    for key, threads in wanted.items():
        if cores is not None and cores < threads:
            raise WorkflowError(
                f"{key}: found {threads}, expected at most the {cores} cores given with --cores: "
                "give more cores, or lower that setting"
            )


def _check_files(settings: Common) -> None:
    """Refuse a person's own file that is not there, though what was read from it may be: Snakemake
    would take that as it is."""
    for name in used(settings):
        path = settings.data[name].file
        if path is not None and not Path(path).is_file():
            from pipeline.own_header import others_there  # brings numpy, which plans do without

            raise WorkflowError(
                f"data.{name}.file: found {path!r}, which is not there or no file, expected a .npz "
                "or .csv: correct its path (it starts at the project's folder; ~ is not replaced)"
                + others_there(Path(path))
            )


def megabytes(text: str) -> int:
    """What a person gives as memory: MB, or GB with a G."""
    found = re.fullmatch(r"([1-9][0-9]*)([MG]?)B?", text.strip().upper())
    if found is None:
        raise Refusal(
            f"MEM: found {text!r}, expected whole MB, or GB with a G: MEM=16000, say, or MEM=16G"
        )
    return int(found[1]) * (1000 if found[2] == "G" else 1)


def memory_mb() -> int:
    """The memory that jobs may share: what SLURM gave this process, else this computer's, or what
    control groups (a container's, a session's) leave of it."""
    return _given_mb() or min([psutil.virtual_memory().total, *_group_limits()]) // 10**6


def _given_mb() -> int:
    """What SLURM gave the job that this process is in; 0 if it is in none, or may have all."""
    names = ("SLURM_MEM_PER_NODE", GIVEN, "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE")
    texts = [os.environ.get(name, "") for name in names]
    node, passed_on, core, cores = (int(text) if text.isdecimal() else 0 for text in texts)
    return node or passed_on or core * cores


def _group_limits() -> Iterator[int]:
    """Bytes that this process's control group may have, and each group that it lies in."""
    lines = GROUP.read_text().splitlines() if GROUP.is_file() else []
    for controllers, group in (line.split(":", 2)[1:] for line in lines):
        # The second version of such groups, or the first, which has some for memory alone.
        places = {"": GROUPS / "memory.max", "memory": GROUPS / "memory/memory.limit_in_bytes"}
        if controllers in places:
            top = places[controllers]
            for below in (Path(group), *Path(group).parents):
                path = top.parent / below.relative_to("/") / top.name
                text = path.read_text().strip() if path.is_file() else ""
                if text.isdecimal():  # not `max`
                    yield int(text)


def limit(
    resources: MutableMapping[str, int], scopes: MutableMapping[str, str], submits: bool
) -> None:
    """What all running jobs share, unless --resources says: this computer's memory, and one GPU.

    On a node of a cluster, the memory that its jobs were given. Of jobs that are sent to a cluster
    those of one submission share a GPU, one after another; for the rest it counts itself.
    """
    gpus = os.environ.get("SLURM_GPUS_ON_NODE", "")
    resources.setdefault("gpu", int(gpus) if gpus.isdecimal() else 1)
    scopes.setdefault("gpu", "local")
    if submits:
        # SLURM's own variables are set for what it starts, but not for what that starts with srun.
        given = _given_mb()
        os.environ.update({GIVEN: str(given)} if given else {})
        return
    resources.setdefault("mem_mb", memory_mb())


def used(settings: Common) -> list[str]:
    """Names of the problems that some slice uses."""
    slices = [getattr(settings, name) for name in SLICES]
    return sorted(
        {name for slice in slices for names in slice.problems().values() for name in names}
    )
