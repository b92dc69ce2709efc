"""Calling the programs that draw, and looking at what they have drawn."""

import re
from pathlib import Path

import pandas as pd

from tests.scripts import programs

ROOT = Path(__file__).resolve().parents[3]
SHEET = ROOT / "config/figures.mplstyle"
READ = "Dots lie on the dashed line; *that* counts: √2 is enough."
TOLD = {"name": "toy", "about": "toys against tools", "training": "m = 77", "how_to_read": READ}


def call(program, folder: Path, *words: object, **more: object) -> dict[str, Path]:
    """Run a program that draws, and give the files it has written."""
    options = {option.name for option in program.main.command.params}
    outputs = {kind: folder / f"figure.{kind}" for kind in ("svg", "png", "md")}
    named = {"svg": outputs["svg"], "png": outputs["png"], "caption": outputs["md"]}
    if "spectrum_table" in options:
        outputs["csv"] = named["spectrum_table"] = folder / "figure.csv"
    told = {name: value for name, value in TOLD.items() if name in options}
    given = programs.options(style=SHEET, **told, **named, **more)
    assert programs.call(program, *words, *given) == 0
    return outputs


def save(folder: Path, name: str, rows: list[dict]) -> Path:
    """A table of these rows, written."""
    path = folder / f"{name}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def message(figure) -> str:
    """A figure's title, once its legends were found to be short enough to read."""
    for legend in figure.legends:
        assert 1 <= len(legend.get_texts()) <= 6
    return " ".join(figure.get_suptitle().split())


def groups(svg: Path) -> set[str]:
    """Names of the groups in a picture."""
    return set(re.findall(r'<g id="([\w.-]+)"', svg.read_text()))
