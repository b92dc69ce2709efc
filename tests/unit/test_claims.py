"""Verdicts, claims files, and that nothing is wider than it was planned to be."""

import math
import re
from pathlib import Path

import pytest
import yaml

from overparam.errors import Refusal
from pipeline import claims
from pipeline.metrics import measured
from workflow.settings.run import MODELS
from workflow.slices import SLICES

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "scripts" / name / "claims" for name in SLICES]
# Of those slices that were planned row by row before anything was run.
PLANNED = {
    key: value
    for name in SLICES
    for path in (ROOT / "scripts" / name / "tests").glob("expectations_as_planned.yaml")
    for key, value in yaml.safe_load(path.read_text("utf-8")).items()
}


UP = {"kind": "ordered", "direction": "up"}
TWO = {"kind": "equal", "value": [1, 2], "within": 1}


@pytest.mark.parametrize(
    ("expected", "figure", "found"),
    [
        ({"over": "every"}, measured(0), "without one for each seed"),
        ({}, measured([0, 0]), "a series, expected one number"),
        ({"over": "every"}, measured(0, per_seed=[[0, 0]]), "a series, expected one number"),
        (UP, measured(0), "a single number, expected a series"),
        (TWO, measured(1), "a single number, expected a series"),
        (TWO | {"value": 1}, measured([1, 1]), "a series, expected one number"),
    ],
)
def test_a_figure_of_another_shape_is_refused_by_the_claims_id(tmp_path, expected, figure, found):
    expected = {"expected": CLAIM["expected"] | expected if "kind" not in expected else expected}
    file = ledger(tmp_path, A1={}, A2=expected)
    with pytest.raises(Refusal) as refusal:
        claims.verdicts(file, "digits", {"A1": measured(0), "A2": figure})
    assert str(refusal.value).startswith(f"A2: {CHECK['metric']}: found ")
    assert found in str(refusal.value)


CHECK = {"metric": "job/problem/key"}
CLAIM = {
    "group": "A theorem", "place": "theorem 1", "statement": "$x < 1$", "because": "it is said",
    "how_to_read": "Look.", "met": "holds", "expected": {"kind": "at_most", "value": 1},
    "checks": {"digits": CHECK},
}  # fmt: skip
SOURCE = {"id": "001", "title": "T", "authors": "A", "year": 2019, "link": "https://example.org"}


def written(tmp_path, **themes):
    """The folder of a slice that claims these, by theme."""
    folder = tmp_path / "toy" / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    outline = {"source": SOURCE, "themes": [*themes]}
    files = {"source": outline} | {name: {"claims": claims} for name, claims in themes.items()}
    for name, values in files.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(values, sort_keys=False), "utf-8")
    return folder


def ledger(tmp_path, **changed):
    theme = {id: CLAIM | values for id, values in changed.items()}
    return claims.read(written(tmp_path, theme=theme))


def words(file, run, **figures):
    found = {id: None if value is None else measured(value) for id, value in figures.items()}
    return {id: verdict.word for id, verdict in claims.verdicts(file, run, found).items()}


def test_verdicts(tmp_path):
    refuted = {"met": "refuted", "corrected": "A2", "expected": {"kind": "at_least", "value": 5}}
    file = ledger(tmp_path, A1=refuted, A2={}, A3={"met": "vacuous"})
    assert words(file, "digits", A1=6, A2=0, A3=0) == {
        "A1": "refuted", "A2": "holds", "A3": "vacuous",
    }  # fmt: skip
    # What is printed is not refuted by a number alone: its corrected form has to hold.
    assert words(file, "digits", A1=6, A2=2, A3=2) == {
        "A1": "missed", "A2": "missed", "A3": "missed",
    }  # fmt: skip
    assert words(file, "digits", A1=6, A2=None, A3=None) == {
        "A1": "not run", "A2": "not run", "A3": "not run",
    }  # fmt: skip
    assert set(words(file, "test").values()) == {"not run"}


def test_what_there_is_nothing_to_measure_on_is_not_run_and_what_is_not_finite_is_missed(tmp_path):
    file = ledger(tmp_path, A1={"checks": {"digits": CHECK}})
    figure = measured(1) | {"value": None, "per_seed": [], "where": "0 of 9 starts"}
    said = claims.verdicts(file, "digits", {"A1": figure})["A1"]
    assert said == ("not run", "nothing to measure it on: 0 of 9 starts")
    for seeds in (None, [None]):
        found = claims.verdicts(file, "digits", {"A1": figure | {"per_seed": seeds}})["A1"]
        assert found.word == "missed"


def test_a_claim_on_one_kernel_is_not_decided_on_another(tmp_path):
    false = {"met": "refuted", "corrected": "A1"}
    file = ledger(tmp_path, A1={}, A2={"any_kernel": True}, A3=false)
    figures = dict.fromkeys(("A1", "A2", "A3"), measured(0))
    found = claims.verdicts(file, "digits", figures, {"job/problem": "depth 3"})
    said = "about two-layer ReLU networks' kernel; here it is that of depth 3"
    assert found["A1"] == ("not run", said)
    assert found["A2"].word == "holds"
    assert found["A3"].word == "not run"
    assert claims.verdicts(file, "digits", figures, {"job/other": "deep"})["A1"].word == "holds"


def test_a_bound_may_be_empty_in_one_run_alone(tmp_path):
    file = ledger(tmp_path, A1={"checks": {"digits": CHECK | {"met": "vacuous"}, "test": CHECK}})
    assert words(file, "digits", A1=0) == {"A1": "vacuous"}
    assert words(file, "test", A1=0) == {"A1": "holds"}
    assert words(file, "digits", A1=2) == {"A1": "missed"}


MISS = {"since": "2020-01-01", "why": "a known cause", "docs": "a/page.md"}


def test_reasons_are_given(tmp_path):
    both = {"checks": {"digits": CHECK, "workstation": CHECK}}
    file = ledger(tmp_path, A1=both | {"known_miss": MISS | {"runs": ["digits"]}})
    # Elsewhere it is a miss that nobody has looked into.
    assert claims.verdicts(file, "workstation", {"A1": measured(2)})["A1"] == ("missed", "")
    assert claims.verdicts(file, "digits", {"A1": measured(2)})["A1"] == ("missed", "a known cause")
    assert claims.verdicts(file, "test", {})["A1"] == (
        "not run", "checked in digits, workstation",
    )  # fmt: skip
    assert (
        claims.verdicts(file, "digits", {})["A1"].why == "this run does not compute job/problem/key"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expected": {"kind": "about", "value": 1}}, "about"),
        ({"expected": {"kind": "interval", "low": 2, "high": 1}}, "expected at most high = 1"),
        ({"met": "refuted"}, "'corrected' is given with 'met: refuted'"),
        ({"met": "reported"}, "'met: reported' goes with 'kind: reported'"),
        (
            {"checks": {"digits": CHECK | {"expected": {"kind": "reported"}}}},
            "'met: reported' goes with 'kind: reported'",
        ),
        ({"checks": {"digits": CHECK | {"met": "refuted"}}}, "'corrected' is given with"),
        ({"changed_because": "why not"}, "'first_expected' and 'changed_because'"),
        ({"met": "refuted", "corrected": "A9"}, "A1.corrected: found A9"),
        ({"known_miss": MISS}, "known_miss.runs"),
        ({"known_miss": MISS | {"runs": ["paper"]}}, "found paper, expected one of digits"),
        ({"checks": {}}, "claims.A1.checks"),
        ({"checks": {"digits": {"metric": "key"}}}, "claims.A1.checks.digits.metric: found 'key'"),
        ({"colour": "red"}, "claims.A1.colour: unknown key"),
    ],
)
def test_a_wrong_claim_is_refused_by_file_and_key(tmp_path, changed, said):
    with pytest.raises(Refusal) as refusal:
        ledger(tmp_path, A1=changed)
    assert str(refusal.value).startswith(f"{tmp_path / 'toy/claims/theme.yaml'}: ")
    assert said in str(refusal.value)


def test_themes_follow_each_other_as_listed_and_own_claims_come_last(tmp_path):
    folder = written(tmp_path, zebra={"A2": CLAIM, "A1": CLAIM}, ant={"A3": CLAIM})
    (folder / "own.yaml").write_text(yaml.safe_dump({"claims": {"A0": CLAIM}}), "utf-8")
    assert [*claims.read(folder).claims] == ["A2", "A1", "A3", "A0"]
    names = [path.name for path in claims.files(folder)]
    assert names == ["source.yaml", "zebra.yaml", "ant.yaml", "own.yaml"]


def test_a_corrected_form_may_stand_in_another_theme(tmp_path):
    refuted = CLAIM | {"met": "refuted", "corrected": "A2"}
    assert [*claims.read(written(tmp_path, one={"A1": refuted}, two={"A2": CLAIM})).claims]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "one.yaml").unlink(), "one.yaml: not there, expected a theme"),
        (lambda folder: (folder / "source.yaml").unlink(), "source.yaml: not there"),
        (lambda folder: (folder / "three.yaml").touch(), "three.yaml: no theme that source.yaml"),
        (lambda folder: written(folder.parents[1], one={"A1": CLAIM}, two={"A1": CLAIM}), "once"),
        (lambda folder: (folder / "two.yaml").write_text("a: ["), "two.yaml: found"),
        (lambda folder: (folder / "two.yaml").write_text("claims: {}"), "two.yaml: "),
    ],
)
def test_a_folder_that_does_not_agree_with_its_list_is_refused(tmp_path, change, said):
    folder = written(tmp_path, one={"A1": CLAIM}, two={"A2": CLAIM})
    change(folder)
    with pytest.raises(Refusal) as refusal:
        claims.read(folder)
    assert said in str(refusal.value)


def test_the_files_of_several_slices_are_told_apart_by_their_folders(tmp_path):
    folder, other = (
        written(tmp_path / place, one={"A1": CLAIM}, two={"A2": CLAIM}) for place in ("a", "b")
    )
    other = other.parent.rename(tmp_path / "second") / "claims"
    paths = [*claims.files(other), *claims.files(folder)[::-1]]
    found = claims.of_slices(paths)
    assert [*found] == ["second", "toy"]
    assert [*found["toy"].claims] == ["A1", "A2"]
    with pytest.raises(Refusal) as refusal:
        claims.of_slices(paths[:-1])
    assert str(refusal.value).startswith(f"{folder / 'source.yaml'}: not given, expected all files")


# --- the project's own claims ------------------------------------------------------------------


def test_claims_files_are_read():
    assert FOLDERS
    assert sum(len(claims.read(folder).claims) for folder in FOLDERS) >= 10


def test_a_known_miss_names_a_page_that_is_there():
    known = [
        claim.known_miss for folder in FOLDERS for claim in claims.read(folder).claims.values()
    ]
    assert [miss.docs for miss in known if miss and not (ROOT / miss.docs).is_file()] == []


def wider(ours, planned):
    """Whether an expectation lets more pass than the planned one, as far as two kinds compare."""
    if planned.get("over") == "every" and ours.get("over") != "every":
        return True
    if planned["kind"] == "ordered":
        return ours.get("direction") != planned["direction"]
    (low, high), (least, most) = ends(ours), ends(planned)
    return low < least or high > most


def ends(expectation):
    """Between what an expectation lets a number pass."""
    match expectation:
        case {"kind": "interval" | "slope_in", "low": low, "high": high}:
            return low, high
        case {"kind": "equal", "value": value, "within": within}:
            return value - within, value + within
        case {"kind": "at_least", "value": value}:
            return value, math.inf
        case {"kind": "at_most", "value": value}:
            return -math.inf, value
    return -math.inf, math.inf


def test_the_comparison_finds_what_is_wider():
    planned = {"kind": "interval", "low": -1, "high": 1}
    assert not wider({"kind": "interval", "low": -1, "high": 1}, planned)
    assert not wider({"kind": "slope_in", "low": 0, "high": 1}, planned)
    assert wider({"kind": "interval", "low": -1.1, "high": 1}, planned)
    assert wider({"kind": "at_most", "value": 1}, planned)
    assert not wider({"kind": "at_most", "value": 1}, {"kind": "at_most", "value": 2})
    assert wider({"kind": "at_most", "value": 3}, {"kind": "at_most", "value": 2})
    assert wider({"kind": "reported"}, {"kind": "at_most", "value": 2})
    exact = {"kind": "equal", "value": 1, "within": 0}
    assert not wider(exact, exact)
    assert wider({"kind": "equal", "value": 5, "within": 100}, exact)
    assert wider({"kind": "at_least", "value": 1}, exact)
    every = {"kind": "at_most", "value": 2, "over": "every"}
    assert not wider({"kind": "at_most", "value": 2, "over": "every"}, every)
    assert wider({"kind": "at_most", "value": 2, "over": "value"}, every)


def planned_checks():
    """Each check of the project's claims that the plan has a pass value for."""
    for folder in FOLDERS:
        for id, claim in claims.read(folder).claims.items():
            for run, check in claim.checks.items():
                key = check.planned or claim.planned
                if key is not None:
                    yield id, run, claim, claim.expectation(run).model_dump(), key


def drawn_in(claim, ours):
    """Whether a changed expectation is a stricter limit of the same kind."""
    first = claim.first_expected.model_dump()
    return first["kind"] == ours["kind"] in {"at_least", "at_most"} and not wider(ours, first)


def test_no_expectation_is_wider_than_planned_without_a_reason():
    widened = {}
    for id, run, claim, ours, key in planned_checks():
        assert key in PLANNED, f"{id}: planned: found {key}, expected a key of the plan"
        assert key.split(".")[0] == re.match(r"[A-Z]\d+", id)[0]
        # What a series is of is not in its kind: who changed a planned one counts as wider, unless
        # the same limit was drawn in.
        if wider(ours, PLANNED[key]) or (claim.changed_because and not drawn_in(claim, ours)):
            widened[id] = (run, key, claim.changed_because)
    assert all(reason for *_, reason in widened.values()), widened
    assert len(widened) <= 5, widened


def test_every_planned_pass_value_decides_a_claim():
    """And not only by being reported."""
    used = {key for _, _, claim, _, key in planned_checks() if claim.met != "reported"}
    assert PLANNED
    assert sorted(set(PLANNED) - used) == []


def test_every_row_of_the_plan_has_a_claim_that_a_run_decides():
    listed = {id: claim for folder in FOLDERS for id, claim in claims.read(folder).claims.items()}
    last = {}
    for key in PLANNED:
        source, at = re.match(r"([A-Z])(\d+)", key).groups()
        last[source] = max(last.get(source, 0), int(at))
    planned = [f"{source}{at}" for source, most in last.items() for at in range(1, most + 1)]
    for row in planned:
        rows = [claim for id, claim in listed.items() if re.fullmatch(rf"{row}[a-z]?", id)]
        assert any({"digits", "workstation"} & set(claim.checks) for claim in rows), row


def numbers_of(settings):
    """The numbers among the values of some settings, those in lists too."""
    values = [value for key in settings.options() for value in listed(getattr(settings(), key))]
    return {float(value) for value in values if type(value) in (int, float)}


def listed(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("slice", SLICES)
def test_words_under_a_figure_repeat_no_setting(slice):
    """They stand under the figures of every run; the caption has the run's own numbers."""
    # Limits, slopes and shares of every run; equation (8), a number of standard errors, a function.
    fixed = re.compile(r"\b[012]\b(?![.,]\d)|\(8\)|5 standard errors|sin 5z")
    classes, stated = MODELS[slice].classes, claims.read(ROOT / "scripts" / slice / "claims").claims
    shown = {id: claim for id, claim in stated.items() if claim.captions}
    assert shown
    for id, claim in shown.items():
        said = re.findall(r"\b\d+(?:\.\d+)?\b", fixed.sub("", " ".join(claim.how_to_read.split())))
        repeated = {*map(float, said)} & numbers_of(classes[claim.figure])
        assert not repeated, f"{id}.how_to_read: {repeated}: a setting of {claim.figure}"
