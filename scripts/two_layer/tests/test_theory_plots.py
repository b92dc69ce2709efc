"""The figures of the programs on points of the sphere, from tables that those programs make."""

import matplotlib.image
import pytest

from scripts.two_layer import formula, plot_formula, plot_samples, plot_targets, samples, targets
from scripts.two_layer.tests.plots import SHEET
from scripts.two_layer.tests.sphere import FORMULA, SAMPLES, TARGETS, run
from tests.scripts.programs import call, options

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
    made = {kind: folder / f"figure.{kind}" for kind in ("svg", "png")}
    made["caption"] = folder / "figure.md"
    words = {"name": "toy", "about": "toys", "how_to_read": "Look here; *that* counts."}
    assert call(program, *options(**words, style=SHEET, **tables, **made)) == 0
    return {kind: path.read_bytes() for kind, path in made.items()}


@pytest.mark.parametrize("program", DRAWN, ids=lambda one: one.__name__.rpartition(".")[2])
def test_figures_are_drawn_and_say_what_is_in_the_tables(program, tmp_path):
    measuring, settings, names = DRAWN[program]
    _, _, made = run(measuring, tmp_path, settings, *names)
    tables = {name: made[name] for name in names}
    first, again = (draw(program, tables, tmp_path / one) for one in ("first", "again"))
    assert first == again
    told, picture = first["caption"].decode(), first["svg"].decode()
    assert "**How to read it.** Look here; *that* counts." in told
    assert "toy** (toys)." in told
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
        assert "1 draw " in drawn["caption"].decode()
        listed = chosen if program is plot_samples else []
        assert all(f" for {one}" in drawn["caption"].decode() for one in listed)
