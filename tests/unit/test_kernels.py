"""The ReLU kernel's closed form against sampling, exact fractions, series and its own tiles."""

import math
from fractions import Fraction
from operator import mul

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels
from overparam.errors import Refusal

EPS = np.finfo(float).eps
shapes = {"n": st.integers(1, 12), "d": st.integers(1, 5), "seed": st.integers(0, 2**32 - 1)}


def unit_rows(n, d, seed):
    rows = np.random.default_rng(seed).standard_normal((n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pairs_at(angle, count=200, d=3, seed=5):
    """Rows x and y of unit length with (nearly) the given angle between x_i and y_i."""
    x, across = unit_rows(count, d, seed), unit_rows(count, d, seed + 1)
    across -= np.sum(across * x, axis=1, keepdims=True) * x
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    y = np.cos(angle) * x + np.sin(angle) * across
    return x, y / np.linalg.norm(y, axis=1, keepdims=True)


def precise(x, y):
    """x·y (π − θ) / 2π and θ of the two rows just as they are stored, each to 2 ulp.

    Lengths and products are exact fractions, and θ comes from its sine and cosine: nothing
    cancels.
    """
    x, y = [[Fraction(float(value)) for value in row] for row in (x, y)]
    xx, yy, xy = (sum(map(mul, a, b)) for a, b in ((x, x), (y, y), (x, y)))
    sine, cosine = math.sqrt(xx * yy - xy * xy), float(xy)
    return cosine * math.atan2(sine, -cosine) / (2 * math.pi), math.atan2(sine, cosine)


def test_gram_agrees_with_a_million_random_neurons():
    axes = np.eye(5)
    points = np.vstack([axes[0], axes[1], -axes[0], axes[0], unit_rows(4, 5, 1)])
    cosines = points @ points.T
    neurons = np.random.default_rng(2).standard_normal((10**6, 5))
    active = (neurons @ points.T >= 0).astype(np.float32)
    share = (active.T @ active).astype(float) / 10**6  # counts below 2²⁴: exact in float32
    # The sample's own standard error of a mean of 0s and 1s. It is 0 for cos = −1 (never both
    # active) and for cos = 0 (times 0), where the two must be equal; 5 of them leave a chance
    # of 2e-5 for all 36 pairs together, and the seed is fixed.
    error = np.abs(cosines) * np.sqrt(share * (1 - share) / 10**6)
    difference = np.abs(kernels.relu_gram(points) - cosines * share)
    assert np.all(difference <= 5 * error + 4 * EPS)
    assert np.count_nonzero(error) > 30  # the comparison is not an empty one


@given(**shapes)
def test_diagonal_is_exactly_half_and_matrix_symmetric(n, d, seed):
    gram = kernels.relu_gram(unit_rows(n, d, seed))
    assert np.all(np.diagonal(gram) == 0.5)
    assert np.trace(gram) == n / 2
    assert np.array_equal(gram, gram.T)
    # In one dimension every angle is 0 or π, and rounding may leave the last bit of −½ … ½.
    assert np.all(np.abs(gram) <= 0.5)


@given(**shapes)
def test_antipodal_points_have_kernel_exactly_zero(n, d, seed):
    points = unit_rows(n, d, seed)
    assert np.all(np.diagonal(kernels.relu_cross_gram(points, -points)) == 0)


def test_orthogonal_points_have_kernel_zero():
    assert np.array_equal(kernels.relu_gram(np.eye(7)), np.eye(7) / 2)
    rotated = np.linalg.qr(np.random.default_rng(3).standard_normal((7, 7)))[0]
    rotated /= np.linalg.norm(rotated, axis=1, keepdims=True)
    # Householder QR keeps columns and rows orthogonal to about d ulp of 1; the kernel's slope
    # at cos = 0 is ¼.
    assert np.allclose(kernels.relu_gram(rotated), np.eye(7) / 2, rtol=0, atol=7 * EPS)


# Roundings, each half an ulp (u), u = 2⁻⁵³. Kahan's form: the dot product in d = 3 costs 3 u of
# Σ|x_i y_i| ≤ 1; π − θ 2 u; product, quotient and 2π 3 u: 8 u, and results lie above ¼ or are held
# to the ulp of ¼ (5e-17 = u/2): 16 such steps at worst, of which roundings of either sign leave 6,
# the reference's 2 among them.
# arccos, from cos = .99 downwards: what the cosine is off by (3 u, and 4 u since the rows are not
# quite of unit length) grows by 1/sin θ ≤ 7 and enters over 2π: 8 u, 16 more.
@pytest.mark.parametrize(
    ("angle", "ulp"),
    [(1e-6, 6), (1e-4, 6), (1e-2, 6), (0.1, 6), (0.14, 6), (0.142, 22), (1.0, 6), (1.5, 6)],
)
def test_kernel_is_right_to_a_few_ulp_at_every_acute_angle(angle, ulp):
    x, y = pairs_at(angle)
    exact = np.array([precise(*pair)[0] for pair in zip(x, y, strict=True)])
    found = np.diagonal(kernels.relu_cross_gram(x, y))
    # For scale: x·y + arccos alone is off by 92 at 1e-2, 10⁴ at 1e-4, 10⁶ at 1e-6.
    spacing = np.spacing(np.maximum(np.abs(exact), 0.25))
    assert np.max(np.abs(found - exact) / spacing) <= ulp


@pytest.mark.parametrize("from_pi", [1e-6, 1e-4, 1e-2])
def test_kernel_of_nearly_antipodal_pairs_is_right_to_rounding_of_pi(from_pi):
    x, y = pairs_at(np.pi - from_pi)
    exact = np.array([precise(*pair)[0] for pair in zip(x, y, strict=True)])
    # π − θ cancels: what is left is an ulp of π for θ and half of one for π, over 2π.
    found = np.diagonal(kernels.relu_cross_gram(x, y))
    assert np.max(np.abs(found - exact)) <= 1.5 * np.spacing(np.pi) / (2 * np.pi)


@pytest.mark.parametrize("angle", [1e-6, 1e-4, 1e-2, 0.1, 1.0, np.pi - 1e-2, np.pi - 1e-6])
def test_angles_are_right_to_a_few_ulp(angle):
    x, y = pairs_at(angle)
    exact = np.array([precise(*pair)[1] for pair in zip(x, y, strict=True)])
    found = np.diagonal(kernels.angles(x, y))
    # Kahan's form: a norm (2 u + d/2 u), twice, arctan2 and the difference itself: some 8 u.
    # Rows of lengths 1 + a u and 1 + b u (|a − b| ≤ 4) add ((a − b) u / θ)² ≤ 2e-19 at 1e-6.
    assert np.max(np.abs(found - exact) / np.spacing(exact)) <= 8


@given(**shapes, tile=st.sampled_from([1, 2, 3, 5, 12, 100]))
def test_tile_size_changes_nothing_but_the_last_bit(n, d, seed, tile):
    points = unit_rows(n, d, seed)
    tiled, whole = kernels.relu_gram(points, tile=tile), kernels.relu_gram(points, tile=n)
    # BLAS may sum the d ≤ 5 products of a cosine in another order: an ulp or two of 1, times
    # the kernel's slope. 1e-15 is relative to a matrix whose entries reach ½.
    assert np.allclose(tiled, whole, rtol=1e-15, atol=1e-15)
    assert np.array_equal(tiled, tiled.T)


@given(**shapes, p=st.integers(1, 9), tile=st.sampled_from([1, 3, 4, 100]))
def test_cross_gram_agrees_with_gram(n, d, seed, p, tile):
    points = unit_rows(n + p, d, seed)
    gram = kernels.relu_gram(points)
    cross = kernels.relu_cross_gram(points[:p], points[p:], tile=tile)
    assert cross.shape == (p, n)
    assert np.allclose(cross, gram[:p, p:], rtol=1e-15, atol=1e-15)  # as for tiles
    # On the diagonal the dot product of a row with itself stands for the exact ½.
    same = kernels.relu_cross_gram(points, points, tile=tile)
    assert np.allclose(same, gram, rtol=0, atol=(d + 2) * EPS)


def test_correcting_pairs_in_portions_changes_nothing(monkeypatch):
    centre = np.ones(4) / 2
    points = centre + 0.02 * unit_rows(70, 4, 6)  # 4 900 pairs, all of cosine above .99
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    assert (points @ points.T > kernels.NEARLY_PARALLEL).all()
    in_few = kernels.relu_gram(points)
    monkeypatch.setattr(kernels, "PAIRS_AT_ONCE", 13)
    assert np.array_equal(kernels.relu_gram(points), in_few)


def test_power_series_agrees():
    cosines = np.clip(unit_rows(40, 6, 7) @ unit_rows(40, 6, 8).T, -0.9, 0.9)
    x = np.tile([1.0, 0.0], (cosines.size, 1))
    y = np.stack([cosines.ravel(), np.sqrt(1 - cosines.ravel() ** 2)], axis=1)
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    k = y[:, 0]
    series, factor = k / 4, 1.0  # factor = (2l − 3)!! / (2l − 2)!!, 1 for l = 1
    for order in range(1, 200):
        series = series + factor * k ** (2 * order) / (2 * order - 1) / (2 * np.pi)
        factor *= (2 * order - 1) / (2 * order)
    # |K| ≤ .9: the terms left out sum to less than .81²⁰⁰/(1 − .81) < 1e-17. Rounding: at most
    # 200 terms that fall like .81^l, so about 1/(1 − .81) ≈ 5 of the size of the first.
    found = kernels.relu_cross_gram(x[:1], y)[0]
    assert np.allclose(found, series, rtol=0, atol=8 * EPS)


@pytest.mark.parametrize(
    ("bad", "said"), [(1 + 1e-8, "1"), (0.0, "0"), (np.nan, "nan"), (np.inf, "inf")]
)
def test_rows_that_are_not_of_unit_length_are_refused(bad, said):
    good, points = unit_rows(5, 3, 9), unit_rows(4, 3, 9)
    points[2] = [bad, 0, 0]
    expected = rf"row 2 has length {said}, expected 1 \(1 such rows\)"
    with pytest.raises(Refusal, match=expected):
        kernels.relu_gram(points)
    with pytest.raises(Refusal, match=expected):
        kernels.relu_cross_gram(points, good)
    with pytest.raises(Refusal, match=expected):
        kernels.relu_cross_gram(good, points)


def test_rows_of_unit_length_in_single_precision_alone_are_refused():
    with pytest.raises(Refusal, match="scale every input to unit length"):
        kernels.relu_gram(unit_rows(50, 8, 10).astype(np.float32).astype(float))
