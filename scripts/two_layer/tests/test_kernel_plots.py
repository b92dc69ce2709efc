"""The figures of the ledger's kernel side, drawn from small tables made here."""

import itertools
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from scripts.two_layer import plot_concentration, plot_draws, plot_published
from scripts.two_layer.tests.plots import READ, ROOT, call, groups, message, save

NUMBERS = ROOT / "scripts/two_layer/published/arora2019.yaml"


def concentration(folder: Path) -> dict[str, object]:
    rows = [
        {"width": m, "repetition": at, "frobenius": (8 + at) / m**0.5, "expected": 9 / m**0.5,
         "spectral": (1 + at) / m, "least": 0.02 * (1 - 1 / m), "least_limit": 0.02}
        for m, at in itertools.product((16, 64, 256), range(12))
    ]  # fmt: skip
    return {"table": rows}


def draws(folder: Path) -> dict[str, object]:
    rows = [
        {"size": n, "draw": at, "least": (1 + at / 10) / n, "true": 3 - n / 100 + at / 20,
         "random": 5 + n / 100 + at / 20}
        for n, at in itertools.product((20, 40, 80), range(4))
    ]  # fmt: skip
    return {"table": rows}


def published(folder: Path) -> dict[str, object]:
    speed = {"true": 4e-5, "random": 1e-5, "worst": 6e-7}
    rows = [
        {"quantity": quantity, "labels": kind, "at": k, "draw": at,
         "ours": rate * (1 + at / 10) * 1000 / k if quantity == "effective_eta" else 0.2,
         "paper": 0.25}
        for quantity, (kind, rate), k in itertools.product(
            ("effective_eta", "loss"), speed.items(), (1000, 10000)
        )
        for at in range(3 if kind == "random" else 1)
    ]  # fmt: skip
    np.savez(folder / "spectrum.npz", eigenvalues=np.array([1600.0, 1.0]))
    others = {"published": NUMBERS, "dataset": "mnist", "spectrum": folder / "spectrum.npz"}
    return {"table": rows, **others}


FIGURES = {plot_concentration: concentration, plot_draws: draws, plot_published: published}
TOLD = {
    plot_concentration: ["12 networks of each width."],
    plot_draws: ["4 random subsets of each size s: ", "All exceed 1: the bound is vacuous."],
    plot_published: [
        "η = 0.001 stated, 0.00125 stable up to 2/λ_max and 2.00·10⁻⁵ inferred",
    ],
}  # fmt: skip
DRAWN = {
    plot_concentration: {"expected", "frobenius", "spectral", "ratio"},
    plot_draws: {"least", "complexity"},
    plot_published: {"effective_eta-true", "effective_eta-worst", "loss-random"},
}
MESSAGES = {
    plot_concentration: "From m = 16 to 256 the Frobenius distance of H(0) from",
    plot_draws: "true labels falls from 2.88 to 2.28, that of random ones rises from 5.28 to",
}


def draw(program, folder: Path) -> dict[str, Path]:
    given = FIGURES[program](folder)
    table = save(folder, "table", given.pop("table"))
    return call(program, folder, table=table, **given)


@pytest.mark.parametrize("program", FIGURES, ids=lambda program: program.__name__)
def test_figures_are_drawn_and_say_what_is_in_the_tables(program, tmp_path, drawn):
    made = draw(program, tmp_path)
    picture = matplotlib.image.imread(made["png"])[:, :, :3]
    blue = (picture[:, :, 2] > picture[:, :, 0] + 0.2).mean()
    assert 0.001 < blue < 0.2  # dots, lines and bands of true labels' and networks' colour
    assert 0.5 < (picture == 1).all(-1).mean() < 0.97
    assert groups(made["svg"]) >= DRAWN[program]
    told = made["md"].read_text()
    assert f"\n\n**How to read it.** {READ}\n" in told
    assert program not in MESSAGES or MESSAGES[program] in message(drawn[0])
    assert "toy** (toys against tools)." in told
    for words in TOLD[program]:
        assert words in told, told


@pytest.mark.parametrize("program", FIGURES, ids=lambda program: program.__name__)
def test_drawn_twice_gives_the_same_bytes(program, tmp_path):
    first = {kind: path.read_bytes() for kind, path in draw(program, tmp_path).items()}
    assert {kind: path.read_bytes() for kind, path in draw(program, tmp_path).items()} == first


def test_all_points_are_one_subset(tmp_path, drawn):
    given = draws(tmp_path)
    for row in given["table"]:
        if row["size"] == 80:
            row |= {"least": 0.01, "true": 2.0, "random": 6.0}
    made = call(plot_draws, tmp_path, table=save(tmp_path, "table", given["table"]))
    assert "of each size s; all 80 points are one set: " in made["md"].read_text()
    (band,) = drawn[0].axes[0].collections
    spread = {x: np.ptp([y for at, y in band.get_paths()[0].vertices if at == x]) for x in (40, 80)}
    assert spread[40] > 0
    assert spread[80] == 0


def test_a_curve_that_no_rate_fits_is_left_out_of_the_title(tmp_path, drawn):
    given = published(tmp_path)
    for row in given["table"]:
        if row["labels"] == "worst" and row["quantity"] == "effective_eta":
            row["ours"] = np.nan
    table = save(tmp_path, "table", given.pop("table"))
    call(plot_published, tmp_path, table=table, **given)
    # 4·10⁻⁵ for true labels over 1.1·10⁻⁵, the median of the draws of random ones.
    assert "by a factor of 3.64 or more" in drawn[0].get_suptitle().replace("\n", " ")
