"""A wrong formula is caught: each of these mistakes turns the claim red that was named beforehand.

A tier of its own (`make test-formulas`), on the run of seconds. The Monte Carlo row (A1) is left
out: it would catch some of them as well.
"""

import re

import pytest

from tests.workflow import repository

WRONG = {
    "a factor 2 in the kernel": (
        "A1f",
        "src/overparam/kernels.py",
        [("cosines /= 2 * np.pi", "cosines /= np.pi"), ("(gram, 0.5)", "(gram, 1.0)")],
    ),
    "the diagonal as rounding leaves it": (
        "A1c",
        "src/overparam/kernels.py",
        [("    np.fill_diagonal(gram, 0.5)\n", "")],
    ),
    "κ² for κ": (
        "A13",
        "src/overparam/networks.py",
        [("weights = kappa * rng", "weights = kappa**2 * rng")],
    ),
    "the mean for the summed loss": (
        "A14",
        "src/overparam/dynamics.py",
        [("update = -eta / math.sqrt(m) * signs", "update = -eta / n / math.sqrt(m) * signs")],
    ),
    "no noise on test labels": (
        "A19o",
        "src/overparam/labels.py",
        [('noisy(test, "test")', "test")],
    ),
    "one draw for training and test labels": (
        "A19m",
        "src/overparam/labels.py",
        [('noisy(test, "test")', 'noisy(test, "train")')],
    ),
    "eigenvectors not reversed with the eigenvalues": (
        "A12",
        "src/overparam/matrices.py",
        [("columns.T[::-1]", "columns.T")],
    ),
    "off by one in k": (
        "A12",
        "src/overparam/spectra.py",
        [("factors**k * coefficients", "factors ** (k + 1) * coefficients")],
    ),
    "a doubled network without its 1/√m": (
        "A18d",
        "src/overparam/networks.py",
        [("@ signs / np.sqrt(len(signs))", "@ signs / np.sqrt(len(signs) / 2)")],
    ),
    **{
        f"{mistake}: {id}": (id, f"src/overparam/linear_nets/{path}", [edit])
        for mistake, (ids, path, edit) in {
            "a sign in D": (
                ["E1", "E2"],
                "operators.py",
                ("transposed(w1) @ w1 - w2", "transposed(w1) @ w1 + w2"),
            ),
            "p1 in both roots": (
                ["E3"],
                "operators.py",
                ("(value if m <= n else zero), (value if n <= m else zero)", "value, value"),
            ),
            "p_n and p_m exchanged": (
                ["E3", "E8"],
                "operators.py",
                ("first, second = margins(", "second, first = margins("),
            ),
            "no η² in the product's update": (
                ["E6"],
                "operators.py",
                (" + eta**2 * gradient @ transposed(w) @ gradient", ""),
            ),
            "c1 and c2 exchanged": (
                ["E11"],
                "rates.py",
                (
                    "c1 * begun.alpha, c2 * begun.beta, begun.p2",
                    "c2 * begun.alpha, c1 * begun.beta, begun.p2",
                ),
            ),
        }.items()
        for id in ids
    },
}


# As many test points as training points, and nine digits against one: one draw of noise for both is
# then seen at once. As many draws as the larger runs have.
NINE_TO_ONE = {
    "two_layer.noise.draws": 20,
    "data.tiny.groups": [[*range(9)], [9]],
    "data.tiny.train": {"n": 100},
    "data.tiny.test": {"n": 100},
}

# The run of seconds leaves some of these out.
LINEAR = {"linear_nets.experiments": ["identities", "drift", "rates", "figure1"]}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A new clone; what claims need is computed as they are asked for."""
    return repository.fresh(tmp_path_factory.mktemp("formulas") / "clone")


def row(tree, id):
    """A claim's verdict; none if its job did not come to an end."""
    changes = {"A19m": NINE_TO_ONE, "E": LINEAR}.get("E" if id.startswith("E") else id, {})
    config = tree.overlay("formulas", changes)
    done = tree.snakemake(f"claim_{id}", "--quiet", "all", config=config)
    found = re.search(rf"^{id}  (\w+)", done.stdout, re.MULTILINE)
    return found[1] if found else f"no verdict: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("id", sorted({id for id, _, _ in WRONG.values()}))
def test_the_right_formula_holds(tree, id):
    assert row(tree, id) in ("holds", "reproduced")


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_formula_turns_its_claim_red(tree, mistake):
    id, path, edits = WRONG[mistake]

    def wrong(text):
        for right, mistaken in edits:
            assert text.count(right) == 1, right
            text = text.replace(right, mistaken)
        return text

    with tree.edited(path, wrong):
        assert row(tree, id) == "missed"
