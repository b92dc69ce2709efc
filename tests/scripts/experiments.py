"""An experiment's program at the size of the run of seconds, and its figure."""

import json
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline import experiment
from tests.scripts.programs import Tiny, call, options


def asked(
    family: str, name: str, folder: Path, tiny: Tiny | None, **changed: Any
) -> tuple[list[str], dict[str, Path]]:
    """What a program is told, and where its tables go; changed: settings beside `small`."""
    own = experiment.declared(import_module(f"scripts.{family}.slice"))[name]
    given = {"problem": tiny.paths["problem"]} if tiny and "problem" in own.reads else {}
    named = {"name": "tiny"} if own.lists() else {}
    tables = {table: folder / f"{table}.csv" for table in own.tables}
    settings = {**dict(own.small), **changed}
    return options(**settings, **given, **named, **tables, metrics=folder / "metrics.json"), tables


def measure(
    family: str, name: str, folder: Path, tiny: Tiny | None, **changed: Any
) -> tuple[dict[str, Any], dict[str, Path]]:
    """A program's figures, and its tables."""
    words, tables = asked(family, name, folder, tiny, **changed)
    assert call(import_module(f"scripts.{family}.{name}"), *words) == 0
    return json.loads((folder / "metrics.json").read_text()), tables


def check_again(family: str, name: str, folder: Path, tiny: Tiny, **changed: Any) -> None:
    """The same figures and tables come out again, and every figure says where."""
    figures, tables = measure(family, name, folder, tiny, **changed)
    first = {table: path.read_bytes() for table, path in tables.items()}
    again, _ = measure(family, name, folder, tiny, **changed)
    assert again == figures
    assert {table: path.read_bytes() for table, path in tables.items()} == first
    for key, figure in figures.items():
        assert figure["where"], key


def check_drawn(
    family: str, name: str, folder: Path, tables: Mapping[str, Path], shown: Iterable[str]
) -> None:
    """A figure has what it shows, by their ids; no number of it is missing; it comes out again."""
    own = experiment.declared(import_module(f"scripts.{family}.slice"))[name]
    made = {kind: folder / f"drawn.{kind}" for kind in ("svg", "png", "md")}
    words = options(
        name="toy", about="a few numbers", how_to_read="Look here.",
        style="config/figures.mplstyle", svg=made["svg"], png=made["png"], caption=made["md"],
        **{option: tables[table] for option, (_, table) in own.figure_tables().items()},
    )  # fmt: skip
    plot = import_module(f"scripts.{family}.plot_{name}")
    assert call(plot, *words) == 0
    first = made["svg"].read_text()
    assert {*shown} <= {*re.findall(r'id="([\w.-]+)"', first)}
    assert not re.search(r"\b(nan|inf)\b", first)
    assert "**How to read it.** Look here." in made["md"].read_text()
    assert call(plot, *words) == 0
    assert made["svg"].read_text() == first
