"""The recorded count of mutants is whole, enough, and says when it is old."""

import pytest

from tools import mutate

RECORDED = mutate.recorded()
EVERY_GROUP = pytest.mark.parametrize("group", mutate.GROUPS)


@EVERY_GROUP
def test_enough_mutants_were_noticed(group):
    result = RECORDED[group]
    assert sum(each["noticed"] for each in result["mutants"].values()) > 100
    assert mutate.noticed(result) >= mutate.LEAST


@EVERY_GROUP
def test_each_survivor_is_listed_with_its_reason(group):
    survived = sum(each["survived"] for each in RECORDED[group]["mutants"].values())
    left = RECORDED[group]["survivors"]
    assert len(left) == survived
    assert [each["function"] for each in left if not each["why"].strip()] == []


@EVERY_GROUP
def test_a_count_that_is_older_than_its_code_is_told(group):
    recorded = RECORDED[group]["code"]
    now = {mutate.module(path): mutate.code(path) for path in mutate.GROUPS[group].sources}
    old = [module for module in {*now, *recorded} if recorded.get(module) != now.get(module)]
    if old:
        pytest.skip(f"skipped: reference/mutants.yaml is older than {', '.join(old)}: make mutate")


def test_an_unknown_group_is_told_with_those_there_are():
    with pytest.raises(SystemExit, match="found 'programs', expected one of mathematics, comp"):
        mutate.main(["programs"])


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
