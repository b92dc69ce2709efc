"""The programs that draw figures 1 and 2 and equation (8), on small tables made here."""

import itertools
import re
from pathlib import Path

import matplotlib.image
import matplotlib.text
import numpy as np
import pandas as pd
import pytest

from pipeline import style
from scripts.two_layer import plot_equation8, plot_figure1, plot_figure2
from scripts.two_layer.tests.plots import READ, ROOT, call, groups, message, save

PAPER = ROOT / "scripts/two_layer/published/arora2019_digitised.csv"
N = 30
STEPS = [0, 1, 2, 5, 10, 40]
# How much faster than worst-case labels the others are learned, in the tables made here.
SPEED = {"true": 9.0, "random": 3.0, "worst": 1.0}


def losses(folder: Path, arms: dict[str, float], series=("network", "prediction")) -> Path:
    """Losses that fall from ½; networks of an arm lag behind the prediction by its factor."""
    rows = [
        {
            "arm": arm, "series": curve, "labels": kind, "repetition": repetition, "k": k,
            "t": 0.02 * k,
            "loss": 0.5 * np.exp(
                -0.01 * k * speed * (1 + 0.01 * repetition) * (lag if curve == "network" else 1)
            ),
        }
        for (arm, lag), curve, (kind, speed), repetition, k in itertools.product(
            arms.items(), series, SPEED.items(), range(3), STEPS
        )
    ]  # fmt: skip
    return save(folder, "losses", rows)


def figure1(folder: Path, series=("network", "prediction"), lags=(0.8, 0.9), n=N) -> list[object]:
    """Options of figure 1 with as many arms as there are lags, its inputs written."""
    rng = np.random.default_rng(0)
    arms = {f"arm{at}": lag for at, lag in enumerate(lags)}
    kinds = ["true", "worst", "random", "random"]
    worst = np.where(np.arange(n) == n - 1, np.sqrt(n), 1e-14)
    projected = [4 * 0.7 ** np.arange(n), worst, *rng.standard_normal((2, n))]
    np.savez(folder / "spectrum.npz", eigenvalues=9.5 / np.arange(1, n + 1), least=worst)
    np.savez(
        folder / "coefficients.npz", kinds=np.array(kinds), repetitions=np.array([0, 0, 0, 1]),
        coefficients=np.array(projected),
    )  # fmt: skip
    named = [("--arm", f"{arm}=κ = {at}") for at, arm in enumerate(arms)]
    return [
        *itertools.chain(*named), "--losses", losses(folder, arms, series),
        "--spectrum", folder / "spectrum.npz", "--coefficients", folder / "coefficients.npz",
    ]  # fmt: skip


def equation8(folder: Path, widths=(64,), kinds=("true",), seeds=3) -> list[object]:
    """Options of the figure of equation (8), its inputs written."""
    curves, deviations = [], []
    for m, kind, seed in itertools.product(widths, kinds, range(seeds)):
        case = {"width": m, "labels": kind, "repetition": seed}
        away = [k * (1 + seed) / m / SPEED[kind] / 100 for k in STEPS]
        predicted = [np.exp(-0.01 * k * SPEED[kind]) for k in STEPS]
        curves += [
            case | {"k": k, "t": k, "network": p + d, "prediction": p, "difference": d}
            for k, p, d in zip(STEPS, predicted, away, strict=True)
        ]
        deviations.append(case | {"deviation": max(away), "step": STEPS[-1]})
    return [
        "--curves", save(folder, "curves", curves),
        "--deviation", save(folder, "deviation", deviations),
    ]  # fmt: skip


def figure2(folder: Path, series=("network", "kernel"), splits=2) -> list[object]:
    """Options of figure 2, its inputs written: networks stopped at step 123."""
    portions = [0.0, 0.5, 1.0]
    errors = [
        {
            "series": curve, "portion": p, "repetition": at, "error": 0.1 + 0.4 * p - 0.01 * at,
            "l1": 0.3 + p, "steps": 123 if curve == "network" else None,
            "loss": 0.0625 + 0.3 * p if curve == "network" else None,
        }
        for curve, p, at in itertools.product(series, portions, range(3))
    ]  # fmt: skip
    measures = [
        {"series": curve, "split": split, "portion": p, "draw": draw,
         "complexity": 0.6 + 5 * p + up}
        for split, p in itertools.product(range(splits), portions)
        for curve, draw, up in [
            ("expected", None, 0.1 * split), ("sampled", 0, 0.2), ("sampled", 1, -0.2)
        ]
    ]  # fmt: skip
    errors = pd.DataFrame(errors).astype({"steps": "Int64"}).to_dict("records")
    return [
        "--errors", save(folder, "errors", errors),
        "--complexity", save(folder, "complexity", measures),
    ]  # fmt: skip


FIGURES = {plot_figure1: figure1, plot_equation8: equation8, plot_figure2: figure2}
WITH_PAPER = {
    plot_figure1: {"paper-loss-true", "paper-loss-random", "paper-loss-worst", "paper-eigenvalue"},
    plot_figure2: {"paper-err01", "paper-l1", "paper-complexity"},
}


def marks(svg: Path) -> set[str]:
    """Names of the groups of the paper's points in a picture."""
    return set(re.findall(r'id="(paper-[\w-]+)"', svg.read_text()))


def is_drawn(outputs: dict[str, Path]) -> bool:
    """Whether the pictures hold something: lines of several colours on white."""
    picture = matplotlib.image.imread(outputs["png"])[::2, ::2, :3]
    colours = np.unique(np.round(picture * 15) @ [1, 16, 256])
    white = (picture == 1).all(-1).mean()
    return len(colours) > 30 and 0.5 < white < 0.99 and outputs["svg"].stat().st_size > 10_000


def test_another_kernel_is_named_in_picture_and_caption(tmp_path, drawn):
    for kernel in ("depth 3, ReLU", None):
        told = {"kernel": kernel} if kernel else {}
        outputs = call(plot_figure2, tmp_path, *figure2(tmp_path, series=("kernel",)), **told)
        said = "H^∞: kernel of depth 3, ReLU" in outputs["md"].read_text()
        axes = drawn[-1].axes[2].get_ylabel()
        title = drawn[-1].legends[0].get_title().get_text()
        assert (said, "tr" in axes, kernel is not None and kernel in title) == (bool(kernel),) * 3


@pytest.mark.parametrize("program", FIGURES, ids=lambda program: program.__name__)
def test_drawn_twice_gives_the_same_bytes(program, tmp_path, monkeypatch):
    options = FIGURES[program](tmp_path)
    first = {kind: path.read_bytes() for kind, path in call(program, tmp_path, *options).items()}
    (tmp_path / "again").mkdir()
    # A user's own settings of Matplotlib change nothing.
    monkeypatch.setitem(matplotlib.rcParams, "lines.linewidth", 9)
    again = call(program, tmp_path / "again", *options)
    assert {kind: path.read_bytes() for kind, path in again.items()} == first
    assert is_drawn(again)
    assert b"<dc:date>" not in first["svg"]


@pytest.mark.parametrize(
    ("program", "name"),
    [(plot_figure1, "cifar"), (plot_figure2, "mnist"), (plot_figure2, "cifar")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_papers_points_appear_when_given(program, name, tmp_path):
    options = [*FIGURES[program](tmp_path), "--paper", PAPER, "--paper-name", name]
    options += ["--paper-arm", "arm0"] if program is plot_figure1 else []
    outputs = call(program, tmp_path, *options)
    assert marks(outputs["svg"]) == WITH_PAPER[program]
    assert "the paper's" in outputs["md"].read_text().lower()


def test_the_papers_losses_stand_beside_networks_that_start_alike_alone(tmp_path):
    options = [*figure1(tmp_path), "--paper", PAPER, "--paper-name", "mnist"]
    assert marks(call(plot_figure1, tmp_path, *options)["svg"]) == {"paper-eigenvalue"}


@pytest.mark.parametrize("program", WITH_PAPER, ids=lambda program: program.__name__)
def test_the_papers_points_are_absent_when_not_given(program, tmp_path):
    """Its data set is named, but the file is not at hand."""
    outputs = call(program, tmp_path, *FIGURES[program](tmp_path), "--paper-name", "mnist")
    assert not marks(outputs["svg"])
    assert "the paper's" not in outputs["md"].read_text().lower()


def test_another_data_set_has_no_points_in_the_paper(tmp_path):
    options = [*figure2(tmp_path), "--paper", PAPER, "--paper-name", "letters"]
    assert not marks(call(plot_figure2, tmp_path, *options)["svg"])


@pytest.mark.parametrize("lags", [(0.8,), (0.7, 0.8, 0.9)])
def test_figure1_says_what_is_in_the_tables(lags, tmp_path, drawn):
    outputs = call(plot_figure1, tmp_path, *figure1(tmp_path, lags=lags))
    told = outputs["md"].read_text()
    assert is_drawn(outputs)
    assert told.startswith("**Figure 1, toy** (toys against tools).")
    assert "m = 77" in told
    assert "3 seeds" in told
    # Faster labellings lie below slower ones from the first step on; at step 0 all are equal.
    assert "Bands, close at first, are apart from step 1." in told
    assert f"({'bcde'[len(lags)]}) Lines" in told  # letters of losses, then eigenvalues
    (figure,) = drawn
    assert figure.get_suptitle().startswith("True labels are learned before random labels")
    assert len(figure.axes) == len(lags) + 3
    assert [panel.get_title(loc="left")[-5:] for panel in figure.axes[: len(lags)]] == [
        f"κ = {at}" for at in range(len(lags))
    ]


def test_figure1_says_that_bands_touch(tmp_path):
    options = figure1(tmp_path)
    table = pd.read_csv(tmp_path / "losses.csv")
    table.loc[(table.labels == "true") & (table.k == 10), "loss"] = 0.6
    table.loc[(table.labels == "true") & (table.k == 40) & (table.arm == "arm1"), "loss"] = 0.6
    table.to_csv(tmp_path / "losses.csv", index=False)
    told = call(plot_figure1, tmp_path, *options)["md"].read_text()
    assert "Bands, close at first, are apart: (a) from step 40, (b) never." in told


def test_figure1_names_the_labels_in_the_order_in_which_they_are_learned(tmp_path, drawn):
    options = figure1(tmp_path)
    table = pd.read_csv(tmp_path / "losses.csv", dtype={"labels": str})
    other = {"true": "worst", "worst": "true", "random": "random"}
    table.assign(labels=table.labels.map(other)).to_csv(tmp_path / "losses.csv", index=False)
    call(plot_figure1, tmp_path, *options)
    assert drawn[0].get_suptitle().startswith("Worst-case labels are learned before random labels")


def test_figure1_leaves_the_order_of_fitted_labels_aside(tmp_path, drawn):
    """Their losses are float32's roundings, here in the other order."""
    options = figure1(tmp_path)
    table = pd.read_csv(tmp_path / "losses.csv")
    rounded = table.labels.map({"worst": 0, "random": 9e-16, "true": 1.5e-15})
    table.loss = table.loss.mask(table.k == STEPS[-1], rounded)
    table.to_csv(tmp_path / "losses.csv", index=False)
    call(plot_figure1, tmp_path, *options)
    assert drawn[0].get_suptitle().startswith("True labels are learned before random labels")


def test_figure1_shows_the_worst_case_in_two_panels_and_the_legend(tmp_path, drawn):
    outputs = call(plot_figure1, tmp_path, *figure1(tmp_path, series=["prediction"]))
    assert {"projection-worst", "energy-worst"} <= groups(outputs["svg"])
    named = {text.get_text(): handle for text, handle in zip(
        drawn[0].legends[0].texts, drawn[0].legends[0].legend_handles, strict=True)}  # fmt: skip
    assert named["worst-case labels"].get_marker() == "^"


def test_figure1_without_networks_draws_the_longest_prediction_once(tmp_path):
    options = figure1(tmp_path, series=["prediction"])
    table = pd.read_csv(tmp_path / "losses.csv")
    table[(table.arm == "arm1") | (table.k < 10)].to_csv(tmp_path / "losses.csv", index=False)
    options += ["--paper", PAPER, "--paper-name", "cifar"]
    outputs = call(plot_figure1, tmp_path, *options)
    told = outputs["md"].read_text()
    assert is_drawn(outputs)
    assert "no networks are trained" in told
    assert "η = 0.02" in told
    assert "m = 77" not in told
    assert not any(name.startswith("network") for name in groups(outputs["svg"]))
    assert marks(outputs["svg"]) == WITH_PAPER[plot_figure1]


def test_figure1_draws_losses_that_rise(tmp_path):
    """A network above the edge of stability climbs far above its start; others never fall."""
    options = figure1(tmp_path, lags=(0.8,))
    table = pd.read_csv(tmp_path / "losses.csv")
    table.loc[(table.series == "network") & (table.k == 5), "loss"] = 400
    table.loc[(table.labels == "worst") & (table.series == "network"), "loss"] = 0.51
    table.to_csv(tmp_path / "losses.csv", index=False)
    assert is_drawn(call(plot_figure1, tmp_path, *options))


def test_figure1_without_a_step(tmp_path):
    options = figure1(tmp_path, lags=(0.8,))
    table = pd.read_csv(tmp_path / "losses.csv")
    table[table.k == 0].to_csv(tmp_path / "losses.csv", index=False)
    assert is_drawn(call(plot_figure1, tmp_path, *options))


def test_the_spectrums_table_is_thinned_and_keeps_what_is_drawn(tmp_path):
    outputs = call(plot_figure1, tmp_path, *figure1(tmp_path, lags=(0.8,), n=3000))
    table = pd.read_csv(outputs["csv"], dtype={"labels": str})
    assert table.columns.tolist() == [
        "index", "eigenvalue", "labels", "repetition", "abs_projection", "running_rms", "energy",
    ]  # fmt: skip
    index = table["index"].unique()
    assert index[:100].tolist() == list(range(1, 101))
    assert index[-1] == 3000
    assert len(index) < 800
    coefficients = np.load(tmp_path / "coefficients.npz")["coefficients"]
    random = table[(table.labels == "random") & (table.repetition == 1)].set_index("index")
    squares = coefficients[3] ** 2
    assert random.abs_projection[100] == abs(coefficients[3][99])
    assert random.running_rms[100] == pytest.approx(np.sqrt(squares[79:125].mean()))
    assert random.running_rms[3000] == pytest.approx(np.sqrt(squares[2399:].mean()))
    assert random.energy[100] == pytest.approx(squares[:100].sum() / squares.sum())
    assert random.energy[3000] == 1
    assert random.eigenvalue[3000] == 9.5 / 3000


@pytest.mark.parametrize(
    ("widths", "kinds"),
    [
        ((64,), ("true",)),
        ((16, 64, 256), ("true", "random", "worst")),
        ((16, 32, 64, 128, 256, 1024), ("random",)),
    ],
)
def test_equation8_with_one_and_several_widths_and_labellings(widths, kinds, tmp_path, drawn):
    outputs = call(plot_equation8, tmp_path, *equation8(tmp_path, widths, kinds))
    told = outputs["md"].read_text()
    assert is_drawn(outputs)
    shown = {name for name in groups(outputs["svg"]) if name.startswith("difference")}
    assert len(shown) == min(len(widths), 4)
    assert {f"difference-{widths[0]}", f"difference-{widths[-1]}"} <= shown
    median = [style.number(40 * 2 / width / SPEED[kind] / 100)
              for kind in kinds for width in widths]  # fmt: skip
    if len(kinds) == 1:
        assert median[0] in drawn[0].get_suptitle()
        assert median[-1] in drawn[0].get_suptitle()
    assert "3 seeds" in told
    assert f"\n\n**How to read it.** {READ}\n" in told
    assert ("guide" in groups(outputs["svg"])) == (len(widths) > 1)


def test_equation8_of_a_single_seed(tmp_path):
    outputs = call(plot_equation8, tmp_path, *equation8(tmp_path, (16, 64), seeds=1))
    assert is_drawn(outputs)
    assert "1 seed " in outputs["md"].read_text()


def test_figure2_says_what_is_in_the_tables(tmp_path, drawn):
    outputs = call(plot_figure2, tmp_path, *figure2(tmp_path))
    told = outputs["md"].read_text()
    assert is_drawn(outputs)
    assert "Networks: m = 77, loss Φ/n = 0.0625 to 0.362; 3 seeds" in told
    assert "the kernel's Gram matrix; 3 draws" in told
    # Means over splits, and over seeds.
    assert drawn[0].get_suptitle().replace("\n", " ") == (
        "With the portion of random labels the complexity rises from 0.65 to 5.65, the test error "
        "of networks rises from 0.09 to 0.49"
    )


def test_figure2_without_networks(tmp_path):
    outputs = call(plot_figure2, tmp_path, *figure2(tmp_path, series=["kernel"], splits=1))
    told = outputs["md"].read_text()
    assert is_drawn(outputs)
    assert "No networks are trained." in told
    assert "m = 77" not in told
    assert {"kernel-error", "kernel-l1", "half", "sampled", "expected"} <= groups(outputs["svg"])
    assert not {"network-error", "network-l1"} & groups(outputs["svg"])


def test_figure2_with_networks_of_fewer_points_beside_it(tmp_path, drawn):
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    own = figure2(tmp_path, series=["kernel"])
    outputs = call(
        plot_figure2, tmp_path, *own, "--networks", figure2(fewer)[1], "--networks-n", "5"
    )
    assert (
        "Networks: n = 5, m = 77, loss Φ/n = 0.0625 to 0.362; 3 seeds" in outputs["md"].read_text()
    )
    assert {"network-error", "network-l1", "kernel-error"} <= groups(outputs["svg"])
    (legend,) = drawn[0].legends
    assert "networks, n = 5: mean, all seeds" in [text.get_text() for text in legend.get_texts()]
    # The kernel predictor leads: its n is that of the complexity.
    said = "the test error of the kernel predictor rises from 0.09 to 0.49"
    assert said in message(drawn[0])


@pytest.mark.parametrize("program", FIGURES, ids=lambda program: program.__name__)
def test_no_letter_is_smaller_than_eight_points(program, tmp_path, drawn):
    """In the picture itself, but for exponents, at its width in print."""
    call(program, tmp_path, *FIGURES[program](tmp_path))
    (figure,) = drawn
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 8
    assert figure.get_figwidth() == style.WIDTH
    # Nothing leaves the page.
    figure.draw_without_rendering()
    for text in [*titles(figure), *figure.legends[0].texts]:
        box = text.get_window_extent()
        assert not text.get_text() or figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
        assert not text.get_text() or figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1


def titles(figure):
    """Titles and labels of all panels."""
    return [
        text
        for panel in figure.axes
        for text in (panel.title, panel._left_title, panel.xaxis.label, panel.yaxis.label)
    ]
