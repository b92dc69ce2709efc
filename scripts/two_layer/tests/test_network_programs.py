"""The programs about trained networks: widths, frozen, decay, distances, scale, stability, …"""

import json

import numpy as np
import pandas as pd
import pytest

from overparam import labels, networks, schedules
from overparam.seeds import generator
from scripts.two_layer import (
    capacity,
    decay,
    distances,
    fit,
    frozen,
    scale,
    stability,
    train,
    widths,
)
from tests.scripts.programs import call, options, table

STEPS = 40
RATE = {"eta": 0.8, "eta_unit": "1/lambda_max"}
RECIPE = RATE | {
    "name": "toy", "labels": "random", "first": 0, "last": 2, "kappa": 1.0, "antisymmetric": True,
    "steps": STEPS, "dtype": "float64",
}  # fmt: skip


def figures(path):
    return json.loads(path.read_text())


def draw(tiny, kind, repetition):
    """Training labels, as the programs draw them."""
    return labels.draw(kind, tiny.y, tiny.test_y, tiny.vectors, 0, "toy", repetition)[0]


def linear(gram, residual, eta, steps=STEPS):
    norms = []
    for _ in range(steps + 1):
        norms.append(np.linalg.norm(residual))
        residual = residual - eta * gram @ residual
    return np.array(norms)


def trained(folder, tiny, **changes):
    """Outputs of a training job."""
    recipe = RECIPE | changes
    named = f"{recipe['width']}-{recipe['labels']}"
    made = {"metrics": folder / f"{named}.csv", "arrays": folder / f"{named}.npz"}
    assert call(train, *options(**tiny.inputs("problem", "spectrum"), **recipe, **made)) == 0
    return made


def test_widths(tmp_path, tiny):
    sizes = [10, 40, 160]
    jobs = [trained(tmp_path, tiny, width=m) for m in sizes]
    made = {"table": tmp_path / "table.csv", "metrics": tmp_path / "metrics.json"}
    named = RATE | {"name": "toy", "width": sizes, "labels": ["random"] * 3}
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors") | {
        "networks": [job["metrics"] for job in jobs], "arrays": [job["arrays"] for job in jobs],
    }  # fmt: skip
    assert call(widths, *options(**inputs, **named, **made)) == 0
    rows, found = table(made["table"]), figures(made["metrics"])
    assert [int(row["width"]) for row in rows] == [10] * 3 + [40] * 3 + [160] * 3
    eta, inverse = 0.8 / tiny.values[0], np.linalg.inv(tiny.gram)
    for row in rows:
        at, m = int(row["repetition"]), int(row["width"])
        y = draw(tiny, "random", at)
        with np.load(tmp_path / f"{m}-random.npz") as arrays:
            norms = np.sqrt(2 * arrays["phi"][at])
        predicted = linear(tiny.gram, y, eta)
        difference = abs(norms - predicted)
        size = np.sqrt(12)
        assert float(row["deviation"]) == pytest.approx(difference.max() / size, rel=1e-9)
        assert float(row["needed"]) == pytest.approx(np.sqrt(y @ inverse @ y), rel=1e-9)
        assert float(row["ratio"]) == pytest.approx(float(row["distance"]) / float(row["needed"]))
        beyond = np.flatnonzero(difference > predicted)
        assert row["crossover"] == (str(beyond[0]) if len(beyond) else "")
        end = [row for row in table(tmp_path / f"{m}-random.csv") if int(row["repetition"]) == at]
        for column in ("distance", "distance_max", "flips"):
            assert float(row[column]) == float(end[-1][column])
    assert set(found) == {
        *(f"random.m{m}.{figure}" for m in sizes
          for figure in ("deviation", "ratio", "distance_max", "flips", "crossover")),
        *(f"random.{figure}" for figure in ("deviation", "ratio", "distance_max", "flips")),
        *(f"random.{figure}.exponent" for figure in ("deviation", "distance_max", "flips")),
    }  # fmt: skip
    series = found["random.distance_max"]
    medians = [found[f"random.m{m}.distance_max"]["value"] for m in sizes]
    assert series["value"] == medians == np.median(series["per_seed"], axis=0).tolist()
    exponent = found["random.distance_max.exponent"]
    expected = np.polyfit(np.log(sizes), np.log(medians), 1)[0]
    assert exponent["value"] == pytest.approx(expected)
    assert exponent["interval"][0] <= expected <= exponent["interval"][1]


def test_widths_of_a_single_width_have_no_exponent(tmp_path, tiny):
    job = trained(tmp_path, tiny, width=10)
    made = {"table": tmp_path / "table.csv", "metrics": tmp_path / "metrics.json"}
    named = RATE | {"name": "toy", "width": 10, "labels": "random"}
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors")
    inputs |= {"networks": job["metrics"], "arrays": job["arrays"]}
    assert call(widths, *options(**inputs, **named, **made)) == 0
    assert all(".m10." in key for key in figures(made["metrics"]))


@pytest.mark.parametrize("antisymmetric", [True, False])
def test_frozen_splits_the_deviation_at_the_networks_own_kernel(tmp_path, tiny, antisymmetric):
    start = {"antisymmetric": antisymmetric, "kappa": 0.6}
    job = trained(tmp_path, tiny, width=16, **start)
    made = {"table": tmp_path / "table.csv", "metrics": tmp_path / "metrics.json"}
    named = RATE | start | {"name": "toy", "width": 16, "labels": "random", "first": 0}
    inputs = tiny.inputs("problem", "gram", "spectrum") | {"arrays": job["arrays"]}
    assert call(frozen, *options(**inputs, **named, **made)) == 0
    eta = 0.8 / tiny.values[0]
    with np.load(job["arrays"]) as arrays:
        losses = arrays["phi"]
    for row, phi in zip(table(made["table"]), losses, strict=True):
        at = int(row["repetition"])
        y = draw(tiny, "random", at)
        weights, signs = networks.initialise(
            16, 5, 0.6, antisymmetric, generator(0, "toy", "init", 16, at)
        )
        active = tiny.x @ weights >= 0
        own = (tiny.x @ tiny.x.T) * (active[:, None] & active).mean(axis=-1)
        ahead = y - np.maximum(tiny.x @ weights, 0) @ signs / 4
        kept, limit = linear(own, ahead, eta), linear(tiny.gram, y, eta)
        # The start is the one that was trained: it begins where the network began.
        assert kept[0] == pytest.approx(np.sqrt(2 * phi[0]))
        for column, curve in (
            ("deviation", np.sqrt(2 * phi) - limit),
            ("movement", np.sqrt(2 * phi) - kept),
            ("finite", kept - limit),
        ):
            assert float(row[column]) == pytest.approx(abs(curve).max() / np.sqrt(12), rel=1e-9)
        assert float(row["gram"]) == pytest.approx(np.linalg.norm(own - tiny.gram))
    assert set(figures(made["metrics"])) == {
        f"random.m16.{part}" for part in ("deviation", "movement", "finite")
    }


def test_decay(tmp_path, tiny):
    made = {name: tmp_path / name for name in ("table", "curves", "metrics")}
    named = {"name": "toy", "width": 60_000, "top": 4, "repetitions": 2}
    inputs = tiny.inputs("problem", "spectrum")
    assert call(decay, *options(**inputs, **named, **made)) == 0
    rows = table(made["table"])
    assert [(int(row["repetition"]), int(row["index"])) for row in rows] == [
        (at, i) for at in (0, 1) for i in (1, 2, 3, 4)
    ]
    eta = 0.5 / tiny.values[0]
    for row in rows:
        expected = 2 * np.log(1 - eta * tiny.values[int(row["index"]) - 1])
        assert float(row["predicted"]) == pytest.approx(expected)
        assert int(row["last"]) == np.ceil(-1 / expected)
        assert float(row["slope"]) == pytest.approx(expected, rel=0.1)
        assert 1 + float(row["difference"]) == pytest.approx(float(row["slope"]) / expected)
    curves = pd.read_csv(made["curves"])
    np.testing.assert_allclose(curves[curves.k == 0].left, 1, rtol=1e-5)
    found = figures(made["metrics"])
    assert set(found) == {"difference", "difference.median", "difference.typical"}
    sizes = np.array([abs(float(row["difference"])) for row in rows]).reshape(2, 4)
    assert found["difference"]["per_seed"] == pytest.approx(sizes.max(axis=1))
    assert found["difference.typical"]["per_seed"] == pytest.approx(np.median(sizes, axis=1))
    signed = np.array([float(row["difference"]) for row in rows]).reshape(2, 4)
    assert found["difference"]["value"] == pytest.approx(np.median(sizes.max(axis=1)))
    middle = found["difference.median"]
    assert middle["value"] == pytest.approx(abs(np.median(signed, axis=0)).max())
    assert middle["value"] < found["difference"]["value"]
    # Each network's, at the eigenvector whose median is farthest off.
    worst = abs(np.median(signed, axis=0)).argmax()
    side = np.sign(np.median(signed, axis=0)[worst])
    assert middle["per_seed"] == pytest.approx(side * signed[:, worst])


def test_distances(tmp_path, tiny):
    made = {name: tmp_path / name for name in ("table", "metrics")}
    named = {"name": "toy", "width": 10_000, "steps": 3000, "repetitions": 2}
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(distances, *options(**inputs, **named, **made)) == 0
    rows, found = table(made["table"]), figures(made["metrics"])
    assert [row["labels"] for row in rows] == ["random"] * 2 + ["linear"] * 2
    inverse = np.linalg.inv(tiny.gram)
    for row, at in zip(rows[2:], (0, 1), strict=True):
        rng = generator(0, "toy", "labels", "train", "linear", at)
        y = tiny.x @ rng.standard_normal(tiny.x.shape[1])
        y *= np.sqrt(12) / np.linalg.norm(y)
        assert float(row["needed"]) == pytest.approx(np.sqrt(y @ inverse @ y))
    for row in rows:
        assert float(row["ratio"]) == pytest.approx(1, abs=0.1)
        assert float(row["ratio"]) == pytest.approx(float(row["distance"]) / float(row["needed"]))
        assert 0 < float(row["deviation"]) < 0.1
    assert set(found) == {
        f"{kind}.{key}" for kind in ("random", "linear") for key in ("deviation", "ratio")
    }


def test_distances_at_a_rate_of_its_own(tmp_path, tiny):
    made = {name: tmp_path / name for name in ("table", "metrics")}
    named = {"name": "toy", "width": 10_000, "steps": 5, "repetitions": 1, "eta": 0.3}
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(distances, *options(**inputs, **named, **made)) == 0
    random = table(made["table"])[0]
    rng = generator(0, "toy", "labels", "train", "random", 0)
    gone = 1 - (1 - 0.3 * tiny.values / tiny.values[0]) ** 5
    projections = tiny.vectors @ labels.random_signs(12, rng)
    moved = np.sqrt(np.sum((gone * projections) ** 2 / tiny.values))
    assert float(random["distance"]) == pytest.approx(moved, rel=0.05)
    assert float(random["deviation"]) < 0.05


@pytest.mark.parametrize(
    ("program", "least", "made", "said"),
    [
        (scale, 2.01, ["table"], "at most 2/λ_max"),
        (distances, 2.01, ["table"], "at most 2/λ_max"),
        (fit, 2.01, ["table", "curves"], "at most 2/λ_max"),
        (decay, 1.0, ["table", "curves"], "less than 1/λ_max"),
    ],
)
def test_a_learning_rate_at_which_nothing_is_measured_is_refused(
    tmp_path, tiny, capsys, program, least, made, said
):
    reads = {option.name for option in program.main.command.params} & {*tiny.paths}
    files = {name: tmp_path / "made" / name for name in (*made, "metrics")}
    rate = {"eta": least / tiny.values[0], "eta_unit": "absolute"}
    words = options(**tiny.inputs(*reads), **files, **rate, name="toy")
    assert call(program, *words) == 1
    told = capsys.readouterr().err
    assert f"eta: found η = {rate['eta']:.6g}, expected {said} = " in told
    assert "on_divergence" not in told
    assert not (tmp_path / "made").exists()


def test_scale(tmp_path, tiny):
    made = {"table": tmp_path / "table.csv", "metrics": tmp_path / "metrics.json"}
    named = {
        "name": "toy", "labels": ["true", "random"], "kappa": [0.01, 0.3, 5.0], "width": 30,
        "repetitions": 2, "steps": STEPS,
    }  # fmt: skip
    inputs = tiny.inputs("problem", "spectrum", "eigenvectors")
    assert call(scale, *options(**inputs, **named, **made)) == 0
    rows, found = table(made["table"]), figures(made["metrics"])
    assert len(rows) == 12
    job = trained(tmp_path, tiny, width=30, kappa=0.3, antisymmetric=False, eta=1.0, last=1)
    with np.load(job["arrays"]) as arrays:
        losses = arrays["phi"]
    mine = [row for row in rows if (row["labels"], row["kappa"]) == ("random", "0.3")]
    for row, phi in zip(mine, losses, strict=True):
        y = draw(tiny, "random", int(row["repetition"]))
        difference = abs(np.sqrt(2 * phi) - linear(tiny.gram, y, 1 / tiny.values[0])) / np.sqrt(12)
        assert float(row["deviation"]) == pytest.approx(difference.max(), rel=1e-4)  # float32
        assert float(row["start"]) == pytest.approx(difference[0], rel=1e-4)
        assert int(row["step"]) == difference.argmax()
    # At κ = 5 the start alone is far off: u(0) grows with κ.
    assert found["true.m30.best"]["value"] < 5
    for kind in ("true", "random"):
        medians = [found[f"{kind}.m30.kappa{k}.deviation"]["value"] for k in ("0_01", "0_3", "5")]
        assert found[f"{kind}.m30.best"]["value"] == [0.01, 0.3, 5.0][np.argmin(medians)]
        gain = found[f"{kind}.m30.gain"]
        assert gain["value"] == pytest.approx(medians[0] / min(medians))
        wide = pd.DataFrame(rows).query("labels == @kind").astype({"deviation": float})
        wide = wide.pivot(index="kappa", columns="repetition", values="deviation")
        assert gain["per_seed"] == pytest.approx(list(wide.loc["0.01"] / wide.min()))
    assert len(found) == 10


def test_stability(tmp_path, tiny):
    made = {name: tmp_path / f"made.{name}" for name in ("rates", "sweep", "harder", "metrics")}
    named = {
        "name": "toy", "width": 400, "repetitions": 2, "steps": STEPS, "rate": [1.0, 6.0],
        "lowest": 1.0, "highest": 6.0, "factors": 2, "sweep_steps": STEPS,
        "harder_width": [30, 400],
    }  # fmt: skip
    inputs = tiny.inputs("problem", "gram", "spectrum")
    assert call(stability, *options(**inputs, **named, **made)) == 0
    rows, found = table(made["rates"]), figures(made["metrics"])
    least = tiny.values[-1]
    names = [row["rate"] for row in rows]
    assert names == [rate for rate in ("theorem", "rate1", "rate6", "own6") for _ in (0, 1)]
    # The network's own edge: that of its Gram matrix at the start.
    for at, row in enumerate(rows[6:]):
        rng = generator(0, "toy", "init", 400, at)
        start, _ = networks.initialise(400, tiny.x.shape[1], 1.0, True, rng)
        own = np.linalg.eigvalsh(networks.empirical_gram(tiny.x, start))[-1]
        assert float(row["eta"]) == pytest.approx(6 / own)
        assert found["rate6.own"]["per_seed"][at] == pytest.approx(6 * own / tiny.values[0])
    assert float(rows[0]["eta"]) == pytest.approx(least / 144)
    job = trained(tmp_path, tiny, width=400, labels="true", eta=1.0)
    with np.load(job["arrays"]) as arrays:
        losses = arrays["phi"]
    for row, phi in zip(rows[2:4], losses, strict=False):
        ratios = phi[1:] / phi[:-1]
        assert float(row["ratio"]) == pytest.approx(ratios.max(), rel=1e-9)
        assert int(row["step"]) == ratios.argmax()
        bound = 1 - least / tiny.values[0] / 2
        assert float(row["excess"]) == pytest.approx(ratios.max() - bound, abs=1e-9)
    assert found["linear.edge"]["value"] == pytest.approx(2, abs=0.02)
    # At 6/λ_max linear dynamics grow 5-fold a step; the network leaps and comes back.
    swept = {(row["series"], row["factor"], row["repetition"]): row for row in table(made["sweep"])}
    assert len(swept) == 8
    phi = linear(tiny.gram, tiny.y, 6 / tiny.values[0]) ** 2
    peak = float(swept["linear", "6.0", "0"]["peak"])
    assert peak == pytest.approx(max(phi) / phi[0], rel=1e-9)
    assert float(swept["network", "1.0", "0"]["peak"]) == 1
    assert found["network.edge"]["value"] == 6
    assert found["rate6.ratio"]["value"] > 1
    assert set(found) == {
        "excess", "theorem.ratio", "rate1.ratio", "rate6.ratio", "own6.ratio", "rate6.own",
        "linear.edge", "network.edge", "network.beyond.peak", "network.beyond.end",
        "random.excess", "worst.excess",
    }  # fmt: skip
    other = pd.read_csv(made["harder"])
    assert len(other) == 2 * 2 * 2
    for kind, own in other[other.width == 400].groupby("labels"):
        job = trained(tmp_path, tiny, width=400, labels=kind, eta=1.0)
        with np.load(job["arrays"]) as arrays:
            losses = arrays["phi"]
        for (_, row), phi in zip(own.iterrows(), losses, strict=False):
            ratios = phi[1:] / phi[:-1]
            assert row.excess == pytest.approx((ratios.max() - bound) / (1 - bound), abs=1e-6)
            above = np.flatnonzero(ratios > bound)
            assert pd.isna(row.broken) if not len(above) else row.broken == above[0]
        value = found[f"{kind}.excess"]["value"]
        assert value[1] == pytest.approx(own.excess.median())
        per_seed = np.array(found[f"{kind}.excess"]["per_seed"])
        assert per_seed.shape == (2, 2)
        np.testing.assert_allclose(per_seed[:, 1], own.excess)


def test_harder_labels_are_held_to_the_rate_they_train_at(tmp_path, tiny):
    made = {name: tmp_path / f"made.{name}" for name in ("rates", "sweep", "harder", "metrics")}
    named = {
        "name": "toy", "width": 8, "repetitions": 1, "steps": STEPS, "rate": 1.0, "factors": 1,
        "sweep_steps": 1, "harder_width": 64, "harder_rate": 0.4,
    }  # fmt: skip
    inputs = tiny.inputs("problem", "gram", "spectrum")
    assert call(stability, *options(**inputs, **named, **made)) == 0
    found, other = figures(made["metrics"]), pd.read_csv(made["harder"])
    job = trained(tmp_path, tiny, width=64, labels="random", eta=0.4, last=0)
    with np.load(job["arrays"]) as arrays:
        (phi,) = arrays["phi"]
    lost = 0.4 * tiny.values[-1] / tiny.values[0] / 2
    excess = ((phi[1:] / phi[:-1]).max() - 1 + lost) / lost
    assert other.excess[0] == pytest.approx(excess, abs=1e-6)
    assert "η = 0.4/λ_max" in found["random.excess"]["where"]


def measured_capacity(folder, tiny, errors):
    """Rows and figures of networks with these test errors at the end, by width."""
    paths = []
    for m, ends in errors.items():
        rows = [
            {"repetition": at, "k": k, "loss": 1 / (k + 2) - (0.05 if k and m == 32 else 0),
             "train_error": 0.25, "test_error": error if k else 0.9, "flips": k / m}
            for at, error in enumerate(ends) for k in (0, 9)
        ]  # fmt: skip
        paths.append(folder / f"{m}.csv")
        pd.DataFrame(rows).to_csv(paths[-1], index=False)
    made = {"table": folder / "table.csv", "metrics": folder / "metrics.json"}
    named = {
        "name": "toy",
        "labels": "noise0.5",
        "arm": ["kernel"] * len(errors),
        "width": [*errors],
        "networks": paths,
    }
    assert call(capacity, *options(**tiny.inputs("problem", "gram"), **named, **made)) == 0
    return table(made["table"]), figures(made["metrics"])


@pytest.mark.parametrize(
    ("narrow", "wide", "away", "each"),
    [
        ([0.5, 0.75], [0.25, 0.5], None, [None, None]),  # one slope: as far from 0 as can be
        ([0.25, 0.5], [0.5, 0.25], 0, [1, -1]),
        ([0.25, 0.5], [0.25, 0.5], 0, [0, 0]),
    ],
)
def test_a_slope_is_told_in_its_standard_errors(tmp_path, tiny, narrow, wide, away, each):
    _, found = measured_capacity(tmp_path, tiny, {8: narrow, 32: wide})
    figure = found["kernel.slope.errors"]
    assert (figure["value"], figure["per_seed"]) == (away, each)


def test_capacity(tmp_path, tiny):
    errors = {8: [0.3, 0.4, 0.5], 32: [0.2, 0.4, 0.3]}
    rows, found = measured_capacity(tmp_path, tiny, errors)
    inverse = np.linalg.inv(tiny.gram)
    for row in rows:
        y = draw(tiny, "noise0.5", int(row["repetition"]))
        assert float(row["complexity"]) == pytest.approx(np.sqrt(2 * y @ inverse @ y / 12))
        assert int(row["steps"]) == 9
    slopes = np.array([-0.05, 0, -0.1])  # two doublings
    assert found["kernel.slope"]["per_seed"] == pytest.approx(slopes)
    expected = slopes.mean() / (slopes.std(ddof=1) / np.sqrt(3))
    assert found["kernel.slope.errors"]["value"] == pytest.approx(expected)
    assert found["kernel.m8.error"]["value"] == pytest.approx(0.4)
    assert found["kernel.slope.errors"]["per_seed"] == pytest.approx(
        slopes / (slopes.std(ddof=1) / np.sqrt(3))
    )
    # At the loss 1/11 at which m = 8 ends, m = 32 is on its way from ½ down to 1/11 − .05.
    share = (1 / 2 - 1 / 11) / (1 / 2 - 1 / 11 + 0.05)
    equal = [0.9 + share * (error - 0.9) for error in errors[32]]
    expected = (np.array(equal) - errors[8]) / 2
    assert found["kernel.slope.equal"]["per_seed"] == pytest.approx(expected)
    assert found["kernel.slope.loss"]["value"] == pytest.approx(-0.025)
    assert found["kernel.flips"]["value"] == pytest.approx([9 / 8, 9 / 32])
    assert found["kernel.flips.least"]["value"] == pytest.approx(9 / 32)
    slope = ("slope", "slope.equal", "slope.loss")
    own = {*slope, *(f"{figure}.errors" for figure in slope), "m8.error", "m32.error", "flips"}
    own.add("flips.least")
    assert set(found) == {f"kernel.{key}" for key in own} | {"complexity"}


def test_fit(tmp_path, tiny):
    made = {name: tmp_path / name for name in ("table", "curves", "metrics")}
    named = {"name": "toy", "points": 10, "width": 300, "repetitions": 2, "steps": 600, "eta": 0.03}
    assert call(fit, *options(**tiny.inputs("problem"), **named, **made)) == 0
    rows, found = table(made["table"]), figures(made["metrics"])
    curves = pd.read_csv(made["curves"]).groupby(["labels", "repetition"])
    shown = {*schedules.schedule(600, fit.POINTS_PER_DECADE)}
    assert [row["labels"] for row in rows] == ["true"] * 2 + ["random"] * 2
    assert not {int(row["steps"]) for row in rows} <= shown
    for row in rows:
        at, steps = int(row["repetition"]), int(row["steps"])
        y = tiny.y[:10] if row["labels"] == "true" else labels.draw(
            "random", tiny.y[:10], tiny.y[:10], np.empty(0), 0, "toy", at
        )[0]  # fmt: skip
        x, eta = tiny.x[:10], 0.03 / np.linalg.eigvalsh(tiny.gram[:10, :10])[-1]
        w, a = networks.initialise(300, 5, 1.0, True, generator(0, "toy", "init", 300, at))
        errors = []
        for _ in range(steps + 1):
            u = networks.outputs(x, w, a)
            errors.append(np.mean(np.sign(u) != y))
            w = w - eta * (x.T @ ((u - y)[:, None] * (x @ w >= 0))) * a / np.sqrt(300)
        assert errors[-1] == 0
        assert min(errors[1:-1], default=1) > 0  # at the start every output is 0
        assert float(row["loss"]) == pytest.approx(np.mean((u - y) ** 2) / 2, rel=1e-3)  # float32
        drawn = curves.get_group((row["labels"], at))
        assert [*drawn.k] == sorted({k for k in shown if k < steps} | {steps})
        assert [*drawn.error[1:]] == [errors[k] for k in drawn.k[1:]]
    steps = np.array([int(row["steps"]) for row in rows], dtype=float)
    assert found["ratio"]["per_seed"] == pytest.approx(steps[2:] / steps[:2])
    assert found["error"]["value"] == 0
    assert found["true.steps"]["per_seed"] == steps[:2].tolist()
    assert set(found) == {"ratio", "error", "true.steps", "random.steps"}


def test_a_start_that_happens_to_fit_counts_for_nothing(tmp_path, tiny):
    made = {name: tmp_path / name for name in ("table", "curves", "metrics")}
    named = {
        "name": "toy", "points": 1, "width": 16, "repetitions": 4, "antisymmetric": False,
        "steps": 20,
    }  # fmt: skip
    assert call(fit, *options(**tiny.inputs("problem"), **named, **made)) == 0
    curves = pd.read_csv(made["curves"])
    assert 0 in set(curves[curves.k == 0].error)
    assert min(int(row["steps"]) for row in table(made["table"])) == 1


def test_labels_that_are_not_fitted_in_time_are_told(tmp_path, tiny):
    made = {name: tmp_path / name for name in ("table", "curves", "metrics")}
    named = {"name": "toy", "points": 12, "width": 4, "repetitions": 1, "steps": 2}
    assert call(fit, *options(**tiny.inputs("problem"), **named, **made)) == 0
    rows, found = table(made["table"]), figures(made["metrics"])
    assert [row["steps"] for row in rows] == ["", ""]
    assert found["error"]["value"] == max(float(row["error"]) for row in rows) > 0
    assert found["ratio"]["value"] == 1
