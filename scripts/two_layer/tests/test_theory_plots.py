"""The figures of the programs on points of the sphere, from tables that those programs make."""

import matplotlib.image
import pytest

from scripts.two_layer import formula, plot_formula, plot_samples, plot_targets, samples, targets
from scripts.two_layer.tests.plots import READ, call
from scripts.two_layer.tests.sphere import FORMULA, SAMPLES, TARGETS, run

DRAWN = {
    plot_formula: (formula, FORMULA, ("pairs", "least")),
    plot_targets: (targets, TARGETS, ("table",)),
    plot_samples: (samples, SAMPLES, ("table",)),
}
GROUPS = {
    plot_formula: {"sampled", "exact", "distance", "angles", "law", "antipodes"},
    plot_targets: {"bounded-cosine0_5", "bounded-linear", "control-sign", "sharp", "published"},
    plot_samples: {"error-linear", "l1-sine5", "bound-linear", "guide"},
}


def draw(program, tables, folder):
    folder.mkdir()
    return {kind: path.read_bytes() for kind, path in call(program, folder, **tables).items()}


@pytest.mark.parametrize("program", DRAWN, ids=lambda program: program.__name__.rpartition(".")[2])
def test_figures_are_drawn_and_say_what_is_in_the_tables(program, tmp_path):
    measuring, settings, names = DRAWN[program]
    _, _, made = run(measuring, tmp_path, settings, *names)
    tables = {name: made[name] for name in names}
    first, again = (draw(program, tables, tmp_path / turn) for turn in ("first", "again"))
    assert first == again
    told, picture = first["md"].decode(), first["svg"].decode()
    assert f"**How to read it.** {READ}" in told
    assert "toy** (toys against tools)." in told
    assert "2 " in told
    assert "nan" not in told
    assert all(f'id="{group}"' in picture for group in GROUPS[program])
    pixels = matplotlib.image.imread(tmp_path / "first/figure.png")[::2, ::2, :3]
    assert 0.5 < (pixels == 1).all(-1).mean() < 0.99


@pytest.mark.parametrize("program", [plot_targets, plot_samples])
def test_figures_of_a_single_draw_and_of_other_targets(program, tmp_path):
    measuring, settings, names = DRAWN[program]
    every = ["sign", "relu", "power2", "cosine2", "arctan0.5", "absolute"]
    for at, chosen in enumerate((["sum"], every)):
        own = settings | {"seeds": 1, "target": chosen, "d": [4] if program is plot_targets else 4}
        _, _, made = run(measuring, tmp_path, own, *names)
        drawn = draw(program, {name: made[name] for name in names}, tmp_path / str(at))
        assert "1 draw " in drawn["md"].decode()
        listed = chosen if program is plot_samples else []
        assert all(f" for {name}" in drawn["md"].decode() for name in listed)
