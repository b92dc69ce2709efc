"""The sidecar beside each job's outputs: what made them, from what, with which settings."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.files import digest, save_json

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = ("numpy", "scipy", "pandas", "torch", "torchvision", "matplotlib", "snakemake")


def write(
    path: str | Path,
    program: str,
    code: str,
    settings: Mapping[str, Any],
    inputs: Mapping[str, list[str]],
    outputs: Mapping[str, list[str]],
    started: datetime,
) -> None:
    """Write the sidecar of one finished job, hashing its inputs and outputs.

    Times, host and versions live here alone: tables and figures hold nothing that depends on
    when, where or how fast they were made.
    """
    save_json(
        path,
        {
            "program": program,
            "code": code,
            "settings": dict(settings),
            "inputs": {name: _hashes(paths) for name, paths in inputs.items()},
            "outputs": {name: _hashes(paths) for name, paths in outputs.items()},
            "started": started.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - started).total_seconds(), 3),
            "commit": _commit(),
            "computer": computer(),
            "libraries": _versions(),
            "blas": blas(),
        },
    )


def _hashes(paths: list[str]) -> dict[str, str]:
    return {str(path): digest(path) for path in paths}


def _commit() -> str | None:
    """The commit of the project's working tree, `-dirty` when tracked files differ from it."""
    # An archive may be unpacked inside another repository, whose commit says nothing of it.
    if _git("ls-files", "--full-name", "Snakefile") != "Snakefile":
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=12")


def _git(*words: str) -> str | None:
    command = ["git", *words]
    try:
        answer = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None  # an unpacked archive, or no git here
    return answer.stdout.strip()


def computer() -> dict[str, Any]:
    """Name, system, processor, cores and Python of this computer."""
    return {
        "host": platform.node(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def machine(device: str = "cpu") -> dict[str, Any]:
    """What a result's last bits depend on beside code and settings: of the same, the same bytes.

    device: cpu or cuda, where the numbers are computed.
    """
    computing = {name: version for name, version in _versions().items() if name != "snakemake"}
    return {
        "system": platform.machine(),
        "processor": _processor(),
        "python": platform.python_version(),
        "libraries": computing,
        "blas": blas(),
        **({"gpu": gpu()} if device == "cuda" else {}),
    }


def gpu() -> dict[str, Any]:
    """The GPU that torch computes on, and the CUDA that it does so with."""
    torch = sys.modules["torch"]
    return {"name": torch.cuda.get_device_name(), "cuda": torch.version.cuda}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _versions() -> dict[str, str]:
    """Versions of the libraries that this job has loaded."""
    return {name: metadata.version(name) for name in LIBRARIES if name in sys.modules}


def blas() -> dict[str, Any]:
    """The BLAS behind NumPy and torch, the kernel it chose, and its threads."""
    if "numpy" not in sys.modules:
        return {}
    from threadpoolctl import threadpool_info

    keys = ("user_api", "internal_api", "version", "architecture", "num_threads")
    pools = [{key: pool.get(key) for key in keys} for pool in threadpool_info()]
    pools.sort(key=str)  # they are found in the order in which the system placed them
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        pools.append({"internal_api": "torch", "num_threads": torch.get_num_threads()})
    return {"pools": pools, "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE")}
