"""Claims in words for a terminal: formulas in Unicode."""

from pathlib import Path

import pytest

from pipeline import claims
from scripts.ledger import rows, words

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r"$\lambda_{\max}(H^\infty)$ of **all**", "λ_max(H^∞) of all"),
        (r"$H^\infty_{ij} = x_i^\top x_j / 2\pi$", "H^∞_ij = x_iᵀx_j/2π"),
        (r"$\|W(K)-W(0)\|_F \le \sqrt{y^\top (H^\infty)^{-1} y}$", "‖W(K)−W(0)‖_F ≤ √(yᵀ(H^∞)⁻¹y)"),
        (r"$10^{-12.6}$ at $10\,000$", "10^(−12.6) at 10 000"),
        (r"$f^t L^{2k}(0) \le \beta_j^{p_j}$", "f^t L^(2k)(0) ≤ β_j^(p_j)"),
        (r"$6\|A\|_\ast$", "6‖A‖_*"),
        (r"$\frac{1}{m}\sum_{ij} H_{ij}$", "1/m ∑_ij H_ij"),
        (r"$\hat\rho \log_2 m$ of `test`", "ρ̂log₂ m of test"),
    ],
)
def test_text_for_a_terminal(text, told):
    assert words.plain(text) == told


@pytest.mark.parametrize(
    "slice", sorted(path.parent.name for path in ROOT.glob("scripts/*/claims"))
)
def test_no_latex_is_printed_of_any_claim(slice):
    stated = {slice: claims.read(ROOT / "scripts" / slice / "claims")}
    for row in rows.rows(stated, "digits", "results/mine", {}):
        said = words.row(row)
        assert row["id"] in said
        assert not {"\\", "$", "{"} & set(said), said


def test_few_lines_say_what_was_found_and_where_it_is_seen():
    told = dict.fromkeys(("spread", "n_seeds", "why", "figure", "expected", "statement"), "")
    claim = told | {"id": "A1", "slice": "toy", "verdict": "not run"}
    holds = {"verdict": "holds", "measured": "2", "expected": "at most 3", "figure": "curve"}
    other = claim | {"id": "A2", "statement": "$x$ falls."} | holds
    assert words.brief([claim, other], "mine").splitlines() == [
        "A2  holds",
        "  x falls.",
        "  measured: 2; expected at most 3",
        "  figure: figures/mine/toy/curve.png",
        "not run here: A1",
    ]
