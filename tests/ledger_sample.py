"""A ledger of 24 claims with every verdict and six figures, for the tests of the report.

Its claims are worded like a slice's, since a page has to set such formulas and lengths, but they
are no slice's, nor is the source: figures are drawn at random in the project's style.
"""

import json
from pathlib import Path

import numpy as np

from pipeline import style

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "reference" / "runs" / "digits"
SHEET = ROOT / "config" / "figures.mplstyle"
PAGE = ROOT / "scripts" / "ledger"

# Name of a figure, and its caption.
FIGURES = {
    "closed_form": None,
    "concentration_digits01": "**Concentration, digits01** (n = 200 training points).\n\n"
    "Dots: $\\|H(0)-H^\\infty\\|_F$ of each seed; line: the fit.\n\n"
    "**How to read it.** The dots fall along the dotted guide $m^{-1/2}$.\n",
    "figure1_digits": "**Figure 1, digits** (digits in two groups of classes, n = 1437).\n\n"
    "Full-batch gradient descent on Φ = ½‖y − u‖²: left the training loss Φ/n; right what has been "
    "removed of it, on logarithmic axes. Solid: networks with m = 1024, median over 3 seeds in a "
    "band from smallest to largest. Dashed: what eq. (8) predicts from the spectrum alone.\n\n"
    "**How to read it.** Low is fast on the left, high is fast on the right.\n\n"
    "Here the bands are apart at every measured step from 1 on.\n",
    "equation8_digits01": "**Equation (8), digits01** (0 against 1, n = 200 training points).\n\n"
    "Each row is a labelling; 10 seeds for each width m. Left: ‖y − u(k)‖/‖y‖ up to step 1500. "
    "Right: its largest difference from eq. (8); a dot for each seed.\n\n"
    "**How to read it.** A difference that is largest in the first steps comes from the matrix at "
    "the start, one that grows towards the end from weights that have moved.\n\n"
    "Here it is 0.0249 (0.02 to 0.0631) at m = 200 and 0.00674 (0.00457 to 0.0122) at m = 3200.\n",
    "figure2_digits": "**Figure 2, digits** (digits in two groups of classes, n = 1437).\n\n"
    "The portion p of the labels is replaced by random ones. (a) Test 0–1 error; dotted p/2. (b) "
    "Complexity √(2 yᵀ(H^∞)⁻¹y/n): line, its expectation; points, sampled labels.\n\n"
    "**How to read it.** Error and complexity rise together with p.\n",
    "controls": "**Functions that are not learnable** (unit sphere, d = 20).\n\n"
    "`norm` against the number of samples, ten draws of the points.\n",
}
HOW = {
    "closed_form": "Dots lie on the curve, within bars of five standard errors.",
    "concentration_digits01": "The dots fall along the dotted guide $m^{-1/2}$.",
    "figure1_digits": "Low is fast: true labels lie below random ones, random below worst-case.",
    "equation8_digits01": "Solid lies on dashed at every step, and the largest distance is small "
    "against 1 and falls with $m$.",
    "figure2_digits": "Error and complexity rise together with $p$; the error stays above $p/2$.",
    "controls": "Flat is learnable; a straight rise on both logarithmic axes is not.",
}

HEADLINES = {"A1", "A4", "A8"}  # A4 is not run

# id, group, place, statement, expected, measured, spread, seeds, verdict, figure, the rest
ROWS = [
    ("A1", "The Gram matrix", "eq. (3)",
     r"$H^\infty_{ij} = x_i^\top x_j\,(\pi-\arccos x_i^\top x_j)/(2\pi)$ is the mean over Gaussian "
     r"weights of $x_i^\top x_j\,\mathbb{1}\{w^\top x_i \ge 0, w^\top x_j \ge 0\}$.",
     "at most 0.0015", "0.00093", None, None, "holds", "closed_form",
     {"because": "five standard errors of $10^6$ draws"}),
    ("A1b", "The Gram matrix", "eq. (3)",
     r"The diagonal is $H^\infty_{ii}=\frac{1}{2}$, hence $\operatorname{tr} H^\infty = n/2$.",
     "0.5 within 10⁻¹²", "0.5", None, None, "holds", None, {}),
    ("A3", "The Gram matrix", "theorem 3.1",
     r"$\lambda_{\min}(H^\infty) > 0$ if no two inputs are parallel.",
     "above 10⁻⁸", "0.0203", "0.0197 … 0.0211", 5, "holds", None, {}),
    ("A3b", "The Gram matrix", "theorem 3.1",
     r"$\lambda_{\min}(H^\infty) > 0$ only if no two inputs are antipodal.",
     "at most 10⁻⁸", "0.0203", None, None, "refuted", None,
     {"printed": r"no two inputs are parallel, $x_i \ne c\,x_j$ for every $c$",
      "corrected": "A3c"}),
    ("A3c", "The Gram matrix", "theorem 3.1, corrected",
     r"More than $d$ antipodal pairs make $\lambda_{\min}(H^\infty)=0$; a single one leaves it.",
     "at most 10⁻⁹", "3.1e-17", None, None, "holds", None, {}),
    ("A2", "Concentration", "lemma C.3",
     r"$\|H(0)-H^\infty\|_F = O\!\left(n\sqrt{\log(n/\delta)}/\sqrt{m}\right)$",
     "exponent in m within -0.55 … -0.45", "-0.49", "-0.507 … -0.471 (95 %)", 10, "holds",
     "concentration_digits01", {"because": "the pilot's exponent, ± 0.05"}),
    ("A4", "Spectrum", "figure 1 (b)", r"The eigenvalues $\lambda_i$ of $H^\infty$ decay fast.",
     "within 2 % + 0.001 of the published curve", None, None, None, "not run", None,
     {"why": "needs MNIST and CIFAR-10: checked in workstation"}),
    ("A5", "Spectrum", "figure 1 (b)",
     r"True labels align with the top eigenvectors: $\sum_{i\le 10}(v_i^\top y)^2/\|y\|^2$.",
     "at least 0.5", "0.51", None, None, "holds", "figure1_digits", {}),
    ("A5b", "Spectrum", "figure 1 (b)", "Random labels project on all eigenvectors alike.",
     "within 0.003 … 0.012", "0.00529", "0.00273 … 0.00873", 5, "holds", "figure1_digits", {}),
    ("A6", "Training", "figure 1 (a)",
     "True labels are learned before random ones, and those before worst-case ones.",
     "from step 10 on, all seeds", "1", "1 … 1", 3, "holds", "figure1_digits",
     {"first_expected": "from step 1 on, all seeds",
      "changed_because": "plain starts cross until about step 7"}),
    ("A8", "Training", "theorem 4.1, eq. (8)",
     r"$\|y-u(k)\|_2 = \sqrt{\sum_{i=1}^n (1-\eta\lambda_i)^{2k}(v_i^\top y)^2} \pm \epsilon$",
     "at most 0.012", "0.00674", "0.00457 … 0.0122", 10, "holds", "equation8_digits01",
     {"seconds": 141.0,
      "because": "the largest of ten seeds of the pilot"}),
    ("A8b", "Training", "theorem 4.1", r"$\epsilon$ falls as the width $m$ grows.",
     "falling", "0.0266, 0.0131, 0.00674, 0.0037", None, 10, "holds", "equation8_digits01", {}),
    ("A10", "Training", "the talk's slide 8",
     r"The error term is dominated (indeed?): the step $k^\ast$ at which $\epsilon$ overtakes the "
     "sum.", "reported", "412", "377 … 590", 10, "reported", "equation8_digits01", {}),
    ("A14", "Training", "theorem 3.1 (ii)",
     r"$\Phi(k+1) \le \left(1-\frac{\eta\lambda_0}{2}\right)\Phi(k)$",
     "at most 1, at every step", "0.99999", "0.99998 … 0.99999", 5, "holds", None,
     {"seconds": 22.4}),
    ("A15", "Training", "theorem 3.1",
     r"Linear models diverge above $\eta = 2/\lambda_{\max}(H^\infty)$.",
     "within 1.99 … 2.01", "2.02", None, None, "missed", None,
     {"why": "the sweep's grid is coarser than the tolerance", "known_since": "2020-01-01",
      "seconds": 0.6}),
    ("A16", "Training", "lemma 5.3",
     r"$\|W(k)-W(0)\|_F \le \sqrt{y^\top (H^\infty)^{-1} y}$ up to terms that vanish.",
     "at most 1.05", "1.0012", "0.9987 … 1.0049", 10, "holds", None, {}),
    ("A19", "Generalisation", "figure 2",
     r"$\mathbb{E}\,C(p)^2 = (1-p)^2 C(0)^2 + \left(1-(1-p)^2\right) C(1)^2$ for labels of which a "
     "portion $p$ is random.", "all 22 published points, within 1 %", "0.25 %", None, None,
     "reproduced", "figure2_digits", {"seconds": 5.2}),
    ("A19b", "Generalisation", "figure 2", "Sampled labels scatter around that identity.",
     "at most 3 standard errors", "1.7", "0.1 … 2.4", 20, "holds", "figure2_digits",
     {"after": "the expectation had been measured"}),
    ("A20", "Generalisation", "figure 2", "The test error rises with the complexity.",
     "at least 0.95", "0.991", "0.929 … 1", 20, "holds", "figure2_digits", {}),
    ("A21", "Generalisation", "corollary 5.2",
     r"With probability $1-\delta$ the test error is at most "
     r"$\sqrt{\frac{2\,y^\top (H^\infty)^{-1} y}{n}} + O\!\left(\sqrt{\log(n/(\lambda_0\delta))/n}"
     r"\right)$.", "at least the test error", "2.05", "2.04 … 2.05", 5, "vacuous", "figure2_digits",
     {"why": "a bound of 2.05 on an error of at most 1"}),
    ("A24", "Learnable functions", "theorem 6.1",
     r"$y_i = \beta^\top x_i$ has $\sqrt{y^\top (H^\infty)^{-1} y} \le 3\|\beta\|_2$; sharp: 2.",
     "at most 2", "1.998", "1.85 … 1.998", 5, "holds", "controls", {}),
    ("A29", "Learnable functions", "section 6",
     r"Odd degrees above 1 are not: for $z^3$ the norm grows with $n$, as for $\sin 5z$, "
     r"$\operatorname{sign} z$ and $|z|$.", "exponent within 0.5 … 0.7", "0.62",
     "0.58 … 0.66 (95 %)", 10, "holds", "controls", {"seconds": 41.0}),
    ("A32", "Learnable functions", "definition 5.1",
     r"The data are $(\lambda_0,\delta,n)$-non-degenerate.", "above 10⁻¹⁰", "0.0137",
     "0.0121 … 0.0152", 50, "holds", None, {}),
    ("A33", "Learnable functions", "theorem 4.1",
     r"The width that the theorem asks for, $m \ge n^7/(\lambda_0^4\kappa^2\delta^4\epsilon^2)$.",
     "reported", "2.6·10³³", None, None, "reported", None, {}),
]  # fmt: skip


def ledger(folder: Path) -> dict:
    """The content of a report.json whose figures and captions lie in `folder`."""
    return {
        "run": "digits",
        "source": {
            "001": {
                "title": "A Paper Whose Title Is as Long as Titles Are: Analysis of Optimization "
                "and Generalization for Networks",
                "authors": "One, Two, Three, Four, Five",
                "year": 2019,
                "link": "https://example.org/paper",
            }
        },
        "provenance": provenance(),
        "claims": [_claim(row, folder) for row in ROWS],
    }


def provenance() -> dict:
    """As recorded."""
    recorded = json.loads((RECORDED / "provenance.json").read_text())
    return {key: recorded[key] for key in ("commit", "date", "versions", "computer")} | {"seed": 0}


def _claim(row: tuple, folder: Path) -> dict:
    id, group, place, statement, expected, value, spread, seeds, verdict, figure, rest = row
    return {
        "id": id, "source": "001", "group": group, "place": place, "statement": statement,
        "metric": f"ledger/{id.lower()}", "unit": "", "where": "digits",
        "expected": expected, "first_expected": None, "changed_because": None, "after": None,
        "known_since": None, "because": "the plan's pass value", "measured": value, "value": None,
        "spread": spread,
        "n_seeds": seeds, "verdict": verdict, "why": None, "corrected": None, "printed": None,
        "figure": figure and (folder / f"{figure}.svg").as_posix(),
        "headline": id in HEADLINES,
        "how_to_read": figure and HOW[figure],
        "seconds": None if verdict == "not run" else 3.4,
    } | rest  # fmt: skip


def draw(folder: Path) -> list[str]:
    """Draw the figures and write their captions; gives the options that name them."""
    options = []
    for at, (name, caption) in enumerate(FIGURES.items()):
        _draw(at, folder / name)
        options += ["--figure", f"{folder / name}.svg"]
        if caption:
            (folder / f"{name}.md").write_text(caption)
            options += ["--caption", f"{folder / name}.md"]
    return options


def _draw(seed: int, stem: Path) -> None:
    """Two panels of falling lines with bands."""
    rng = np.random.default_rng(seed)
    steps = np.arange(1, 200)
    with style.applied(str(SHEET)):
        figure, panels = style.new_figure(["AB"], 2.8)
        for panel in panels:
            for color in (style.BLUE, style.VERMILLION, style.GREEN):
                line = np.exp(-steps / rng.uniform(20, 300)) / 2
                panel.plot(steps, line, color=color)
                panel.fill_between(steps, 0.9 * line, 1.1 * line, color=color, alpha=0.2)
            style.decades_axis(panel, "gradient step $k$", 200)
            panel.set_ylabel(r"loss $\Phi/n$")
        style.name_panels(panels, ["all seeds", "medians"])
        entries = [
            style.handle(label, color=color)
            for label, color in (("true", style.BLUE), ("random", style.VERMILLION))
        ]
        style.legend(figure, entries, columns=2)
        style.save_figure(figure, f"{stem}.svg", f"{stem}.png")


def options(folder: Path, content: dict, drawn: list[str]) -> list[str]:
    """Write report.json; the options of a page of it."""
    (folder / "report.json").write_text(json.dumps(content))
    return [
        "--document", f"{folder / 'report.json'}", *drawn,
        "--template", f"{PAGE / 'report.html.j2'}",
        "--css", f"{PAGE / 'report.css'}", "--js", f"{PAGE / 'report.js'}",
        "--report", f"{folder / 'report.html'}",
    ]  # fmt: skip
