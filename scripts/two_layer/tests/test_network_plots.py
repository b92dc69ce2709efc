"""The figures about trained networks, on small tables made here."""

import itertools
from pathlib import Path

import matplotlib.image
import matplotlib.text
import numpy as np
import pandas as pd
import pytest

from pipeline import style
from scripts.two_layer import (
    plot_capacity,
    plot_decay,
    plot_fit,
    plot_scale,
    plot_stability,
    plot_widths,
)
from scripts.two_layer.tests.plots import READ, call, message, save


def colours(png: Path) -> int:
    """How many colours a picture has, seen coarsely: an empty frame has some ten greys."""
    picture = matplotlib.image.imread(png)[::2, ::2, :3]
    return len(np.unique(np.round(picture * 15) @ [1, 16, 256]))


def widths(folder, kinds=("true",)):
    cases = list(itertools.product((8, 32, 128), kinds, range(3)))
    rows = [
        {"width": m, "labels": kind, "repetition": at, "deviation": (1 + at) / m, "ratio": 0.9,
         "crossover": 40 + at, "dominating": 0.1, "distance_max": 2 / m**0.5, "flips": 0.5 / m}
        for m, kind, at in cases
    ]  # fmt: skip
    parts = [
        {"width": m, "labels": kind, "repetition": at, "deviation": (1 + at) / m,
         "movement": 0.25 / m, "finite": 0.125 / m}
        for m, kind, at in cases
    ]  # fmt: skip
    return ["--table", save(folder, "widths", rows), "--frozen", save(folder, "frozen", parts)]


def scale(folder, kinds=("true", "random")):
    rows = [
        {"labels": kind, "width": m, "kappa": k, "repetition": at, "start": k**2 / 4,
         "deviation": (abs(np.log10(k / 0.1)) + 0.5 + at / 100) / m, "step": 3}
        for kind, m, k, at in itertools.product(kinds, (8, 32), (0.01, 0.1, 1.0), range(2))
    ]  # fmt: skip
    return ["--table", save(folder, "scale", rows)]


def stability(folder, rises=True):
    rates = [
        {"rate": rate, "eta": eta, "factor": eta, "repetition": at, "bound": 1 - eta / 1000,
         "ratio": 1 - eta / 1000 + excess, "step": 2, "excess": excess}
        for (rate, eta, excess), at in itertools.product(
            [("theorem", 1e-6, -1e-6), ("rate1", 1.0, -0.1), ("rate2.2", 2.2, 0.3)], range(2)
        )
    ]  # fmt: skip
    sweep = [
        {"series": series, "factor": factor, "repetition": at, "end": 0.25,
         "peak": 3.5 if factor > 2 and (rises or series == "linear") else 1.0}
        for series, factor, at in itertools.product(("linear", "network"), (1.5, 2.0, 2.5), (0, 1))
    ]  # fmt: skip
    return ["--rates", save(folder, "rates", rates), "--sweep", save(folder, "sweep", sweep)]


def capacity(folder):
    rows = [
        {"arm": "kernel", "width": m, "repetition": at, "steps": 123, "loss": 0.25,
         "train_error": 0.1, "error": 0.2 + at / 100 + 1 / m, "complexity": 3.0 + at}
        for m, at in itertools.product((8, 32), range(3))
    ]  # fmt: skip
    return ["--table", save(folder, "capacity", rows), "--arm", "kernel=κ = 1, antisymmetric"]


def fit(folder, late=False):
    rows = [
        {"labels": kind, "repetition": at, "error": 0.0, "loss": 0.1,
         "steps": None if late and kind == "random" and at else steps + at}
        for (kind, steps), at in itertools.product({"true": 20, "random": 400}.items(), range(2))
    ]  # fmt: skip
    curves = [
        {"labels": kind, "repetition": at, "k": k, "error": max(0, 0.4 - k / far)}
        for (kind, far), at, k in itertools.product(
            {"true": 50, "random": 1000}.items(), range(2), (0, 1, 5, 20, 100, 400)
        )
    ]  # fmt: skip
    return ["--table", save(folder, "fit", rows), "--curves", save(folder, "curves", curves)]


def decay(folder):
    cases = list(itertools.product(range(2), (1, 2, 3)))
    rows = [
        {"repetition": at, "index": i, "eigenvalue": 1 / i, "last": 9, "slope": -1 / i,
         "predicted": -1 / i, "difference": 0.01 * i}
        for at, i in cases
    ]  # fmt: skip
    curves = [
        {"repetition": at, "index": i, "k": k, "left": np.exp(-k / i)}
        for (at, i), k in itertools.product(cases, (0, 1, 2, 5))
    ]
    return ["--table", save(folder, "slopes", rows), "--curves", save(folder, "left", curves)]


FIGURES = {
    plot_widths: widths, plot_scale: scale, plot_stability: stability, plot_capacity: capacity,
    plot_fit: fit, plot_decay: decay,
}  # fmt: skip
MESSAGES = {
    plot_widths: "by finite width falls from 0.0156 to 9.77·10⁻⁴, that by movement falls",
    plot_scale: "is least at κ = 0.1 for true labels and κ = 0.1 for random labels",
    plot_stability: r"from $\eta\lambda_{\max}=2.5$ on, that of linear dynamics exceeds",
    plot_capacity: "median test error falls from 0.335 to 0.241 (κ = 1, antisymmetric)",
    plot_fit: "All true labels are fitted at step 20.5, all random ones at step 400 (medians)",
    plot_decay: "eq. (8), in the median within 3 %",
}


@pytest.mark.parametrize("program", FIGURES, ids=lambda program: program.__name__)
def test_figures_are_drawn_and_captions_say_what_is_in_the_tables(program, tmp_path, drawn):
    options = FIGURES[program](tmp_path)
    outputs = call(program, tmp_path, *options)
    told = outputs["md"].read_text()
    assert colours(outputs["png"]) > 25
    assert "toy** (toys against tools)." in told
    assert "m = 77" in told
    assert f"\n\n**How to read it.** {READ}\n" in told
    assert MESSAGES[program] in message(drawn[0])
    texts = [text for text in drawn[0].findobj(matplotlib.text.Text) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 8
    first = {kind: path.read_bytes() for kind, path in outputs.items()}
    again = call(program, tmp_path, *options)
    assert {kind: path.read_bytes() for kind, path in again.items()} == first


def test_several_labellings_share_the_panels_of_widths(tmp_path, drawn):
    call(plot_widths, tmp_path, *widths(tmp_path, ("true", "random")))
    assert "deviation from eq. (8) for true labels by finite width" in message(drawn[0])
    colours = [line.get_color() for line in drawn[0].axes[4].get_lines()]
    assert {style.BLUE, style.VERMILLION} < set(colours)


@pytest.mark.parametrize(("end", "dropped"), [("smallest", 0.01), ("largest", 1.0)])
def test_the_ends_of_the_scales_tried_are_named_as_such(end, dropped, tmp_path, drawn):
    options = scale(tmp_path, kinds=("true",))
    table = pd.read_csv(options[1], dtype={"labels": str})
    table[table.kappa != dropped].to_csv(options[1], index=False)
    call(plot_scale, tmp_path, *options)
    assert f"least at κ = 0.1, the {end} tried, for true labels" in message(drawn[0])


def test_ranges_are_said_to_overlap_where_they_do(tmp_path, drawn):
    options = capacity(tmp_path)
    call(plot_capacity, tmp_path, *options)
    assert "overlap" not in message(drawn[0])
    table = pd.read_csv(options[1])
    table.loc[(table.width == 8) & (table.repetition == 0), "error"] = 0.2
    table.to_csv(options[1], index=False)
    call(plot_capacity, tmp_path, *options)
    assert message(drawn[-1]).endswith("; ranges overlap")


def test_networks_that_never_rise_or_fit_are_told(tmp_path, drawn):
    call(plot_stability, tmp_path, *stability(tmp_path, rises=False))
    assert "The loss of networks (median) never exceeds its start, that of" in message(drawn[0])
    told = call(plot_fit, tmp_path, *fit(tmp_path, late=True))["md"].read_text()
    assert "1 of 2 never fit random labels." in told
    options = fit(tmp_path)
    pd.read_csv(options[1], dtype={"labels": str}).assign(steps=np.nan).to_csv(options[1])
    told = call(plot_fit, tmp_path, *options)["md"].read_text()
    assert "2 of 2 never fit true labels.\n\n2 of 2 never fit random labels." in told
    assert "true labels are fitted by no network" in message(drawn[-1])


def test_a_network_whose_loss_rises_is_marked_as_such(tmp_path, drawn):
    call(plot_stability, tmp_path, *stability(tmp_path))
    panel = drawn[0].axes[0]
    (tick,) = [at for at, text in zip(panel.get_xticks(), panel.get_xticklabels(), strict=True)
               if text.get_text() == "rises in\na step"]  # fmt: skip
    places = panel.collections[0].get_offsets()
    # Both networks of 2.2/λ_max, in the third row; in the fixture every other one falls.
    assert (places[:, 0] == tick).tolist() == (places[:, 1] > 1.5).tolist()
