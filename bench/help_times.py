"""How soon each program's `--help` answers."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median


def report() -> str:
    """Median of five, for each program (promised: at most .3 s)."""
    lines = [
        "## `--help`",
        "",
        "Median of five calls (promised: at most .3 s).",
        "",
        "| program | seconds |",
        "|---|---|",
    ]
    for path in programs():
        name = ".".join(path.with_suffix("").parts)
        lines.append(f"| `{name}` | {median(_seconds(name) for _ in range(5)):.2f} |")
    return "\n".join(lines)


def programs() -> list[Path]:
    """Every file in scripts/ that is a program."""
    return [
        path for path in sorted(Path("scripts").rglob("*.py")) if "__main__" in path.read_text()
    ]


def _seconds(name: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", name, "--help"], capture_output=True, check=True)
    return time.perf_counter() - start
