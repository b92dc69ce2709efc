"""Each program of the linear-networks slice at a small size, and its figures."""

import math
import re
import shlex
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from overparam.linear_nets import steps
from pipeline import cli, experiment
from pipeline.flags import flags
from scripts.linear_nets import (
    figure1,
    figure2,
    plot_drift,
    plot_figure1,
    plot_figure2,
    plot_phase,
)  # fmt: skip
from scripts.linear_nets import slice as declared
from scripts.linear_nets.tests.small import FIGURE1, SMALL, measure, tables
from tests.scripts.programs import call, options

# What is held to the source's figures, at its own set-up alone.
COMPARED = {
    "figure1": {
        *(f"code.{rule}.loss" for rule in figure1.RULES), "code.flat", "code.close",
        "code.rho.rate", "code.du.rates", "text.distance",
        *(f"code.{rule}.{read}.distance" for rule in ("rho", "rho_hat") for read in steps.READINGS),
    },
    "figure2": {
        "code.ratio1", "code.ratio5", "code.ratio100", "code.distance", "text.distance",
    },
}  # fmt: skip
PLOTS = {
    "phase": (plot_phase, {"path-0", "path-11", "loss-0", "target-1"}),
    "drift": (plot_drift, {"change-step", "ratio-total", "bound", "guide-step", "guide-total"}),
    "figure1": (plot_figure1, {"loss-rho_hat", "gained-loss", "rate-du", "rate-arora"}),
    "figure2": (plot_figure2, {"loss-rho-1", "bound-ft-100", "gap-rho-5"}),
}


def draw(name, folder, program):
    """The figure of an experiment whose tables lie in a folder, as .svg, .png and caption."""
    shown = experiment.declared(declared)[name].figure_tables()
    made = {
        "svg": folder / "drawn.svg",
        "png": folder / "drawn.png",
        "caption": folder / "drawn.md",
    }
    words = options(
        name="toy", about="a few numbers", how_to_read="Look here.",
        style="config/figures.mplstyle", **made,
        **{option: tables(name, folder)[table] for option, (_, table) in shown.items()},
    )  # fmt: skip
    assert call(program, *words) == 0
    return made["svg"].read_text(), made["png"].read_bytes(), made["caption"].read_text()


@pytest.mark.parametrize("name", SMALL)
def test_figures_are_finite_and_say_where(name, tmp_path):
    figures, _ = measure(name, tmp_path)
    again, _ = measure(name, tmp_path)
    assert again == figures
    for key, figure in figures.items():
        assert figure["where"], key
        if figure["per_seed"] == []:  # nothing to be compared with at this size
            assert key in COMPARED[name], key
            continue
        values = figure["value"] if isinstance(figure["value"], list) else [figure["value"]]
        assert all(isinstance(value, float) for value in values), key


@pytest.mark.parametrize("name", SMALL)
def test_a_program_gets_the_settings_that_it_is_told(name, tmp_path):
    model = experiment.whole(declared)
    small = model.model_validate(experiment.small(model, []))
    for settings in (model(), small):
        values = settings.experiment(name).model_dump()
        files = {key: tmp_path / key for key in (*settings.experiment(name).tables, "metrics")}
        seed = {key: 0 for key in settings.experiment(name).shared if key == "seed"}
        words = shlex.split(flags(values | files | seed))
        found = cli.read_command(SMALL[name][0].main.command, words).settings
        plain = {
            key: list(value) if isinstance(value, tuple) else value for key, value in found.items()
        }
        told = {key: [] if plain.get(f"no_{key}") else plain[key] for key in values}
        assert told == values


def test_settings_are_refused_as_a_configurations_are(tmp_path, capsys):
    for name, changed, said in (
        ("table", {"n": 50}, "N: found 40, expected at least n = 50 inputs"),
        ("table", {"rules": ["rho"]}, "rules: found ['rho'], expected line_search among them"),
        ("rates", {"n": [3]}, "found 1 n and 2 m, expected one of each for every shape"),
        ("figure1", {"c1": 1}, "'--c1': found 1, expected less than 1"),
        ("figure1", {"noise": "nan"}, "'--noise': found nan, expected"),
    ):
        program, settings = SMALL[name]
        paths = {"metrics": tmp_path / "metrics.json", **tables(name, tmp_path)}
        assert call(program, *options(**settings | changed, **paths)) == 2
        assert said in capsys.readouterr().err
        assert not [*tmp_path.iterdir()]


def test_what_is_exact_holds_at_any_size(tmp_path):
    found, _ = measure("identities", tmp_path)
    for key, most in (
        ("flow.drift", 1e-8), ("flow.bound", 1e-9), ("flow.alpha", 1e-9), ("tau.alpha", 1e-9),
        ("tau.extremes", 1e-10), ("product.update", 1e-12), ("single.rate", 1e-9),
        ("single.best", 1e-12),
    ):  # fmt: skip
        assert found[key]["value"] <= most, key
    assert found["flow.product"]["value"] > 1e-3
    assert found["flow.constant"]["value"] > 1e-3
    assert (np.diff(found["flow.margin"]["value"]) < 0).all()
    margins = re.search(r"p₁ ([\d., ]+);", found["flow.margin"]["where"])[1].split(", ")
    assert (np.diff([0, *map(float, margins)]) > 0).all()
    found, _ = measure("rates", tmp_path)
    assert found["chain"]["value"] <= 1e-9
    assert found["condition"]["value"] >= 0
    found, _ = measure("drift", tmp_path)
    assert found["step.exponent"]["value"] == pytest.approx(2, abs=1e-3)
    assert found["step.bound"]["value"] <= 1


@pytest.fixture
def as_printed(monkeypatch):
    """Figure 1's small size is the source's."""
    monkeypatch.setattr(figure1, "SETUP", FIGURE1)


def test_figure_1_is_compared_at_its_set_up_alone(tmp_path, as_printed):
    here, _ = measure("figure1", tmp_path)
    assert all(here[key]["value"] is not None for key in COMPARED["figure1"])
    for changed in ({"n": 7}, {"noise": 0.05}, {"c1": 0.7}, {"steps": 21}):
        elsewhere, _ = measure("figure1", tmp_path, **changed)
        for key in COMPARED["figure1"]:
            assert (elsewhere[key]["value"], elsewhere[key]["per_seed"]) == (None, [])
            assert "the source's are n = 6, m = 1," in elsewhere[key]["where"]


def test_crosses_are_drawn_and_told_at_figure_1s_set_up_alone(tmp_path, as_printed):
    def drawn(**changed):
        _, table = measure("figure1", tmp_path, **changed)
        _, _, caption = draw("figure1", tmp_path, plot_figure1)
        return pd.read_csv(table), "Crosses" in caption

    table, told = drawn()
    assert told
    last = table[table.step == 19].set_index("rule").read_loss
    assert last.dropna().to_dict() == figure1.LOSSES
    assert drawn(h=10)[1]
    table, told = drawn(n=7)
    assert not told
    assert table[["read_loss", "read_rate"]].isna().all(axis=None)


def test_a_seed_more_leaves_the_others(tmp_path, as_printed):
    few, _ = measure("figure1", tmp_path)
    more, _ = measure("figure1", tmp_path, seeds=4)
    for rule in ("f0", "rho"):
        kept, losses = (found[f"code.{rule}.loss"]["per_seed"] for found in (few, more))
        assert losses[:3] == pytest.approx(kept, abs=1e-9)


def test_the_table_has_every_reading(tmp_path):
    _, path = measure("table", tmp_path)
    found = pd.read_csv(path)
    over = found[found.kind == "over"]
    # Two initialisations, two variances, five rules, one width, L and L/N.
    assert len(over) == 2 * 2 * 5 * 2
    # Where no seed arrives there is no count; this small α₀ lets f take no step at all.
    never = found.capped == 1
    assert (found.iterations[never] == "> 60").all()
    assert never[(found.kind == "over") & (found.rule == "f")].all()
    found.iterations = found.iterations.replace("> 60", "61").astype(float)
    assert found.iterations.between(0, 61).all()
    assert (found.iterations[found.capped == 0] <= 60).all()
    wide = found.pivot_table(index=["kind", "rule", "variance", "initialisation", "start"],
                             columns="error", values="iterations")  # fmt: skip
    assert (wide["L/N"] <= wide["L"]).all()


@pytest.mark.parametrize(
    ("rules", "readings"), [(get_args(declared.Searched), 160), (("line_search", "rho", "f"), 48)]
)
def test_a_step_of_the_other_side_counts_once_whatever_names_it_has(tmp_path, rules, readings):
    """Of 16 readings for each pair of different steps: 5 rules less their own, against 3."""
    figures, _ = measure("table", tmp_path, rules=[*rules])
    assert figures["share.mixed"]["where"].endswith(f", {readings} readings")


@pytest.mark.parametrize("name", [name for name in SMALL if name != "phase"])
def test_another_width_does(name, tmp_path):
    figures, _ = measure(name, tmp_path, h=200)
    assert any("h = 200" in figure["where"] for figure in figures.values())


def test_a_printed_limit_is_judged_only_where_it_contradicts_itself(tmp_path):
    """A narrow network has α₀/β₀ below c₁/c₂ everywhere: nothing is said of it then."""
    wide, _ = measure("figure2", tmp_path)
    assert wide["limit.printed"]["value"] < 0
    narrow, _ = measure("figure2", tmp_path, h=12)
    assert narrow["limit.printed"]["value"] is None
    assert "0 of 6 starts with α₀/β₀ > c₁/c₂" in narrow["limit.printed"]["where"]


def test_the_sources_ratios_are_compared_at_its_size_alone(tmp_path, monkeypatch):
    elsewhere, _ = measure("figure2", tmp_path)
    for key in COMPARED["figure2"]:
        assert (elsewhere[key]["value"], elsewhere[key]["per_seed"]) == (None, [])
        assert "the source's n, m, h are (20, 20, 1000)" in elsewhere[key]["where"]
    monkeypatch.setattr(figure2, "SIZE", (4, 3, 100))
    here, _ = measure("figure2", tmp_path)
    ratios = [here[f"code.ratio{step}"]["value"] for step in (1, 5, 100)]
    assert ratios == here["code.ratios"]["value"] == elsewhere["code.ratios"]["value"]
    gaps = np.abs(np.subtract(ratios, [*figure2.PUBLISHED.values()]))
    assert here["code.distance"]["value"] == max(gaps)


def test_competitors_stay_flat_and_dus_rate_falls_with_the_step(tmp_path, as_printed):
    found, _ = measure("figure1", tmp_path)
    assert len(found["code.flat"]["per_seed"]) == 3
    assert 0 < found["code.flat"]["value"] < 0.1
    first, last = found["code.du.rates"]["value"]
    assert first - last == pytest.approx(math.log10(20))


@pytest.mark.parametrize("name", PLOTS)
def test_figures_are_drawn_and_told(name, tmp_path):
    measure(name, tmp_path)
    program, groups = PLOTS[name]
    svg, png, caption = draw(name, tmp_path, program)
    assert groups <= set(re.findall(r'id="([\w.-]+)"', svg))
    assert caption.startswith("**")
    assert "**How to read it.** Look here." in caption
    assert draw(name, tmp_path, program) == (svg, png, caption)


def test_a_loss_that_falls_into_rounding_meets_a_line(tmp_path):
    rows = [
        {"rule": rule, "sigma": sigma, "step": step, "seed": 0, "loss": 4 - fall * step,
         "bound": 4 - step}
        for rule in ("ft", "rho")
        for sigma, fall in ((1.0, 11.9), (5.0, 12.1))
        for step in range(3)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "spread.csv", index=False)
    svg, _, _ = draw("figure2", tmp_path, plot_figure2)
    assert re.findall(r'id="(floor-[\w.-]+)"', svg) == ["floor-5"]


def test_means_of_figures_1_and_2_are_those_of_their_seeds(tmp_path):
    for name, axes, columns in (
        ("figure1", ["rule", "step"], ["loss", "rate"]),
        ("figure2", ["rule", "sigma", "step"], ["loss", "bound"]),
    ):
        _, path = measure(name, tmp_path)
        means = pd.read_csv(path).set_index(axes)[columns].sort_index()
        seeds = pd.read_csv(tables(name, tmp_path)["spread"])
        found = seeds.groupby(axes)[columns].mean()
        assert np.allclose(found, means, rtol=0, atol=1e-12)
        assert set(seeds.seed) == set(range(SMALL[name][1]["seeds"]))


def test_curves_that_cannot_be_told_apart_share_a_line():
    means = pd.DataFrame({"f0": [0, -9.9], "ft": [0, -10], "rho": [0, -20], "du": [0, 0]})
    assert plot_figure1.drawn_once(means) == [["f0", "ft"], ["rho"], ["du"]]


def test_rows_on_descents_say_how_far_they_got(tmp_path):
    found, _ = measure("rates", tmp_path)
    said = {
        key: re.search(r"step judged: balanced (-[\d.]+), (-[\d.]+);", found[key]["where"])
        for key in ("chain", "condition", "bounds", "proposition")
    }
    assert all(said.values())
    # The chain's descents go beyond η_max, and farther.
    assert float(said["chain"][1]) < float(said["bounds"][1]) <= 0


def test_costs_know_the_pairs_and_widths_that_are_drawn():
    def costs(name, **changed):
        plan = SimpleNamespace(settings=experiment.whole(declared).model_validate(changed))
        found = plan.settings.experiment(name)
        return found.seconds(plan, "linear"), found.mb(plan, "linear")

    for name in ("identities", "figure2"):
        pairs = zip(costs(name), costs(name, h=8000), strict=True)
        assert all(less < more for less, more in pairs), name
    assert costs("identities", identities={"pairs": 3000})[1] > costs("identities")[1]
    assert costs("table", table={"widths": [8000]})[1] > costs("table")[1]
    # Balanced starts are as narrow as n + m: their layers are not drawn h wide.
    assert costs("figure1", h=8000)[0] == costs("figure1")[0]
