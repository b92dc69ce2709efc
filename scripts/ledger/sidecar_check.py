"""Whether a result is what would be planned now: its sidecar beside the rule's command."""

import importlib
import json
import shlex
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from overparam.errors import Refusal
from pipeline import cli, provenance
from pipeline.files import digest
from pipeline.running.dag import Found, Made


class Sidecar(BaseModel):
    """What is read of a sidecar again."""

    program: str
    code: str
    settings: dict[str, Any]
    inputs: dict[str, dict[str, str]]
    """By option: the SHA-256 of each file."""
    outputs: dict[str, dict[str, str]]


def examine(job: Made) -> Found:
    """Hold a result's sidecar against what would be planned now."""
    try:
        sidecar = Sidecar.model_validate_json(Path(job.sidecar).read_bytes())
    except (OSError, ValueError):
        return Found(None, ["no sidecar that says how it was made"])
    try:
        program, now = _planned(job.command)
    except Refusal as problem:
        return Found(sidecar.code, [str(problem)])
    made = {"program": sidecar.program} | sidecar.settings
    files = {key: [*paths] for key, paths in (sidecar.inputs | sidecar.outputs).items()}
    faults = [
        *_differences(made, {"program": program} | now.settings),
        *_differences(files, now.inputs | now.outputs),
        *_other_bytes(sidecar.inputs, job.counted, "not the bytes that it was made from"),
        *_other_bytes(sidecar.outputs, {*job.outputs}, "not the bytes that were written"),
    ]
    return Found(sidecar.code, faults)


def _planned(command: str) -> tuple[str, cli.Options]:
    """Program and options of a rule's shell command: … python -m PROGRAM OPTIONS &>LOG."""
    # A line that goes on behind a backslash leaves its end as a word.
    words = [word for word in shlex.split(command) if word != "\n"]
    at = words.index("-m") + 1
    program = importlib.import_module(words[at]).main.command
    return program.name, cli.read_command(program, words[at + 1 : -1])


def _differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    planned = json.loads(json.dumps(expected))  # tuples are lists in a sidecar
    return [
        f"{key}: made with {found.get(key)!r}, now {planned.get(key)!r}"
        for key in sorted({*found, *planned})
        if found.get(key) != planned.get(key)
    ]


def _other_bytes(recorded: dict[str, dict[str, str]], paths: set[str], why: str) -> list[str]:
    """Those of some files whose bytes are not those that a sidecar has a digest of."""
    known = provenance.by_path(recorded)
    return [f"{path}: {why}" for path in sorted(paths & {*known}) if _digest(path) != known[path]]


@cache
def _digest(path: str) -> str | None:
    """SHA-256 of a file, which many results may be made from; None if it is not there."""
    return digest(path) if Path(path).is_file() else None
