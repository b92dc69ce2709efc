"""What a job has measured, under one contract: `key: {value, per_seed, interval, unit, where}`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pipeline.files import save_json

Plain: TypeAlias = "float | list[Plain] | None"


def measured(
    value: float | Sequence[float],
    *,
    per_seed: Sequence[float] | None = None,
    interval: Sequence[float] | None = None,
    unit: str = "",
    where: str = "",
) -> dict[str, Any]:
    """One measured figure.

    value: the figure itself, or a series of them, such as a median for each width.
    per_seed: the same figure for each seed, where there is randomness. interval: lower and upper
    end of a fitted figure's 95 % confidence interval. unit: what it is measured in, empty for a
    pure number. where: at which size, step, width.

    A number that is not finite becomes None: JSON has no word for it. Raises ValueError for a value
    of no seeds that is one.
    """
    figure = {
        "value": _plain(value),
        "per_seed": None if per_seed is None else [_plain(number) for number in per_seed],
        "interval": None if interval is None else [_plain(number) for number in interval],
        "unit": unit,
        "where": where,
    }
    if figure["per_seed"] == [] and figure["value"] is not None:
        raise ValueError(f"found {figure['value']} of no seeds ({where}), expected no number")
    return figure


def _plain(value: float | Sequence[float]) -> Plain:
    if hasattr(value, "__iter__"):
        return [_plain(number) for number in value]
    return float(value) if math.isfinite(value) else None


def save(path: str | Path, metrics: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a job's figures, sorted by key."""
    save_json(path, dict(sorted(metrics.items())))
