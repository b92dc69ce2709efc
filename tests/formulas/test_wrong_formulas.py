"""A wrong formula is caught: each of these mistakes turns the claim red that was named beforehand.

Each slice brings its own, in scripts/<slice>/tests/wrong_formulas.yaml. A tier of its own
(`make test-formulas`), on the run of seconds.
"""

import re

import pytest
import yaml

from tests.workflow import repository
from workflow.slices import SLICES

FILES = [repository.ROOT / f"scripts/{slice}/tests/wrong_formulas.yaml" for slice in SLICES]
BROUGHT = [yaml.safe_load(path.read_text("utf-8")) for path in FILES if path.is_file()]
WRONG = {
    f"{name}: {id}": (id, mistake["file"], mistake["edits"])
    for brought in BROUGHT
    for name, mistake in brought["mistakes"].items()
    for id in mistake["claims"]
}
SETTINGS = {id: set for brought in BROUGHT for id, set in brought.get("settings", {}).items()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A new clone; what claims need is computed as they are asked for."""
    return repository.fresh(tmp_path_factory.mktemp("formulas") / "clone")


def row(tree, id):
    """A claim's verdict; none if its job did not come to an end."""
    config = tree.overlay("formulas", SETTINGS.get(id, {}))
    done = tree.snakemake(f"claim_{id}", "--quiet", "all", config=config)
    found = re.search(rf"^{id}  (\w+)", done.stdout, re.MULTILINE)
    return found[1] if found else f"no verdict: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("id", sorted({id for id, _, _ in WRONG.values()}))
def test_the_right_formula_holds(tree, id):
    assert row(tree, id) in ("holds", "reproduced", "refuted")


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_formula_turns_its_claim_red(tree, mistake):
    id, path, edits = WRONG[mistake]

    def wrong(text):
        for right, mistaken in edits:
            assert text.count(right) == 1, right
            text = text.replace(right, mistaken)
        return text

    with tree.edited(path, wrong):
        assert row(tree, id) == "missed"
