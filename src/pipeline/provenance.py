"""The sidecar beside each job's outputs: what made them, from what, with which settings.

A job reads nothing whose bytes are not those that the sidecar of the job that wrote them notes.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from overparam.errors import Refusal
from pipeline.files import FOLDERS, digest, save_json

ROOT = Path(__file__).resolve().parents[2]
# Of a sidecar, what others than people read.
KEYS = {"program", "code", "settings", "inputs", "outputs", "started"}
# Variables that name a repository: in git's hooks, the one that the hook is of.
OTHERS = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}
LIBRARIES = ("numpy", "scipy", "pandas", "torch", "torchvision", "matplotlib", "snakemake")


def write(
    path: str | Path,
    program: str,
    code: str,
    settings: Mapping[str, Any],
    inputs: Mapping[str, Mapping[str, str]],
    outputs: Mapping[str, list[str]],
    started: datetime,
) -> None:
    """Write the sidecar of one finished job, hashing its outputs; its inputs were when it began.

    Times, host and versions live here alone: tables and figures hold nothing that depends on
    when, where or how fast they were made.
    """
    save_json(
        path,
        {
            "program": program,
            "code": code,
            "settings": dict(settings),
            "inputs": dict(inputs),
            "outputs": hashes(outputs),
            "started": started.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - started).total_seconds(), 3),
            "commit": _commit(),
            "computer": computer(),
            "libraries": _versions(),
            "blas": blas(),
        },
    )


def hashes(files: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
    """The digest of each file, by option and path."""
    return {name: {path: digest(path) for path in paths} for name, paths in files.items()}


def read(path: Path) -> dict[str, Any] | None:
    """A job's sidecar, or None for a file that is none, such as its measured figures.

    Refusal if it is damaged.
    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError as problem:
        raise Refusal(
            f"{path}: found {problem}, expected JSON: type make adopt with its RUN, and make: what "
            "is damaged is made anew"
        ) from None
    return content if isinstance(content, dict) and content.keys() >= KEYS else None


def by_path(hashes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The digest of each file, of those that a sidecar lists by option."""
    return {path: digest for listed in hashes.values() for path, digest in listed.items()}


def check(digests: Mapping[str, str], unwritten: Collection[str] | None) -> None:
    """Refuse files that are not as the job that wrote them left them, by that job's sidecar.

    digests: of what is read, by path. unwritten: paths of which no sidecar is expected, since no
    job wrote them; None if it is of none, as for a program that is run by hand.
    """
    paths = {path: os.path.relpath(path) for path in digests}
    made = {path: name for path, name in paths.items() if Path(name).parts[0] in FOLDERS}
    written = _written({place for name in made.values() for place in _places(Path(name))})
    faults = []
    for path, name in made.items():
        if name in written:
            sidecar, expected = written[name]
            if digests[path] != expected:
                faults.append(
                    f"{path}: changed since it was written: found SHA-256 {digests[path][:12]}…, "
                    f"expected {expected[:12]}…, as in {sidecar}"
                )
        elif unwritten is not None and path not in unwritten:
            faults.append(f"{path}: found no sidecar that names it, expected that of its job")
    if faults:
        files = "the file" if len(faults) == 1 else "these files"
        raise Refusal("\n".join(faults) + f": delete {files} and run again")


def check_files(*paths: str | Path) -> None:
    """The same for a program that reads files of a run which it is not told as options."""
    check({str(path): digest(path) for path in paths}, None)


def _places(path: Path) -> Iterator[Path]:
    """Where the sidecar of the job that wrote a file of a run may be."""
    yield from path.parent.glob("*.json")
    if path.parts[0] == "data":  # archives have folders of their own
        yield from Path("data").glob("*/*.json")
    if path.parts[0] == "figures":
        # figures/<run>/<family>/<experiment>_<problem>…: results/<run>/<family>/<experiment>/…
        home = Path("results", *path.parts[1:-1])
        yield from home.glob("*.json")
        for experiment in home.glob("*/"):
            if path.name.startswith(f"{experiment.name}_"):
                yield from experiment.glob("*/*.json")


def _written(places: Collection[Path]) -> dict[str, tuple[Path, str]]:
    """Each file that a job wrote: that job's sidecar, and the digest. Of several the last job's."""
    sidecars = []
    for place in places:
        with suppress(Refusal):  # nothing is known by a damaged one
            if found := read(place):
                sidecars.append((found["started"], place, by_path(found["outputs"])))
    return {
        path: (place, digest)
        for _, place, outputs in sorted(sidecars, key=str)
        for path, digest in outputs.items()
    }


def _commit() -> str | None:
    """The commit of the project's working tree, `-dirty` when tracked files differ from it."""
    # An archive may be unpacked inside another repository, whose commit says nothing of it.
    if _git("ls-files", "--full-name", "Snakefile") != "Snakefile":
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=12")


def _git(*words: str) -> str | None:
    command = ["git", *words]
    own = {key: value for key, value in os.environ.items() if key not in OTHERS}
    try:
        answer = subprocess.run(
            command, cwd=ROOT, env=own, capture_output=True, text=True, timeout=10, check=True
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
