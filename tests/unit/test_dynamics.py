"""Gradient descent against automatic differentiation, and what is measured along the way."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from overparam import device, dynamics, networks, spectra
from overparam.errors import Refusal

SEEDS = st.integers(0, 2**32 - 1)
shapes = {"n": st.integers(1, 12), "d": st.integers(1, 6), "m": st.integers(1, 15), "seed": SEEDS}


def problem(n, d, m, seed, kappa=1.0, antisymmetric=False):
    """Unit inputs, labels ±1 and a network's start, as float64 tensors."""
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((n, d))
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    labels = rng.choice([-1.0, 1.0], size=n)
    arrays = inputs, labels, *networks.initialise(m, d, kappa, antisymmetric, rng)
    return [torch.tensor(array) for array in arrays]


def run(inputs, labels, weights, signs, eta, steps):
    """Copies of the loss, residual and weights of every step."""
    path = dynamics.descend(inputs, labels, weights.clone(), signs, eta, steps)
    return [(step.k, step.loss, step.residual.clone(), step.weights.clone()) for step in path]


@given(**shapes)
def test_steps_are_those_of_automatic_differentiation(n, d, m, seed):
    inputs, labels, weights, signs = problem(n, d, m, seed)
    eta, expected = 0.5 / n, weights.clone().requires_grad_()  # ‖H‖ ≤ n: stable
    for _, loss, residual, found in run(inputs, labels, weights, signs, eta, 5):
        outputs = torch.relu(inputs @ expected) @ signs / math.sqrt(m)
        phi = 0.5 * torch.sum((labels - outputs) ** 2)
        # Five steps add some 5 (n + d + m) roundings of numbers near 1, 2e-14; 1e-10 leaves room.
        assert torch.allclose(found, expected, rtol=0, atol=1e-10)
        assert torch.allclose(residual, outputs - labels, rtol=0, atol=1e-10)
        assert loss == pytest.approx(phi.item(), rel=1e-10, abs=1e-10)
        (gradient,) = torch.autograd.grad(phi, expected)
        expected = (expected - eta * gradient).detach().requires_grad_()


@given(**shapes, rows=st.integers(1, 13))
def test_the_size_of_a_block_changes_nothing(n, d, m, seed, rows):
    given_problem = problem(n, d, m, seed)
    whole = run(*given_problem, 0.5 / n, 3)
    outputs = dynamics.outputs(given_problem[0], *given_problem[2:])
    flips = dynamics.flipped(given_problem[0], given_problem[2], whole[-1][3])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamics, "BLOCK_ENTRIES", 1)
        patch.setattr(dynamics, "LEAST_ROWS", rows)
        assert dynamics.block_rows(n, m) == min(n, rows)
        blocked = run(*given_problem, 0.5 / n, 3)
        blocked_outputs = dynamics.outputs(given_problem[0], *given_problem[2:])
        assert dynamics.flipped(given_problem[0], given_problem[2], whole[-1][3]) == flips
    # Sums over samples in another order: roundings as above.
    for step, other in zip(whole, blocked, strict=True):
        assert step[1] == pytest.approx(other[1], rel=1e-12)
        assert torch.allclose(step[2], other[2], rtol=0, atol=1e-12)
        assert torch.allclose(step[3], other[3], rtol=0, atol=1e-12)
    assert torch.allclose(outputs, blocked_outputs, rtol=0, atol=1e-13)


def test_blocks_fill_the_cache_but_keep_enough_rows():
    assert dynamics.block_rows(10_000, 1024) == 512  # 2¹⁹ entries
    assert dynamics.block_rows(10_000, 3000) == 174  # whole rows
    assert dynamics.block_rows(10_000, 10_000) == dynamics.LEAST_ROWS
    assert dynamics.block_rows(50, 10_000) == 50


def test_neurons_at_zero_count_as_active():
    inputs = torch.tensor([[1.0, 0.0], [0.6, 0.8]], dtype=torch.float64)
    labels = torch.tensor([1.0, -1.0], dtype=torch.float64)
    signs = torch.tensor([1.0, -1.0], dtype=torch.float64)
    weights = torch.zeros(2, 2, dtype=torch.float64)
    *_, last = dynamics.descend(inputs, labels, weights, signs, 0.5, 1)
    # u = 0, so W moves by +η/√m a_r Σ_i y_i x_i = .5/√2 a_r (.4, −.8): a ReLU with slope 0 at 0
    # would not move at all.
    step = 0.5 / math.sqrt(2) * np.outer([0.4, -0.8], [1, -1])
    assert np.allclose(last.weights.numpy(), step, rtol=1e-14, atol=0)
    inactive = torch.full((2, 2), -1.0, dtype=torch.float64)
    assert dynamics.flipped(inputs, torch.zeros_like(inactive), inactive) == 1


@given(n=st.integers(1, 9), d=st.integers(1, 6), half=st.integers(1, 40), seed=SEEDS)
def test_an_antisymmetric_network_starts_at_zero(n, d, half, seed):
    inputs, labels, weights, signs = problem(n, d, 2 * half, seed, antisymmetric=True)
    first = next(dynamics.descend(inputs, labels, weights, signs, 0.1, 3))
    size = torch.relu(inputs @ weights).sum(1).max().item() / math.sqrt(2 * half)
    # Each term and its opposite cancel but for the rounding of a sum of 2m terms.
    assert (first.residual + labels).abs().max().item() <= 1e-12 * max(size, 1)
    assert first.loss == pytest.approx(n / 2, rel=1e-12)


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_the_weights_given_end_as_those_of_the_last_step(steps):
    inputs, labels, weights, signs = problem(6, 3, 8, 1)
    path = run(inputs, labels, weights, signs, 0.05, steps)
    assert [step[0] for step in path] == list(range(steps + 1))
    for _ in dynamics.descend(inputs, labels, weights, signs, 0.05, steps):
        pass
    assert torch.equal(weights, path[-1][3])


def test_a_descent_that_was_interrupted_goes_on_at_its_step():
    inputs, labels, weights, signs = problem(6, 3, 8, 1)
    path = run(inputs, labels, weights, signs, 0.05, 5)
    rest = dynamics.descend(inputs, labels, path[3][3].clone(), signs, 0.05, 5, first=3)
    for step, (k, loss, residual, reached) in zip(rest, path[3:], strict=True):
        assert (step.k, step.loss) == (k, loss)
        assert torch.equal(step.residual, residual)
        assert torch.equal(step.weights, reached)


def test_single_precision_stays_single():
    tensors = [tensor.float() for tensor in problem(5, 3, 8, 2)]
    expected = run(*problem(5, 3, 8, 2), 0.05, 3)[-1]
    found = run(*tensors, 0.05, 3)[-1]
    assert found[3].dtype == torch.float32
    assert torch.allclose(found[3].double(), expected[3], rtol=0, atol=1e-5)  # 100 ulp of 1


# As long as no pattern changes, the network is linear in W, and equation (8) is exact with the
# spectrum of H(0). Weights of size 10⁴ lie far from their boundaries; they round at 10⁻¹².
@given(n=st.integers(2, 8), d=st.integers(2, 5), half=st.integers(10, 60), seed=SEEDS)
def test_with_frozen_patterns_the_residual_is_that_of_the_spectrum(n, d, half, seed):
    inputs, labels, weights, signs = problem(n, d, 2 * half, seed, 1e4, antisymmetric=True)
    values, vectors = np.linalg.eigh(networks.empirical_gram(inputs.numpy(), weights.numpy()))
    eta = 1 / values[-1]
    path = run(inputs, labels, weights, signs, eta, 15)
    assume(dynamics.flipped(inputs, weights, path[-1][3]) == 0)
    coefficients = spectra.project(vectors.T, labels.numpy())
    predicted = spectra.predicted_residual(values, coefficients, eta, np.arange(16))
    found = [torch.linalg.vector_norm(step[2]).item() for step in path]
    assert np.allclose(found, predicted, rtol=0, atol=1e-8)


@given(**shapes)
def test_outputs_flips_and_distances_are_their_formulas(n, d, m, seed):
    inputs, _, start, signs = problem(n, d, m, seed)
    weights = start + torch.tensor(np.random.default_rng(seed + 1).standard_normal((d, m)))
    x, w0, w = inputs.numpy(), start.numpy(), weights.numpy()
    found = dynamics.outputs(inputs, weights, signs)
    expected = networks.outputs(x, w, signs.numpy())
    assert np.allclose(found.numpy(), expected, rtol=0, atol=1e-13)  # m + d roundings near 1
    assert dynamics.flipped(inputs, start, weights) == np.mean((x @ w0 >= 0) != (x @ w >= 0))
    total, farthest = dynamics.distances(start, weights)
    assert total == pytest.approx(np.linalg.norm(w - w0), rel=1e-13)
    assert farthest == pytest.approx(np.linalg.norm(w - w0, axis=0).max(), rel=1e-13)


def test_distances_of_many_small_moves_add_up_in_double():
    start = torch.zeros(2, 10**6)
    # In float32 the square of 1e-30 is zero.
    total, farthest = dynamics.distances(start, start + 1e-30)
    assert total == pytest.approx(math.sqrt(2e6) * 1e-30, rel=1e-6)  # 1e-30 in float32
    assert farthest == pytest.approx(math.sqrt(2) * 1e-30, rel=1e-6)


def test_loss_is_half_the_sum_of_squares_in_double():
    residual = np.random.default_rng(4).standard_normal(10**5).astype(np.float32)
    exact = 0.5 * math.fsum(float(value) ** 2 for value in residual)
    # In float32 the sum alone is off by some 1e-7; in float64 by far less than 1e-13.
    assert dynamics.summed_loss(torch.tensor(residual)) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(
    ("loss", "diverged"),
    [(1.0, False), (2000.0, False), (2000.1, True), (math.inf, True), (math.nan, True)],
)
def test_a_loss_a_thousand_times_its_start_has_diverged(loss, diverged):
    assert dynamics.has_diverged(loss, 2.0) is diverged


def test_the_message_of_a_divergence_names_its_numbers():
    step = dynamics.Step(17, 5e4, torch.zeros(1), torch.zeros(1, 1))
    message = dynamics.divergence(step, 10.0, 0.25, 20.0)
    for part in ("step 17", "50000", "1000 times", "start 10 ", "η = 0.25", "2/λ_max = 0.1)"):
        assert part in message


@given(**shapes)
def test_training_in_the_span_of_the_inputs_is_training(n, d, m, seed):
    inputs, labels, weights, signs = problem(n, d, m, seed)
    basis = torch.tensor(networks.row_span(inputs.numpy()))
    whole = run(inputs, labels, weights, signs, 0.5 / n, 4)
    inside = run(inputs @ basis, labels, basis.T @ weights, signs, 0.5 / n, 4)
    # Equal in exact arithmetic; two products more, so rounding as for automatic differentiation.
    for step, other in zip(whole, inside, strict=True):
        assert torch.allclose(step[2], other[2], rtol=0, atol=1e-10)
        moved = basis @ (other[3] - basis.T @ weights)
        assert torch.allclose(step[3], weights + moved, rtol=0, atol=1e-10)


@given(**shapes)
def test_observer_measures_the_whole_network(n, d, m, seed):
    inputs, labels, start, signs = problem(n, d, m, seed)
    test_inputs, test_labels = problem(7, d, 1, seed + 1)[:2]
    leading = np.random.default_rng(seed).standard_normal((2, n))
    basis = torch.tensor(networks.row_span(inputs.numpy()))
    x, trained = inputs @ basis, basis.T @ start
    observer = dynamics.Observer(
        x, labels, test_inputs, test_labels, trained, signs, start, basis, leading
    )
    *_, last = dynamics.descend(x, labels, trained, signs, 0.5 / n, 3)
    found = observer.measure(last)
    w0, w = start.numpy(), run(inputs, labels, start, signs, 0.5 / n, 3)[-1][3].numpy()
    y, test_y = labels.numpy(), test_labels.numpy()
    u = networks.outputs(inputs.numpy(), w, signs.numpy())
    f = networks.outputs(test_inputs.numpy(), w, signs.numpy())

    def close(value):
        return pytest.approx(value, rel=1e-10, abs=1e-10)  # roundings as above

    assert found.keys() == {
        "k", "phi", "loss", "residual_norm", "distance", "distance_max", "flips", "train_error",
        "test_error", "test_l1",
    }  # fmt: skip
    assert found["k"] == 3
    assert found["phi"] == close(0.5 * np.sum((y - u) ** 2))
    assert found["loss"] == close(np.mean((y - u) ** 2) / 2)
    assert found["residual_norm"] == close(np.linalg.norm(y - u))
    assert found["distance"] == close(np.linalg.norm(w - w0))
    assert found["distance_max"] == close(np.linalg.norm(w - w0, axis=0).max())
    assert found["test_l1"] == close(np.mean(np.abs(f - test_y)))
    assert np.allclose(observer.project(last), leading @ (y - u), rtol=0, atol=1e-10)
    patterns = [inputs.numpy() @ layer >= 0 for layer in (w0, w)]
    assert found["flips"] == np.mean(patterns[0] != patterns[1])
    # Networks whose neurons all sleep give 0, with a sign that rounding decides.
    if np.abs(np.concatenate([u, f])).min() > 1e-9:
        assert found["train_error"] == np.mean(np.sign(u) != y)
        assert found["test_error"] == np.mean(np.sign(f) != test_y)


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    assert device.choose("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Refusal, match="found 'cuda', expected a GPU"):
        device.choose("cuda")


@given(n=st.integers(0, 5), d=st.integers(1, 4), seed=SEEDS)
def test_arrays_cross_the_border_to_torch_and_back(n, d, seed):
    values = np.random.default_rng(seed).standard_normal((n, d))
    there = device.tensor(values, "float64", torch.device("cpu"))
    back = device.array(there.requires_grad_())
    assert back.dtype == np.float64
    assert np.array_equal(back, values)
    single = device.tensor(values, "float32", torch.device("cpu"))
    assert single.dtype == torch.float32
    assert np.array_equal(device.array(single), values.astype(np.float32))


def test_a_tensor_is_a_copy():
    values = np.zeros(3)
    device.tensor(values, "float64", torch.device("cpu")).add_(1)
    assert np.all(values == 0)
