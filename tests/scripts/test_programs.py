"""The programs of the data slice on small arrays, against the formulas, and of the ledger."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from pipeline.claims import files
from pipeline.files import digest, save_json, save_text
from pipeline.metrics import measured, save
from scripts.data import digits, gram, own, prepare, spectrum
from scripts.ledger import assemble, collect, compare, new_claim, report_document, verify
from scripts.ledger import claim as one_claim
from tests.scripts.programs import Tiny, call, options, table

REGISTRY = Path(__file__).resolve().parents[2] / "config/datasets.yaml"


@pytest.fixture
def tiny(tmp_path):
    return Tiny(tmp_path)


# --- Data ------------------------------------------------------------------------------------


def prepared(tmp_path, **changes):
    raw, made = tmp_path / "raw.npz", tmp_path / "made.npz"
    assert call(digits, "--output", raw) == 0
    settings = {
        "name": "toy", "source": "digits", "raw": raw, "registry": REGISTRY,
        "positive": [0, 1], "negative": [2], "train_n": 20, "test_n": 10, "problem": made,
        "selection": "first", "train_balanced": False, "test_balanced": False,
        "degenerate": "refuse", "standardize": "none",
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
        counts = [(made["classes"] == kind).sum() for kind in (0, 1, 2)]
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
    others = [prepared(tmp_path, **changes, **change)[1] for change in ({"split": 1}, {"seed": 1})]
    draws = [{*drawn["indices"]} for drawn in (made, *others)]
    assert all(first != second for first, second in itertools.combinations(draws, 2))
    assert {*prepared(tmp_path, **changes)[1]["indices"]} == draws[0]


def test_prepare_standardises_columns_over_the_two_groups(tmp_path):
    source, made = prepared(tmp_path, standardize="columns")
    own = source["inputs"][np.isin(source["classes"], [0, 1, 2])].astype(float)
    rows = source["inputs"][made["test_indices"]] - own.mean(axis=0)
    scale = own.std(axis=0)
    rows = np.where(scale > 0, rows / np.where(scale > 0, scale, 1), 0)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(made["test_inputs"], units, atol=1e-12)
    assert not len(made["left_out"])
    assert not len(made["notes"])


def own_points(tmp_path, **changes):
    """A prepared file of one's own: classes a, b, c; rows numbered; line 5 repeats line 3."""
    path, raw, made = (tmp_path / name for name in ("own.csv", "own.npz", "made.npz"))
    rng = np.random.default_rng(0)
    rows = [[at, *rng.standard_normal(3).round(3), "abc"[at % 3]] for at in range(30)]
    rows[3][1:4] = rows[1][1:4]
    lines = [",".join(map(str, row)) for row in [["id", "u", "v", "w", "label"], *rows]]
    path.write_text("\n".join(lines) + "\n")
    told = {"file": path, "label_column": "label", "output": raw}
    told |= {"ignore_column": ["id"]} if changes.pop("ignore", False) else {}
    assert call(own, *options(**told)) == 0
    settings = {
        "name": "toy", "source": "file", "raw": raw, "registry": REGISTRY,
        "positive": ["a"], "negative": ["b"], "train_n": 12, "test_n": 7, "problem": made,
        "selection": "first", "train_balanced": False, "test_balanced": False,
        "degenerate": "drop", "standardize": "none",
    }  # fmt: skip
    status = call(prepare, *options(**settings | changes))
    return status, dict(np.load(made)) if status == 0 else {}


def test_what_is_notable_of_ones_own_points_is_written_beside_them(tmp_path, caplog):
    status, made = own_points(tmp_path)
    assert status == 0
    first, second, *_ = made["notes"]
    assert first.startswith("data.toy: column 'id' counts the rows, and is an input")
    assert second == "data.toy: not used, since of neither group: c (10 points)"
    assert all(note in caplog.text for note in made["notes"])


def test_a_point_that_repeats_one_is_left_out_by_its_line_and_tests_nothing(tmp_path):
    """Line 5 is of the other class: as a test point it could only be wrong."""
    status, made = own_points(tmp_path, ignore=True, positive=["a", "c"])
    assert status == 0
    assert [*made["left_out"]] == ["line 5"]
    said = "line 5 repeats line 3, of class b and not a"
    assert f"data.toy: 1 point left out: {said}" in made["notes"]
    assert 3 not in {*made["indices"], *made["test_indices"]}


def test_a_point_that_repeats_one_is_refused_by_its_line(tmp_path, capsys):
    status, _ = own_points(tmp_path, ignore=True, degenerate="refuse", positive=["a", "c"])
    assert status == 1
    assert "(line 5 repeats line 3, of class b and not a), expected none" in capsys.readouterr().err


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


# --- The ledger ------------------------------------------------------------------------------


def claims_files(tmp_path, metric="job/tiny/found", **changed):
    claim = {
        "group": "A theorem", "place": "theorem 1", "statement": "$x < 1$", "because": "it is said",
        "how_to_read": "Look.", "met": "holds", "expected": {"kind": "at_most", "value": 1},
        "figure": "curve", "checks": {"digits": {"metric": metric}},
    } | changed  # fmt: skip
    source = {"id": "001", "title": "T", "authors": "A", "year": 2019, "link": "https://a.b"}
    folder = tmp_path / "scripts/toy/claims"
    folder.mkdir(parents=True, exist_ok=True)
    outline = {"source": source, "themes": ["theme"]}
    for name, values in {
        "source": outline,
        "theme": {"claims": {"A1": claim, "A2": claim}},
    }.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    return files(folder)


def figures_of(tmp_path, **metrics):
    path = tmp_path / "results/digits/toy/job/tiny/metrics.json"
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
    status, made = ledger(tmp_path, claims_files(tmp_path), [figures_of(tmp_path, **figures)])
    assert status == 0
    first = table(made["table"])[0]
    assert (first["id"], first["verdict"], first["measured"]) == ("A1", "holds", "0.5")
    assert (first["spread"], first["n_seeds"]) == ("0.25 to 0.75", "2")
    assert (first["expected"], first["figure"]) == ("at most 1", "curve_tiny")
    written = json.loads(made["json"].read_text())
    assert [row["id"] for row in written["claims"]] == ["A1", "A2"]
    assert made["figures"].read_text().splitlines() == [
        "key,value,spread,least,largest,n_seeds,unit,where",
        "toy/job/tiny/found,0.5,0.25 to 0.75,0.25,0.75,2,step,here",
        'toy/job/tiny/points,"1, 2","0 to 2, 2 to 2.5",,,2,,there',
        'toy/job/tiny/series,"1, 2",95 %: 0 to 1,,,0,,there',
        'toy/job/tiny/single,"1, 2",,,,1,,there',
    ]


def test_what_a_run_does_not_compute_is_not_run(tmp_path):
    status, made = ledger(tmp_path, claims_files(tmp_path), [])
    assert status == 0
    first = table(made["table"])[0]
    why = "this run does not compute job/tiny/found"
    assert (first["verdict"], first["why"]) == ("not run", why)


def test_a_run_of_ones_own_may_leave_a_figure_out(tmp_path):
    """Here the run is `digits`, held to the checks of another."""
    claims = claims_files(tmp_path, checks={"workstation": {"metric": "job/tiny/m400"}})
    metrics = [figures_of(tmp_path, m1600=measured(1, where="here"))]
    status, made = ledger(tmp_path, claims, metrics, checks="workstation")
    assert status == 0
    first = table(made["table"])[0]
    why = "this run does not compute job/tiny/m400"
    assert (first["verdict"], first["why"]) == ("not run", why)


@pytest.mark.parametrize(
    ("value", "verdict", "why"),
    [
        (0.5, "holds", ""),
        (
            2.0,
            "missed",
            "the measured value lies outside what was expected",
        ),
    ],
)
def test_a_general_claim_is_decided_on_ones_own_data(tmp_path, value, verdict, why):
    """And a claim whose job a run of one's own does not run is not listed."""
    checks = {"workstation": {"metric": "job/tiny/found"}}
    claims = claims_files(tmp_path, checks=checks, general="job/found")
    mine = tmp_path / "results/digits/toy/job/mine/metrics.json"
    save(mine, {"found": measured(value, where="here")})
    status, made = ledger(tmp_path, claims, [mine], checks="workstation")
    assert status == 0
    rows = table(made["table"])
    assert [row["id"] for row in rows] == ["A1.mine", "A2.mine"]
    first = rows[0]
    assert (first["metric"], first["figure"]) == ("job/mine/found", "curve_mine")
    assert (first["expected"], first["verdict"], first["why"]) == ("at most 1", verdict, why)
    # The run whose checks decide has its own rows alone.
    status, made = ledger(tmp_path, claims_files(tmp_path, general="job/found"), [mine])
    assert [row["id"] for row in table(made["table"])] == ["A1", "A2"]


@pytest.mark.parametrize(
    ("beside", "verdicts"),
    [
        ({}, ["holds"]),
        ({"n.test": 5}, ["holds"]),
        ({"n.test": 4}, []),
        ({"bound": 0.9}, ["holds"]),
        ({"bound": 1.0}, ["vacuous"]),
    ],
)
def test_a_general_claim_asks_for_what_its_method_needs(tmp_path, beside, verdicts):
    """And is vacuous where its bound is empty."""
    told = {"needs": {"data/n.test": 5}, "vacuous_from": "data/bound"}
    checks = {"workstation": {"metric": "job/tiny/found"}}
    claims = claims_files(tmp_path, checks=checks, general="job/found", **told)
    paths = [tmp_path / f"results/digits/toy/{job}/mine/metrics.json" for job in ("job", "data")]
    save(paths[0], {"found": measured(0.5, where="here")})
    save(paths[1], {key: measured(value, where="here") for key, value in beside.items()})
    status, made = ledger(tmp_path, claims, paths, checks="workstation")
    assert status == 0
    rows = table(made["table"])
    assert [row["verdict"] for row in rows if row["id"] == "A1.mine"] == verdicts


def test_what_was_noted_of_the_data_is_told_with_the_verdicts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    problem = tmp_path / "problem.npz"
    np.savez(problem, notes=np.array(["data.toy: 1 point left out"]))
    made = {name: tmp_path / f"made.{name}" for name in ("table", "json", "figures")}
    root = tmp_path / "results/digits"
    named = {"claims": claims_files(tmp_path), "checks": "digits", "root": root}
    metrics = figures_of(tmp_path, found=measured(0.5, where="here"))
    assert call(collect, *options(**made, **named, metrics=metrics, problem=problem)) == 0
    made["json"].rename(root / "claims.json")
    for noted, count in (([], 1), (["--noted"], 0)):
        assert call(verify, "--run", "digits", *noted) == 0
        assert capsys.readouterr().out.count("data.toy: 1 point left out\n") == count


def test_a_run_of_ones_own_that_decides_nothing_has_an_empty_table(tmp_path):
    claims = claims_files(tmp_path, checks={"workstation": {"metric": "job/tiny/found"}})
    status, made = ledger(tmp_path, claims, [], checks="workstation")
    assert status == 0
    assert table(made["table"]) == []


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"other": measured(1, where="here")}, "A1: found no 'found' among the figures of"),
        ({"found": measured(1), "other": measured(1)}, "toy/job/tiny: found 'other', which"),
    ],
)
def test_collect_refuses_a_claim_without_its_figure_and_a_figure_without_use(
    tmp_path, capsys, figures, said
):
    status, made = ledger(tmp_path, claims_files(tmp_path), [figures_of(tmp_path, **figures)])
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
    named = {"claims": claims_files(tmp_path), "checks": "digits", "root": root}
    assert call(one_claim, *options(**named, id="A2", metrics=metrics)) == 0
    said = capsys.readouterr().out
    assert "A2  missed" in said
    assert "\n  measured: 2\n  where: here\n" in said


KNOWN = {"since": "2020-01-01", "why": "known", "docs": "docs"}
BOTH = {"checks": {run: {"metric": "job/tiny/found"} for run in ("digits", "test")}}


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
    _, made = ledger(tmp_path, claims_files(tmp_path, **changed), [metrics])
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
        _, made = ledger(tmp_path, claims_files(tmp_path), [metrics])
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
    assert "reference: found no recorded run 'mine', expected one of digits: " in said
    (tmp_path / "reference/runs/digits").rename(tmp_path / "reference/gone")
    assert call(compare, "--run", "mine") == 1
    assert "expected one: make reference records a run: " in capsys.readouterr().err


def job(folder, name, inputs, outputs, seconds, mb, **libraries):
    """A finished job's sidecar and benchmark."""
    hashed = [
        {"files": {str(path): digest(path) if path.exists() else "" for path in side}}
        for side in (inputs, outputs)
    ]
    sidecar = {
        "program": f"scripts/toy/{name}.py", "code": "c", "settings": {},
        "inputs": hashed[0], "outputs": hashed[1],
        "started": "2020-01-01T00:00:00+00:00", "seconds": seconds,
        "commit": None if name == "gram" else "abc",
        "computer": {"host": "secret", "cores": 2, "processor": "a processor"},
        "libraries": {"numpy": "2"} | libraries,
        "blas": {"pools": [{"user_api": "blas", "internal_api": "mkl", "version": "1"}]},
    }  # fmt: skip
    save_json(folder / f"{name}.json", sidecar)
    (folder / f"{name}.tsv").write_text(f"s\tmax_rss\n{seconds}\t{mb}\n")


def test_assemble_adds_the_seconds_of_all_that_a_claim_rests_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    claims = claims_files(tmp_path)
    shared, own = Path("results/shared/set"), Path("results/digits/toy/job/tiny")
    metrics = own / "metrics.json"
    save(metrics, {"found": measured(0.5, where="here")})
    job(shared, "gram", [], [shared / "gram.npy"], 2.0, 900)
    job(own, "job", [shared / "gram.npy"], [metrics], 3.0, 100, torch="1", numpy="3")
    job(Path("results/digits/toy/other/tiny"), "other", [], [Path("elsewhere")], 50.0, 5000)
    made = {name: Path(f"results/digits/{name}") for name in ("claims.csv", "claims.json")}
    named = {"claims": claims, "checks": "digits", "root": "results/digits", "metrics": metrics}
    files = {"table": made["claims.csv"], "json": made["claims.json"]}
    sidecar = {"sidecar": "results/digits/collect.json"}
    assert call(collect, *options(**named, **files, **sidecar, figures="all.csv")) == 0
    picture = "figures/digits/toy/curve_tiny.svg"
    save_text(picture, "<svg/>")
    told = {"claims": made["claims.json"]}
    wanted = {"document": "report.json", "timings": "timings.csv"}
    told |= {"data": ["some points", "others"]}
    assert call(assemble, *options(run="digits", seed=0, figure=picture, **told, **wanted)) == 0
    written = json.loads(Path("report.json").read_text())
    first = written["claims"][0]
    assert (first["seconds"], first["mb"]) == (5.0, 900.0)
    assert first["figure"] == picture
    assert written["data"] == ["some points", "others"]
    # Three jobs of 2, 3 and 50 s that began together, and the one that collects.
    assert re.fullmatch(
        r"4 jobs before this page, 0\.[89] minutes; computer of 2.* cores, a processor.*",
        written["cost"],
    )
    provenance = written["provenance"]
    assert "host" not in provenance["computer"]
    # Of all jobs, not of the one that writes this down.
    assert "1" in provenance["versions"]["torch"].split(", ")
    assert {"2", "3"} < set(provenance["versions"]["numpy"].split(", "))
    assert "mkl 1" in provenance["versions"]["BLAS"].split(", ")
    assert {"abc", "unknown"} <= set(provenance["commit"].split(", "))
    assert provenance["date"].startswith("2020-01-01 to ")
    assert report_document.load("report.json").run == "digits"
    assert Path("timings.csv").read_text().splitlines()[0] == "job,program,seconds,mb"


def test_a_new_claim_is_valid_and_not_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_text() for path in claims_files(tmp_path)}
    folder = next(iter(before)).parent
    own = folder / "own.yaml"
    assert call(new_claim, "--id", "A34") == 0
    assert "own.yaml:4: fill in A34, then: make claim ID=A34" in capsys.readouterr().out
    assert own.read_text().splitlines()[3] == "  A34:"
    assert call(new_claim, "--id", "A35") == 0
    assert call(new_claim, "--id", "A3", "--slice", "toy", "--theme", "theme") == 0
    status, made = ledger(tmp_path, files(folder), [])
    assert status == 0
    rows = table(made["table"])
    assert [row["id"] for row in rows] == ["A1", "A2", "A3", "A34", "A35"]
    assert rows[-1]["verdict"] == "not run"
    assert (folder / "source.yaml").read_text() == before[folder / "source.yaml"]
    assert (folder / "theme.yaml").read_text().startswith(before[folder / "theme.yaml"])
    after = own.read_text()
    for words, said in (
        (["--id", "A34"], "found A34 there already"),
        (["--id", "34", "--slice", "toy"], "claims.34"),
        (["--id", "A36", "--theme", "none"], "theme: found none, expected one of theme, own"),
        (["--id", "B1"], "family: found none, expected one of toy"),
    ):
        assert call(new_claim, *words) == 1
        assert said in capsys.readouterr().err
        assert own.read_text() == after
    own.unlink()
    assert call(new_claim, "--id", "34", "--slice", "toy") == 1
    assert not own.exists()
    assert call(new_claim, "--id", "A35", "--slice", "none") == 1
