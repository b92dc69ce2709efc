"""Settings of this family that cannot work are refused by key, before any job runs."""

import pytest

from tests.workflow import refusals


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return refusals.clone(tmp_path_factory, "graph_nets")


def test_wrong_settings_are_refused_by_key(tree):
    changes = {
        "graph_nets.within": 1.5,
        "graph_nets.flow.depths": [0],
        "graph_nets.skips.depths": [1],
        "graph_nets.condition.width": 0,
    }
    said = [
        "graph_nets.within: found 1.5, expected less than or equal to 1",
        "graph_nets.flow.depths.0: found 0, expected greater than 0",
        "graph_nets.skips.depths: found [1], expected at least 2 items",
        "graph_nets.condition.width: found 0, expected greater than 0",
    ]
    assert refusals.is_refused(tree, changes, *said)


def test_sizes_that_contradict_each_other_are_refused_with_both_numbers(tree):
    changes = {"graph_nets.train": 60, "graph_nets.width": 5}
    said = [
        "graph_nets.train: found 60, expected fewer than nodes = 60",
        "graph_nets.width: found 5, expected at least features = 6",
    ]
    assert refusals.is_refused(tree, changes, *said)
