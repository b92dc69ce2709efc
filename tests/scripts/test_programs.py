"""Each program of the data and two-layer slices on small arrays, against the formulas."""

import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from overparam import labels
from pipeline.files import save_json, save_text
from pipeline.metrics import measured, save
from scripts.data import digits, gram, prepare, spectrum
from scripts.ledger import assemble, collect, compare, document, new_claim, verify
from scripts.ledger import row as one_row
from scripts.two_layer import complexity, deviation, errors, losses, predict, projections
from tests.scripts.programs import Tiny, call, options, relu_kernel

REGISTRY = Path(__file__).resolve().parents[2] / "config/datasets.yaml"


@pytest.fixture
def tiny(tmp_path):
    return Tiny(tmp_path)


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def save_table(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def drawn(tiny, kind, repetition, name="toy", seed=0):
    least = tiny.vectors[-1]
    return labels.draw(kind, tiny.y, tiny.test_y, least, seed, name, repetition)


# --- Data ------------------------------------------------------------------------------------


def prepared(tmp_path, **changes):
    raw, made = tmp_path / "raw.npz", tmp_path / "made.npz"
    assert call(digits, "--output", raw) == 0
    settings = {
        "name": "toy", "source": "digits", "raw": raw, "registry": REGISTRY,
        "positive": [0, 1], "negative": [2], "train_n": 20, "test_n": 10, "problem": made,
    }  # fmt: skip
    assert call(prepare, *options(**settings | changes)) == 0
    with np.load(raw) as arrays:
        source = dict(arrays)
    with np.load(made) as arrays:
        return source, dict(arrays)


@pytest.mark.parametrize("selection", ["first", "random", "stratified"])
def test_prepare(tmp_path, selection):
    source, made = prepared(tmp_path, selection=selection)
    here = np.flatnonzero(np.isin(source["classes"], [0, 1, 2]))
    chosen, test = made["indices"], made["test_indices"]
    assert len(chosen) == 20
    assert len(test) == 10
    assert not {*chosen} & {*test}
    assert {*chosen, *test} <= {*here}
    if selection == "first":
        assert [*chosen, *test] == [*here[:30]]
    if selection == "stratified":  # 178, 182 and 177 digits of each class
        counts = [(made["classes"] == one).sum() for one in (0, 1, 2)]
        assert sorted(counts) == [6, 7, 7]
    for side in ("", "test_"):
        rows = source["inputs"][made[f"{side}indices"]].astype(float)
        units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        np.testing.assert_allclose(made[f"{side}inputs"], units, rtol=1e-15)
        classes = source["classes"][made[f"{side}indices"]]
        np.testing.assert_array_equal(made[f"{side}classes"], classes)
        np.testing.assert_array_equal(made[f"{side}labels"], np.where(classes == 2, -1, 1))


def test_prepare_balances_groups_and_draws_by_seed_and_split(tmp_path):
    changes = {"selection": "random", "train_balanced": True, "test_balanced": True}
    _, made = prepared(tmp_path, **changes)
    assert made["labels"].sum() == made["test_labels"].sum() == 0
    others = [prepared(tmp_path, **changes, **one)[1] for one in ({"split": 1}, {"seed": 1})]
    draws = [{*one["indices"]} for one in (made, *others)]
    assert all(first != second for first, second in itertools.combinations(draws, 2))
    assert {*prepared(tmp_path, **changes)[1]["indices"]} == draws[0]


def test_gram_and_spectrum(tmp_path, tiny):
    made = {name: tmp_path / f"made.{name}" for name in ("gram", "spectrum", "eigenvectors")}
    assert call(gram, *options(**tiny.inputs("problem"), gram=made["gram"])) == 0
    matrix = np.load(made["gram"])
    np.testing.assert_allclose(matrix, tiny.gram, rtol=1e-12)
    assert (matrix.diagonal() == 0.5).all()
    assert call(spectrum, *options(**made, leading=3)) == 0
    vectors = np.load(made["eigenvectors"])
    with np.load(made["spectrum"]) as arrays:
        values, leading, least = (arrays[key] for key in ("eigenvalues", "leading", "least"))
    np.testing.assert_allclose(values, tiny.values, rtol=1e-12)
    np.testing.assert_allclose(vectors.T * values @ vectors, matrix, atol=1e-14)
    np.testing.assert_array_equal(leading, vectors[:3])
    np.testing.assert_array_equal(least, vectors[-1])


# --- Two layers ------------------------------------------------------------------------------


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


CURVES = {
    # Φ of two networks each; random ends below true at no step, worst is above both from step 2.
    "true": [[6, 4, 2, 1], [6, 5, 3, 1]],
    "random": [[6, 5, 4, 3], [6, 6, 4, 3]],
    "worst": [[6, 6, 5, 5], [6, 6, 5, 4]],
}


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


# --- The ledger ------------------------------------------------------------------------------


def claims_file(tmp_path, metric="job/toy/found", **changed):
    claim = {
        "group": "A theorem", "place": "theorem 1", "statement": "$x < 1$", "because": "it is said",
        "how_to_read": "Look.", "met": "holds", "expected": {"kind": "at_most", "value": 1},
        "figure": "figure1", "checks": {"digits": {"metric": metric}},
    } | changed  # fmt: skip
    source = {"id": "001", "title": "T", "authors": "A", "year": 2019, "link": "https://a.b"}
    path = tmp_path / "two_layer.yaml"
    values = {"source": source, "claims": {"A1": claim, "A2": claim}}
    path.write_text(yaml.safe_dump(values, sort_keys=False))
    return path


def figures_of(tmp_path, **metrics):
    path = tmp_path / "results/digits/two_layer/job/toy/metrics.json"
    save(path, metrics)
    return path


def ledger(tmp_path, claims, metrics, checks="digits"):
    made = {name: tmp_path / f"made.{name}" for name in ("table", "json", "figures")}
    named = {"claims": claims, "checks": checks, "root": tmp_path / "results/digits"}
    return call(collect, *options(**made, **named, metrics=metrics)), made


def test_collect(tmp_path):
    figures = {
        "found": measured(0.5, per_seed=[0.25, 0.75], unit="step", where="here"),
        "series": measured([1.0, 2.0], interval=(0, 1), where="there"),
        "points": measured([1.0, 2.0], per_seed=[[0.0, 2.0], [2.0, 2.5]], where="there"),
        "single": measured([1.0, 2.0], per_seed=[[1.0, 2.0]], where="there"),
    }
    status, made = ledger(tmp_path, claims_file(tmp_path), [figures_of(tmp_path, **figures)])
    assert status == 0
    first = table(made["table"])[0]
    assert (first["id"], first["verdict"], first["measured"]) == ("A1", "holds", "0.5")
    assert (first["spread"], first["n_seeds"]) == ("0.25 to 0.75", "2")
    assert (first["expected"], first["figure"]) == ("at most 1", "figure1_toy")
    written = json.loads(made["json"].read_text())
    assert [row["id"] for row in written["claims"]] == ["A1", "A2"]
    assert made["figures"].read_text().splitlines() == [
        "key,value,spread,least,largest,n_seeds,unit,where",
        "two_layer/job/toy/found,0.5,0.25 to 0.75,0.25,0.75,2,step,here",
        'two_layer/job/toy/points,"1, 2","0 to 2, 2 to 2.5",,,2,,there',
        'two_layer/job/toy/series,"1, 2",95 %: 0 to 1,,,0,,there',
        'two_layer/job/toy/single,"1, 2",,,,1,,there',
    ]


def test_what_a_run_does_not_compute_is_not_run(tmp_path):
    status, made = ledger(tmp_path, claims_file(tmp_path), [])
    assert status == 0
    first = table(made["table"])[0]
    why = "this run does not compute job/toy/found"
    assert (first["verdict"], first["why"]) == ("not run", why)


def test_a_run_of_ones_own_may_leave_a_figure_out(tmp_path):
    """Here the run is `digits`, held to the checks of another."""
    claims = claims_file(tmp_path, checks={"workstation": {"metric": "job/toy/m400"}})
    metrics = [figures_of(tmp_path, m1600=measured(1, where="here"))]
    status, made = ledger(tmp_path, claims, metrics, checks="workstation")
    assert status == 0
    first = table(made["table"])[0]
    why = "this run does not compute job/toy/m400"
    assert (first["verdict"], first["why"]) == ("not run", why)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"other": measured(1, where="here")}, "A1: found no 'found' among the figures of"),
        ({"found": measured(1), "other": measured(1)}, "two_layer/job/toy: found 'other', which"),
    ],
)
def test_collect_refuses_a_claim_without_its_figure_and_a_figure_without_use(
    tmp_path, capsys, figures, said
):
    status, made = ledger(tmp_path, claims_file(tmp_path), [figures_of(tmp_path, **figures)])
    assert status == 1
    assert said in capsys.readouterr().err
    assert not made["table"].exists()


def test_figures_that_are_not_finite_have_no_value(tmp_path):
    path, nan = tmp_path / "a.json", float("nan")
    save(path, {"a": measured(nan), "b": measured([1, float("inf")], per_seed=[1, nan])})
    written = json.loads(path.read_text())
    assert written["a"]["value"] is None
    assert written["b"]["value"] == [1.0, None]
    assert written["b"]["per_seed"] == [1.0, None]


def test_one_row_is_printed_from_its_own_job(tmp_path, capsys):
    metrics = figures_of(tmp_path, found=measured(2, where="here"))
    root = tmp_path / "results/digits"
    named = {"claims": claims_file(tmp_path), "checks": "digits", "root": root}
    assert call(one_row, *options(**named, id="A2", metrics=metrics)) == 0
    said = capsys.readouterr().out
    assert "A2  missed" in said
    assert "\n  measured: 2\n  where: here\n" in said


KNOWN = {"since": "2020-01-01", "why": "known", "docs": "docs"}
BOTH = {"checks": {run: {"metric": "job/toy/found"} for run in ("digits", "test")}}


@pytest.mark.parametrize(
    ("value", "changed", "status"),
    [
        (0.5, {}, 0),
        (2.0, {}, 2),
        (2.0, BOTH | {"known_miss": KNOWN | {"runs": ["digits"]}}, 0),
        (2.0, BOTH | {"known_miss": KNOWN | {"runs": ["test"]}}, 2),
    ],
)
def test_verify_tells_a_miss_by_its_status(tmp_path, monkeypatch, capsys, value, changed, status):
    monkeypatch.chdir(tmp_path)
    metrics = figures_of(tmp_path, found=measured(value, where="here"))
    _, made = ledger(tmp_path, claims_file(tmp_path, **changed), [metrics])
    folder = tmp_path / "results" / "digits"
    folder.mkdir(exist_ok=True)
    made["json"].rename(folder / "claims.json")
    assert call(verify, "--run", "digits") == status
    last = capsys.readouterr().out.splitlines()[-1]
    known = " (known)" if status == 0 else ""
    assert last == (f"claims: 2 missed{known}" if value > 1 else "claims: 2 holds")
    assert call(verify, "--run", "digits", "--whole", "--lenient") == 0
    assert call(verify, "--run", "other") == 1


def test_compare_tells_a_changed_verdict_by_its_status(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for value, folder in ((0.5, "reference/runs/digits"), (0.75, "results/digits")):
        metrics = figures_of(tmp_path, found=measured(value, where="here"))
        _, made = ledger(tmp_path, claims_file(tmp_path), [metrics])
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        made["json"].rename(tmp_path / folder / "claims.json")
    assert call(compare, "--run", "digits") == 0
    said = capsys.readouterr().out
    assert "0 verdicts changed" in said
    assert "differs" in said
    text = (tmp_path / "results/digits/claims.json").read_text()
    (tmp_path / "results/digits/claims.json").write_text(text.replace('"holds"', '"missed"'))
    assert call(compare, "--run", "digits") == 2
    assert "2 verdicts changed: A1, A2" in capsys.readouterr().out
    (tmp_path / "results/digits").rename(tmp_path / "results/mine")
    assert call(compare, "--run", "mine", "--reference", "digits") == 2
    capsys.readouterr()
    assert call(compare, "--run", "mine") == 1
    said = capsys.readouterr().err
    assert "reference: found no recorded run 'mine', expected one of digits; " in said
    (tmp_path / "reference/runs/digits").rename(tmp_path / "reference/gone")
    assert call(compare, "--run", "mine") == 1
    assert "expected one: make reference records a run; " in capsys.readouterr().err


def job(folder, name, inputs, outputs, seconds, mb, **libraries):
    """A finished job's sidecar and benchmark."""
    hashed = [{"files": dict.fromkeys(map(str, side), "")} for side in (inputs, outputs)]
    sidecar = {
        "program": f"scripts/two_layer/{name}.py", "code": "c", "inputs": hashed[0],
        "outputs": hashed[1], "started": "2020-01-01T00:00:00+00:00", "seconds": seconds,
        "commit": None if name == "gram" else "abc", "computer": {"host": "secret", "cores": 2},
        "libraries": {"numpy": "2"} | libraries,
        "blas": {"pools": [{"user_api": "blas", "internal_api": "mkl", "version": "1"}]},
    }  # fmt: skip
    save_json(folder / f"{name}.json", sidecar)
    (folder / f"{name}.tsv").write_text(f"s\tmax_rss\n{seconds}\t{mb}\n")


def test_assemble_adds_the_seconds_of_all_that_a_claim_rests_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    claims = claims_file(tmp_path)
    shared, own = Path("results/shared/set"), Path("results/digits/two_layer/job/toy")
    metrics = own / "metrics.json"
    save(metrics, {"found": measured(0.5, where="here")})
    job(shared, "gram", [], [shared / "gram.npy"], 2.0, 900)
    job(own, "job", [shared / "gram.npy"], [metrics], 3.0, 100, torch="1", numpy="3")
    job(Path("results/digits/two_layer/other/toy"), "other", [], ["elsewhere"], 50.0, 5000)
    made = {name: Path(f"results/digits/{name}") for name in ("claims.csv", "claims.json")}
    named = {"claims": claims, "checks": "digits", "root": "results/digits", "metrics": metrics}
    files = {"table": made["claims.csv"], "json": made["claims.json"]}
    sidecar = {"sidecar": "results/digits/collect.json"}
    assert call(collect, *options(**named, **files, **sidecar, figures="all.csv")) == 0
    picture = "figures/digits/two_layer/figure1_toy.svg"
    save_text(picture, "<svg/>")
    told = {"claims": made["claims.json"]}
    wanted = {"document": "report.json", "timings": "timings.csv"}
    assert call(assemble, *options(run="digits", seed=0, figure=picture, **told, **wanted)) == 0
    written = json.loads(Path("report.json").read_text())
    first = written["claims"][0]
    assert (first["seconds"], first["mb"]) == (5.0, 900.0)
    assert first["figure"] == picture
    assert first["caption"] == "figures/digits/two_layer/figure1_toy.md"
    assert first["command"] == "make claim ID=A1 RUN=digits"
    provenance = written["provenance"]
    assert "host" not in provenance["computer"]
    # Of all jobs, not of the one that writes this down.
    assert "1" in provenance["versions"]["torch"].split(", ")
    assert {"2", "3"} < set(provenance["versions"]["numpy"].split(", "))
    assert "mkl 1" in provenance["versions"]["BLAS"].split(", ")
    assert {"abc", "unknown"} <= set(provenance["commit"].split(", "))
    assert provenance["date"].startswith("2020-01-01 to ")
    assert document.load("report.json").run == "digits"
    assert Path("timings.csv").read_text().splitlines()[0] == "job,program,seconds,mb"


def test_a_new_claim_is_valid_and_not_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "config" / "claims"
    folder.mkdir(parents=True)
    path = claims_file(tmp_path).rename(folder / "two_layer.yaml")
    before = path.read_text()
    assert call(new_claim, "--id", "A34") == 0
    assert "fill in A34, then: make claim ID=A34" in capsys.readouterr().out
    status, made = ledger(tmp_path, path, [])
    assert status == 0
    assert table(made["table"])[-1]["verdict"] == "not run"
    for id, said in (("A34", "found A34 there already"), ("34", "claims.34")):
        after = path.read_text()
        assert call(new_claim, "--id", id) == 1
        assert said in capsys.readouterr().err
        assert path.read_text() == after
    assert path.read_text().startswith(before)
    assert call(new_claim, "--id", "A35", "--slice", "none") == 1
