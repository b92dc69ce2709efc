"""What differs where jobs are sent to a cluster: which of them travel together, and what a node has
to find as it was planned.

A node reads the whole workflow again, when its job starts. What the main process planned with
reaches it in an environment variable, so that edits made meanwhile are refused, never used.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel
from snakemake.exceptions import WorkflowError

from overparam.errors import Refusal
from pipeline import fingerprint
from pipeline.costs import Model, expected
from pipeline.running import slurm
from pipeline.wildcards import Wildcards

ROOT = Path(__file__).resolve().parents[3]
PLANNED = "OVERPARAM_PLANNED"
# sbatch and srun that wait for an absent controller.
PATIENT = ROOT / "tools" / "patient"
# Seconds: jobs that are expected to take less are sent together.
SHORT = 120


def _workflow() -> list[Path]:
    """The files that say which jobs there are, and their commands: rule files, and what they
    import of the workflow and of the slices' declarations."""
    files = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    imported = {Path(file).resolve() for file in files if file}
    ours = {path for path in imported if path.is_relative_to(ROOT / "scripts")}
    ours |= {path for path in imported if path.is_relative_to(ROOT / "workflow")}
    ours |= {ROOT / "src/pipeline" / name for name in ("costs.py", "experiment.py", "flags.py")}
    rules = [*(ROOT / "workflow").rglob("*.smk"), *(ROOT / "scripts").glob("*/rules.smk")]
    # Editors keep notes of their own beside a file, with a dot before its name.
    return [ROOT / "Snakefile", *sorted({path for path in rules if path.name[0] != "."} | ours)]


class Cluster:
    """The jobs' way to a cluster and, on its nodes, what they were planned with.

    submits: whether this process sends jobs away (`--jobs` is given only then).
    main: whether it is the one that plans, not one that a node runs a job with.
    """

    def __init__(self, submits: bool, main: bool, run: str, settings: BaseModel) -> None:
        self.submits = submits
        self._exports = submits and main
        path = os.environ["PATH"]
        here = self._exports or "SLURM_JOB_ID" in os.environ
        if here and str(PATIENT) not in path.split(os.pathsep):
            os.environ["PATH"] = f"{PATIENT}{os.pathsep}{path}"
        self._sources = fingerprint.Sources()
        self._planned = {} if main else json.loads(os.environ.get(PLANNED, "{}"))
        self._check(f"configuration of run {run}", settings.model_dump_json().encode())
        read = b"\0".join(map(Path.read_bytes, _workflow()))
        self._check("Snakefile, workflow/ and slices", read)

    def together(self, stage: str, seconds: Model = 0) -> Callable[[Wildcards], str | None] | None:
        """The group of a rule's jobs: those that are short travel with others of their stage.

        Stages follow each other, so that no group waits for itself: data, then training and
        measuring, then tables. How many jobs travel together stands in profiles/slurm. A rule
        without a stage has none: Snakemake would send away what has, though it be a local rule.
        """
        if not stage:
            return None

        def group(wildcards: Wildcards) -> str | None:
            return stage if self.submits and expected(seconds, wildcards) < SHORT else None

        return group

    def fingerprint(self, program: str) -> str:
        """The fingerprint of a program's code; on a node, the one that its job was planned with."""
        if program in self._planned:
            return self._planned[program]
        return self._pin(program, self._sources.fingerprint(program))

    def cancel_left(self) -> None:
        """Cancel what a run that ends leaves in the queue: it has waited for all it knows of.

        Ctrl-C also ends the sbatch that is at work just then, before it could say what it sent; and
        the plugin cancels nothing of what it is asking SLURM about at that moment.
        """
        if self._exports and slurm.installed():
            with suppress(Refusal):
                slurm.cancel(slurm.queued())

    def _check(self, what: str, content: bytes) -> None:
        """Refuse, on a node, what is not as it was when the node's job was planned."""
        found = hashlib.sha256(content).hexdigest()[:12]
        if self._pin(what, found) != found:
            raise WorkflowError(f"{what}: changed since this run was planned: start the run again")

    def _pin(self, name: str, found: str) -> str:
        pinned = self._planned.setdefault(name, found)
        if self._exports:
            os.environ[PLANNED] = json.dumps(self._planned)
        return pinned
