"""Labellings, and the seeds that their draws come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import labels
from overparam.errors import Refusal
from overparam.seeds import generator

SEEDS = st.integers(0, 2**32 - 1)
N = 4000
TRUE = np.where(np.arange(N) % 3 == 0, 1.0, -1.0)
# A sum of N independent ±1 has standard deviation √N: a mean beyond 4/√N has probability 6e-5,
# and the seeds are fixed.
CHANCE = 4 / np.sqrt(N)


def draw(kind, repetition=0, train=TRUE, test=TRUE, master=0, problem="digits"):
    least = np.random.default_rng(1).standard_normal(len(train))
    return labels.draw(kind, train, test, least, master, problem, repetition)


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


@given(n=st.integers(1, 50), seed=SEEDS)
def test_worst_case_has_norm_root_n_and_its_largest_entry_positive(n, seed):
    vector = np.random.default_rng(seed).standard_normal(n)
    vector /= np.linalg.norm(vector)
    worst = labels.worst_case(vector)
    assert np.isclose(np.linalg.norm(worst), np.sqrt(n), rtol=1e-14, atol=0)  # n ≤ 50 roundings
    assert worst.max() == np.abs(worst).max()
    assert np.array_equal(worst, labels.worst_case(-vector))
    assert np.isclose(abs(worst @ vector), np.sqrt(n), rtol=1e-14, atol=0)  # the same direction


def test_worst_kind_leaves_test_labels_true():
    least = np.array([0.6, -0.8])
    train, test = labels.draw("worst", np.ones(2), TRUE, least, 0, "digits", 0)
    assert np.array_equal(train, labels.worst_case(least))
    assert test is TRUE


def test_random_signs_are_plus_or_minus_one():
    signs = labels.random_signs(N, np.random.default_rng(3))
    assert signs.shape == (N,)
    assert signs.dtype == np.float64
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.mean()) < CHANCE


@pytest.mark.parametrize(("kind", "p"), [("random", 1), ("noise0.25", 0.25), ("noise1", 1)])
def test_portion_of_a_kind(kind, p):
    assert labels.portion(kind) == p


@pytest.mark.parametrize(
    "kind", ["", "noise", "noisy", "0.3", "noise1.1", "noise-0.1", "noisenan", "noiseinf", "True"]
)
def test_unknown_kinds_are_refused_by_name(kind):
    with pytest.raises(Refusal, match=f"found '{kind}', expected 'true', 'random', 'worst'"):
        draw(kind)


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
