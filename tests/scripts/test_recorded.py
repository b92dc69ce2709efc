"""Recorded runs are shown as they are, hold what was expected, and say when they are old."""

import json
import re
from pathlib import Path

import pytest

from pipeline import claims
from scripts.ledger import recorded_runs, reference, rows
from tests.scripts.programs import call
from tests.workflow.captions import MOST

ROOT = Path(__file__).resolve().parents[2]
RECORDED = sorted(path.name for path in (ROOT / "reference" / "runs").iterdir() if path.is_dir())


def test_the_documents_show_what_was_recorded(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert call(reference, "--check") == 0


@pytest.mark.parametrize("run", RECORDED)
def test_no_recorded_claim_is_missed_that_is_not_known_to_be(run):
    found = rows.recorded(ROOT / "reference" / "runs" / run)
    assert sum(row["verdict"] in ("holds", "reproduced") for row in found) > 50
    assert [
        row["id"] for row in found if row["verdict"] == "missed" and not row["known_miss"]
    ] == []


def test_captions_of_the_default_run_are_short_enough_to_be_read():
    captions = {
        path.name: path.read_text() for path in (ROOT / "reference/runs/digits").glob("*.md")
    }
    long = {name: len(text.split()) for name, text in captions.items() if len(text.split()) > MOST}
    assert {name: count for name, count in long.items() if name != "README.md"} == {}


@pytest.mark.parametrize("run", RECORDED)
def test_a_recorded_run_that_is_older_than_its_code_is_told(run, monkeypatch):
    """Not a fault, but something to know: its numbers are those of the code it names."""
    monkeypatch.chdir(ROOT)
    old = recorded_runs.outdated(run)
    recorded = json.loads((ROOT / "reference" / "runs" / run / "provenance.json").read_text())
    assert set(old) <= set(recorded["code"])
    if old:
        pytest.skip(f"skipped: the recorded run {run} is older than the code of {', '.join(old)}")


def test_a_program_that_changed_since_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("scripts", "src"):
        Path(folder).symlink_to(ROOT / folder)
    facts = {"code": {"data/gram": "000000000000", "data/gone": "000000000000"}}
    path = Path("reference/runs/digits/provenance.json")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(facts))
    assert recorded_runs.outdated("digits") == ["data/gram", "data/gone"]


def test_a_readme_that_shows_something_else_is_found(tmp_path, monkeypatch, capsys):
    readme = (ROOT / "README.md").read_text()
    assert " reproduced, " in readme
    (tmp_path / "README.md").write_text(readme.replace(" reproduced, ", " imagined, "))
    (tmp_path / "ARTIFACT.md").write_text((ROOT / "ARTIFACT.md").read_text())
    for folder in ("reference", "scripts"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    assert call(reference, "--check") == 1
    assert "README.md: found another text, expected what reference" in capsys.readouterr().err


def test_headline_claims_are_few_and_each_is_shown_with_what_it_takes():
    artifact = (ROOT / "ARTIFACT.md").read_text("utf-8")
    shown = re.findall(r"`make claim ID=([A-Z]\d+[a-z]?)[^`]*` \| (?:< )?[\d.]+ \|", artifact)
    chosen = {
        folder: [id for id, claim in claims.read(folder).claims.items() if claim.headline]
        for folder in ROOT.glob("scripts/*/claims")
    }
    assert all(2 <= len(own) <= 9 for own in chosen.values())
    assert sorted(shown) == sorted(id for own in chosen.values() for id in own)
