"""How long a run's jobs took and how much memory, out of Snakemake's benchmark files."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from overparam.errors import Refusal
from pipeline import provenance


def jobs(run: str) -> pd.DataFrame:
    """A row per job of a run, those of shared data included: job (its sidecar without the ending),
    program, code (its fingerprint), the paths of inputs and outputs, seconds, MB, start, end, and
    its sidecar's commit, computer, libraries and BLAS.

    The shared sets are those whose files the run's jobs read, as their sidecars say.
    Raises Refusal if the run has no finished job.
    """
    own = [_sidecar(path) for path in sorted(Path("results", run).rglob("*.json"))]
    own = [sidecar for sidecar in own if sidecar]
    if not own:
        raise Refusal(f"results/{run}: found no finished job, expected some: make RUN={run}")
    read = {
        Path(path).parent for sidecar in own for side in sidecar["inputs"].values() for path in side
    }
    shared = [folder for folder in sorted(read) if folder.parts[:2] == ("results", "shared")]
    others = [_sidecar(path) for folder in shared for path in sorted(folder.glob("*.json"))]
    rows = [_row(sidecar) for sidecar in [*own, *(other for other in others if other)]]
    return pd.DataFrame(rows)


def by_program(table: pd.DataFrame) -> pd.DataFrame:
    """Jobs, seconds together and of the longest, and largest memory in MB, for each program."""
    return (
        table.groupby("program")
        .agg(
            jobs=("seconds", "size"),
            seconds=("seconds", "sum"),
            longest=("seconds", "max"),
            largest_mb=("mb", "max"),
        )
        .sort_values("seconds", ascending=False)
        .reset_index()
    )


def behind(table: pd.DataFrame, files: Iterable[str]) -> dict[str, float]:
    """Seconds of every job that some files were made by, directly or not, by job.

    table: the run's jobs.
    """
    made_by = {path: at for at, paths in table.outputs.items() for path in paths}
    found: dict[str, float] = {}
    todo = list(files)
    while todo:
        at = made_by.get(todo.pop())
        if at is not None and table.job[at] not in found:
            found[table.job[at]] = float(table.seconds[at])
            todo += table.inputs[at]
    return found


def busy(table: pd.DataFrame) -> float:
    """Seconds in which at least one job ran: a run made in several sittings has pauses."""
    seconds, until = 0.0, table.start.min()
    for start, end in sorted(zip(table.start, table.end, strict=True)):
        seconds += max((end - max(start, until)).total_seconds(), 0)
        until = max(until, end)
    return seconds


def _sidecar(path: Path) -> dict | None:
    """A job's sidecar, or None for a file that is none, such as its measured figures."""
    content = provenance.read(path)
    return content and content | {"path": path}


def _row(sidecar: dict) -> dict:
    benchmark = sidecar["path"].with_suffix(".tsv")
    measured = pd.read_csv(benchmark, sep="\t").iloc[-1] if benchmark.is_file() else {}
    seconds = float(measured.get("s", sidecar["seconds"]))
    start = datetime.fromisoformat(sidecar["started"])
    return {
        "job": sidecar["path"].with_suffix("").as_posix(),
        "code": sidecar["code"],
        "inputs": [path for side in sidecar["inputs"].values() for path in side],
        "outputs": [path for side in sidecar["outputs"].values() for path in side],
        "program": sidecar["program"].removeprefix("scripts/").removesuffix(".py"),
        "seconds": seconds,
        "mb": pd.to_numeric(measured.get("max_rss", float("nan")), errors="coerce"),
        "start": start,
        "end": start + timedelta(seconds=sidecar["seconds"]),
        "commit": sidecar["commit"] or "unknown",
        **{key: sidecar[key] for key in ("computer", "libraries", "blas")},
    }
