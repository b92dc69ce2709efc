"""The default configuration, its schema and its table, as the settings' models say."""

import inspect
import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from pipeline.claims import Outline, Theme
from pipeline.settings import models
from workflow.settings.run import MODELS, Common, Settings

HEAD = """\
# The default run: the settings that every family of experiments shares. `make config`
# writes this file from the models in workflow/settings; the families' own settings stand in
# scripts/<family>/settings.md. To change things, lay a file over it (as config/test.yaml does) or
# type
#   make run NAME=wide SET='two_layer.train.width=4096'
"""
# For editors alone: it changes with every family of experiments, and git ignores it.
SCHEMA = "config/schema.json"


def generated() -> dict[str, str]:
    """Text of each generated file that is tracked, by its path."""
    pages = {f"scripts/{name}/settings.md": _page(name, model) for name, model in MODELS.items()}
    return pages | {
        "config/config.yaml": HEAD + "\n".join(_yaml(Settings(), of=Common)) + "\n",
        "config/claims.schema.json": schema(Theme | Outline),
        "docs/configuration.md": _table(),
    }


def schema(model: type[BaseModel] | UnionType) -> str:
    """The JSON schema of a model, for editors."""
    return json.dumps(TypeAdapter(model).json_schema(), indent=2, ensure_ascii=False) + "\n"


def _yaml(model: BaseModel, depth: int = 0, of: type[BaseModel] | None = None) -> Iterator[str]:
    """A model's values as YAML, each key under its description; of: only what this base has."""
    indent = "  " * depth
    for name, field in (of or type(model)).model_fields.items():
        value = getattr(model, name)
        yield ""
        yield f"{indent}# {_description(name, field)}"
        yield from _entry(name, value, depth, described=True)


def _entry(name: str, value: Any, depth: int, described: bool) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, BaseModel):
        yield f"{indent}{name}:"
        if described:
            yield from _yaml(value, depth + 1)
        else:
            for inner in type(value).model_fields:
                yield from _entry(inner, getattr(value, inner), depth + 1, described=False)
    elif isinstance(value, dict) and value:
        yield f"{indent}{name}:"
        # Entries of a mapping share their keys: the first explains them for all.
        for place, (key, inner) in enumerate(value.items()):
            yield from _entry(key, inner, depth + 1, described=described and place == 0)
    else:
        plain = json.loads(json.dumps(value))
        text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=10**6)
        yield f"{indent}{name}: {text.removesuffix('...' + chr(10)).strip()}"


def _table() -> str:
    """The settings that every family of experiments shares, section by section."""
    lines = [
        "# Configuration",
        "",
        "<!-- Written by `make config` from the models in workflow/settings. -->",
        "",
        "Unknown keys are refused by name. A file laid over the default one "
        "(`--configfile config/test.yaml`) is merged key by key; lists are replaced. Each "
        "family of experiments has a key of its name, whose settings stand in "
        "`scripts/<family>/settings.md`; what the runs beyond the default one change of them, in "
        "`scripts/<family>/runs.yaml`.",
        "",
        f"`make config` also writes the schema `{SCHEMA}`, which git ignores: an editor checks a "
        "file in `config/runs/` by it if the file begins with "
        "`# yaml-language-server: $schema=../schema.json`.",
    ]
    return "\n".join([*lines, *_tables("", Common)]) + "\n"


def _page(name: str, model: type[BaseModel]) -> str:
    """A slice's settings, section by section."""
    lines = [
        f"# Settings of `{name}`",
        "",
        "<!-- Written by `make config` from slice.py. -->",
        "",
        "In the configuration and in `make run NAME=… SET='…'` each key stands after its section's "
        f"name: `{name}.<section>.<key>`.",
    ]
    return "\n".join([*lines, *_tables(name, model)]) + "\n"


def _tables(top: str, whole: type[BaseModel]) -> Iterator[str]:
    for title, model in _sections(top, whole):
        yield from (
            "",
            f"## `{title or 'top level'}`",
            "",
            inspect.cleandoc(model.__doc__ or ""),
            "",
        )
        yield from ("| key | type | default | meaning |", "|---|---|---|---|")
        yield from (_row(name, field) for name, field in model.model_fields.items())


def _sections(title: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield title, model
    for name, field in model.model_fields.items():
        for inner in models(field.annotation):
            many = "dict" in str(field.annotation)
            yield from _sections(f"{title}.{name}".strip(".") + (".<name>" if many else ""), inner)


def _row(name: str, field: FieldInfo) -> str:
    inner = models(field.annotation)
    kind = "section" if inner else _type(field.annotation)
    default = "" if inner or field.is_required() else f"`{json.dumps(_plain(field))}`"
    return f"| `{name}` | {kind} | {default} | {_description(name, field)} |"


def _plain(field: FieldInfo) -> Any:
    return json.loads(json.dumps(field.get_default(call_default_factory=True)))


def _type(annotation: Any) -> str:
    """A type in words: `Literal` as its values, a container with what it holds."""
    kind, inner = get_origin(annotation), get_args(annotation)
    if kind is Annotated:
        return _type(inner[0])
    if kind is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if kind in (list, dict):
        return f"{kind.__name__} of {_type(inner[-1])}"
    if kind is tuple:
        return f"{len(inner)} × {_type(inner[0])}"
    if kind in (Union, UnionType):
        return " or ".join("null" if part is NoneType else _type(part) for part in inner)
    return annotation.__name__


def _description(name: str, field: FieldInfo) -> str:
    return " ".join((field.description or "").split())
