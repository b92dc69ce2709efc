"""Programs of figures 1 and 2 and of equation (8) on small arrays, against the formulas."""

import csv
import json

import numpy as np
import pytest

from overparam import labels
from scripts.two_layer import complexity, deviation, errors, losses, predict, projections
from tests.scripts.programs import call, options, relu_kernel, table


def save_table(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def drawn(tiny, kind, repetition, name="toy", seed=0):
    return labels.draw(kind, tiny.y, tiny.test_y, tiny.vectors, seed, name, repetition)


def projected(tmp_path, tiny):
    made = {
        "coefficients": tmp_path / "coefficients.npz", "energy": tmp_path / "energy.csv",
        "random": tmp_path / "random.csv", "metrics": tmp_path / "projections.json",
    }  # fmt: skip
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(projections, *options(**inputs, **made, name="toy", draws=3)) == 0
    return made


def test_projections(tmp_path, tiny):
    made = projected(tmp_path, tiny)
    with np.load(made["coefficients"]) as arrays:
        kinds, repetitions = [*arrays["kinds"]], [*arrays["repetitions"]]
        found = arrays["coefficients"]
    assert kinds == ["true", "worst", "random", "random", "random"]
    assert repetitions == [0, 0, 0, 1, 2]
    for kind, repetition, row in zip(kinds, repetitions, found, strict=True):
        y = drawn(tiny, kind, repetition)[0]
        np.testing.assert_allclose(row, tiny.vectors @ y, atol=1e-12)
    np.testing.assert_allclose(abs(found[1]), [0] * 11 + [np.sqrt(12)], atol=1e-12)
    rows = table(made["energy"])
    assert [int(row["top"]) for row in rows[:4]] == [1, 2, 5, 10]
    share = np.sum(found[0][:5] ** 2) / 12
    assert float(rows[2]["energy"]) == pytest.approx(share, rel=1e-12)
    figures = json.loads(made["metrics"].read_text())
    assert figures["lambda_max"]["value"] == pytest.approx(tiny.values[0])
    assert figures["lambda_min"]["value"] == pytest.approx(tiny.values[-1])


def test_predict(tmp_path, tiny):
    made, predicted = projected(tmp_path, tiny), tmp_path / "predicted.csv"
    recipe = {"eta": 0.8, "steps": 50, "points_per_decade": 3, "prediction": predicted}
    inputs = {**tiny.inputs("spectrum"), "coefficients": made["coefficients"]}
    assert call(predict, *options(**inputs, **recipe)) == 0
    rows = table(predicted)
    steps = sorted({int(row["k"]) for row in rows})
    assert steps[:3] == [0, 1, 2]
    assert steps[-1] == 50
    assert len(rows) == 5 * len(steps)
    eta = 0.8 / tiny.values[0]
    for row in rows:
        residual, _ = drawn(tiny, row["labels"], int(row["repetition"]))
        for _ in range(int(row["k"])):  # the linear system, step by step
            residual = residual - eta * tiny.gram @ residual
        assert float(row["t"]) == pytest.approx(eta * int(row["k"]))
        norm = np.linalg.norm(residual)
        assert float(row["residual_norm"]) == pytest.approx(norm, rel=1e-9)
        assert float(row["loss"]) == pytest.approx(norm**2 / 24, rel=1e-9)


def test_complexity(tmp_path, tiny):
    """Two splits: the same points twice, whose labels are drawn apart."""
    made = {"expected": tmp_path / "expected.csv", "sampled": tmp_path / "sampled.csv"}
    recipe = {"name": "toy", "noise": [0.0, 0.4, 1.0], "draws": 3, "seed": 5}
    inputs = {name: [path] * 2 for name, path in tiny.inputs("problem", "gram").items()}
    assert call(complexity, *options(**inputs, **made, **recipe)) == 0
    inverse = np.linalg.inv(tiny.gram)
    true = tiny.y @ inverse @ tiny.y
    places = [(split, p) for split in "01" for p in ("0.0", "0.4", "1.0")]
    for row, (split, p) in zip(table(made["expected"]), places, strict=True):
        assert (row["split"], row["portion"]) == (split, p)
        kept = (1 - float(p)) ** 2
        mean = kept * true + (1 - kept) * np.trace(inverse)
        assert float(row["complexity"]) == pytest.approx(np.sqrt(2 * mean / 12), rel=1e-9)
    rows = table(made["sampled"])
    assert [(row["split"], row["portion"], row["draw"]) for row in rows] == [
        (split, p, str(draw)) for split, p in places for draw in range(1 if p == "0.0" else 3)
    ]
    for row in rows:
        name = f"toy-{row['split']}"
        y, test_y = drawn(tiny, f"noise{row['portion']}", int(row["draw"]), name, 5)
        assert float(row["complexity"]) == pytest.approx(np.sqrt(2 * y @ inverse @ y / 12))
        f = relu_kernel(tiny.test_x, tiny.x) @ inverse @ y
        assert float(row["error"]) == np.mean(np.where(f >= 0, 1, -1) != test_y)
        assert float(row["l1"]) == pytest.approx(np.mean(abs(f - test_y)))
        clipped = np.mean(np.minimum(abs(f - test_y), 1))
        assert float(row["clipped"]) == pytest.approx(clipped)


CURVES = {
    # Φ of two networks each; random ends below true at no step, worst is above both from step 2.
    "true": [[6, 4, 2, 1], [6, 5, 3, 1]],
    "random": [[6, 5, 4, 3], [6, 6, 4, 3]],
    "worst": [[6, 6, 5, 5], [6, 6, 5, 4]],
}


@pytest.mark.parametrize(
    ("true", "random", "worst", "since"),
    [
        ([1, 0.5, 0.1], [1, 0.7, 0.2], [1, 0.9, 0.8], 1),
        ([1, 0.7, 0.1], [1, 0.5, 0.2], [1, 0.9, 0.8], 2),
        ([1, 0.5, 0.3], [1, 0.7, 0.2], [1, 0.9, 0.8], np.nan),
        ([1, 0.5, 2e-16], [1, 0.7, 1e-16], [1, 0.9, 0.8], 1),  # both fitted: no order is left
        ([1, 0.5, 2e-16], [1, 0.7, 1e-16], [1, 0.9, 0], 1),
        ([1, 0.5, 2e-6], [1, 0.7, 1e-16], [1, 0.9, 0.8], np.nan),
    ],
)
def test_losses_keep_their_order_until_both_are_fitted(true, random, worst, since):
    found = losses._since(*map(np.array, (true, random, random, worst)))
    assert found == since or (np.isnan(found) and np.isnan(since))


def test_losses(tmp_path):
    networks, arrays = [], []
    for kind, phi in CURVES.items():
        rows = [
            {"repetition": r, "k": k, "t": k / 10, "loss": value / 6, "flips": 0.0}
            for r, curve in enumerate(phi)
            for k, value in enumerate(curve)
        ]
        networks.append(save_table(tmp_path / f"{kind}.csv", rows))
        arrays.append(tmp_path / f"{kind}.npz")
        np.savez(arrays[-1], phi=np.array(phi, dtype=float))
    # True labels have one prediction, random ones one each; at step 2 it says nothing.
    foretold = [
        {"labels": kind, "repetition": r, "k": k, "t": k / 10, "residual_norm": 1.0, "loss": loss}
        for kind, r in (("true", 0), ("random", 0), ("random", 1))
        for k, loss in enumerate([1, 0.5, 2, 1 / 6])
    ]
    predicted = save_table(tmp_path / "predicted.csv", foretold)
    made = {"table": tmp_path / "losses.csv", "metrics": tmp_path / "metrics.json"}
    named = {"arm": ["small"] * 3, "labels": [*CURVES], "predicted_arm": ["small"], "name": "toy"}
    inputs = {"networks": networks, "arrays": arrays, "predictions": [predicted]}
    assert call(losses, *options(**made, **named, **inputs)) == 0
    rows = table(made["table"])
    assert len(rows) == 36
    assert list(rows[0])[:7] == ["arm", "series", "labels", "repetition", "k", "t", "loss"]
    assert [row["series"] for row in rows].count("prediction") == 12
    figures = json.loads(made["metrics"].read_text())
    # At step 1 a random network is where a true one is; from 2 on all are apart.
    assert figures["small.ordered_from"] | {"where": ""} == {
        "value": 2, "per_seed": [1, 2], "interval": None, "unit": "step", "where": "",
    }  # fmt: skip
    # Random labels are at .4 or more up to step 3 and 3: Φ/6 of 3 is .5.
    assert figures["small.true.while_random"]["per_seed"] == pytest.approx([1 / 6, 1 / 6])
    assert figures["small.worst.final_loss"]["per_seed"] == [5 / 6, 4 / 6]
    assert figures["small.true.final_loss"]["value"] == pytest.approx(1 / 6)
    # √(2Φ/n) of true labels at step 1 is √(4/3) and √(5/3), and 1 was foretold; of random ones at
    # step 3 it is 1 for √(1/3).
    for kind, away in {
        "true": [(4 / 3) ** 0.5 - 1, (5 / 3) ** 0.5 - 1], "random": [1 - 3**-0.5] * 2,
    }.items():  # fmt: skip
        assert figures[f"small.{kind}.deviation"]["per_seed"] == pytest.approx(away)
    # A problem of which the prediction alone is drawn.
    alone = {"predicted_arm": ["small"], "name": "toy", "predictions": [predicted]}
    assert call(losses, *options(**made, **alone)) == 0
    assert len(table(made["table"])) == 12
    assert json.loads(made["metrics"].read_text()) == {}


def test_deviation(tmp_path, tiny):
    """Networks that follow equation (8) but for one step each."""
    eta, steps, off = 0.8 / tiny.values[0], 20, {0: (4, 0.25), 1: (9, -0.125), 2: (1, 0.5)}
    exact = []
    for repetition in off:
        residual, _ = drawn(tiny, "random", repetition)
        norms = []
        for _ in range(steps + 1):
            norms.append(np.linalg.norm(residual))
            residual = residual - eta * tiny.gram @ residual
        exact.append(norms)
    norms = np.array(exact)
    for repetition, (step, by) in off.items():
        norms[repetition, step] += by * np.sqrt(12)
    paths = [tmp_path / "first.npz", tmp_path / "second.npz"]
    np.savez(paths[0], phi=norms[:2] ** 2 / 2)
    np.savez(paths[1], phi=norms[2:] ** 2 / 2)
    made = {name: tmp_path / f"made.{name}" for name in ("curves", "table", "metrics")}
    named = {"name": "toy", "width": [8, 8], "labels": ["random"] * 2, "first": [0, 2]}
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors") | {"arrays": paths}
    recipe = {"eta": 0.8, "steps": steps}
    assert call(deviation, *options(**inputs, **made, **named, **recipe)) == 0
    rows = table(made["table"])
    assert [(int(row["repetition"]), int(row["step"])) for row in rows] == [(0, 4), (1, 9), (2, 1)]
    found = [float(row["deviation"]) for row in rows]
    assert found == pytest.approx([0.25, 0.125, 0.5], abs=1e-9)
    figures = json.loads(made["metrics"].read_text())
    assert figures["random.m8.deviation"]["value"] == pytest.approx(0.25, abs=1e-9)
    shown = [row for row in table(made["curves"]) if (row["repetition"], row["k"]) == ("2", "1")]
    assert float(shown[0]["difference"]) == pytest.approx(0.5, abs=1e-9)


def test_errors(tmp_path):
    """A network's last row counts; kernel and complexity by split."""
    portions, networks = [0.0, 0.5, 1.0], []
    for p in portions:
        rows = [
            {"repetition": r, "k": k, "loss": 0.5 / (k + 1), "test_l1": p,
             "test_error": p / 2 + r / 10 + 1 / (k + 1)}
            for r in (0, 1) for k in (0, 9)
        ]  # fmt: skip
        networks.append(save_table(tmp_path / f"{p}.csv", rows))
    both = [(split, p) for split in (0, 1) for p in portions]
    rows = [{"split": split, "portion": p, "complexity": 1 + p + split} for split, p in both]
    expected = save_table(tmp_path / "expected.csv", rows)
    rows = [
        {"split": split, "portion": p, "draw": 0, "complexity": 1 + p, "error": 0.5 - p / 4,
         "l1": 1.0}
        for split, p in both
    ]  # fmt: skip
    sampled = save_table(tmp_path / "sampled.csv", rows)
    made = {name: tmp_path / f"made.{name}" for name in ("errors", "complexity", "metrics")}
    named = {"name": "toy", "portion": portions, "networks": networks}
    assert call(errors, *options(**made, **named, expected=expected, sampled=sampled)) == 0
    rows = table(made["errors"])
    first = next(row for row in rows if (row["series"], row["portion"]) == ("network", "0.5"))
    assert (first["repetition"], first["steps"]) == ("0", "9")
    assert float(first["error"]) == pytest.approx(0.25 + 0.1)
    assert [row["series"] for row in rows].count("kernel") == 3
    assert len(table(made["complexity"])) == 12
    figures = json.loads(made["metrics"].read_text())
    assert figures["complexity.half_random"]["per_seed"] == [1.5, 2.5]
    assert figures["network.spearman"]["value"] == pytest.approx(1)
    assert figures["kernel.spearman"]["value"] == pytest.approx(-1)
    assert figures["network.spearman"]["per_seed"] == pytest.approx([1, 1])
    assert figures["network.excess"]["value"] == pytest.approx([0.15] * 3)
    assert figures["network.excess.half"]["per_seed"] == [pytest.approx([0.1, 0.1]),
                                                          pytest.approx([0.2, 0.2])]  # fmt: skip
    assert figures["network.l1.by_portion"]["value"] == portions
    # Least where it is p = 0, with 1 of complexity; and of the second network.
    assert figures["network.margin"]["value"] == pytest.approx(1 - 0.2)
    assert figures["network.margin"]["per_seed"] == pytest.approx([0.9, 0.8])
    assert figures["network.margin.l1"]["value"] == pytest.approx(1)


def test_two_portions_or_one_error_have_no_order(tmp_path):
    portions = [0.0, 0.5, 1.0]
    networks = [
        save_table(tmp_path / f"{p}.csv", [
            {"repetition": 0, "k": 9, "loss": 0.5, "test_l1": p, "test_error": p / 2}
        ])
        for p in portions[:2]
    ]  # fmt: skip
    rows = [{"split": 0, "portion": p, "complexity": 1 + p} for p in portions]
    expected = save_table(tmp_path / "expected.csv", rows)
    rows = [row | {"draw": 0, "error": 0.25, "l1": 1.0} for row in rows]
    sampled = save_table(tmp_path / "sampled.csv", rows)
    made = {name: tmp_path / f"made.{name}" for name in ("errors", "complexity", "metrics")}
    named = {"name": "toy", "portion": portions[:2], "networks": networks}
    assert call(errors, *options(**made, **named, expected=expected, sampled=sampled)) == 0
    figures = json.loads(made["metrics"].read_text())
    assert "network.excess" in figures
    assert not [key for key in figures if key.endswith(".spearman")]
