"""The programs on points of the sphere: what they measure."""

import numpy as np
import pytest

from overparam import kernels, matrices
from scripts.two_layer import formula, samples, targets
from scripts.two_layer.tests.sphere import FORMULA, SAMPLES, TARGETS, run
from tests.scripts.programs import Tiny


def test_formula(tmp_path):
    figures, tables, _ = run(formula, tmp_path, FORMULA, "pairs", "least")
    assert set(figures) == {
        "angle.exponent", "angle.law", "antipode", "antipode.sphere", "antipodes.beyond",
        "antipodes.full", "antipodes.many", "antipodes.null", "auxiliary.gram",
        "auxiliary.iterated", "auxiliary.outputs", "auxiliary.solved", "diagonal", "doubled.gram",
        "doubled.outputs", "duplicate", "opposite", "orthogonal", "recursion",
        "sampled.difference", "sampled.standard_errors", "start.power", "sum_rule", "trace",
    }  # fmt: skip
    value = {key: figure["value"] for key, figure in figures.items()}
    assert all(len(figure["per_seed"]) == 2 for figure in figures.values())
    assert value["sampled.standard_errors"] < 5
    assert value["angle.exponent"] == pytest.approx(1, abs=0.01)
    assert figures["angle.exponent"]["interval"][0] <= value["angle.exponent"]
    assert value["antipodes.null"] == 40
    assert 1e-9 < value["antipodes.full"] < 1e-2
    assert value["start.power"] == min(figures["start.power"]["per_seed"])
    assert value["start.power"] == pytest.approx(1, abs=0.2)
    assert value["diagonal"] == value["opposite"] == 0
    small = ("orthogonal", "trace", "recursion", "sum_rule", "duplicate", "antipodes.many",
             "auxiliary.solved", "auxiliary.iterated", "doubled.gram")  # fmt: skip
    assert all(abs(value[key]) < 1e-10 for key in small)
    # Each says the inputs that it is of.
    assert "n = 120, d = 10" in figures["antipodes.full"]["where"]
    assert figures["auxiliary.solved"]["where"] != figures["trace"]["where"]
    # The tables hold what the figures are of.
    assert len(tables["pairs"]) == 2 * 11
    gaps = [abs(float(row["exact"]) - float(row["sampled"])) for row in tables["pairs"]]
    assert max(gaps) == value["sampled.difference"]
    errors = [abs(float(row["error"])) for row in tables["pairs"]]
    off = max(gap / max(error, 1e-16) for gap, error in zip(gaps, errors, strict=True))
    assert value["sampled.standard_errors"] == pytest.approx(off)
    # λ_min of two inputs at a small angle θ is θ/2π.
    shares = [
        2 * np.pi * float(row["least"]) / float(row["size"])
        for row in tables["least"]
        if row["case"] == "angle" and float(row["size"]) < 1e-4
    ]
    assert value["angle.law"] == pytest.approx(max(abs(share - 1) for share in shares))
    for row in tables["pairs"]:
        cosine, angle = float(row["cosine"]), float(row["angle"])
        assert cosine == pytest.approx(np.cos(angle), abs=1e-12)
        expected = cosine * (np.pi - angle) / (2 * np.pi)
        assert float(row["exact"]) == pytest.approx(expected, abs=1e-12)
    cases = [(row["case"], float(row["size"])) for row in tables["least"]]
    assert cases.count(("antipodes", 11)) == cases.count(("angle", 1e-8)) == 2


def test_formula_of_a_problem_changes_its_inputs(tmp_path):
    tiny = Tiny(tmp_path)
    own, _, _ = run(formula, tmp_path, FORMULA | tiny.inputs("problem"), "pairs", "least")
    least = matrices.least_eigenvalue(kernels.relu_gram(tiny.x))
    falls = [
        1 - matrices.least_eigenvalue(kernels.relu_gram(np.vstack([tiny.x, -row]))) / least
        for row in tiny.x
    ]
    for found in own["antipode"]["per_seed"]:
        assert min(abs(found - fall) for fall in falls) < 1e-9
    other, _, _ = run(formula, tmp_path, FORMULA, "pairs", "least")
    assert other["antipode"] == other["antipode.sphere"] == own["antipode.sphere"]
    assert other["recursion"] == own["recursion"]


def test_formula_is_drawn_anew_for_another_seed_alone(tmp_path):
    first, again, other = (
        run(formula, tmp_path, FORMULA | {"seed": seed}, "pairs", "least")[0] for seed in (0, 0, 1)
    )
    assert first == again
    assert first["sampled.difference"] != other["sampled.difference"]
    more = run(formula, tmp_path, FORMULA | {"seeds": 3}, "pairs", "least")[0]
    for key, figure in more.items():
        assert figure["per_seed"][:2] == first[key]["per_seed"]


def test_targets(tmp_path):
    figures, tables, _ = run(targets, tmp_path, TARGETS, "table")
    families = ("linear", "power", "quadratic", "cosine", "arctan", "sum")
    assert set(figures) == {
        "linear.norm", "bounded.late", "unbounded.late", "power3.exponent", "sign.exponent",
        "quadratic.square.exponent",
        *(f"{family}.of_{bound}" for family in families for bound in ("sharp", "published")),
    }  # fmt: skip
    rows = tables["table"]
    # A form of rank 5 is left out in three dimensions.
    assert len(rows) == 2 * 2 * (9 + 8)
    assert not any(row["target"] == "quadratic5" and row["d"] == "3" for row in rows)
    assert {row["target"] for row in rows if not row["sharp"]} == {"power3", "sign"}
    shares = [float(row["norm"]) / float(row["sharp"]) for row in rows if "quad" in row["target"]]
    assert figures["quadratic.of_sharp"]["value"] == pytest.approx(max(shares), rel=1e-12)
    assert max(figures["quadratic.of_sharp"]["per_seed"]) == pytest.approx(max(shares))
    for key, figure in figures.items():
        assert len(figure["per_seed"]) == 2
        if "of_" in key:
            assert 0 < figure["value"] <= 1
    assert figures["bounded.late"]["value"] < figures["unbounded.late"]["value"]
    assert figures["unbounded.late"]["where"] == "d = 3, the two largest n"
    # A form that is t times as large has t² times the square of its norm, in every draw.
    assert figures["quadratic.square.exponent"]["per_seed"] == pytest.approx([2, 2])
    # What is measured in one dimension alone says so.
    assert figures["sign.exponent"]["where"].startswith("sphere, d = 6, n = 20")
    assert figures["quadratic.of_sharp"]["where"].startswith("sphere, d = 6, 3, n = 20")


@pytest.mark.parametrize("d", [[6, 3], [3, 6]])
def test_exponents_are_of_the_dimension_that_is_named_first(tmp_path, d):
    settings = TARGETS | {"d": d, "target": ["linear", "sign"]}
    figures, tables, _ = run(targets, tmp_path, settings, "table")
    norms = {
        (row["n"], row["repetition"]): float(row["norm"])
        for row in tables["table"]
        if (row["d"], row["target"]) == (str(d[0]), "sign")
    }
    slopes = [np.log(norms["60", seed] / norms["20", seed]) / np.log(3) for seed in "01"]
    assert figures["sign.exponent"]["per_seed"] == pytest.approx(slopes)


def test_adding_a_target_or_a_size_changes_no_other(tmp_path):
    few = TARGETS | {"target": ["linear", "sign"], "n": [20, 60]}
    more = TARGETS | {"target": ["power4", "sign", "linear"], "n": [30, 20, 60]}
    first, second = (
        run(targets, tmp_path, settings, "table")[1]["table"] for settings in (few, more)
    )
    kept = [row for row in second if row["n"] != "30" and row["target"] != "power4"]
    key = ("d", "n", "repetition", "target")
    listed = [{tuple(row[k] for k in key): float(row["norm"]) for row in rows}
              for rows in (first, kept)]  # fmt: skip
    # Other right-hand sides beside it may change the last bits of a triangular solve.
    assert listed[0].keys() == listed[1].keys()
    assert [listed[0][key] for key in listed[0]] == pytest.approx(
        [listed[1][key] for key in listed[0]], rel=1e-10
    )


def test_samples(tmp_path):
    figures, tables, _ = run(samples, tmp_path, SAMPLES, "table")
    assert set(figures) == {"linear.exponent", "sine5.exponent", "of_bound"}
    rows = tables["table"]
    assert len(rows) == 2 * 2 * 2
    shares = [float(row["l1"]) / float(row["bound"]) for row in rows]
    assert figures["of_bound"]["value"] == pytest.approx(max(shares), rel=1e-12)
    assert max(shares) < 1
    errors = {(row["target"], row["n"], row["repetition"]): float(row["rmse"]) for row in rows}
    assert all(float(row["l1"]) <= float(row["rmse"]) for row in rows)
    slopes = [
        np.log(errors["linear", "80", seed] / errors["linear", "20", seed]) / np.log(4)
        for seed in "01"
    ]
    assert figures["linear.exponent"]["per_seed"] == pytest.approx(slopes)
    assert figures["linear.exponent"]["value"] < -0.5 < figures["sine5.exponent"]["value"]
    low, high = figures["linear.exponent"]["interval"]
    assert low <= figures["linear.exponent"]["value"] <= high
    size = np.sqrt(1 / 3)  # of a coordinate on the sphere in three dimensions
    linear = [float(row["size"]) for row in rows if row["target"] == "linear"]
    assert linear == pytest.approx([size] * 4, rel=0.3)
