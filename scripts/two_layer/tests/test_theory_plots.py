"""The figures of the programs on points of the sphere, from tables that those programs make."""

import re

import matplotlib.image
import pytest

from scripts.two_layer import (
    formula,
    plot_formula,
    plot_samples,
    plot_targets,
    samples,
    series,
    targets,
)
from scripts.two_layer.tests.plots import READ, call, message
from scripts.two_layer.tests.sphere import FORMULA, SAMPLES, TARGETS, run

DRAWN = {
    plot_formula: (formula, FORMULA, ("pairs", "least")),
    plot_targets: (targets, TARGETS, ("table",)),
    plot_samples: (samples, SAMPLES, ("table",)),
}
GROUPS = {
    plot_formula: {"sampled", "exact", "standard", "angles", "law", "antipodes"},
    plot_targets: {"growth", "share", "sharp", "published"},
    plot_samples: {"relative", "share", "bound", "guide"},
}
MESSAGES = {
    plot_formula: "standard errors of the closed form",
    plot_targets: "Growth from n = ",
    plot_samples: "the error falls by a factor",
}


def draw(program, tables, folder):
    folder.mkdir()
    return {kind: path.read_bytes() for kind, path in call(program, folder, **tables).items()}


@pytest.mark.parametrize("program", DRAWN, ids=lambda program: program.__name__.rpartition(".")[2])
def test_figures_are_drawn_and_say_what_is_in_the_tables(program, tmp_path, drawn):
    measuring, settings, names = DRAWN[program]
    _, _, made = run(measuring, tmp_path, settings, *names)
    tables = {name: made[name] for name in names}
    first, again = (draw(program, tables, tmp_path / turn) for turn in ("first", "again"))
    assert first == again
    told, picture = first["md"].decode(), first["svg"].decode()
    assert f"**How to read it.** {READ}" in told
    assert "toy** (toys against tools)." in told
    assert MESSAGES[program] in message(drawn[0])
    assert "nan" not in told
    assert all(f'id="{group}"' in picture for group in GROUPS[program])
    pixels = matplotlib.image.imread(tmp_path / "first/figure.png")[::2, ::2, :3]
    assert 0.5 < (pixels == 1).all(-1).mean() < 0.99


@pytest.mark.parametrize("program", [plot_targets, plot_samples])
def test_figures_of_a_single_draw_and_of_other_targets(program, tmp_path, drawn):
    measuring, settings, names = DRAWN[program]
    every = ["sign", "relu", "power2", "cosine2", "arctan0.5", "absolute"]
    for at, chosen in enumerate((["sum"], every)):
        own = settings | {"seeds": 1, "target": chosen, "d": [4] if program is plot_targets else 4}
        _, _, made = run(measuring, tmp_path, own, *names)
        made_of = draw(program, {name: made[name] for name in names}, tmp_path / str(at))
        assert re.search(r"\b1 draw\b", made_of["md"].decode())
        title = drawn[-1].get_suptitle()
        named = sum(f"({series.function_name(name)})" in title for name in chosen)
        assert named == (len(chosen) if program is plot_samples else 0)
