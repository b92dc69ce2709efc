"""Recorded runs are shown as they are, and lie where the first measurements were expected to lie.

The intervals were set before anything was measured, from an independent computation of the same
quantities; they are not to be widened.
"""

from pathlib import Path

import pandas as pd
import pytest

from scripts.ledger import reference
from tests.scripts.programs import call, options

ROOT = Path(__file__).resolve().parents[2]
RECORDED = sorted(path.name for path in (ROOT / "reference" / "runs").iterdir() if path.is_dir())
EXPECTED = {
    "digits": {
        "digits.complexity.true": (2.01, 2.11),
        "digits.complexity.half_random": (6.17, 6.23),
        "digits.complexity.random": (7.02, 7.08),
        "digits.figure1.small.ordered_from": (0, 10),
        "digits.figure1.kernel.ordered_from": (0, 10),
        "digits01.equation8.true.m3200.deviation": (0, 0.012),
    },
    "workstation": {
        "mnist.complexity.true": (0.3800, 0.3804),
        "mnist.complexity.random": (6.579, 6.583),
        "mnist.spectrum.lambda_max": (1444.9, 1445.1),
        "mnist.energy.true.top10": (0.9583, 0.9593),
        "mnist.energy.random.top100": (0.007, 0.013),
        "cifar.complexity.true": (3.8594, 3.8614),
        "cifar.complexity.random": (7.220, 7.224),
        "cifar.spectrum.lambda_max": (3380.9, 3381.3),
        "cifar.energy.true.top10": (0.3332, 0.3342),
        "cifar.energy.random.top100": (0.007, 0.013),
    },
}


@pytest.mark.parametrize("run", RECORDED)
def test_the_readme_shows_what_was_recorded(run, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert call(reference, *options(run=run), "--check") == 0


@pytest.mark.parametrize("run", RECORDED)
def test_what_was_measured_lies_where_it_was_expected(run):
    table = pd.read_csv(ROOT / "reference" / "runs" / run / "summary.csv", index_col="key")
    found = {key: table.value[key] for key in EXPECTED.get(run, {})}
    assert not {
        key: (value, EXPECTED[run][key])
        for key, value in found.items()
        if not EXPECTED[run][key][0] <= value <= EXPECTED[run][key][1]
    }


def test_a_readme_that_shows_something_else_is_found(tmp_path, monkeypatch, capsys):
    readme = (ROOT / "README.md").read_text()
    assert "minutes of work" in readme
    (tmp_path / "README.md").write_text(readme.replace("minutes of work", "minutes of play"))
    (tmp_path / "reference").symlink_to(ROOT / "reference")
    monkeypatch.chdir(tmp_path)
    assert call(reference, *options(run="digits"), "--check") == 1
    assert "README.md: found another text for run digits" in capsys.readouterr().err
