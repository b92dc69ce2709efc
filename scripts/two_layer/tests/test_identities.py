"""What must be equal: that it is, and that each side of it counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam import kernels, matrices, networks
from overparam.points import unit_rows
from overparam.two_layer import identities, linearised, synthetic
from tests import sides

SEEDS = st.integers(0, 2**32 - 1)
EPS = np.finfo(float).eps


def rng(seed=3):
    return np.random.default_rng(seed)


X, Y = synthetic.sphere(12, 8, rng()), rng().standard_normal(12)
ARGUMENTS = {
    "sampled_pairs": lambda: (np.linspace(0, np.pi, 7), 5, 500, rng()),
    "trace": lambda: (X,),
    "recursion": lambda: (X, Y, 1.0, 30),
    "auxiliary": lambda: (X, Y, 60, False, rng()),
    "doubled": lambda: (X, 20, rng()),
    "start_power": lambda: (X, 20, 0.5, 10, rng()),
    "sum_rule": lambda: (X, ["linear", "power2"], 5, rng()),
    "parallel": lambda: (X, rng()),
    "antipodes": lambda: (unit_rows(X[:, :4]), [1, 2, 5]),
    "closest_pair": lambda: (X, np.array([1e-2, 0.1]), rng()),
}
# What both sides are made of, or what only says how far to go.
COMMON = {
    "trace": {"decompose.1"},
    "recursion": {"relu_gram", "labels", "edge"},
    "auxiliary": {"initialise.0", "inputs", "labels", "decompose.0", "decompose.1"},
    "doubled": {"initialise.0", "initialise.1", "outputs", "inputs"},
    "start_power": {"kappa"},
    "sum_rule": {"relu_gram", "factorise", "draw.1.0", "draw.1.1"},
}
# What is 0, or counts zeros: a factor changes nothing of it.
NULL = {"doubled": {"outputs"}, "parallel": {"duplicate"}, "antipodes": {"1"}}


@pytest.mark.parametrize("name", sides.identities(identities))
def test_each_side_of_an_identity_counts(name):
    function, arguments = getattr(identities, name), ARGUMENTS[name]
    seen = sides.seen(function, arguments)
    dead = sides.reported(function, arguments) - set().union(*seen.values())
    assert dead == NULL.get(name, set())
    assert {source for source, keys in seen.items() if not keys} == COMMON.get(name, set())


def test_a_network_that_is_not_doubled_is_seen(monkeypatch):
    whole = networks.initialise
    monkeypatch.setattr(networks, "initialise", lambda m, d, k, _, rng: whole(m, d, k, False, rng))
    found = identities.doubled(X, 20, rng())
    assert found["outputs"] > 0.1
    assert found["gram"] > 0.01


def test_the_recursion_runs_at_the_rate_that_it_is_told(monkeypatch):
    rates, largest = [], np.linalg.eigvalsh(kernels.relu_gram(X))[-1]

    def residuals(gram, labels, eta, last):
        rates.append(eta)
        return np.ones(last + 1)

    monkeypatch.setattr(linearised, "residuals", residuals)
    identities.recursion(X, Y, 1.9, 30)
    assert rates == pytest.approx([1.9 / largest])


@given(d=st.integers(2, 12), seed=SEEDS)
def test_samples_lie_within_standard_errors_of_the_formula(d, seed):
    angles = np.linspace(0, np.pi, 11)
    found = identities.sampled_pairs(angles, d, 20_000, np.random.default_rng(seed))
    assert found["cosine"] == pytest.approx(np.cos(angles), abs=1e-14)
    gap = np.abs(found["sampled"] - found["exact"])
    # 30 examples of 11 pairs: 6 standard errors have a chance of 6e-7, and the examples are fixed.
    assert np.all(gap <= 6 * found["error"] + 1e-15)
    # The deviation of a share is ½/√20 000 at its largest, and 0 for pairs never both active.
    assert found["error"].max() == pytest.approx(0.5 / np.sqrt(20_000), rel=0.02)
    assert found["error"][-1] == 0


@given(n=st.integers(2, 20), seed=SEEDS)
def test_the_trace_is_half_of_n(n, seed):
    found = identities.trace(synthetic.sphere(n, 6, np.random.default_rng(seed)))
    assert found["diagonal"] == 0
    assert found["trace"] < 10 * n * EPS


@given(n=st.integers(2, 12), seed=SEEDS, edge=st.sampled_from([0.1, 1.0, 1.9]))
def test_recursion_and_sum_agree(n, seed, edge):
    rng = np.random.default_rng(seed)
    x, y = synthetic.sphere(n, 5, rng), rng.standard_normal(n)
    assert identities.recursion(x, y, edge, 50) < 1e-10


@pytest.mark.parametrize("antisymmetric", [False, True])
def test_the_auxiliary_sequence_ends_where_the_gram_matrix_says(antisymmetric):
    rng = np.random.default_rng(4)
    x, y = synthetic.sphere(12, 8, rng), rng.standard_normal(12)
    found = identities.auxiliary(x, y, 60, antisymmetric, rng)
    assert set(found) == {"solved", "iterated", "gram", "outputs"}
    assert max(found.values()) < 1e-10


def test_an_antisymmetric_network_starts_at_zero_with_the_gram_matrix_of_its_half():
    rng = np.random.default_rng(5)
    found = identities.doubled(synthetic.sphere(6, 4, rng), 20, rng)
    assert found["outputs"] < 1e-14
    assert found["gram"] < 1e-15


@pytest.mark.parametrize("kappa", [0.1, 0.5, 2.0])
def test_outputs_at_the_start_have_the_power_of_kappa(kappa):
    rng = np.random.default_rng(6)
    # Per network the mean over inputs has about the deviation of its mean: 2000 leave some 3 %.
    power = identities.start_power(synthetic.sphere(10, 5, rng), 20, kappa, 2000, rng)
    assert power == pytest.approx(1, abs=0.12)


def test_the_norm_obeys_the_triangle_inequality_and_meets_it():
    rng = np.random.default_rng(7)
    excess = identities.sum_rule(synthetic.sphere(20, 6, rng), ["linear", "power2"], 10, rng)
    assert abs(excess) < 1e-13


def test_a_copy_makes_the_matrix_singular_and_an_opposite_does_not():
    rng = np.random.default_rng(8)
    found = identities.parallel(synthetic.sphere(15, 6, rng), rng)
    assert found["duplicate"] < 1e-14
    assert 0 < found["antipode"] < 1


@given(d=st.integers(2, 5), seed=SEEDS)
def test_antipodal_pairs_beyond_the_dimension_are_dependent(d, seed):
    x = synthetic.sphere(6 * d, d, np.random.default_rng(seed))
    least, null = identities.antipodes(x, [1, d + 1, 2 * d], 1e-13)
    assert null.tolist()[1:] == [1, d]
    assert least[0] > 1e-9 > abs(least[1:]).max()


def test_the_least_eigenvalue_of_close_inputs_is_their_angle_over_two_pi():
    x = synthetic.sphere(8, 5, np.random.default_rng(9))
    angles = np.array([1e-7, 1e-5, 1e-3])
    found = identities.closest_pair(x, angles, np.random.default_rng(10))
    # The next term of the two rows' own value is θ²/4: a relative πθ/2.
    assert found == pytest.approx(angles / (2 * np.pi), rel=2e-3)
    alone = identities.closest_pair(x[:1], np.array([1.0]), np.random.default_rng(11))
    assert alone == pytest.approx(0.5 - np.cos(1) * (np.pi - 1) / (2 * np.pi))
    gram = kernels.relu_gram(x)
    assert np.all(found < matrices.least_eigenvalue(gram))
