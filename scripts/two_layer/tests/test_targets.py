"""Targets against their definitions, and their bounds against series and kernels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, matrices, measures
from overparam.errors import Refusal
from overparam.two_layer import synthetic, targets

SEEDS = st.integers(0, 2**32 - 1)
# ‖β‖ up to 1.9: at most (b²/4)^j = .9^j, j ≤ 400 leaves 1e-18.
LENGTHS = st.floats(0.05, 1.9)


def summed(coefficient, b, terms):
    """Corollary 6.2 for a series of even powers: both constants."""
    return targets.sum_bounds(
        [targets.power_bounds(2 * j, coefficient(j), b) for j in range(1, terms)]
    )


@pytest.mark.parametrize(
    ("p", "published", "sharp"),
    [(1, 3, 2), (2, 6, 2.5066), (4, 12, 7.5199), (6, 18, 12.5331), (3, math.inf, math.inf)],
)
def test_the_constants_of_powers_are_those_of_theorem_6_1(p, published, sharp):
    assert targets.power_bounds(p, 1.0, 1.0) == pytest.approx((published, sharp), rel=1e-4)
    scaled = targets.power_bounds(p, -3.0, 0.5)
    assert scaled == pytest.approx((published * 3 * 0.5**p, sharp * 3 * 0.5**p), rel=1e-4)


@given(b=st.floats(0.05, 5))
def test_the_bounds_of_a_cosine_are_those_of_its_series(b):
    series = summed(lambda j: 1 / math.factorial(2 * j), b, 40)
    # b sinh b − cosh b + 1 loses digits as b → 0: b²/2 is left of numbers of the size of 1.
    assert targets.cosine_bounds(b) == pytest.approx(series, rel=1e-15 / b**2 + 1e-13)


@given(b=LENGTHS)
def test_the_bounds_of_an_arctan_are_those_of_its_series(b):
    series = summed(lambda j: 2.0 ** (1 - 2 * j) / (2 * j - 1), b, 400)
    assert targets.arctan_bounds(b) == pytest.approx(series, rel=1e-12)


def test_the_published_bound_of_a_small_arctan_is_quadratic():
    assert targets.arctan_bounds(1e-3).published == pytest.approx(3e-6, rel=1e-6)
    assert targets.arctan_bounds(2.0) == (math.inf, math.inf)


@given(d=st.integers(2, 6), seed=SEEDS)
def test_names_mean_what_they_say(d, seed):
    rng = np.random.default_rng(seed)
    x = synthetic.sphere(9, d, rng)
    beta = rng.standard_normal(d)
    z = x @ beta
    matrix = targets.random_symmetric(d, 2, rng)
    assert np.allclose(targets.power(beta, 3, -2.0).values(x), -2 * z**3)
    assert np.allclose(targets.cosine(beta).values(x), np.cos(z) - 1)
    assert np.allclose(targets.arctan(beta).values(x), z * np.arctan(z / 2))
    assert np.allclose(targets.quadratic(matrix).values(x), [row @ matrix @ row for row in x])
    parts = [targets.power(beta, 1), targets.quadratic(matrix)]
    both = targets.total(parts)
    assert np.allclose(both.values(x), parts[0].values(x) + parts[1].values(x))
    assert both.bounds.sharp == pytest.approx(parts[0].bounds.sharp + parts[1].bounds.sharp)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("linear", lambda z: z), ("power2", np.square), ("power5", lambda z: z**5),
        ("sine5", lambda z: np.sin(5 * z)), ("sign", np.sign), ("absolute", np.abs),
        ("relu", lambda z: (z + abs(z)) / 2), ("cosine2", lambda z: np.cos(2 * z) - 1),
        ("arctan0.5", lambda z: z / 2 * np.arctan(z / 4)),
    ],
)  # fmt: skip
def test_a_drawn_target_is_a_function_of_one_unit_direction(name, shape):
    target = targets.draw(name, 2, np.random.default_rng(3))
    turns = np.linspace(0, 2 * np.pi, 721)  # β is among a quarter of a thousand directions, nearly
    x = np.column_stack([np.cos(turns), np.sin(turns)])
    gaps = [np.abs(shape(np.cos(turns - turn)) - target.values(x)).mean() for turn in turns]
    # Half a step of direction is .0044; slopes are at most 5, and a sign is wrong at two steps.
    assert min(gaps) < 5 * 0.0045
    assert np.median(gaps) > min(gaps) * 3


@given(d=st.integers(1, 8), seed=SEEDS, data=st.data())
def test_a_random_form_has_its_rank_and_nuclear_norm(d, seed, data):
    rank = data.draw(st.integers(1, d))
    matrix = targets.random_symmetric(d, rank, np.random.default_rng(seed))
    values = np.linalg.eigvalsh(matrix)
    assert np.allclose(matrix, matrix.T)
    assert np.abs(values).sum() == pytest.approx(1)
    assert np.sum(np.abs(values) > 1e-14) <= rank
    assert targets.quadratic(matrix).bounds == pytest.approx((6, math.sqrt(2 * math.pi)))


@pytest.mark.parametrize("name", ["cube", "Power2", "power2.", "power 2", "", "5", "²"])
def test_other_names_are_refused(name):
    with pytest.raises(Refusal, match="expected linear, power<p>"):
        targets.draw(name, 3, np.random.default_rng(0))


def test_a_rank_above_the_dimension_is_refused():
    assert targets.exists("quadratic3", 3)
    assert targets.exists("power4", 3)
    assert not targets.exists("quadratic4", 3)
    with pytest.raises(Refusal, match="found rank 4, expected 1 to d = 3"):
        targets.draw("quadratic4", 3, np.random.default_rng(0))


@given(n=st.integers(1, 60), d=st.integers(2, 6), seed=SEEDS)
def test_norms_stay_below_their_bounds(n, d, seed):
    rng = np.random.default_rng(seed)
    x = synthetic.sphere(n, d, rng)
    drawn = [
        targets.draw(name, d, rng)
        for name in ("linear", "power2", "power6", "quadratic2", "cosine2", "arctan1", "sum")
    ]
    values = np.column_stack([target.values(x) for target in drawn])
    norms = matrices.inverse_norm(measures.factorise(kernels.relu_gram(x)), values)
    # Two points may lie so close that λ_min ≈ 1e-5 of λ_max: rounding of y enters divided by it.
    assert np.all(norms <= [target.bounds.sharp * (1 + 1e-9) for target in drawn])
    assert np.all([target.bounds.sharp < target.bounds.published for target in drawn])


@given(n=st.integers(1, 20), seed=SEEDS)
def test_the_norm_is_that_of_the_inverse(n, seed):
    rng = np.random.default_rng(seed)
    gram = kernels.relu_gram(synthetic.sphere(n, 8, rng))
    y = rng.standard_normal((n, 3))
    squares = np.sum(y * np.linalg.solve(gram, y), axis=0)
    factor = measures.factorise(gram.copy())
    assert matrices.inverse_norm(factor, y) == pytest.approx(np.sqrt(squares), rel=1e-9)
    complexity = measures.complexity(factor, y) * np.sqrt(n / 2)
    assert matrices.inverse_norm(factor, y) == pytest.approx(complexity, rel=1e-12)
