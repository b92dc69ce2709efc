"""How long a planned job takes, and how much disk: measured here, or counted."""

from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from workflow.lib.costs import BASE
from workflow.lib.dag import Job
from workflow.lib.data import REGISTRY

# Megabytes of a job's outputs other than the arrays that its memory is counted for.
SMALL_MB = 0.5
# Outputs that are as large as the matrices in their job's memory, as a share of it.
SHARE_OF_MEMORY = {"gram": 0.9, "spectrum": 0.25, "prepare": 0.3}


def benchmarked(job: Job) -> float | None:
    """Seconds that this very job took here before, or None."""
    if job.benchmark is None or not Path(job.benchmark).is_file():
        return None
    try:
        return float(pd.read_csv(job.benchmark, sep="\t")["s"].iloc[-1])
    except (KeyError, IndexError, ValueError):
        return None


def seconds(job: Job) -> float:
    """Seconds of a job: as measured, else as its rule counts them."""
    measured = benchmarked(job)
    return job.seconds if measured is None else measured


def disk_mb(job: Job) -> float:
    """Megabytes that a job leaves on disk."""
    if job.rule in _downloads():
        return _downloads()[job.rule]
    return max(SMALL_MB, SHARE_OF_MEMORY.get(job.rule, 0) * (job.mem_mb - BASE))


@cache
def _downloads() -> dict[str, float]:
    """Megabytes of each source's archives and of the members that are unpacked from them."""
    sources = yaml.safe_load(Path(REGISTRY).read_text())["sources"]
    return {
        name: sum(
            archive["size"] + sum(member["size"] for member in archive["members"])
            for archive in source["archives"]
        )
        / 1e6
        for name, source in sources.items()
    }


def wall_seconds(table: pd.DataFrame, cores: int) -> float:
    """A run's time: no less than the cores' work, than the GPU's, than the longest job.

    table: a row per job, with seconds, threads and gpu. Jobs on the GPU wait for one another.
    """
    core = (table.seconds * table.threads).sum() / cores
    gpu = (table.seconds * table.gpu).sum()
    return max(core, gpu, table.seconds.max())
