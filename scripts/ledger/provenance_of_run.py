"""What made a run: commits, days, libraries and computers of all its jobs, by their sidecars."""

from collections.abc import Iterable
from typing import Any

import pandas as pd


def of(jobs: pd.DataFrame) -> dict[str, Any]:
    """Commit, date, versions and computer; where jobs differ, each of their values in turn.

    jobs: the run's, as `timings.jobs` has them. The computer's name is left out.
    """
    jobs = jobs.sort_values("start", kind="stable")
    days = [f"{time:%Y-%m-%d}" for time in (jobs.start.iloc[0], jobs.end.max())]
    computers = [
        {key: computer[key] for key in computer if key != "host"} for computer in jobs.computer
    ]
    versions = _merged(jobs.libraries)
    return {
        "commit": _each(jobs.commit),
        "date": " to ".join(dict.fromkeys(days)),
        "versions": dict(sorted(versions.items())) | {"BLAS": _each(_blas(jobs.blas))},
        "computer": _merged(computers),
    }


def _merged(found: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Each key with its values over all of them."""
    values: dict[str, list[Any]] = {}
    for record in found:
        for key, value in record.items():
            values.setdefault(key, []).append(value)
    return {key: _each(listed) for key, listed in values.items()}


def _each(values: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(map(str, values)))


def _blas(sidecars: Iterable[dict[str, Any]]) -> Iterable[str]:
    """The BLAS libraries behind NumPy and torch, with the kernel that each chose."""
    for sidecar in sidecars:
        for pool in sidecar.get("pools", []):
            if pool.get("user_api") == "blas":
                kernel = f" ({pool['architecture']})" if pool.get("architecture") else ""
                yield f"{pool['internal_api']} {pool['version']}{kernel}"
