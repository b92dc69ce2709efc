"""Configurations by the name of their run: the project's own and those in config/runs/."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from overparam.errors import Refusal
from pipeline import plain_yaml
from workflow.settings.run import RESERVED

DEFAULT = Path("config/config.yaml")
OURS = Path("config")
OWN = Path("config/runs")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def names() -> list[str]:
    """Every run that there is a configuration for, `digits` first."""
    found = [path.stem for folder in (OURS, OWN) for path in sorted(folder.glob("*.yaml"))]
    return ["digits", *(name for name in found if name not in RESERVED)]


def file(name: str) -> Path:
    """The configuration file of a run; Refusal names the runs there are."""
    for path in (DEFAULT if name == "digits" else OURS / f"{name}.yaml", OWN / f"{name}.yaml"):
        if name in names() and path.is_file():
            found = read(path).get("run")
            if found != name:
                raise Refusal(
                    f"{path}: run: found {found!r}, expected {name!r}, the file's own name: it "
                    "would write to that run's results"
                )
            return path
    raise Refusal(
        f"run: found {name!r}, expected one of {', '.join(names())}: correct the name, or make a "
        "run of your own with make run NAME=… SET='key=value …'"
    )


def own(name: str) -> dict[str, Any]:
    """What a run's file says beside the default configuration: nothing for `digits`."""
    return {} if name == "digits" else read(file(name))


def read(path: Path) -> dict[str, Any]:
    """A YAML mapping; Refusal names the file, and the line or key of a mistake."""
    values = plain_yaml.read(path)
    if not isinstance(values, dict):
        raise Refusal(f"{path}: found {type(values).__name__}, expected keys with values")
    return values


def validate(overlay: dict[str, Any]) -> None:
    """Refuse a configuration that the workflow would refuse."""
    from pipeline import settings
    from workflow.settings.run import Settings, complete, merged

    settings.validate(Settings, complete(merged(read(DEFAULT), overlay)))


def assignments(text: str) -> dict[str, Any]:
    """`a.b=1 c='x y'` as YAML values by key."""
    try:
        words = shlex.split(text)
    except ValueError as problem:
        raise Refusal(f"SET: found {text!r} ({problem}), expected key=value …") from None
    values: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise Refusal(
                f"SET: found {word!r}, expected key=value, such as two_layer.train.width=4096 "
                "(quote a value that holds blanks)"
            )
        if key in values:
            raise Refusal(f"SET: found {key} a second time, expected each key once: leave one out")
        try:
            values[key] = plain_yaml.parse(value, key)
        except (yaml.YAMLError, ValueError):
            raise Refusal(f"SET: found {value!r} for {key}, expected a YAML value") from None
        except Refusal as problem:
            raise Refusal(f"SET: {problem}") from None
    return values


def put(values: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key, making the mappings on its way."""
    *parents, last = key.split(".")
    for parent in parents:
        inner = values.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise Refusal(f"SET: found {key!r}, but {parent!r} holds {inner!r}, expected keys")
        values = inner
    values[last] = value


def check_name(name: str) -> None:
    """Refuse what is no name of a run: it becomes part of paths."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise Refusal(
            f"run: found {name!r}, expected a letter, then letters, digits, _ or - (at most 40), "
            f"and none of {', '.join(sorted(RESERVED))}"
        )


def check_free(name: str) -> None:
    """Refuse a name that the project's own configurations use."""
    check_name(name)
    if name == "digits" or (OURS / f"{name}.yaml").is_file():
        raise Refusal(f"run: found {name!r}, a run of the project; expected a name of your own")
