"""How captions write numbers and words, and figures drawn whatever a shell has set."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipeline import style
from tests.workflow.repository import ROOT


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0"), (1500.0, "1500"), (0.0123, "0.0123"), (0.012345, "0.0123"), (0.3, "0.3"),
        (1445.04, "1445"), (2.4e-5, "2.40·10⁻⁵"), (99.96, "100"), (3.2e7, "3.20·10⁷"),
        (-2.0, "−2"), (-22.56, "−22.6"), (-2.4e-5, "−2.40·10⁻⁵"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_prose_has_them(value, told):
    assert style.number(value) == told


def test_a_titles_lines_are_of_about_one_length():
    title = f"{'many words of ' * 6}one title end"
    figure, _ = style.new_figure(["A"], 2, title)
    first, last = figure.get_suptitle().split("\n")
    assert f"{first} {last}" == title
    assert len(last) > 0.7 * len(first)
    figure, _ = style.new_figure(["A"], 2, f"{'m = 3 ' * 15}{'z' * 30}")
    lines = figure.get_suptitle().split("\n")
    assert all(line.startswith(("m", "z")) for line in lines)
    assert lines[-1].endswith("z" * 30)
    figure, _ = style.new_figure(["A"], 2, "one short title")
    assert figure.get_suptitle() == "one short title"


def test_words_of_captions():
    assert style.span([3, 1, 2]) == "1 to 3"
    assert style.span([0.10001, 0.10002]) == "0.1"
    assert style.enumerated(["a"]) == "a"
    assert style.enumerated(["a", "b", "c"]) == "a, b and c"
    assert style.counted(1, "seed") == "1 seed"
    assert style.counted(0, "seed") == "0 seeds"
    assert style.number(np.inf) == "inf"


def test_how_medians_change():
    table = pd.DataFrame({"m": [1, 1, 1, 4, 2], "falling": [9, 3, 2, 1, 8], "level": 5})
    assert style.change(table, "m", "falling") == "falls from 3 to 1"
    assert style.change(table.assign(m=-table.m), "m", "falling") == "rises from 1 to 3"
    assert style.change(table, "m", "level") == "is 5"
    almost = table.assign(level=table.level + table.m / 1e6)
    assert style.change(almost, "m", "level") == "is 5"


def test_colours_and_markers_begin_again_where_names_outnumber_them():
    found = style.told_apart("kind", ["a", "b", "c"], [("red", "o"), ("blue", "s")])
    assert found["palette"] == ["red", "blue", "red"]
    assert found["markers"] == ["o", "s", "o"]
    assert found["hue_order"] == found["style_order"] == ["a", "b", "c"]


@pytest.mark.parametrize(("count", "named"), [(6, 6), (8, 4)])
def test_of_many_widths_about_half_are_named_the_first_and_last_among_them(count, named):
    _, (panel,) = style.new_figure(["A"], 2)
    style.widths_axis(panel, [2**at for at in range(count)], "m")
    shown = [label.get_text() for label in panel.get_xticklabels()]
    assert len(shown) == count
    assert sum(map(bool, shown)) == named
    assert shown[0] == "1"
    assert shown[-1] == str(2 ** (count - 1))
    assert {label.get_rotation() for label in panel.get_xticklabels()} == {0}


def test_a_shared_legend_names_each_entry_once():
    figure, panels = style.new_figure(["AB"], 2)
    for panel in panels:
        panel.plot([1], [1], label="both")
    panels[1].plot([1], [1], label="second")
    panels[1].legend()
    style.shared_legend(figure, panels, columns=2)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["both", "second"]
    assert panels[1].get_legend() is None


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "TkAgg", "odd"])
def test_figures_are_drawn_whatever_backend_a_notebook_has_set(tmp_path, backend):
    """In a process of their own, as jobs are, which may not have that backend."""
    code = (
        "import sys\nfrom pipeline import style\n"
        f"with style.applied({str(ROOT / 'config/figures.mplstyle')!r}):\n"
        "    figure, (panel,) = style.new_figure(['A'], 2.0)\n"
        "    panel.plot([1, 2])\n"
        "    style.save_figure(figure, *sys.argv[1:])\n"
    )
    drawn = [tmp_path / name for name in ("a.svg", "a.png", "b.svg", "b.png")]
    for paths, more in ((drawn[:2], {}), (drawn[2:], {"MPLBACKEND": backend})):
        words = [sys.executable, "-c", code, *map(str, paths)]
        subprocess.run(words, check=True, env=os.environ | {"PYTHONPATH": ROOT / "src"} | more)
    assert [path.read_bytes() for path in drawn[:2]] == [path.read_bytes() for path in drawn[2:]]
