"""How long a planned job takes, and how much disk: measured here, or counted."""

from pathlib import Path

import pandas as pd

from workflow.lib.dag import Job

# Megabytes of a job's outputs other than the arrays that its memory is counted for.
SMALL_MB = 0.5
# Outputs that are as large as the matrices in their job's memory, as a share of it.
SHARE_OF_MEMORY = {"gram": 0.9, "spectrum": 0.25, "prepare": 0.3}
# Downloads and what is unpacked from them.
SOURCES_MB = {"mnist": 66, "cifar10": 357}


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
    if job.rule in SOURCES_MB:
        return SOURCES_MB[job.rule]
    return max(SMALL_MB, SHARE_OF_MEMORY.get(job.rule, 0) * (job.mem_mb - 250))
