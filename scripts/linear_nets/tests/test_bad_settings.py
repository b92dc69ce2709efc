"""Settings of this slice that cannot work are refused by key."""

import pytest

from tests.workflow import refusals


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return refusals.clone(tmp_path_factory, "linear_nets")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"linear_nets.figure1.c1": 1, "linear_nets.figure2.c2": 1.0},
            [
                "linear_nets.figure1.c1: found 1, expected less than 1",
                "linear_nets.figure2.c2: found 1.0, expected greater than 1",
            ],
        ),
        (
            {
                "linear_nets.h": 3,
                "linear_nets.experiments": ["figure2", "figure1", "table"],
                "linear_nets.figure1.m": 4,
            },
            [
                "linear_nets.h: found 3, expected at least n + m = 9 of figure2: from a narrower "
                "start α₀ may be 0",
                "linear_nets.h: found 3, expected at least min(n, m) = 4 of figure1: a narrower",
                "linear_nets.h: found 3, expected at least min(n, m) = 20 of table",
            ],
        ),
        (
            {"linear_nets.figure2.sigma": [*range(1, 10)]},
            ["linear_nets.figure2.sigma: found [1, 2, ", "9], expected at most 8 items\n"],
        ),
        (
            {"linear_nets.identities.n": [2, 3, 4]},
            ["linear_nets.identities: found 3 n and 2 m, expected one of each for every shape"],
        ),
    ],
    ids=["constants", "narrow", "too many panels", "shapes"],
)
def test_wrong_settings_are_refused_by_key(tree, changes, said):
    assert refusals.is_refused(tree, changes, *said)
