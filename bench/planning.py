"""How long Snakemake thinks before it starts, and what our fingerprints add."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

RUNS = ("test", "workstation", "paper")


def report() -> str:
    """Seconds of a dry run for each configuration, and of all fingerprints from cold."""
    lines = [
        "## Planning",
        "",
        "Median of three dry runs of each configuration; fingerprints of every program, from cold.",
        "",
        "| what | seconds |",
        "|---|---|",
    ]
    for run in RUNS:
        command = ["snakemake", "-n", "-q", "all", "--configfile", f"config/{run}.yaml"]
        lines.append(f"| `snakemake -n`, {run} | {_median([sys.executable, '-m', *command]):.2f} |")
    lines.append(f"| fingerprints | {_fingerprints():.2f} |")
    return "\n".join(lines)


def _median(command: list[str]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return median(times)


def _fingerprints() -> float:
    from overparam.house.fingerprint import fingerprint

    start = time.perf_counter()
    for path in Path("scripts").rglob("*.py"):
        fingerprint(path.as_posix())
    return time.perf_counter() - start
