"""The programs behind the ledger's kernel side, on a few random points, against the formulas."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from overparam import labels
from overparam.errors import Refusal
from scripts.data import gram
from scripts.two_layer import (
    complexity,
    concentration,
    constants,
    draws,
    noise,
    paper,
    projections,
    published,
    start,
)  # fmt: skip
from tests.scripts.programs import Tiny, call, options, relu_kernel

NUMBERS = Path(__file__).resolve().parents[3] / "scripts/two_layer/published/arora2019.yaml"


def run(program, folder, **values):
    """The figures and the table of a program."""
    made = {"table": folder / "made.csv", "metrics": folder / "made.json"}
    if program is constants:
        del made["table"]
    assert call(program, *options(**values, **made, name="toy")) == 0
    figures = json.loads(made["metrics"].read_text())
    table = pd.read_csv(made["table"], dtype={"labels": str}) if "table" in made else None
    return figures, table


def test_concentration(tmp_path, tiny):
    recipe = {"width": [8, 32, 128], "repetitions": 30, "points": 9}
    figures, table = run(concentration, tmp_path, **tiny.inputs("problem"), **recipe)
    assert sorted(figures) == ["least", "mean_square", "slope", "spectral"]
    assert len(table) == 90
    gram = tiny.gram[:9, :9]
    np.testing.assert_allclose(table.least_limit, np.linalg.eigvalsh(gram)[0], rtol=1e-9)
    cosines = tiny.x[:9] @ tiny.x[:9].T
    expected = np.sqrt(np.sum(gram * (cosines - gram)) / table.width)
    np.testing.assert_allclose(table.expected, expected, rtol=1e-9)
    squares = (table.frobenius / expected) ** 2
    error = abs(squares.mean() - 1) / squares.sem()
    assert figures["mean_square"]["value"] == pytest.approx(error)
    assert 0 < error < 4
    assert len(figures["mean_square"]["per_seed"]) == 30
    slope = figures["slope"]
    assert slope["interval"][0] < slope["value"] < slope["interval"][1]
    assert slope["value"] == pytest.approx(-0.5, abs=0.1)
    assert len(slope["per_seed"]) == 30
    spectral = figures["spectral"]
    assert np.shape(spectral["per_seed"]) == (30, 3)
    assert spectral["value"] == pytest.approx(np.median(spectral["per_seed"], axis=0))
    # Of the first network: ‖·‖₂ ≤ ‖·‖_F ≤ √n ‖·‖₂.
    scaled = table.frobenius / np.linalg.eigvalsh(gram)[-1]
    assert (table.spectral <= scaled * (1 + 1e-12)).all()
    assert (scaled <= 3 * table.spectral * (1 + 1e-12)).all()


def test_a_width_more_changes_no_other(tmp_path, tiny):
    both, alone = (
        run(concentration, tmp_path, **tiny.inputs("problem"), width=width, repetitions=3)[1]
        for width in ([8, 16], [16])
    )
    pd.testing.assert_frame_equal(both[both.width == 16].reset_index(drop=True), alone)


def test_draws(tmp_path, tiny):
    recipe = {"n": [4, 12], "draws": 5}
    figures, table = run(draws, tmp_path, **tiny.inputs("problem", "gram"), **recipe)
    assert sorted(figures) == [
        "complexity.random", "complexity.true", "diagonal", "inputs", "lambda_min",
        "lambda_min.least",
    ]  # fmt: skip
    inverse = np.linalg.inv(tiny.gram)
    whole = table[table["size"] == 12]
    np.testing.assert_allclose(whole.least, tiny.values[-1], rtol=1e-9)
    np.testing.assert_allclose(whole.true, np.sqrt(tiny.y @ inverse @ tiny.y / 6), rtol=1e-9)
    np.testing.assert_allclose(whole.random, np.sqrt(np.trace(inverse) / 6), rtol=1e-9)
    parts = table[table["size"] == 4]
    assert parts.least.nunique() > 1
    assert figures["lambda_min"]["value"][0] == pytest.approx(parts.least.median())
    assert np.shape(figures["lambda_min"]["per_seed"]) == (5, 2)
    assert figures["lambda_min.least"]["value"] == table.least.min()
    assert figures["diagonal"]["value"] == 0


def test_another_kernel_has_its_matrix_its_complexity_and_its_predictor(tmp_path, tiny):
    """Two-layer ReLU networks with both layers trained, by hand."""
    told = {"sigma_w": 2**0.5, "layers": "all"}
    own = options(**tiny.inputs("problem"), gram=tiny.paths["gram"], **told)
    assert call(gram, *own) == 0
    whole = np.load(tiny.paths["gram"])
    expected, cross = (both_layers(tiny.x, tiny.x), both_layers(tiny.test_x, tiny.x))
    np.testing.assert_allclose(whole, expected, rtol=1e-7)

    made = {key: tmp_path / f"{key}.csv" for key in ("expected", "sampled")}
    recipe = {"name": "toy", "noise": 0.0, "draws": 1}
    read = tiny.inputs("problem", "gram")
    assert call(complexity, *options(**read, **made, **recipe, **told)) == 0
    (row,) = pd.read_csv(made["sampled"]).itertuples()
    square = tiny.y @ np.linalg.solve(expected, tiny.y) * np.trace(expected)
    assert row.complexity == pytest.approx(2 * np.sqrt(square) / len(tiny.y), rel=1e-6)
    assert pd.read_csv(made["expected"]).complexity[0] == pytest.approx(row.complexity)
    predicted = cross @ np.linalg.solve(expected, tiny.y)
    assert row.l1 == pytest.approx(np.mean(np.abs(predicted - tiny.test_y)), rel=1e-6)

    _, table = run(draws, tmp_path, **read, n=[12], draws=1)
    assert table.true[0] == pytest.approx(row.complexity)
    traces = np.trace(expected) * np.trace(np.linalg.inv(expected))
    assert table.random[0] == pytest.approx(2 * np.sqrt(traces) / 12, rel=1e-6)


def both_layers(left, right):
    """2 (xᵀy (π − θ) + sin θ + (π − θ) cos θ)/π: σ_w² = 2, and both layers of two."""
    theta = np.arccos(np.clip(left @ right.T, -1, 1))
    first = 2 * np.cos(theta) * (np.pi - theta) / np.pi
    return first + 2 * (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi


def test_draws_see_a_matrix_of_other_points(tmp_path):
    tiny = Tiny(tmp_path, n_test=12)
    recipe = {"n": 4, "draws": 1}
    figures, _ = run(draws, tmp_path, **tiny.inputs("problem", "gram"), **recipe)
    assert figures["inputs"]["value"] < 1e-8
    others = np.random.default_rng(0).permutation(12)
    for wrong in (relu_kernel(tiny.test_x, tiny.test_x), tiny.gram[np.ix_(others, others)]):
        np.save(tiny.paths["gram"], wrong)
        figures, _ = run(draws, tmp_path, **tiny.inputs("problem", "gram"), **recipe)
        assert figures["inputs"]["value"] > 1e-3


def test_draws_see_a_diagonal_that_is_off(tmp_path, tiny):
    np.save(tiny.paths["gram"], tiny.gram - 3e-9 * np.eye(12))
    figures, _ = run(draws, tmp_path, **tiny.inputs("problem", "gram"), n=4, draws=1)
    assert figures["diagonal"]["value"] == pytest.approx(3e-9, rel=1e-6)


def test_start(tmp_path, tiny):
    recipe = {"kappa": [0.1, 1.0], "width": 16, "repetitions": 60}
    figures, table = run(start, tmp_path, **tiny.inputs("problem"), **recipe)
    assert sorted(figures) == ["antisymmetric.largest", "loss", "loss.above", "variance"]
    assert figures["variance"]["value"] < 4
    assert {len(figures[key]["per_seed"]) for key in ("variance", "loss", "loss.above")} == {60}
    assert figures["loss"]["value"] < 4
    assert figures["loss.above"]["value"] <= 0.1
    assert figures["antisymmetric.largest"]["value"] < 1e-14
    assert len(table) == 180
    plain = table[(table.start == "plain") & (table.kappa == 0.1)]
    assert plain.mean_square.mean() == pytest.approx(0.005, rel=0.4)
    assert plain.phi.mean() == pytest.approx((12 + 12 * 0.005) / 2, rel=0.1)


def projected(tmp_path, tiny, **recipe):
    """What projections writes: its options, its figures and its table of random labels."""
    made = {
        "coefficients": tmp_path / "coefficients.npz", "energy": tmp_path / "energy.csv",
        "random": tmp_path / "random.csv", "metrics": tmp_path / "projections.json",
    }  # fmt: skip
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(projections, *options(**inputs, **made, name="toy", draws=6, **recipe)) == 0
    return made, json.loads(made["metrics"].read_text()), pd.read_csv(made["random"])


def test_random_labels_are_told_apart_by_their_projections(tmp_path):
    made, figures, table = projected(tmp_path, Tiny(tmp_path, n=80), top=[5, 200])
    assert sorted(figures) == [
        "lambda_max", "lambda_min", "random.largest", "random.largest.probability",
        "random.probability", "random.steps", "random.top5", "random.top5.spread", "steps",
        "true.steps", "true.top5", "worst.steps",
    ]  # fmt: skip
    found = np.load(made["coefficients"])["coefficients"]
    assert figures["true.top5"]["value"] == pytest.approx(np.sum(found[0, :5] ** 2) / 80)
    shares = np.sum(found[2:, :5] ** 2, axis=1) / 80
    assert figures["random.top5"]["per_seed"] == pytest.approx(shares)
    largest = abs(found[2:]).max(axis=1)
    assert table.largest.to_numpy() == pytest.approx(largest)
    assert figures["random.largest"]["value"] == pytest.approx(np.median(largest))
    assert figures["random.probability"]["value"] == table.probability.min() > 1e-3


def test_directions_that_are_not_alike_are_seen(tmp_path):
    tiny = Tiny(tmp_path, n=80)
    # As if random labels lay along the first rows: each row is as much longer than the last.
    path = tiny.inputs("eigenvectors")["eigenvectors"]
    np.save(path, np.load(path) * np.geomspace(20, 0.05, 80)[:, None])
    _, figures, _ = projected(tmp_path, tiny, top=[5])
    assert figures["random.probability"]["value"] < 1e-3
    assert figures["random.top5.spread"]["value"] > 3


def test_constants(tmp_path, tiny):
    told = {"width": 64, "kappa": 0.1, "eta": 0.5, "eta_unit": "1/lambda_max"}
    recipe = told | {"delta": 0.2, "epsilon": 0.3, "n": [5, 12, 90]}
    figures, _ = run(constants, tmp_path, **tiny.inputs("gram", "spectrum"), **recipe)
    found = {key: figure["value"] for key, figure in figures.items()}
    n, least, largest = 12, tiny.values[-1], tiny.values[0]
    first = np.linalg.eigvalsh(tiny.gram[:5, :5])[0]
    # Widths at κ = 1, the smallest that the theorems ask for.
    predict = n**7 / (least**4 * 0.2**4 * 0.3**2)
    movement = n**3.5 / (8 * least**2 * 0.1 * 0.2**2) / np.sqrt(n)
    steps = np.log(n / 0.2) * n**2 / least**2
    assert found == pytest.approx({
        "theorem31.width": np.log10(n**6 / (least**4 * 0.2**3)),
        "theorem41.width": np.log10(predict),
        "theorem31.width.least": np.log10(5**6 / (first**4 * 0.2**3)),
        "theorem41.width.least": np.log10(5**7 / (first**4 * 0.2**4 * 0.3**2)),
        "theorem41.kappa": 0.1 / (0.3 * 0.2 / np.sqrt(n)),
        "theorem41.start": 0.5,
        "theorem41.movement": np.log10(movement),
        "theorem41.eta": 0.5 / largest * n**2 / least,
        "theorem51.steps": np.log10(steps),
    })  # fmt: skip


# --- Labels that are relabelled apart --------------------------------------------------------


def noises(tmp_path, n=300, n_test=250):
    tiny = Tiny(tmp_path, n=n, n_test=n_test)
    sampled = tmp_path / "sampled.csv"
    rows = [
        {"split": 0, "portion": p, "draw": draw,
         "error": p / 2 + 0.01 * draw + (0.01 if p else -0.1)}
        for p in (0.0, 0.5, 1.0) for draw in (0, 1)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(sampled, index=False)
    recipe = {"noise": [0.5, 1.0], "draws": 20, "sampled": sampled}
    return run(noise, tmp_path, **tiny.inputs("problem"), **recipe)


def test_noise(tmp_path):
    figures, table = noises(tmp_path)
    assert sorted(figures) == ["changed.test", "changed.train", "correlation", "floor"]
    assert figures["correlation"]["value"] < 4
    assert len(figures["correlation"]["per_seed"]) == 20
    assert max(figures[f"changed.{side}"]["value"] for side in ("train", "test")) < 4
    assert len(figures["changed.test"]["per_seed"]) == 20
    assert figures["floor"]["value"] == pytest.approx(-0.015 / 0.005)
    assert figures["floor"]["per_seed"] == pytest.approx([-(2**0.5), -2 * 2**0.5])
    assert table.groupby("portion").test.mean().to_numpy() == pytest.approx([0.25, 0.5], abs=0.03)


@pytest.mark.parametrize(("n", "n_test"), [(30, 20), (20, 30)])
def test_noise_is_of_as_many_labels_of_either_side(tmp_path, n, n_test):
    _, table = noises(tmp_path, n, n_test)
    tiny = Tiny(tmp_path, n=n, n_test=n_test)
    true = tiny.y[:20], tiny.test_y[:20]
    for row in table.itertuples():
        kind = f"noise{row.portion}"
        drawn = labels.draw(kind, *true, np.empty(0), 0, "toy", row.draw)
        found = [np.mean(noisy != y) for noisy, y in zip(drawn, true, strict=True)]
        assert [row.train, row.test] == pytest.approx(found)


def test_one_draw_for_both_sides_is_seen(tmp_path, monkeypatch):
    drawn = labels.draw

    def twice(kind, train, test, *rest):
        noisy, _ = drawn(kind, train, test, *rest)
        return noisy, test * noisy * train

    monkeypatch.setattr(labels, "draw", twice)
    assert noises(tmp_path)[0]["correlation"]["value"] > 10


def test_noise_on_test_labels_forgotten_is_seen(tmp_path, monkeypatch):
    drawn = labels.draw
    monkeypatch.setattr(labels, "draw", lambda *all_: (drawn(*all_)[0], all_[2]))
    figures = noises(tmp_path)[0]
    assert figures["changed.test"]["value"] > 10
    assert figures["changed.train"]["value"] < 4


# --- Published numbers -----------------------------------------------------------------------


def inputs_of_published(tmp_path, tiny):
    made = {"expected": tmp_path / "expected.csv", "sampled": tmp_path / "sampled.csv"}
    portions = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    recipe = {"name": "toy", "noise": portions, "draws": 20}
    assert call(complexity, *options(**tiny.inputs("problem", "gram"), **made, **recipe)) == 0
    coefficients = projected(tmp_path, tiny)[0]["coefficients"]
    return {**tiny.inputs("spectrum"), **made, "coefficients": coefficients}


def own_numbers(folder, tiny, inputs):
    """A file of numbers as if the toy had been published, its learning rate 10⁻³."""
    values = yaml.safe_load(NUMBERS.read_text("utf-8"))
    mnist = values["datasets"]["mnist"]
    mnist["eigenvalues"] |= {
        "index": [0, 3, 11, 200],
        "value": [*1.1 * tiny.values[[0, 3, 11]], 9.0],
    }
    table = pd.read_csv(inputs["expected"])
    mnist["noise"]["complexity"] = [1.005 * c for c in table.complexity]
    steps, found = [10, 100], np.load(inputs["coefficients"])["coefficients"]
    mnist["losses"] = {"place": "here", "steps": steps}
    for kind, row, eta in (("true", 0, 1e-3), ("worst", 1, 1e-4), ("random", 2, 1e-3)):
        factors = (1 - eta * tiny.values) ** (2 * np.array(steps)[:, None])
        mnist["losses"][kind] = [float(x) for x in factors @ found[row] ** 2 / 24]
    mnist["inferred_eta"] = 1e-3
    mnist["eigenvalues"]["value"] = [float(x) for x in mnist["eigenvalues"]["value"]]
    path = folder / "numbers.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def test_published_of_any_problem(tmp_path, tiny):
    inputs = inputs_of_published(tmp_path, tiny)
    figures, table = run(published, tmp_path, **inputs)
    assert sorted(figures) == [
        "bound.informative", "bound.loss", "bound.slack", "identity", "identity.beyond3",
        "identity.start", "trace",
    ]  # fmt: skip
    assert len(table) == 0
    assert figures["identity"]["value"] < 5
    assert figures["identity.start"]["value"] < 1e-10
    assert figures["trace"]["value"] < 1e-12
    expected = pd.read_csv(inputs["expected"]).set_index("portion").complexity
    errors = pd.read_csv(inputs["sampled"]).groupby("portion").error.mean()
    assert figures["bound.slack"]["value"] == pytest.approx((expected - errors).min())
    clipped = pd.read_csv(inputs["sampled"]).groupby("portion").clipped.mean()
    assert figures["bound.loss"]["value"] == pytest.approx((expected - clipped).min())
    assert {len(figures[key]["per_seed"]) for key in ("bound.slack", "identity")} == {20}


def test_another_expectation_is_seen(tmp_path, tiny):
    inputs = inputs_of_published(tmp_path, tiny)
    table = pd.read_csv(inputs["expected"])
    (first, last), p = table.complexity.iloc[[0, -1]] ** 2, table.portion
    # The identity with 1 − p instead of its square.
    table["complexity"] = np.sqrt((1 - p) * first + p * last)
    table.to_csv(inputs["expected"], index=False)
    sampled = pd.read_csv(inputs["sampled"])
    sampled["complexity"] = np.sqrt(
        (1 - sampled.portion) ** 2 * first + (1 - (1 - sampled.portion) ** 2) * last
    ) * (1 + 0.001 * (sampled.draw % 2 - 0.5))
    sampled.to_csv(inputs["sampled"], index=False)
    sampled.loc[sampled.portion == 0, "complexity"] *= 1.02
    sampled.to_csv(inputs["sampled"], index=False)
    with np.load(inputs["spectrum"]) as arrays:
        np.savez(tmp_path / "other.npz", **{**arrays, "eigenvalues": 1.1 * tiny.values})
    figures, _ = run(published, tmp_path, **inputs | {"spectrum": tmp_path / "other.npz"})
    assert figures["trace"]["value"] == pytest.approx(0.1)
    assert figures["identity.start"]["value"] == pytest.approx(0.02, rel=0.05)
    assert figures["identity"]["value"] > 5
    assert figures["identity.beyond3"]["value"] == 9


def test_published_beside_numbers_of_its_own(tmp_path, tiny):
    inputs = inputs_of_published(tmp_path, tiny)
    path = own_numbers(tmp_path, tiny, inputs)
    figures, table = run(published, tmp_path, **inputs, published=path, dataset="mnist")
    found = {key: figure["value"] for key, figure in figures.items()}
    assert found["eigenvalues"] == pytest.approx([1 / 1.1 - 1] * 3)
    theirs = 1.1 * tiny.values[[0, 3, 11]]
    assert found["eigenvalues.excess"] == pytest.approx(
        max(v / 11 - (0.02 * v + 0.001 if v <= 0.5 else 0.03 * v) for v in theirs)
    )
    assert found["complexity.deviation"] == pytest.approx(1 - 1 / 1.005)
    inverse = np.linalg.inv(tiny.gram)
    assert found["complexity.random"] == pytest.approx(np.sqrt(np.trace(inverse) / 6))
    assert found["complexity.true"] == pytest.approx(np.sqrt(tiny.y @ inverse @ tiny.y / 6))
    assert found["eta.true"] == pytest.approx([1e-3, 1e-3], rel=1e-6)
    assert found["eta.worst"] == pytest.approx([1e-4, 1e-4], rel=1e-6)
    assert figures["eta.random"]["per_seed"][0] == pytest.approx([1e-3, 1e-3], rel=1e-6)
    middle = np.median(figures["eta.random"]["per_seed"], axis=0)
    spread = np.maximum(middle, 1e-3) / 1e-4
    assert found["eta.spread"] == pytest.approx(spread.min(), rel=1e-6)
    assert found["prediction.true"] == pytest.approx(1, rel=1e-9)
    assert found["prediction.worst"] < 1
    tested = pd.read_csv(inputs["sampled"]).groupby("portion").l1.mean()
    theirs = paper.dataset(paper.load(path), "mnist").noise
    assert found["l1.kernel"] == pytest.approx(tested - theirs.l1)
    assert found["l1.kernel.noisy"] == pytest.approx((tested - theirs.l1)[1:].max())
    numbers = paper.dataset(paper.load(path), "mnist").noise
    complexities = pd.read_csv(inputs["expected"]).complexity
    errors = pd.read_csv(inputs["sampled"]).groupby("portion").error.mean()
    assert found["errors.slack"] == pytest.approx((complexities - numbers.error).min())
    assert found["errors.kernel"] == pytest.approx(errors - numbers.error)
    assert found["errors.excess"][:2] == pytest.approx([0.0005, 0.0638 - 0.05])
    assert found["edge.stated"] == pytest.approx(1e-3 * tiny.values[0] / 2)
    assert set(table.quantity) == {
        "eigenvalue", "complexity", "error", "l1", "effective_eta", "loss",
    }  # fmt: skip


def test_the_papers_numbers_are_whole_and_named():
    numbers = paper.load(NUMBERS)
    assert set(numbers.datasets) == {"mnist", "cifar"}
    for dataset in numbers.datasets.values():
        assert dataset.noise.portion == [at / 10 for at in range(11)]
        assert np.all(np.diff(dataset.eigenvalues.value) < 0)
        curves = np.array([dataset.losses.true, dataset.losses.random, dataset.losses.worst])
        assert np.all(np.diff(curves, axis=1) < 0)
        assert np.all(np.diff(curves, axis=0) > 0)
        # E[C²] of the paper's own points: (1 − p)² C(0)² + (1 − (1 − p)²) C(1)².
        c, kept = np.array(dataset.noise.complexity), (1 - np.array(dataset.noise.portion)) ** 2
        assert np.sqrt(kept * c[0] ** 2 + (1 - kept) * c[-1] ** 2) == pytest.approx(c, rel=0.004)


def test_the_papers_numbers_are_refused_when_damaged(tmp_path):
    path = tmp_path / "numbers.yaml"
    values = yaml.safe_load(NUMBERS.read_text("utf-8"))
    values["datasets"]["cifar"]["noise"]["l1"].pop()
    for text, said in (
        (yaml.safe_dump(values), "lengths"), ("a: [", "YAML"), ("7", "keys"), ("{}", "missing"),
        ("a: 1\na: 2", "line 2"), ("a: 010", "YAML reads as 8"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(Refusal, match=said):
            paper.load(path)


def test_published_says_what_is_missing(tmp_path, tiny, capsys):
    inputs = inputs_of_published(tmp_path, tiny)
    made = {"table": tmp_path / "t.csv", "metrics": tmp_path / "m.json", "name": "toy"}
    assert call(published, *options(**inputs, **made, dataset="mnist")) == 1
    assert "expected the paper's numbers" in capsys.readouterr().err
    wrong = {"published": NUMBERS, "dataset": "letters"}
    assert call(published, *options(**inputs, **made, **wrong)) == 2
    assert "'letters' is not one of 'mnist', 'cifar'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "tolerance"), [(0.5, 0.011), (0.0156, 0.001312), (0.6, 0.018), (1.025, 0.03075)]
)
def test_tolerance_of_drawn_eigenvalues(value, tolerance):
    assert paper.eigenvalue_tolerance(value) == pytest.approx(tolerance)
