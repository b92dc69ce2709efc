"""What a job has measured, under one contract: `key: {value, per_seed, unit, where}`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from overparam.house.files import save_json


def measured(
    value: float | Sequence[float],
    *,
    per_seed: Sequence[Any] | None = None,
    interval: tuple[float, float] | None = None,
    unit: str = "",
    where: str = "",
) -> dict[str, Any]:
    """One measured figure.

    value: the figure itself, or a series of them. per_seed: the same for each seed, where there is
    randomness. interval: ends of the 95 % confidence interval of a fitted value. unit: what it is
    measured in, empty for a pure number. where: at which size, step, width.
    """
    seeds = None if per_seed is None else _plain(per_seed)
    ends = {} if interval is None else {"interval": _plain(interval)}
    return {"value": _plain(value), "per_seed": seeds, **ends, "unit": unit, "where": where}


def save(path: str | Path, metrics: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a job's figures, sorted by key.

    A figure that is not finite, or is not for some seed, is left out: JSON has no word for it, and
    the tables beside show it (trainings that blew up with `on_divergence: record`).
    """
    finite = {
        key: figure
        for key, figure in sorted(metrics.items())
        if all(math.isfinite(one) for name in _NUMBERS for one in _flat(figure.get(name)))
    }
    save_json(path, finite)


_NUMBERS = ("value", "per_seed", "interval")


def _plain(value: Any) -> float | list[Any]:
    """Numbers of any type, however nested, as Python's own."""
    return [_plain(one) for one in value] if hasattr(value, "__iter__") else float(value)


def _flat(value: Any) -> Iterator[float]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    elif value is not None:
        yield value
