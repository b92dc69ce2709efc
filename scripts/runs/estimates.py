"""How long a planned job takes, and how much disk: measured here, recorded, or counted."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.archives import load_registry
from pipeline.costs import BASE
from pipeline.running.dag import Job
from workflow.lib.data import REGISTRY

# Where finished runs are recorded, and in which file their times.
RECORDS, TIMES = Path("reference/runs"), "timings.csv"
# Megabytes of a job's outputs other than the arrays that its memory is counted for.
SMALL_MB = 0.5
# How many times longer than recorded ones a job is no longer like them.
FAR = 5
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


def has_record(run: str) -> bool:
    """Whether a run's times are recorded."""
    return (RECORDS / run / TIMES).is_file()


def recorded(jobs: Sequence[Job], run: str, whole: Sequence[Job]) -> list[float | None]:
    """Seconds of each job by a run's record, None where it has no such program.

    whole: the recorded run's jobs. The record holds the mean of each program's; a job that its rule
    counts as longer than theirs on average takes as much longer. None as well where that is FAR
    longer: times of short jobs are those of starting a program, and tell nothing of its work.
    """
    if not has_record(run):
        return [None] * len(jobs)
    table = pd.read_csv(RECORDS / run / TIMES)
    names = table.program.str.replace("/", ".")
    means = dict(zip(names, table.seconds / table.jobs, strict=True))
    counts, modelled = Counter(job.program for job in whole), Counter()
    for job in whole:
        modelled[job.program] += job.seconds

    def recorded_seconds(job: Job) -> float | None:
        name = job.program
        if name not in means:
            return None
        known = job.seconds and modelled[name]
        longer = job.seconds * counts[name] / modelled[name] if known else 1
        return means[name] * longer if longer < FAR else None

    return [recorded_seconds(job) for job in jobs]


def times(
    jobs: Sequence[Job], run: str, whole: Sequence[Job] | None = None
) -> list[tuple[float, str]]:
    """Seconds of each job, and where they come from: measured here, else as recorded for a run,
    whose jobs are `whole` (these unless told), else counted by its rule."""

    def best(job: Job, known: float | None) -> tuple[float, str]:
        named = ((benchmarked(job), "measured"), (known, "recorded"), (job.seconds, "counted"))
        return next(pair for pair in named if pair[0] is not None)

    known = recorded(jobs, run, jobs if whole is None else whole)
    return [best(*pair) for pair in zip(jobs, known, strict=True)]


def disk_mb(job: Job) -> float:
    """Megabytes that a job leaves on disk."""
    if job.rule in _downloads():
        return _downloads()[job.rule]
    return max(SMALL_MB, SHARE_OF_MEMORY.get(job.rule, 0) * (job.mem_mb - BASE))


@cache
def _downloads() -> dict[str, float]:
    """Megabytes of each source's archives and of the members that are unpacked from them."""
    return {
        name: sum(
            archive.size + sum(member.size for member in archive.members)
            for archive in source.archives
        )
        / 1e6
        for name, source in load_registry(REGISTRY).sources.items()
    }


def wall_seconds(table: pd.DataFrame, cores: int) -> float:
    """A run's time: no less than the cores' work, than the GPU's, than the longest job.

    table: a row per job, with seconds, threads and gpu. Jobs on the GPU wait for one another.
    """
    core = (table.seconds * table.threads).sum() / cores
    gpu = (table.seconds * table.gpu).sum()
    return max(core, gpu, table.seconds.max())
