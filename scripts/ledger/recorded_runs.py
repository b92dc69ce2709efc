"""Recorded runs: what is copied from a finished one."""

import json
import shutil
from pathlib import Path

from pipeline import files, provenance
from pipeline.fingerprint import fingerprint
from scripts.ledger import provenance_of_run, rows, timings

FOLDER = Path("reference/runs")


def record(run: str) -> None:
    """Copy a run's small results, and write its times and provenance."""
    results = Path("results", run)
    rows.recorded(results)  # refuses a run that is not finished
    jobs = timings.jobs(run)
    told = ("claims.csv", "claims.json", "report.json", "summary.csv")
    pictures = sorted(Path("figures", run).rglob("*.png"))
    copied = [
        *(results / name for name in told),
        *pictures,
        *(picture.with_suffix(".md") for picture in pictures),
    ]
    provenance.check_files(*copied)
    folder = FOLDER / f".{run}"  # replaces an older record once it is whole
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in copied:
        shutil.copy(path, folder)
    files.save_table(folder / "timings.csv", timings.by_program(jobs).round(1))
    facts = provenance_of_run.of(jobs) | {
        "minutes": round(timings.busy(jobs) / 60, 1),
        "minutes_of_all_jobs": round(jobs.seconds.sum() / 60, 1),
        "jobs": len(jobs),
        "gflops_per_core": round(_rate()),
        # By program, so that a test can say which recorded runs are older than the code.
        "code": dict(sorted(zip(jobs.program, jobs.code, strict=True))),
    }
    files.save_json(folder / "provenance.json", facts)
    shutil.rmtree(FOLDER / run, ignore_errors=True)
    folder.rename(FOLDER / run)


def outdated(run: str) -> list[str]:
    """Programs whose code has changed since a run was recorded."""
    recorded = json.loads((FOLDER / run / "provenance.json").read_text())["code"]
    paths = {program: f"scripts/{program}.py" for program in recorded}
    return [
        program
        for program, path in paths.items()
        if not Path(path).is_file() or fingerprint(path) != recorded[program]
    ]


def _rate() -> float:
    """The computer's float32 matrix-product rate with one thread, in GFLOP/s."""
    from bench.rates import torch_rate

    return torch_rate()
