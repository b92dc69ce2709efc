"""The run: its settings, its folders, and what it aims for."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from snakemake.exceptions import WorkflowError

from overparam.errors import Refusal
from overparam.house.settings import validate
from workflow.settings.run import Common, Settings

# What a run writes to; a folder that cannot be written to is told before any job starts.
FOLDERS = ("data", "results", "figures")


def read(config: Mapping[str, Any]) -> Common:
    """The validated settings of a run; WorkflowError, with one line per mistake, otherwise."""
    try:
        settings = validate(Settings, dict(config))
    except Refusal as problem:
        raise WorkflowError(str(problem)) from None
    for folder in (".", *FOLDERS):
        if Path(folder).exists() and not os.access(folder, os.W_OK):
            raise WorkflowError(
                f"{Path(folder).resolve()}: the folder is read-only, expected one that can be "
                "written to: copy the project to where you may write"
            )
    return settings


def memory_mb() -> int:
    """The computer's memory, in MB."""
    return psutil.virtual_memory().total // 10**6


def digest(path: str) -> str:
    """Twelve hexadecimal digits of a file's bytes: an edit is noticed whatever its time stamp."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
