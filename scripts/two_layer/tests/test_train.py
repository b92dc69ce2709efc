"""The training program against gradient descent written plainly in NumPy float64."""

from pathlib import Path

import numpy as np
import pytest

from overparam import dynamics, labels, networks
from overparam.seeds import generator
from pipeline.fingerprint import Sources
from scripts.two_layer import train
from tests.scripts.programs import Tiny, call, options, table

STEPS = 60
RECIPE = {
    "name": "toy", "width": 14, "kappa": 0.3, "antisymmetric": False, "eta": 0.9, "steps": STEPS,
    "dtype": "float64", "seed": 3, "labels": "noise0.5", "points_per_decade": 8,
}  # fmt: skip


def trained(folder, tiny, **changes):
    """Run the program; the rows of its table, as numbers, and its arrays."""
    recipe = RECIPE | changes | tiny.inputs("problem", "spectrum")
    made = {"metrics": folder / "metrics.csv", "arrays": folder / "arrays.npz"}
    assert call(train, *options(**recipe, **made)) == 0
    rows = [{key: float(value) for key, value in row.items()} for row in table(made["metrics"])]
    with np.load(made["arrays"]) as arrays:
        return rows, arrays["phi"], arrays["projections"]


def plainly(tiny, repetition, **changes):
    """The same network by the formulas alone, in the inputs' own dimension; a dict a step."""
    recipe = RECIPE | changes
    eta = recipe["eta"] / tiny.values[0]
    m, d = recipe["width"], tiny.x.shape[1]
    y, test_y = labels.draw(
        recipe["labels"], tiny.y, tiny.test_y, tiny.vectors, recipe["seed"], "toy", repetition
    )
    rng = generator(recipe["seed"], "toy", "init", m, repetition)
    start, a = networks.initialise(m, d, recipe["kappa"], recipe["antisymmetric"], rng)
    w, states = start.copy(), []
    for k in range(recipe["steps"] + 1):
        on = tiny.x @ w >= 0
        u = (tiny.x @ w * on) @ a / np.sqrt(m)
        u_test = np.maximum(tiny.test_x @ w, 0) @ a / np.sqrt(m)
        phi = 0.5 * np.sum((y - u) ** 2)
        moved = np.linalg.norm(w - start, axis=0)
        states.append(
            {
                "repetition": repetition, "k": k, "t": eta * k, "phi": phi, "loss": phi / len(y),
                "residual_norm": np.linalg.norm(y - u), "distance": np.linalg.norm(moved),
                "distance_max": moved.max(), "flips": np.mean(on != (tiny.x @ start >= 0)),
                "train_error": np.mean(np.where(u >= 0, 1, -1) != np.sign(y)),
                "test_error": np.mean(np.where(u_test >= 0, 1, -1) != test_y),
                "test_l1": np.mean(abs(u_test - test_y)),
                "projections": tiny.vectors[:100] @ (y - u),
            }
        )  # fmt: skip
        w -= eta * (tiny.x.T @ ((u - y)[:, None] * on)) * a / np.sqrt(m)
    losses = [state["phi"] for state in states]
    for k, state in enumerate(states):
        state["peak_step"] = int(np.argmax(losses[: k + 1]))
        state["peak"] = losses[state["peak_step"]] / losses[0]
    return states


def compare(rows, phi, projections, expected):
    """Rows and arrays of one network against its states at every step.

    A loss far below its start keeps the start's rounding.
    """
    losses = np.array([state["phi"] for state in expected])
    np.testing.assert_allclose(phi, losses, rtol=1e-10, atol=1e-12 * losses[0])
    assert rows[0]["k"] == 0
    for row, projected in zip(rows, projections, strict=True):
        state = dict(expected[int(row["k"])])
        np.testing.assert_allclose(projected, state.pop("projections"), rtol=1e-9, atol=1e-10)
        assert row.keys() == state.keys()
        for key, value in state.items():
            # An antisymmetric network starts at 0, whose sign is rounding's.
            if not (key.endswith("_error") and row["k"] == 0):
                assert row[key] == pytest.approx(value, rel=1e-10, abs=1e-10), (key, row["k"])


@pytest.mark.parametrize(
    ("shape", "changes"),
    [
        ((12, 5), {}),
        ((12, 5), {"antisymmetric": True, "kappa": 1.0}),
        ((12, 5), {"labels": "worst"}),
        ((6, 20), {}),
        ((6, 20), {"antisymmetric": True, "labels": "random"}),
        ((300, 3), {"width": 6_000, "steps": 3, "labels": "true"}),
    ],
    ids=["plain", "antisymmetric", "worst", "n<d", "n<d, antisymmetric", "blocks"],
)
def test_every_step_and_every_column_agree(tmp_path, shape, changes):
    tiny = Tiny(tmp_path, *shape)
    rows, phi, projections = trained(tmp_path, tiny, first=1, last=2, **changes)
    for place, repetition in enumerate((1, 2)):
        mine = [i for i, row in enumerate(rows) if row["repetition"] == repetition]
        expected = plainly(tiny, repetition, **changes)
        compare([rows[i] for i in mine], phi[place], projections[mine], expected)
        assert rows[mine[-1]]["k"] == len(expected) - 1
    assert sorted(row["repetition"] for row in rows) == [row["repetition"] for row in rows]
    assert {row["flips"] for row in rows} != {0.0}


def test_blocks_are_smaller_than_the_data_in_the_last_case_above():
    assert dynamics.block_rows(300, 6_000) < 300


def test_projections_are_the_eigenvectors_times_the_residual(tmp_path, tiny):
    """Their squares sum to the squared residual when all eigenvectors are among the leading."""
    rows, _, projections = trained(tmp_path, tiny)
    assert projections.shape == (len(rows), 12)
    for row, projected in zip(rows, projections, strict=True):
        assert np.linalg.norm(projected) == pytest.approx(row["residual_norm"], rel=1e-12)


def test_single_precision_follows_double(tmp_path, tiny):
    _, double, _ = trained(tmp_path, tiny)
    _, single, _ = trained(tmp_path, tiny, dtype="float32")
    np.testing.assert_allclose(single, double, rtol=1e-4)
    assert (single != double).any()


def test_training_stops_at_a_loss(tmp_path, tiny):
    _, whole, _ = trained(tmp_path, tiny)
    (losses,) = whole / 12
    stop = 30
    assert all(losses[:stop] > losses[stop])
    rows, phi, projections = trained(tmp_path, tiny, stop_loss=losses[stop] * (1 + 1e-12))
    assert rows[-1]["k"] == stop
    assert len(projections) == len(rows)
    np.testing.assert_array_equal(phi[0, : stop + 1], whole[0, : stop + 1])
    assert phi.shape == whole.shape
    assert np.isnan(phi[0, stop + 1 :]).all()


def test_a_further_repetition_leaves_the_earlier_ones_bytes_alone(tmp_path, tiny):
    rows, phi, projections = trained(tmp_path, tiny, first=0, last=2, dtype="float32")
    together = {r: [i for i, row in enumerate(rows) if row["repetition"] == r] for r in range(3)}
    for repetition, mine in together.items():
        alone = trained(tmp_path, tiny, first=repetition, last=repetition, dtype="float32")
        assert alone[0] == [rows[i] for i in mine]
        assert alone[1].tobytes() == phi[repetition].tobytes()
        assert alone[2].tobytes() == projections[mine].tobytes()
    assert len({losses.tobytes() for losses in phi}) == 3


def test_the_same_again_gives_the_same_bytes(tmp_path, tiny):
    contents = []
    for _ in range(2):
        trained(tmp_path, tiny, dtype="float32")
        contents.append([(tmp_path / name).read_bytes() for name in ("metrics.csv", "arrays.npz")])
    assert contents[0] == contents[1]


def refused(folder, tiny, capsys, **changes):
    recipe = RECIPE | changes | tiny.inputs("problem", "spectrum")
    made = {"metrics": folder / "metrics.csv", "arrays": folder / "arrays.npz"}
    assert call(train, *options(**recipe, **made, sidecar=folder / "train.json")) == 1
    assert not [path for path in folder.iterdir() if path not in tiny.paths.values()]
    return capsys.readouterr().err


def test_a_rate_above_the_edge_is_refused_before_the_first_step(
    tmp_path, tiny, capsys, monkeypatch
):
    monkeypatch.setattr(dynamics, "descend", None)
    largest = tiny.values[0]
    for changes in ({"eta": 2.001}, {"eta": 2.001 / largest, "eta_unit": "absolute"}):
        said = refused(tmp_path, tiny, capsys, **changes)
        assert said.startswith(f"error: eta: found η = {2.001 / largest:.6g}, expected at most ")
        assert f"2/λ_max = {2 / largest:.6g} (λ_max(H∞) = {largest:.6g})" in said


def test_a_diverging_training_is_refused_with_its_step(tmp_path, tiny, capsys, monkeypatch):
    """Just below the edge a net of four neurons leaps at first; 1.5 stands for 10³ here."""
    changes = {"width": 4, "labels": "worst", "eta": 1.99}
    losses = np.array([state["phi"] for state in plainly(tiny, 0, **changes)])
    assert 1.5 < max(losses) / losses[0] < 1.7
    lost = int(np.argmax(losses > 1.5 * losses[0]))
    monkeypatch.setattr(dynamics, "DIVERGED", 1.5)
    said = refused(tmp_path, tiny, capsys, **changes)
    assert f"training diverged at step {lost}: found Φ = {losses[lost]:.6g}, expected" in said
    assert f"at most 1.5 times its start {losses[0]:.6g}" in said
    assert f"2/λ_max = {2 / tiny.values[0]:.6g}" in said
    assert "lower eta, or set on_divergence to 'record'" in said


def test_a_divergence_is_recorded_with_its_peak(tmp_path, tiny):
    """Far above the edge the loss leaps and comes back, or is not finite any more."""
    rows, phi, _ = trained(tmp_path, tiny, eta=30.0, on_divergence="record")
    expected = plainly(tiny, 0, eta=30.0)
    assert rows[-1]["peak"] == pytest.approx(expected[-1]["peak"], rel=1e-8)
    assert rows[-1]["peak_step"] == expected[-1]["peak_step"] > 0
    assert rows[-1]["peak"] == phi.max() / phi[0, 0] > 1
    rows, phi, _ = trained(tmp_path, tiny, eta=1e200, on_divergence="record")
    last = int(rows[-1]["k"])
    assert not np.isfinite(phi[0, last])
    assert np.isfinite(phi[0, :last]).all()
    assert rows[-1]["peak"] == np.inf


def test_repetitions_in_the_wrong_order_are_refused(tmp_path, tiny, capsys):
    made = {"metrics": tmp_path / "metrics.csv", "arrays": tmp_path / "arrays.npz"}
    recipe = RECIPE | tiny.inputs("problem", "spectrum") | made
    assert call(train, *options(**recipe, first=3, last=1)) == 1
    assert "repetitions: found 3 to 1, expected 0 ≤ first ≤ last" in capsys.readouterr().err
    assert not made["metrics"].exists()


@pytest.mark.parametrize("option", ["eta", "stop_loss", "kappa"])
def test_a_number_that_is_none_is_refused(option, tmp_path, tiny, capsys):
    made = {"metrics": tmp_path / "metrics.csv", "arrays": tmp_path / "arrays.npz"}
    words = RECIPE | tiny.inputs("problem", "spectrum") | made | {option: "nan"}
    assert call(train, *options(**words)) == 2
    assert f"'--{option.replace('_', '-')}': " in capsys.readouterr().err


def test_training_needs_no_scipy():
    """Whose libraries would take of the memory that a job is allowed."""
    root = Path(__file__).resolve().parents[3]
    assert "scipy" not in Sources(root).libraries("scripts/two_layer/train.py")
