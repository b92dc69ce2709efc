"""Labellings, and the seeds that their draws come from."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, label_kinds, labels, points, spectra
from overparam.errors import Refusal
from overparam.seeds import generator

SEEDS = st.integers(0, 2**32 - 1)
N = 4000
TRUE = np.where(np.arange(N) % 3 == 0, 1.0, -1.0)
# A sum of N independent ±1 has standard deviation √N: a mean beyond 4/√N has probability 6e-5,
# and the seeds are fixed.
CHANCE = 4 / np.sqrt(N)


def draw(kind, repetition=0, train=TRUE, test=TRUE, master=0, problem="digits"):
    return labels.draw(kind, train, test, np.empty((0, 0)), master, problem, repetition)


@given(n=st.integers(0, 300), portion=st.floats(0, 1), seed=SEEDS)
def test_exactly_the_portion_asked_for_is_redrawn(n, portion, seed):
    marked = np.full(n, 7.0)  # no draw gives 7: what is ±1 was redrawn
    noisy = labels.partially_random(marked, portion, np.random.default_rng(seed))
    assert np.count_nonzero(np.abs(noisy) == 1) == round(portion * n)
    assert np.count_nonzero(noisy == 7) == n - round(portion * n)
    assert np.all(marked == 7)  # the labels given stay as they were


def test_redrawn_labels_are_half_of_each_sign_and_anywhere():
    noisy = labels.partially_random(np.full(N, 7.0), 0.5, np.random.default_rng(2))
    assert abs(noisy[noisy != 7].mean()) < CHANCE * np.sqrt(2)  # N/2 of them
    places = np.flatnonzero(noisy != 7) / N
    # A uniform draw of N/2 places without repetition: mean ½, sd 1/√12/√N.
    assert abs(places.mean() - 0.5) < CHANCE / np.sqrt(12)


def test_portion_p_changes_half_of_p():
    changed = np.mean(draw("noise0.4")[0] != TRUE)
    # .4 N fair coins: sd √(.4 · ¼ / N).
    assert abs(changed - 0.2) < CHANCE * np.sqrt(0.1)


@pytest.mark.parametrize("kind", ["true", "noise0", "noise0.0"])
def test_portion_zero_keeps_every_label(kind):
    train, test = draw(kind)
    assert np.array_equal(train, TRUE)
    assert np.array_equal(test, TRUE)


@pytest.mark.parametrize("kind", ["random", "noise1"])
def test_portion_one_redraws_every_label(kind):
    for side in draw(kind, train=np.full(N, 7.0), test=np.full(N, 7.0)):
        assert np.all(np.abs(side) == 1)
        assert abs(side.mean()) < CHANCE


def test_training_and_test_draws_are_uncorrelated():
    train, test = draw("random")
    assert abs(np.mean(train * test)) < CHANCE


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "noise1"},
        {"repetition": 1},
        {"master": 1},
        {"problem": "mnist"},
    ],
)
def test_every_axis_gives_a_draw_of_its_own(other):
    first, second = draw("random")[0], draw(**({"kind": "random"} | other))[0]
    assert abs(np.mean(first * second)) < CHANCE


def test_other_repetitions_and_kinds_change_no_draw():
    alone = draw("noise0.3", 2)
    among = {(k, r): draw(k, r) for k in ("random", "noise0.3", "noise0.7") for r in range(4)}
    for before, after in zip(alone, among["noise0.3", 2], strict=True):
        assert np.array_equal(before, after)
    # Nor does the size of the other side.
    assert np.array_equal(alone[0], draw("noise0.3", 2, test=TRUE[:10])[0])


def test_shuffled_labels_keep_the_count_of_each_sign_on_both_sides():
    test = TRUE[:1000]
    train, shuffled = draw("shuffled", test=test)
    for side, true in ((train, TRUE), (shuffled, test)):
        assert np.array_equal(
            np.unique(side, return_counts=True), np.unique(true, return_counts=True)
        )
        # Two orders of n labels with mean ȳ: their covariance has standard deviation (1 − ȳ²)/√n.
        chance = 4 * (1 - true.mean() ** 2) / np.sqrt(len(true))
        assert abs(np.mean(side * true) - true.mean() ** 2) < chance
    assert set(draw("random")[0]) == {-1, 1}
    assert draw("random")[0].sum() != TRUE.sum()  # where fair coins do not


def test_shuffled_labels_are_the_same_by_seed_and_others_by_any_other_axis():
    first = draw("shuffled", 2)[0]
    assert np.array_equal(first, draw("shuffled", 2)[0])
    for other in ({"repetition": 1}, {"master": 1}, {"problem": "mnist"}):
        second = draw("shuffled", **({"repetition": 2} | other))[0]
        assert abs(np.mean(first * second) - TRUE.mean() ** 2) < CHANCE


@pytest.mark.parametrize("positive", [20, 8])
def test_the_complexity_of_shuffled_labels_is_that_of_random_ones_but_for_their_mean(positive):
    """Mean of yᵀ(H∞)⁻¹y: of as many labels of each sign all but tr (H∞)⁻¹, as of random ones."""
    n, draws = 40, 4000
    inputs = points.unit_rows(np.random.default_rng(4).standard_normal((n, 10)))
    inverse = np.linalg.inv(kernels.relu_gram(inputs))
    true = np.where(np.arange(n) < positive, 1.0, -1.0)
    drawn = np.array([draw("shuffled", at, true, true)[0] for at in range(draws)])
    found = np.einsum("ri,ij,rj->r", drawn, inverse, drawn)
    square, trace, mean = inverse.sum(), np.trace(inverse), true.mean() ** 2
    expected = mean * square + (1 - mean) * (n * trace - square) / (n - 1)
    assert abs(found.mean() - expected) < 4 * found.std() / np.sqrt(draws)
    assert (abs(expected / trace - 1) < 0.03) == (positive == 20)


@given(n=st.integers(1, 50), seed=SEEDS)
def test_labels_along_an_eigenvector_have_norm_root_n_and_their_largest_entry_positive(n, seed):
    vector = np.random.default_rng(seed).standard_normal(n)
    vector /= np.linalg.norm(vector)
    found = labels.along(vector)
    assert np.isclose(np.linalg.norm(found), np.sqrt(n), rtol=1e-14, atol=0)  # n ≤ 50 roundings
    assert found.max() == np.abs(found).max()
    assert np.array_equal(found, labels.along(-vector))
    assert np.isclose(abs(found @ vector), np.sqrt(n), rtol=1e-14, atol=0)  # the same direction


def spectrum():
    values, columns = np.linalg.eigh(np.diag([1.0, 3, 2]))
    return values[::-1], columns.T[::-1]  # largest eigenvalue first


@pytest.mark.parametrize(
    ("kind", "entry"), [("eigenvector1", 1), ("eigenvector2", 2), ("worst", 0)]
)
def test_eigenvectors_are_counted_from_the_largest_eigenvalue_and_leave_test_labels_true(
    kind, entry
):
    train, test = labels.draw(kind, np.ones(3), TRUE, spectrum()[1], 0, "digits", 0)
    np.testing.assert_allclose(train, np.sqrt(3) * np.eye(3)[entry], atol=1e-15)
    assert test is TRUE


def test_the_worst_case_is_the_last_eigenvector_and_needs_no_other():
    _, vectors = spectrum()
    drawn = [
        labels.draw(kind, np.ones(3), TRUE, rows, 0, "digits", 0)[0]
        for kind, rows in (("worst", vectors), ("worst", vectors[-1:]), ("eigenvector3", vectors))
    ]
    assert np.array_equal(drawn[0], drawn[1])
    assert np.array_equal(drawn[0], drawn[2])


def test_labels_along_an_eigenvector_are_forgotten_at_one_rate():
    """Eq. (8): of Φ(0) = n/2 the share (1 − ηλ_i)^2k is left."""
    values, vectors = spectrum()
    eta, steps = 0.3, np.arange(20)
    for at, value in enumerate(values, 1):
        y, _ = labels.draw(f"eigenvector{at}", np.ones(3), TRUE, vectors, 0, "digits", 0)
        norms = spectra.predicted_residual(values, spectra.project(vectors, y), eta, steps)
        np.testing.assert_allclose(norms**2 / 2, 1.5 * (1 - eta * value) ** (2 * steps), rtol=1e-12)


def test_an_eigenvector_that_is_not_there_is_refused():
    for rows in (spectrum()[1], np.ones((1, 3))):
        said = f"labels: found 'eigenvector4', expected i from 1 to {len(rows)}, as many"
        with pytest.raises(Refusal, match=said):
            labels.draw("eigenvector4", np.ones(3), TRUE, rows, 0, "digits", 0)


def test_random_signs_are_plus_or_minus_one():
    signs = labels.random_signs(N, np.random.default_rng(3))
    assert signs.shape == (N,)
    assert signs.dtype == np.float64
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.mean()) < CHANCE


@pytest.mark.parametrize(
    ("kind", "p"),
    [("random", 1), ("noise0.25", 0.25), ("noise1", 1), ("noise1e-05", 1e-5), ("shuffled", None)],
)
def test_portion_of_a_kind(kind, p):
    assert label_kinds.portion(kind) == p


@pytest.mark.parametrize(
    ("kind", "n"),
    [
        *[(kind, None) for kind in (
            "", "noise", "noisy", "0.3", "noise1.1", "noise1.5", "noise-0.1", "noisenan",
            "noiseinf", "noise 0.5", "noise0_1", "True", "shufled", "worst1", "eigenvector",
            "eigenvector0", "eigenvector-1", "eigenvector03", "eigenvector1.0",
        )],
        ("eigenvector61", 60),
    ],
)  # fmt: skip
def test_unknown_kinds_are_refused_with_all_that_there_are(kind, n):
    said = (
        f"found {kind!r}, expected one of true, random, shuffled, worst, noise<p> with p from 0 to "
        f"1, eigenvector<i> with i from 1 to n{f' = {n}' if n else ''}"
    )
    assert label_kinds.mistake(kind, n) == said
    if n is None:
        with pytest.raises(Refusal, match=re.escape(f"labels: {said}")):
            draw(kind)


@pytest.mark.parametrize("kind", ["shuffled", "noise0.5", "eigenvector60", "worst"])
def test_known_kinds_are_no_mistake(kind):
    assert label_kinds.mistake(kind, 60) == ""


def test_a_seed_is_the_same_on_every_machine():
    # SHA-256 of "0␟digits␟init␟1024␟2", its first 16 bytes big-endian, into NumPy's default
    # generator: a change here changes every result.
    rng = generator(0, "digits", "init", 1024, 2)
    assert rng.bit_generator.random_raw(2).tolist() == [343584779448729143, 8871249296158607438]


@given(
    one=st.lists(st.text("ab0", max_size=3), max_size=4),
    two=st.lists(st.text("ab0", max_size=3), max_size=4),
)
def test_seeds_are_equal_just_when_all_names_are(one, two):
    first, second = generator(0, *one), generator(0, *two)
    same = first.bit_generator.random_raw() == second.bit_generator.random_raw()
    assert same == (one == two)  # 64 bits: a chance agreement has probability 5e-20
