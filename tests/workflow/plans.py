"""What Snakemake plans of a configuration, as plain data: its own graph is asked, no second one."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.running import dag
from tests.workflow.repository import ROOT
from workflow.settings.run import RESERVED

# The project's own configurations, by run.
CONFIGS = {"digits": "config/config.yaml"} | {
    path.stem: f"config/{path.name}"
    for path in sorted((ROOT / "config").glob("*.yaml"))
    if path.stem not in RESERVED
}
# More than any job asks for: Snakemake would lower its threads.
CORES = 64
# Files below these are made, or brought, by jobs.
MADE = ("data/", "results/", "figures/")


class Planned(NamedTuple):
    """A job of a plan."""

    rule: str
    wildcards: dict[str, str]
    program: str
    """`slice.name`; nothing for a job that runs none."""
    code: str
    inputs: dict[str, list[str]]
    """Files by name; those without one under an empty name."""
    outputs: dict[str, list[str]]
    log: list[str]
    benchmark: list[str]
    options: list[tuple[str, str]]
    """What it is told, without the dashes, in its order; a flag has no value."""
    tracked: list[str]
    """What Snakemake holds against its results."""
    command: str
    threads: int
    resources: dict[str, Any]
    conda: str

    def reads(self) -> list[str]:
        """All that it reads."""
        return [path for paths in self.inputs.values() for path in paths]

    def writes(self) -> list[str]:
        """All its outputs."""
        return [path for paths in self.outputs.values() for path in paths]

    def told(self, option: str) -> list[str]:
        """The values of an option."""
        return [value for name, value in self.options if name == option]


class Plan(list[Planned]):
    """The jobs of a run."""

    def __init__(self, jobs: Sequence[Planned]) -> None:
        super().__init__(jobs)
        self._makers = {path: job for job in jobs for path in job.writes()}

    def of(self, rule: str) -> list[Planned]:
        """The jobs of a rule."""
        return [job for job in self if job.rule == rule]

    def running(self) -> list[Planned]:
        """The jobs that run a program."""
        return [job for job in self if job.program]

    def behind(self, job: Planned) -> list[Planned]:
        """The jobs whose results a job's come from, directly or not; without itself."""
        found: dict[int, Planned] = {}
        todo = job.reads()
        while todo:
            maker = self._makers.get(todo.pop())
            if maker is not None and id(maker) not in found:
                found[id(maker)] = maker
                todo += maker.reads()
        return list(found.values())


def plan(project: Path, config: str, targets: Sequence[str] = ()) -> Plan:
    """What a run of the project in a folder takes, whether it is done or not."""
    with within(project), dag.graph(config, CORES, targets) as graph:
        return Plan([_planned(job) for job in graph.jobs])


@contextmanager
def within(project: Path) -> Iterator[None]:
    """Work in a folder as Snakemake does."""
    path = [*sys.path]
    with chdir(project):
        try:
            yield
        finally:
            sys.path[:] = path


def options(words: str) -> list[tuple[str, str]]:
    """A command line's options with their values, in its order."""
    found: list[tuple[str, str]] = []
    for word in shlex.split(words):
        if word.startswith("--"):
            found.append((word[2:], ""))
        else:
            found[-1] = (found[-1][0], word)
    return found


def _planned(job: Any) -> Planned:
    params = job.params
    return Planned(
        rule=job.rule.name,
        wildcards=dict(job.wildcards),
        program=params.get("program", ""),
        code=params.get("code", ""),
        inputs=_named(job.input),
        outputs=_named(job.output),
        log=[str(path) for path in job.log],
        benchmark=[str(job.benchmark)] if job.benchmark else [],
        options=options(str(params.get("args", ""))),
        tracked=[str(param) for param in job.non_derived_params],
        command=job.shellcmd or "",
        threads=job.threads,
        resources=dict(job.resources.items()),
        conda=str(job.rule.conda_env or ""),
    )


def _named(files: Any) -> dict[str, list[str]]:
    found = {name: [paths] if isinstance(paths, str) else [*paths] for name, paths in files.items()}
    named = {str(path) for paths in found.values() for path in paths}
    rest = [path for path in files if str(path) not in named]
    found |= {"": rest} if rest else {}
    return {name: [str(path) for path in paths] for name, paths in found.items()}
