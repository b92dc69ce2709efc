"""Calling the programs that draw, and looking at what they have drawn."""

import re
from pathlib import Path

import pandas as pd

from scripts.two_layer import plot_figure1
from tests.scripts import programs

ROOT = Path(__file__).resolve().parents[3]
SHEET = ROOT / "config/figures.mplstyle"
READ = "What counts as agreement."
WORDS = [
    "--name", "toy", "--about", "toys against tools", "--training", "m = 77", "--how-to-read", READ,
]  # fmt: skip


def call(program, folder: Path, *options: object) -> dict[str, Path]:
    """Run a program that draws, and give the files it has written."""
    outputs = {kind: folder / f"figure.{kind}" for kind in ("svg", "png", "md")}
    named = {"svg": outputs["svg"], "png": outputs["png"], "caption": outputs["md"]}
    if program is plot_figure1:
        outputs["csv"] = named["spectrum_table"] = folder / "figure.csv"
    words = [*WORDS, *options, *programs.options(style=SHEET, **named)]
    assert programs.call(program, *words) == 0
    return outputs


def save(folder: Path, name: str, rows: list[dict]) -> Path:
    """A table of these rows, written."""
    path = folder / f"{name}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def groups(svg: Path) -> set[str]:
    """Names of the groups in a picture."""
    return set(re.findall(r'<g id="([\w-]+)"', svg.read_text()))
