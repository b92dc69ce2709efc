"""Settings as command-line options: what Snakemake tracks by value is what a person would type."""

import shlex
from collections.abc import Mapping
from typing import Any


def flags(settings: Mapping[str, Any]) -> str:
    """Sorted, shell-quoted options: {"width": 64, "plain": False} gives `--no-plain --width 64`.

    None leaves an option out, a boolean is `--x` or `--no-x`, a list repeats its option.
    """
    words = [word for key in sorted(settings) for word in _words(key, settings[key])]
    return shlex.join(words)


def _words(key: str, value: Any) -> list[str]:
    option = key.replace("_", "-")
    if value is None:
        return []
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    if isinstance(value, (list, tuple)):
        return [word for item in value for word in (f"--{option}", str(item))]
    return [f"--{option}", str(value)]
