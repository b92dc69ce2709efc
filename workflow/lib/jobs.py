"""What is the same in every rule: shell line, and what Snakemake tracks of a job."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from snakemake.exceptions import WorkflowError

from pipeline.files import FOLDERS, short_digest
from pipeline.flags import flags
from pipeline.wildcards import Wildcards
from workflow.lib.data import REGISTRY

# Of a job whose rule names its settings, its files by the names of the program's options. A message
# that the log has no room for goes to where Snakemake's own go.
COMMAND = r"""
3>&2 OVERPARAM_ASIDE=3 PYTHONPATH=src python -m scripts.{params.program} \
    {params.args} {params.untracked} \
    --threads {threads} --limit {params.rule}:mem_mb={resources.mem_mb} \
    --code {params.code} &>{log:q}
"""


Settings = Mapping[str, Any] | Callable[[Wildcards], Mapping[str, Any]]


class Params:
    """The `params` of rules: what a program is told, tracked by value."""

    def __init__(self, fingerprint: Callable[[str], str]) -> None:
        self._fingerprint = fingerprint

    def __call__(
        self,
        program: str,
        *settings: Settings,
        rule: str = "",
        untracked: Mapping[str, Any] | None = None,
        pinned: bool = False,
    ) -> dict[str, Any]:
        """The parameters of a rule that runs `scripts/<program>.py` (`slice.name`).

        settings: values, or functions of the wildcards that give them. untracked: options that
        cannot change a result, such as where hashed files are looked for. pinned: whether all that
        is read counts by its bytes, wherever it lies.
        """
        aside = flags(untracked or {})
        return {
            "rule": rule or program.rpartition(".")[2],
            "program": program,
            "code": self._fingerprint(f"scripts/{program.replace('.', '/')}.py"),
            "args": _args(settings, pinned),
            # Snakemake leaves out parameters that are functions of the input.
            "untracked": lambda wildcards, input: aside,
        }


def refuse(wildcards: Wildcards) -> str:
    """The options of the rule `job` itself, in whose place the others have their own."""
    raise WorkflowError(
        "job: found as a target, expected a file, all, all_<experiment> or claim_<id>: job is what "
        "the other rules have in common"
    )


def _args(parts: tuple[Settings, ...], pinned: bool) -> Callable[..., str]:
    """A job's options: its settings, then its files by the names that the rule gives them.

    Snakemake holds a parameter against a result unless its function names the job's input or
    output: this one takes all that is `given`, so that two inputs that change places are seen.
    """

    def args(wildcards: Wildcards, **given: Any) -> str:
        settings: dict[str, Any] = {}
        for each in parts:
            settings |= each(wildcards) if callable(each) else each
        inputs = {name: _paths(files) for name, files in given["input"].items()}
        outputs = {name: _paths(files) for name, files in given["output"].items()}
        read = [path for files in inputs.values() for path in _listed(files)]
        planned = [f"{path}={digest(path)}" for path in read if pinned or _ours(path)]
        options = (flags(each) for each in (settings, inputs, outputs, {"planned": planned}))
        return " ".join(filter(None, options))

    return args


def _paths(files: Any) -> str | list[str]:
    return str(files) if isinstance(files, str) else [str(path) for path in files]


def _listed(files: str | list[str]) -> list[str]:
    return [files] if isinstance(files, str) else files


def _ours(path: str) -> bool:
    """Whether a file that is read is none that a job wrote: then its bytes are part of the plan.

    Of the registry only sizes and hashes count: the rules that download track those.
    """
    return path.partition("/")[0] not in FOLDERS and path != REGISTRY


@cache
def digest(path: str) -> str:
    """Of a file's bytes, as they were when this process planned."""
    return short_digest(path)
