"""The recorded count of mutants is whole, enough, and says when it is old."""

import pytest

from tools import mutate

RECORDED = mutate.recorded()


def test_enough_mutants_were_noticed():
    assert set(RECORDED["mutants"]) == set(mutate.MODULES)
    assert all(each["noticed"] > 5 for each in RECORDED["mutants"].values())
    assert mutate.noticed(RECORDED) >= mutate.LEAST


def test_each_survivor_is_listed_with_its_reason():
    survived = sum(each["survived"] for each in RECORDED["mutants"].values())
    assert len(RECORDED["survivors"]) == survived
    assert [each["function"] for each in RECORDED["survivors"] if not each["why"].strip()] == []


def test_a_count_that_is_older_than_its_code_is_told():
    old = [
        module for module in mutate.MODULES if RECORDED["code"].get(module) != mutate.code(module)
    ]
    if old:
        pytest.skip(f"skipped: reference/mutants.yaml is older than {', '.join(old)}: make mutate")


@pytest.mark.parametrize(
    ("survived", "why", "status"), [(1, "equal", 0), (1, "", 1), (2, "equal", 1), (0, "", 0)]
)
def test_too_few_noticed_or_no_reason_given_is_a_failure(survived, why, status, capsys):
    survivor = {"function": "kernels.angles", "was": "a", "now": "b", "why": why}
    result = {
        "mutants": {"kernels": {"noticed": 10, "survived": survived}},
        "survivors": [survivor] * survived,
        "minutes": 1.0,
    }
    assert mutate.judge(result) == status
    assert ("no reason given: kernels.angles" in capsys.readouterr().out) == (not why and survived)
