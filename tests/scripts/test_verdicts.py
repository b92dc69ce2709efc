"""The chart of all verdicts by theme."""

import itertools
import json
import re
from collections import Counter

from scripts.ledger import plot_verdicts
from scripts.ledger.plot_verdicts import COLORS
from scripts.ledger.verdicts import VERDICTS
from tests.scripts.programs import call, options
from tests.workflow.captions import MOST

SOURCES = [
    {"id": "2", "authors": "A. Alpha, B. Beta", "year": 2001},
    {"id": "1", "authors": "Gamma", "year": 1999},
]
CLAIMS = [
    {"source": source, "group": group, "verdict": verdict}
    for source, group, verdict in [
        ("1", "Late", "not run"),
        ("2", "Mixed", "missed"),
        ("2", "Mixed", "not run"),
        ("2", "Mixed", "holds"),
        ("2", "Mixed", "reproduced"),
        *[("2", "Long", "holds")] * (plot_verdicts.ACROSS + 2),
        ("2", "Long", "not run"),
    ]
]


def test_every_claim_has_its_place():
    assert [*plot_verdicts.lines(SOURCES, CLAIMS)] == [
        ("Alpha et al. 2001", [], 0),
        ("Mixed", ["reproduced", "holds", "missed"], 1),
        ("Long", ["holds"] * plot_verdicts.ACROSS, 0),
        ("", ["holds"] * 2, 1),
        ("Gamma 1999", [], 0),
        ("Late", [], 1),
    ]


def test_neither_what_is_reported_nor_what_is_vacuous_is_said_to_hold():
    counts = Counter(holds=4, reproduced=2, reported=9, vacuous=3, refuted=1)
    assert plot_verdicts.headline("toy", counts) == (
        "toy: of 19 claims 6 hold or are reproduced, 1 refuted, 0 missed"
    )


def test_a_source_without_a_claim_in_this_run_is_left_out():
    """As in a run on data of one's own."""
    own = [claim for claim in CLAIMS if claim["source"] == "1"]
    assert [name for name, *_ in plot_verdicts.lines(SOURCES, own)] == ["Gamma 1999", "Late"]


def test_every_verdict_that_decides_has_a_colour():
    assert [*COLORS] == [verdict for verdict in VERDICTS if verdict != "not run"]


def test_verdicts_differ_in_grey():
    """By a tenth of the way from black to white, as the eye has it."""
    from seaborn.utils import relative_luminance

    light = sorted(116 * relative_luminance(color) ** (1 / 3) - 16 for color in COLORS.values())
    assert min(after - before for before, after in itertools.pairwise(light)) > 10


def told(folder, claims):
    """The program's options, its claims written, and the pictures that it is to make."""
    file = folder / "claims.json"
    file.write_text(json.dumps({"sources": SOURCES, "claims": claims}))
    made = {kind: folder / f"verdicts.{kind}" for kind in ("svg", "png")}
    more = {"style": "config/figures.mplstyle", "caption": folder / "verdicts.md"}
    return options(run="toy", claims=file, **made, **more), made


def test_it_is_drawn_where_nothing_is_decided(tmp_path):
    """As in a run on data of one's own."""
    words, made = told(tmp_path, [claim | {"verdict": "not run"} for claim in CLAIMS])
    assert call(plot_verdicts, *words) == 0
    assert all(path.stat().st_size > 5000 for path in made.values())


def test_it_is_drawn_and_told(tmp_path):
    words, made = told(tmp_path, CLAIMS)
    assert call(plot_verdicts, *words) == 0
    before = {kind: path.read_bytes() for kind, path in made.items()}
    svg = before["svg"].decode()
    tiles = [len(re.findall(f"fill: {color}", svg)) for color in COLORS.values()]
    legend = 1  # a square of each verdict that there is
    assert tiles[:3] == [1 + legend, plot_verdicts.ACROSS + 3 + legend, 0]
    caption = (tmp_path / "verdicts.md").read_text()
    assert "(3 in all)" in caption
    assert len(caption.split()) <= MOST
    assert caption.startswith(f"**Verdicts by theme** (toy, {len(CLAIMS)} claims).")
    assert "missed: " in caption
    assert "vacuous: " not in caption
    assert call(plot_verdicts, *words) == 0
    assert {kind: path.read_bytes() for kind, path in made.items()} == before
