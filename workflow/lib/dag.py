"""The jobs that a run would take, from Snakemake's own plan.

The only file that uses Snakemake's Python interface, part of which is private: Snakemake is pinned,
and a test plans every configuration.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
    StorageSettings,
)

from overparam.errors import Refusal


class Job(NamedTuple):
    """One job of the plan."""

    rule: str
    wildcards: dict[str, str]
    outputs: list[str]
    benchmark: str | None
    threads: int
    seconds: float
    mem_mb: float
    gpu: int
    checkpoint_mb: float = 0


def planned(configfile: str, cores: int, targets: Sequence[str] = ()) -> list[Job]:
    """The jobs that `snakemake --configfile … [targets]` would run now, in no particular order."""
    logging.disable(logging.INFO)  # the dry run would list every job
    try:
        quiet = OutputSettings(quiet={Quietness.ALL}, dryrun=True)
        with SnakemakeApi(quiet) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=cores),
                config_settings=ConfigSettings(configfiles=[Path(configfile)]),
                storage_settings=StorageSettings(),
                snakefile=Path("Snakefile"),
            )
            plan = workflow.dag(dag_settings=DAGSettings(targets=set(targets)))
            plan.execute_workflow(executor="dryrun")
            dag = workflow._workflow.dag
            return [_job(job) for job in dag.jobs if dag.needrun(job) and job.rule.name != "all"]
    except WorkflowError as problem:
        raise Refusal(str(problem).strip()) from None
    finally:
        logging.disable(logging.NOTSET)


def _job(job: object) -> Job:
    return Job(
        rule=job.rule.name,
        wildcards=dict(job.wildcards),
        outputs=[str(path) for path in job.output],
        benchmark=str(job.benchmark) if job.benchmark else None,
        threads=job.threads,
        seconds=job.resources.get("seconds", 0),
        mem_mb=job.resources.get("mem_mb", 0),
        gpu=job.resources.get("gpu", 0),
        checkpoint_mb=job.resources.get("checkpoint_mb", 0),
    )
