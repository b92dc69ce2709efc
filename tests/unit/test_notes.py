"""What a person is told of their own data before they trust what comes of it."""

import numpy as np
import pytest

from overparam import notes

GROUPS = (["a"], ["b"])


def told(inputs, classes=None, groups=GROUPS, standardize="none", left_out=None):
    n = len(inputs)
    names = (
        [f"line {at + 2}" for at in range(n)],
        [f"column {name!r}" for name in "uvw"[: np.shape(inputs)[1]]],
    )
    classes = np.array(classes or ["a", "b"] * (n // 2))
    return notes.notable(np.asarray(inputs), classes, names, groups, standardize, left_out or {})


def normal(n=20, d=3):
    return np.random.default_rng(0).standard_normal((n, d))


def test_plain_points_need_no_word():
    assert told(normal()) == []


@pytest.mark.parametrize(
    ("column", "how"),
    [
        (np.arange(1, 21), "counts the rows"),
        (np.arange(20, 0, -1), "counts the rows"),
        (np.random.default_rng(0).permutation(20), "is another whole number in each row"),
        (3 * np.arange(20) + 100, "is another whole number in each row"),
        (np.arange(20) // 2, None),
        (np.arange(20) + 0.5, "counts the rows"),
        (np.arange(20) * 0.7, None),
    ],
)
def test_a_column_that_numbers_the_points_is_named(column, how):
    inputs = normal()
    inputs[:, 1] = column
    said = [line for line in told(inputs, standardize="columns") if "column 'v'" in line]
    assert len(said) == (how is not None)
    assert not how or said[0].startswith(f"column 'v' {how}, and is an input: ")


def test_a_few_whole_numbers_that_differ_are_no_numbering():
    assert told([[3.0, 1], [1, 0.5], [7, 0.1], [4, -1]], standardize="columns") == []


def test_a_coordinate_that_all_inputs_share_is_named_unless_it_is_0():
    inputs = normal()
    inputs[:, 0], inputs[:, 2] = 1, 0
    (said,) = told(inputs)
    assert said == "column 'u' is 1 in every row: such a coordinate pulls all inputs together"
    said = told(inputs, standardize="columns")[0]
    assert said.endswith("such a coordinate becomes 0, since columns are standardised")


def test_classes_of_neither_group_are_counted():
    (said,) = told(normal(), classes=["a", "b", "c", "d", "c"] * 4)
    assert said == "not used, since of neither group: c (8 points), d (4 points)"


def test_points_left_out_are_named_the_first_three():
    reasons = {f"line {at}": "repeats line 2" for at in (3, 5, 9, 11)}
    (said,) = told(normal(), left_out=reasons)
    listed = "; ".join(f"line {at} repeats line 2" for at in (3, 5, 9))
    assert said == f"4 points left out: {listed}; and 1 more"


MEND = "; standardize: columns (make mine: STANDARDIZE=columns) mends that"


def test_a_column_that_decides_the_directions_is_named():
    inputs = normal()
    inputs[:, 1] *= 100
    (said,) = told(inputs)
    assert said.startswith("column 'v' holds 100.0 % of the inputs' squared length, so that")
    assert said.endswith(MEND)
    assert told(inputs, standardize="columns") == []


def test_inputs_that_point_one_way_are_told_by_their_first_eigenvalue():
    inputs = normal() / 4 + 1
    unit = inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
    cosines = np.clip(unit @ unit.T, -1, 1)
    values = np.linalg.eigvalsh(cosines * (np.pi - np.arccos(cosines)) / (2 * np.pi))
    (said,) = told(inputs)
    assert said.startswith(f"λ₁ holds {100 * values[-1] / values.sum():.1f} % of the trace of H^∞")
    assert said.endswith(MEND)
    assert told(inputs, standardize="columns") == []


def test_points_of_no_group_and_those_left_out_do_not_count_for_directions():
    inputs = normal() / 4 + 1
    inputs[:2] = [[0, 0, 0], [1e9, 0, 0]]
    (left, of_first) = told(inputs, left_out={"line 2": "is zero", "line 3": "is far"})
    assert left.startswith("2 points left out")
    assert of_first.startswith("λ₁ holds")


@pytest.mark.parametrize("row", [[0, 0, 0], [1e200, 1e200, 0]])
def test_a_note_cannot_refuse_what_has_no_direction(row):
    inputs = normal()
    inputs[-1] = row
    told(inputs)
    told(np.full((4, 3), row))
