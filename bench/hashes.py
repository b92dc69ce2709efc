"""What it costs that jobs hold what they read against the sidecars of the jobs that wrote it."""

import json
import os
import time
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline import provenance

PROBLEMS, EXPERIMENTS, NETWORKS = 4, 25, 10_000


def report() -> str:
    """Seconds of hashing, and milliseconds of finding sidecars and comparing, by what is read."""
    lines = [
        "## Inputs held against sidecars",
        "",
        "Processor time, the least of three measurements, on stand-ins of a run of "
        f"{EXPERIMENTS} experiments",
        f"on {PROBLEMS} problems. A job hashes what it reads once, for the check and for its own "
        "sidecar.",
        "Snakemake hashes it once for each of the job's outputs, in its main process.",
        "",
        "| what is read | files | hashing, s | finding and comparing, ms |",
        "|---|---|---|---|",
    ]
    with TemporaryDirectory(dir=".") as folder, chdir(folder):
        for what, paths in _stand_ins().items():
            hashing = min(_seconds(provenance.hashes, {"read": paths}) for _ in range(3))
            digests = provenance.by_path(provenance.hashes({"read": paths}))
            checking = min(_seconds(provenance.check, digests, ()) for _ in range(3))
            lines.append(f"| {what} | {len(paths)} | {hashing:.3f} | {1e3 * checking:.1f} |")
    return "\n".join(lines)


def _stand_ins() -> dict[str, list[str]]:
    """Files that jobs read, with sidecars as many and as large as those of a run."""
    gram, tables, networks = ["results/shared/set/gram.npy"], [], []
    for place in range(EXPERIMENTS):
        for problem in range(PROBLEMS):
            name = f"family/experiment{place}/problem{problem}"
            tables.append(f"figures/run/family/experiment{place}_problem{problem}.csv")
            _written(tables[-1:], f"results/run/{name}/experiment{place}.json")
            _written([f"results/run/{name}/figure.svg"], f"results/run/{name}/plot.json")
    for place in range(NETWORKS):
        networks.append(f"results/run/family/figure/problem/{place}/metrics.csv")
        _written(networks[-1:], f"{os.path.dirname(networks[-1])}/train.json")
    _written(gram, "results/shared/set/gram.json", size=800_000_000)
    return {
        "H∞ at n = 10 000, .8 GB": gram,
        "the table of a figure": tables[:1],
        "all tables": tables,
        "networks": networks,
    }


def _written(paths: list[str], sidecar: str, size: int = 20_000) -> None:
    """Files, and the sidecar of the job that wrote them."""
    for path in map(Path, (*paths, sidecar)):
        path.parent.mkdir(parents=True, exist_ok=True)
    for path in paths:
        with open(path, "wb") as file:
            file.write(bytes(size))
    notes = dict.fromkeys(provenance.KEYS, "") | {
        "outputs": provenance.hashes({"output": paths}),
        "computer": provenance.computer(),
        "blas": provenance.blas(),
    }
    Path(sidecar).write_text(json.dumps(notes, indent=2))


def _seconds(function, *given) -> float:
    start = time.process_time()
    function(*given)
    return time.process_time() - start
