"""What a job has measured, under one contract: `key: {value, per_seed, unit, where}`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, SupportsFloat

from overparam.house.files import save_json


def measured(
    value: float | Sequence[float],
    *,
    per_seed: Sequence[float] | None = None,
    interval: tuple[float, float] | None = None,
    unit: str = "",
    where: str = "",
) -> dict[str, Any]:
    """One measured figure.

    value: the figure itself, or a series whose order is what counts. per_seed: the same figure for
    each seed, where there is randomness. interval: 95 % confidence interval of a fitted value.
    unit: what it is measured in, empty for a pure number. where: at which size, step, width.
    """
    seeds = None if per_seed is None else [float(one) for one in per_seed]
    single = isinstance(value, SupportsFloat)
    figure = {
        "value": float(value) if single else [float(one) for one in value],
        "per_seed": seeds,
        "unit": unit,
        "where": where,
    }
    return figure if interval is None else figure | {"interval": [float(end) for end in interval]}


def save(path: str | Path, metrics: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a job's figures, sorted by key.

    A figure that is not finite, or is not for some seed, is left out: JSON has no word for it, and
    the tables beside show it (trainings that blew up with `on_divergence: record`).
    """
    finite = {
        key: figure
        for key, figure in sorted(metrics.items())
        if all(map(math.isfinite, _numbers(figure)))
    }
    save_json(path, finite)


def _numbers(figure: Mapping[str, Any]) -> list[float]:
    value = figure["value"]
    series = value if isinstance(value, list) else [value]
    return [*series, *(figure["per_seed"] or []), *figure.get("interval", [])]
