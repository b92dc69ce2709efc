"""The jobs that a run would take, from Snakemake's own plan; what a run is told as it starts; and
results taken over by its notes.

The only file that uses what is private of Snakemake's Python interface: Snakemake is pinned, and
tests plan every configuration and take over a finished run.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.jobs import GroupJob
from snakemake.jobs import Job as SnakemakeJob
from snakemake.logging import logger
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
    StorageSettings,
)

from overparam.errors import Refusal
from pipeline import plain_yaml
from pipeline.files import short_digest
from pipeline.running import owner
from pipeline.running.endings import last_words, wants_memory

PROFILE = Path("profiles/default/profile.yaml")
# More MB than there are.
UNLIMITED = 10**12


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
    due: bool = True
    """Whether it would run now: its results are not there, or out of date."""
    program: str = ""
    """`slice.name` of scripts/<slice>/<name>.py; a rule may run none that is told so."""


class Made(NamedTuple):
    """A job whose outputs are there, as it would be planned now."""

    command: str
    """The shell command that would make them."""
    outputs: list[str]
    sidecar: str
    counted: set[str]
    """The inputs that Snakemake holds against the outputs, themselves or by their digest."""
    code: str
    """The fingerprint of its program."""


class Found(NamedTuple):
    """What a result's sidecar says of it."""

    code: str | None
    """The fingerprint of the program that made it; None if there is no telling."""
    faults: list[str]
    """What else speaks against it."""


def planned(configfile: str, cores: int, targets: Sequence[str] = ()) -> list[Job]:
    """The jobs of `snakemake --configfile … [targets]`, due now or not, in no particular order."""
    with graph(configfile, cores, targets) as dag:
        return [_job(job, dag.needrun(job)) for job in dag.jobs if job.rule.name != "all"]


def take_over(configfile: str, cores: int, judge: Callable[[Made], Found]) -> None:
    """Note for each job whose outputs are there that Snakemake made them: with the parameters of
    now, or else with others that make it run the job, and say why.

    Raises Refusal if another Snakemake is at work on them.
    """
    with graph(configfile, cores) as dag:
        notes = dag.workflow.persistence
        if notes.locked:
            raise Refusal(
                "a run is going on here, or was broken off: wait for it, or type make with its "
                "RUN, which clears up after one that is gone"
            )
        for job in dag.jobs:
            if any(Path(path).exists() for path in job.output):
                found = judge(_made(job))
                dag.workflow.async_run(notes.finished(job))
                _amend(notes, job, found)


def begin(workflow: Any, early: Mapping[str, int]) -> None:
    """Sign a run that starts; settle what it makes first and tries again; say what jobs may take.

    early: how early files are wanted, the higher the sooner.
    """
    owner.sign()
    dag = workflow.dag
    make_first(dag, early)
    _try_again_for_memory_alone(workflow)
    jobs = {
        dag.jobid(job): (job.rule.name, job.resources.get("seconds", 0), job.threads)
        for job in dag.needrun_jobs()
    }
    # For src/snakemake_logger_plugin_overparam; others see an empty line.
    cores = workflow.cores if workflow.local_exec else None
    logger.info("", extra={"expected": jobs, "cores": cores})


def after(workflow: Any, path: str, tell: Callable[[], None]) -> None:
    """Have Snakemake tell something when all jobs have ended, if it was asked for a file, directly
    or by another, and no job failed.

    Not by `onsuccess`: that is not called where nothing is to be done, and an error in it would be
    one of the run.
    """
    if not (workflow.is_main_process and workflow.modifier.is_main_snakefile()):
        return
    execute = workflow.execute

    def executed(*words: Any, **settings: Any) -> None:
        execute(*words, **settings)
        asked = any(path in job.output for job in workflow.dag.jobs)
        if asked and not workflow.dryrun and not workflow.touch:
            tell()

    workflow.execute = executed


def make_first(dag: Any, early: Mapping[str, int]) -> None:
    """Raise the priority of the jobs that make some files, and of all that these are made of.

    A rule's own `priority` is of its jobs alone, and Snakemake's --prioritize knows one rank.
    """
    for path, priority in early.items():
        for job in dag.bfs(dag.dependencies, *(job for job in dag.jobs if path in job.output)):
            dag._priority[job] = max(dag._priority.get(job, 0), priority)


def _try_again_for_memory_alone(workflow: Any) -> None:
    """Of --retries, use those that may help: who refuses a file will do so again.

    Jobs that travel together fail together: one that refuses would fail them all once more. Who
    ends Snakemake ends its jobs as well.
    """
    begun = psutil.Process().create_time()

    def tries(job: Any) -> int:
        if workflow.scheduler and workflow.scheduler._user_kill:
            return 0
        ended = [last_words(log, begun) for log in job.log]
        again = job.params.get("program") and all(map(wants_memory, ended))
        return job.rule.restart_times if again else 0

    SnakemakeJob.restart_times = property(tries)
    GroupJob.restart_times = property(lambda group: min(map(tries, group.jobs)))


@contextmanager
def graph(configfile: str, cores: int, targets: Sequence[str] = ()) -> Iterator[Any]:
    """Snakemake's graph of a run, by a dry run; Refusal for what Snakemake refuses."""
    logging.disable(logging.WARNING)  # the dry run would list every job
    # What a person's `snakemake` takes from the profile.
    largest = plain_yaml.read(PROFILE)["max-checksum-file-size"]
    try:
        quiet = OutputSettings(quiet={Quietness.ALL}, dryrun=True)
        with SnakemakeApi(quiet) as api:
            workflow = api.workflow(
                # Without a limit of memory, to which Snakemake would lower what jobs ask for.
                resource_settings=ResourceSettings(cores=cores, resources={"mem_mb": UNLIMITED}),
                config_settings=ConfigSettings(configfiles=[Path(configfile)]),
                storage_settings=StorageSettings(),
                snakefile=Path("Snakefile"),
            )
            settings = DAGSettings(targets=set(targets), max_checksum_file_size=largest)
            workflow.dag(dag_settings=settings).execute_workflow(executor="dryrun")
            yield workflow._workflow.dag
    except WorkflowError as problem:
        raise Refusal(str(problem).strip()) from None
    finally:
        logging.disable(logging.NOTSET)


def _job(job: Any, due: bool) -> Job:
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
        due=due,
        program=job.params.get("program", ""),
    )


def _made(job: Any) -> Made:
    said = repr(job.non_derived_params)
    return Made(
        command=job.shellcmd,
        outputs=[str(path) for path in job.output],
        sidecar=str(job.output.sidecar),
        # ancient() takes a file's time out of account; rules that do mind it track its digest.
        counted={
            str(path) for path in job.input if not path.is_ancient or short_digest(path) in said
        },
        code=job.params.code,
    )


def _amend(notes: Any, job: Any, found: Found) -> None:
    """Put what was found in place of the parameters of now, for which Snakemake then runs a job."""
    if found == (job.params.code, []):
        return
    now = repr(job.params.code)
    before = {
        repr(found.code) if parameter == now else parameter for parameter in notes._params(job)
    }
    notes._clear_cache()
    for path in job.output:
        record = notes.metadata(path)
        record.params = sorted(before | {repr(fault) for fault in found.faults})
        notes._write_record(notes._get_key(path), record)
