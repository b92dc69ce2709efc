"""Which points are used: groups, quotas, order, and inputs that H∞ cannot bear."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, points
from overparam.errors import Refusal

GROUPS = (["0", "1"], ["2", "3"])
DIGITS = np.array([0, 1, 2, 3, 4] * 20)


def chosen(n, *, balanced=False, stratified=False, order=None, classes=DIGITS):
    order = np.flatnonzero(points.signs(classes, GROUPS)) if order is None else order
    return points.choose(classes, GROUPS, n, balanced, stratified, order, "data.toy.train")


def test_signs_by_group_and_nothing_for_other_classes():
    np.testing.assert_array_equal(points.signs(DIGITS[:5], GROUPS), [1, 1, -1, -1, 0])
    named = np.array(["setosa", "versicolor", "other"])
    np.testing.assert_array_equal(points.signs(named, (["setosa"], ["versicolor"])), [1, -1, 0])


def test_the_first_points_in_file_order():
    np.testing.assert_array_equal(chosen(6), [0, 1, 2, 3, 5, 6])


def test_a_balanced_choice_takes_the_first_of_each_group():
    classes = np.array([0, 0, 0, 0, 2, 3, 2, 3])
    np.testing.assert_array_equal(chosen(4, balanced=True, classes=classes), [0, 1, 4, 5])


def test_too_many_points_are_refused_with_the_number_there_is():
    with pytest.raises(
        Refusal, match=r"data\.toy\.train\.n: found 81, expected at most 80 points of classes 0"
    ):
        chosen(81)
    with pytest.raises(
        Refusal,
        match=r"found 82, 41 for each of the two groups, expected at most 40 points of "
        "classes 0, 1: lower n",
    ):
        chosen(82, balanced=True)
    with pytest.raises(Refusal, match=r"at most 1 points of class 0: lower n"):
        points.choose(np.array([0, 2, 2]), (["0"], ["2"]), 4, True, False, np.arange(3), "data.toy")


@given(st.integers(2, 60), st.integers(0, 2**32 - 1), st.booleans())
def test_a_stratified_choice_keeps_every_class_to_within_one_point(n, seed, balanced):
    rng = np.random.default_rng(seed)
    classes = rng.choice(5, size=200, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    n -= n % 2
    order = rng.permutation(np.flatnonzero(points.signs(classes, GROUPS)))
    taken = chosen(n, balanced=balanced, stratified=True, order=order, classes=classes)
    assert len(taken) == len(set(taken)) == n
    assert (np.diff(taken) > 0).all()
    parts = [[0, 1], [2, 3]] if balanced else [[0, 1, 2, 3]]
    for part in parts:
        total = np.isin(classes, part).sum()
        for label in part:
            exact = n / len(parts) * (classes == label).sum() / total
            assert abs((classes[taken] == label).sum() - exact) < 1


def test_unit_rows_of_pixels_and_a_refused_zero_row():
    unit = points.unit_rows(np.array([[3, 4], [0, 255]], dtype=np.uint8))
    assert unit.dtype == np.float64
    np.testing.assert_allclose(unit, [[0.6, 0.8], [0, 1]], rtol=0, atol=1e-16)
    with pytest.raises(Refusal, match=r"row 1 has length 0\.0"):
        points.unit_rows(np.array([[1.0, 0.0], [0.0, 0.0]]))


def test_zero_duplicate_and_scaled_rows_are_found_opposite_ones_are_not():
    inputs = np.array([[1, 2], [0, 0], [2, 1], [1, 2], [2, 4], [-2, -1]])
    found = points.irregular(inputs, [f"point {at}" for at in range(10, 16)])
    assert list(found) == [1, 3, 4]
    assert found[1] == "is zero"
    assert (found[3], found[4]) == ("repeats point 10", "is parallel to point 10")
    assert list(points.irregular(inputs, np.arange(6), parallel=False)) == [1]


def test_rows_that_cannot_be_scaled_are_found():
    inputs = np.array([[1.0, 2.0], [1e200, 1e200], [1e-200, 0.0], [0.0, 0.0]])
    found = points.irregular(inputs, np.arange(4))
    assert list(found) == [1, 2, 3]
    assert found[1] == "has length inf: scale the inputs"
    assert found[2] == "has length 0.0: scale the inputs"


def test_a_class_that_no_point_has_is_refused():
    points.check_classes(np.array([0, 3, 3]), (["0"], ["3"]), "data.toy.groups")
    with pytest.raises(Refusal, match=r"data\.toy\.groups: found class '5', expected one of 0, 3"):
        points.check_classes(np.array([0, 3, 3]), (["0"], ["5"]), "data.toy.groups")


@given(st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_pairs_do_not_depend_on_the_tile(tile, seed):
    rng = np.random.default_rng(seed)
    unit = points.unit_rows(rng.integers(0, 2, (12, 3)) + np.eye(12, 3) * 1e-3 + 1e-6)
    unit[1::2] *= -1
    for tiled, whole in zip(
        points.aligned_pairs(unit, tile), points.aligned_pairs(unit), strict=True
    ):
        np.testing.assert_array_equal(tiled, whole)


def test_what_is_left_after_dropping_has_a_regular_gram_matrix():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((40, 5))
    inputs[7], inputs[21] = 3 * inputs[2], inputs[2]
    kept = np.delete(inputs, list(points.irregular(inputs, np.arange(40))), axis=0)
    assert len(kept) == 38
    least = [np.linalg.eigvalsh(kernels.relu_gram(points.unit_rows(x)))[0] for x in (inputs, kept)]
    assert abs(least[0]) < 1e-12  # rounding of a singular matrix of norm about 10
    assert least[1] > 1e-4


def test_opposite_points_are_found_once_they_depend_on_one_another():
    """Of d dimensions, d opposite pairs leave the Gram matrix regular, one more does not."""
    rng = np.random.default_rng(0)
    half = rng.standard_normal((7, 4))
    inputs = np.concatenate([half, -2 * half[:6], half[:1]])
    found = points.irregular(inputs, [f"point {at}" for at in range(100, 114)])
    assert found == {
        11: "is the opposite of point 104, whose direction those of the opposite pairs before it "
        "span",
        12: "is the opposite of point 105, whose direction those of the opposite pairs before it "
        "span",
        13: "repeats point 100",
    }
    kept = np.delete(inputs, list(found), axis=0)
    assert points.irregular(kept, np.arange(len(kept))) == {}
    least = [
        np.linalg.eigvalsh(kernels.relu_gram(points.unit_rows(rows)))[0]
        for rows in (inputs[:12], kept)
    ]
    assert abs(least[0]) < 1e-14
    assert least[1] > 1e-6


def test_points_of_one_group_alone_are_refused():
    classes = np.array([0, 0, 1, 2, 3])
    points.check_both(classes[:4], GROUPS, "data.toy.train")
    with pytest.raises(
        Refusal,
        match=r"data\.toy\.train: found no point of classes 2, 3 among the 3 chosen.* balanced",
    ):
        points.check_both(classes[:3], GROUPS, "data.toy.train")


def test_an_odd_number_has_no_halves_and_a_class_no_two_groups():
    with pytest.raises(Refusal, match=r"train\.n: found 5, expected an even number"):
        chosen(5, balanced=True)
    with pytest.raises(Refusal, match=r"toy\.groups: found class '3' in both groups"):
        points.check_classes(np.array([0, 3, 3]), (["0", "3"], ["3"]), "data.toy.groups")


def test_standardised_columns_and_images():
    inputs = np.array([[1.0, 5.0, 2.0], [3.0, 5.0, 4.0]])
    pool = np.array([[0.0, 5.0, 0.0], [4.0, 5.0, 8.0]])
    assert points.standardised(inputs, pool, "none") is inputs
    # Mean 2, 5, 4 and standard deviation 2, 0, 4: a constant column says nothing.
    columns = points.standardised(inputs, pool, "columns")
    np.testing.assert_allclose(columns, [[-0.5, 0, -0.5], [0.5, 0, 0]])
    images = points.standardised(inputs.astype(np.uint8), pool, "images")
    np.testing.assert_allclose(images.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(images[0], [1 - 8 / 3, 5 - 8 / 3, 2 - 8 / 3])


@pytest.mark.parametrize("value", [0.1, 3.7, 1000000.1])
@pytest.mark.parametrize("n", [3, 7, 10, 50, 1000])
def test_equal_values_become_0_also_where_their_mean_is_rounded(n, value):
    pool = np.column_stack([np.full(n, value), np.arange(n)])
    assert not points.standardised(pool, pool, "columns")[:, 0].any()
    assert not points.standardised(np.full((2, n), value), pool, "images").any()


def test_a_repeated_row_of_another_class_is_said_to_be():
    inputs, names = np.array([[1.0, 2], [1, 2], [2, 4], [1, 2]]), ["a", "b", "c", "d"]
    found = points.irregular(inputs, names, classes=np.array(["one", "two", "two", "one"]))
    assert found == {
        1: "repeats a, of class one and not two",
        2: "is parallel to a, of class one and not two",
        3: "repeats a",
    }


@pytest.mark.filterwarnings("error")
def test_a_column_whose_squares_overflow_is_refused():
    pool = np.array([[1.0, 1e300], [2, 0], [3, 1]])
    with pytest.raises(Refusal, match=r"column 2: found a value of size 1e\+300"):
        points.standardised(pool, pool, "columns")
