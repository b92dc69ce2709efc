"""Figure 1 as the paper draws it: the program on a few points, the figure on its tables."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

from scripts.two_layer import paper, paper_figure1, plot_paper_figure1
from scripts.two_layer.tests.plots import ROOT, call, groups
from scripts.two_layer.tests.test_figure_plots import is_drawn, losses
from tests.scripts import programs

PUBLISHED = ROOT / "scripts/two_layer/published"
N, ETA, LAST = 40, 2e-3, 1000
KINDS = ["true", "worst", "random", "random"]


def inputs(folder):
    """A spectrum and labels, and numbers and points as if the paper had drawn them.

    True labels' curve is eq. (8)'s, random ones' leaves it at step 500, worst-case ones' lies
    below it but at the last.
    """
    values = 90.0 / np.arange(1, N + 1) ** 1.5
    rng = np.random.default_rng(0)
    worst = np.where(np.arange(N) == N - 1, np.sqrt(N), 1e-14)
    true = np.where(np.arange(N) < 4, np.sqrt(N) / 2, 0)
    projected = np.array([true, worst, *rng.standard_normal((2, N))])
    np.savez(folder / "spectrum.npz", eigenvalues=values, least=worst)
    np.savez(
        folder / "coefficients.npz", kinds=np.array(KINDS), repetitions=np.array([0, 0, 0, 1]),
        coefficients=projected,
    )  # fmt: skip
    numbers = yaml.safe_load((PUBLISHED / "arora2019.yaml").read_text("utf-8"))
    numbers["datasets"]["mnist"]["inferred_eta"] = ETA
    mnist = numbers["datasets"]["mnist"]["losses"]
    steps = [100, 500, 900, LAST]
    read = {kind: np.median(predicted(values, projected, kind, steps), axis=0) for kind in KINDS}
    read["random"][1:] += 0.05
    read["worst"] = np.array([0.4, 0.4, 0.4, read["worst"][-1]])
    mnist |= {"steps": steps} | {kind: [float(y) for y in read[kind]] for kind in read}
    (folder / "numbers.yaml").write_text(yaml.safe_dump(numbers))
    points = [
        {"figure": "fig1a", "dataset": "mnist", "series": kind, "quantity": "loss", "x": k, "y": y}
        for kind in read
        for k, y in zip(steps, read[kind], strict=True)
    ]
    points.append(points[0] | {"series": "eigenvalue", "quantity": "eigenvalue", "x": 9, "y": 0.3})
    pd.DataFrame(points).to_csv(folder / "points.csv", index=False)
    files = {"spectrum": "spectrum.npz", "coefficients": "coefficients.npz",
             "published": "numbers.yaml"}  # fmt: skip
    return {key: folder / name for key, name in files.items()}, values, projected


def predicted(values, projected, kind, steps):
    """Eq. (8), term by term."""
    rows = [row for label, row in zip(KINDS, projected, strict=True) if label == kind]
    return np.array([
        [sum((1 - ETA * values) ** (2 * k) * row**2) / 2 / N for k in steps] for row in rows
    ])  # fmt: skip


def measure(folder, **words):
    read, *known = inputs(folder)
    made = {name: folder / f"{name}.csv" for name in ("curves", "projections")}
    told = {"name": "toy", "points": 21, "indices": 20} | words
    code = programs.call(
        paper_figure1,
        *programs.options(**read, **told, **made, metrics=folder / "metrics.json"),
    )
    return code, read, made, *known


def draw(folder, *more, **networks):
    _, _, made, *_ = measure(folder, dataset="mnist")
    shown = made | {"digitised": folder / "points.csv"} | networks
    return call(plot_paper_figure1, folder, "--dataset", "mnist", *more, **shown)


def test_curves_are_equation_8_on_the_papers_axis(tmp_path):
    code, _, made, values, projected = measure(tmp_path, dataset="mnist")
    assert code == 0
    curves = pd.read_csv(made["curves"], dtype={"labels": str})
    for kind in ("true", "random", "worst"):
        own = curves[curves.labels == kind].pivot(index="k", columns="repetition", values="loss")
        assert own.index[-1] == LAST
        assert set(range(0, LAST + 1, 50)) <= set(own.index)
        np.testing.assert_allclose(own.T, predicted(values, projected, kind, own.index), rtol=1e-9)
    assert curves.t.max() == pytest.approx(ETA * LAST)
    table = pd.read_csv(made["projections"], dtype={"labels": str})
    # One draw of each labelling; the first two indices, then every second or third.
    assert len(table) == 3 * table["index"].nunique()
    assert {1, 2, N} <= set(table["index"])
    last = table[table["index"] == N].set_index("labels")
    assert last.eigenvalue.tolist() == pytest.approx([values[-1]] * 3)
    assert last.abs_projection["worst"] == pytest.approx(np.sqrt(N))


def test_where_equation_8_and_the_papers_networks_part(tmp_path):
    assert measure(tmp_path, dataset="mnist")[0] == 0
    figure = json.loads((tmp_path / "metrics.json").read_text())["parted"]
    # True labels stay together; the worst case comes together at its last point. Both read as one
    # step beyond the last.
    assert figure["value"] == [LAST + 1, 500, LAST + 1]
    assert "true, random, worst labels" in figure["unit"]


def test_networks_part_where_every_later_point_is_apart():
    k = [0, 10, 20, 30]
    near, far = paper.PART * 0.9, paper.PART * 1.1
    curves = pd.concat([
        pd.DataFrame({"labels": kind, "k": k, "loss": 0.3, "paper": 0.3 - np.array(away)})
        for kind, away in (("true", [0, far, near, far]), ("random", [0, near, far, far]),
                           ("worst", [far] * 4))
    ])  # fmt: skip
    assert paper.parted(curves) == {"true": 30, "random": 20, "worst": 0}


def test_another_data_set_is_refused(tmp_path, capsys):
    assert measure(tmp_path)[0] == 1
    assert "expected a data set of the paper's" in capsys.readouterr().err


def test_the_figure_has_the_papers_axes_and_its_points(tmp_path, drawn):
    outputs = draw(tmp_path)
    first = {kind: path.read_bytes() for kind, path in outputs.items()}
    assert is_drawn(outputs)
    above, eigenvalues, projections = drawn[0].axes
    assert above.get_xlim()[1] == pytest.approx(1.01 * LAST)
    assert above.get_ylim()[1] == 0.52
    assert eigenvalues.get_ylim() == (0, 1)
    assert projections.get_ylim() == (0, 10)
    assert {panel.get_xscale() + panel.get_yscale() for panel in drawn[0].axes} == {"linearlinear"}
    shown = {"paper-loss-true", "paper-loss-worst", "paper-eigenvalue", "prediction-random",
             "parted-random", "projection-worst"}  # fmt: skip
    assert shown <= groups(outputs["svg"])
    assert len(drawn[0].legends[0].texts) <= 6
    told = outputs["md"].read_text()
    assert f"η = {ETA}; rings: {paper.PART} apart from step 500 (random) on." in told
    assert "(b)" not in told
    again = draw(tmp_path)
    assert {kind: path.read_bytes() for kind, path in again.items()} == first


def test_networks_of_this_run_stand_beside(tmp_path, drawn):
    table = losses(tmp_path, {"small": 0.8, "kernel": 0.9})
    words = ["--arm", "small", "--training", "m = 77"]
    outputs = draw(tmp_path, *words, networks=table)
    assert {"network-true", "network-random", "network-worst"} <= groups(outputs["svg"])
    assert "(b) m = 77." in outputs["md"].read_text()
    (line,) = [line for line in drawn[0].axes[1].lines if line.get_gid() == "network-true"]
    found = pd.read_csv(table, dtype={"labels": str})
    own = found[(found.series == "network") & (found.labels == "true") & (found.arm == "small")]
    assert list(line.get_ydata()) == pytest.approx(own.groupby("k").loss.median())
