"""Settings of this slice that cannot work are refused by key."""

import pytest

from overparam.errors import Refusal
from pipeline.settings import validate
from scripts.runs import configs
from tests.workflow import refusals
from workflow.settings.run import Settings, complete, merged


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return refusals.clone(tmp_path_factory, "two_layer")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"two_layer.scale.problems": ["tyni"]},
            ["two_layer.scale.problems: found 'tyni', expected one of digits, digits01, tiny"],
        ),
        (
            {"two_layer.train.threads": 3},
            ["two_layer.train.threads: found 3, expected at most the 2 cores given with --cores"],
        ),
        (
            {"two_layer.equation8.widths": [129], "two_layer.figure1.problems": ["tiny", "tiny"]},
            ["two_layer.figure1.problems: found tiny more than once in ['tiny', 'tiny']"],
        ),
        (
            {"two_layer.equation8.widths": [129]},
            ["equation8.widths: found 129, expected an even number: an antisymmetric network"],
        ),
        (
            {
                "two_layer.train.per_problem": {"tiny": {"width": 65}},
                "two_layer.figure1.arms.small.antisymmetric": True,
            },
            ["train.per_problem.tiny.width: found 65, expected an even number"],
        ),
        (
            {"two_layer.figure2.noise": [], "two_layer.train.eta": float("inf")},
            [
                "two_layer.figure2.noise: found [], expected at least 1 item",
                "two_layer.train.eta: found inf",
            ],
        ),
        (
            {"two_layer.figure1.kernel_problems": ["tiny"]},
            ["figure1: found tiny among 'problems' and 'kernel_problems', expected each in one"],
        ),
        (
            {"two_layer.equation8.problems": []},
            ["widths.problems: found 'tiny', expected problems of equation8, whose results it"],
        ),
        (
            {
                "two_layer.capacity.widths": [32, 65],
                "two_layer.capacity.arms.small.antisymmetric": True,
            },
            ["capacity.widths: found 65, expected an even number: an antisymmetric network"],
        ),
        (
            {"two_layer.figure1.arms": {"small": None, "kernel": None}},
            ["two_layer.figure1.arms: found none, expected one name with its settings at least"],
        ),
    ],
    ids=[
        "problem",
        "threads",
        "twice",
        "odd",
        "odd-there",
        "limits",
        "both",
        "not-computed",
        "odd-too",
        "no arm",
    ],
)
def test_wrong_settings_are_refused_by_key(tree, changes, said):
    assert refusals.is_refused(tree, changes, *said)


@pytest.mark.parametrize(
    "name", ["$(touch hacked)", "a;touch hacked", "../up", "a b", "a\nb", "{a}"]
)
def test_names_of_arms_that_would_be_more_than_names_are_refused(name):
    values = {"two_layer": {"figure1": {"arms": {name: {"steps": 10}}}}}
    with pytest.raises(Refusal) as refusal:
        validate(Settings, complete(merged(configs.read(configs.DEFAULT), values)))
    assert f"two_layer.figure1.arms.{name}.[key]: found {name!r}" in str(refusal.value)


def test_targets_of_arms_that_are_more_than_names_are_refused(tree):
    before = tree.files(*refusals.MADE)
    for arm in ("a;touch hacked", "../../../../../up"):
        done = tree.dry(f"results/test/two_layer/prediction/tiny/{arm}.csv")
        assert done.returncode != 0
        assert "MissingRuleException" in done.stdout + done.stderr
    assert tree.files(*refusals.MADE) == before
