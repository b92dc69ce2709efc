"""Claims on the command line: one of them, all of them, and what a missed one does."""

import re

import pytest

CLAIMS = "scripts/toy/claims/walks.yaml"
# T1's own expectation, and one that no measurement meets.
MISSED = ("low: 0.7, high: 1.3", "low: 7, high: 13")
# What T2 says of this run, without which another one decides it.
CHECKED = "      test: {metric: walk/tiny/turns}\n"
DECIDED = "2 holds"


@pytest.fixture(scope="module")
def tree(tmp_path_factory, finished):
    """A copy that tests leave as they found it."""
    return finished.copied(tmp_path_factory.mktemp("ledger") / "copy")


@pytest.fixture(scope="module")
def missing(tmp_path_factory, made):
    """A copy of what `make quick` made, with a claim that will be missed."""
    tree = made.copied(tmp_path_factory.mktemp("missed") / "copy")
    text = (tree / CLAIMS).read_text()
    assert text.count(MISSED[0]) == 1
    (tree / CLAIMS).write_text(text.replace(*MISSED))
    return tree


def test_a_claim_computes_what_it_needs_alone(clone):
    jobs = clone.planned("claim_T2")
    assert jobs == {"digits", "prepare tiny-0", "toy_walk tiny", "claim_T2"}
    more = {"gram tiny-0", "spectrum tiny-0", "toy_spread tiny", "claim_T1"}
    assert clone.planned("claim_T1") == jobs - {"claim_T2"} | more


def test_a_claim_prints_its_row_every_time(tree):
    before = tree.files("results", "figures")
    for _ in range(2):
        done = tree.snakemake("claim_T1")
        assert done.returncode == 0, done.stderr
        assert re.search(r"^T1  holds$", done.stdout, re.MULTILINE)
        for words in ("place: eq. (1)", "expected: 0.7 to 1.3", "measured: ", "how to "):
            assert f"\n  {words}" in done.stdout
    assert tree.files("results", "figures") - before == {"results/test/claim_T1.log"}
    assert (tree / "results/test/claim_T1.log").read_text() in done.stdout


def test_a_claim_of_another_run_says_where_it_is_checked(tree):
    with tree.edited(CLAIMS, lambda text: text.replace(CHECKED, "")):
        done = tree.snakemake("claim_T2")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^T2  not run$", done.stdout, re.MULTILINE)
    assert "why: checked in digits" in done.stdout


def test_a_claim_that_is_refuted_is_decided_with_its_corrected_form(clone):
    """The rule asks for the jobs of both. One that holds is refuted, for the test."""
    held = "    met: holds\n    how_to_read: The share"
    refuted = held.replace("holds", "refuted\n    corrected: T1")
    with clone.edited(CLAIMS, lambda text: text.replace(held, refuted)):
        both = clone.planned("claim_T2")
    assert both == clone.planned("claim_T1") - {"claim_T1"} | {"claim_T2"}
    assert "toy_spread tiny" in both - clone.planned("claim_T2")


def test_braces_in_a_caption_are_no_wildcards(clone):
    words = "how_to_read: The blue line"
    with clone.edited(CLAIMS, lambda text: text.replace(words, f"{words} $\\hat{{u}}$ {{x}}")):
        assert "plot_toy_spread tiny" in clone.planned()


def test_verify_says_that_a_run_failed_before_its_claims(copy):
    """Snakemake's own words come after it."""
    broken = ("@cli.program", "BROKEN = 1 / 0\n\n\n@cli.program")
    with copy.edited("scripts/ledger/collect.py", lambda text: text.replace(*broken)):
        done = copy.snakemake("verify")
    assert done.returncode != 0
    assert "claims: " not in done.stdout
    assert done.stderr.count("pipeline failed: see above") == 1


def test_make_claim_prints_the_row(made, tmp_path):
    tree = made.copied(tmp_path / "copy")
    said = tree.make("claim", "ID=T1", "RUN=test")
    assert said.returncode == 0, said.stderr
    assert re.search(r"^T1  holds$", said.stdout, re.MULTILINE)
    assert tree.make("claim").returncode == 2


@pytest.mark.parametrize(
    ("id", "expected"), [("T999", "T1, T2: "), ("T2z", "T2, T2b: "), ("../x", "T1, T2: ")]
)
def test_an_unknown_claim_is_told_with_those_there_are(tree, id, expected):
    before = tree.files("results", "figures")
    with tree.edited(CLAIMS, with_another):
        asked = (tree.dry(f"claim_{id}"), tree.make("claim", f"ID={id}", "RUN=test"))
    for done in asked:
        assert done.returncode != 0
        assert f"claim: found '{id}', expected one of {expected}" in done.stdout + done.stderr
        where = "correct the id (the claims are in scripts/toy/claims)"
        assert where in done.stdout + done.stderr
    assert tree.files("results", "figures") == before


def with_another(text):
    """The claims with T2 once more, as T2b."""
    return text + text[text.index("  T2:") :].replace("T2:", "T2b:")


def test_the_table_and_the_verdict_of_a_run_without_a_miss(tree):
    table = tree.snakemake("claims")
    assert table.returncode == 0, table.stderr
    assert re.search(r"^T1 +holds +0\.7 to 1\.3 +[\d.]+$", table.stdout, re.MULTILINE)
    assert re.search(rf"^claims: {DECIDED}$", table.stdout, re.MULTILINE)
    for _ in range(2):
        verdict = tree.snakemake("verify")
        assert verdict.returncode == 0, verdict.stderr
        assert re.search(rf"^claims: {DECIDED}$", verdict.stdout, re.MULTILINE)
        assert "missed" not in verdict.stdout


def test_a_missed_claim_is_told_and_deletes_nothing(missing):
    verdict = missing.snakemake("verify")
    assert verdict.returncode != 0
    assert "pipeline failed" not in verdict.stderr
    assert re.search(r"^T1  missed$", verdict.stdout, re.MULTILINE)
    assert re.search(r"^claims: .*\b1 missed\b", verdict.stdout, re.MULTILINE)
    assert (missing / "results/test/claims.csv").is_file()
    # Page and table are made all the same; `claims` never fails.
    done = missing.snakemake()
    assert done.returncode == 0, done.stderr
    assert missing.planned() == set()
    assert missing.snakemake("claims").returncode == 0


def test_make_ends_with_the_claims_and_fails_if_one_is_missed(missing):
    done = missing.make("quick")
    assert done.returncode == 2
    assert re.fullmatch(r"claims: .*\b1 missed\b.*", done.stdout.splitlines()[-1])
    for status, words in ((2, []), (0, ["--lenient"])):
        told = missing.python("scripts.ledger.verify", "--run", "test", *words)
        assert told.returncode == status
    assert missing.python("scripts.ledger.verify", "--run", "nothing").returncode == 1


def test_make_ends_with_where_it_failed(made, tmp_path):
    tree = made.copied(tmp_path / "copy")
    (path,) = tree.folder.glob("results/shared/tiny-0-*/problem.npz")
    path.write_bytes(b"nothing")
    (tree / "results/test/toy/walk/tiny/metrics.json").unlink()
    done = tree.make("quick")
    assert done.returncode == 2
    assert "pipeline failed: " in done.stderr.splitlines()[-2]
    assert "claims: " not in done.stdout
