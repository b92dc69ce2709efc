"""Claims on the command line: one of them, all of them, and what a missed one does."""

import re

import pytest

CLAIMS = "config/claims/two_layer.yaml"
# A1's own expectation, which no measurement meets.
MISSED = (
    "expected: {kind: at_most, value: 5, over: every}",
    "expected: {kind: at_most, value: -1}",
)
DECIDED = r"(?:\d+ [a-z ]+, )*\d+ not run"


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
    jobs = clone.planned("claim_A1")
    assert jobs == {"digits", "prepare tiny-0", "formula synthetic", "claim_A1"}
    trained = clone.planned("claim_A14")
    assert "stability tiny" in trained
    assert not any(job.split()[0] in ("train", "formula", "collect") for job in trained)


def test_a_claim_prints_its_row_every_time(tree):
    before = tree.files("results", "figures")
    for _ in range(2):
        done = tree.snakemake("claim_A1")
        assert done.returncode == 0, done.stderr
        assert re.search(r"^A1  holds$", done.stdout, re.MULTILINE)
        for words in ("place: eq. (3)", "expected: at most 5, every seed", "measured: ", "how to "):
            assert f"\n  {words}" in done.stdout
    assert tree.files("results", "figures") - before == {"results/test/claim_A1.log"}
    assert (tree / "results/test/claim_A1.log").read_text() in done.stdout


def test_a_claim_of_another_run_says_where_it_is_checked(tree):
    done = tree.snakemake("claim_A1b")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^A1b  not run$", done.stdout, re.MULTILINE)
    assert "why: checked in digits, workstation" in done.stdout


def test_a_claim_that_is_refuted_is_decided_with_its_corrected_form(clone):
    """The rule asks for the jobs of both. One that holds is refuted, for the test."""
    held = "    met: holds\n    planned: A14.rate\n"
    refuted = held.replace("holds", "refuted") + "    corrected: A1\n"
    with clone.edited(CLAIMS, lambda text: text.replace(held, refuted)):
        both = clone.planned("claim_A14")
    corrected, alone = clone.planned("claim_A1"), clone.planned("claim_A14")
    assert both == corrected - {"claim_A1"} | alone
    assert "formula synthetic" in both - alone


def test_braces_in_a_caption_are_no_wildcards(clone):
    words = "    captions: true\n    figure: formula\n    how_to_read: >-\n"
    with clone.edited(
        CLAIMS, lambda text: text.replace(words, f"{words}      $\\hat{{u}}$ {{x}}\n")
    ):
        assert "plot_formula synthetic" in clone.planned()


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
    said = tree.make("claim", "ID=A1", "RUN=test")
    assert said.returncode == 0, said.stderr
    assert re.search(r"^A1  holds$", said.stdout, re.MULTILINE)
    assert tree.make("claim").returncode == 2


@pytest.mark.parametrize(
    ("id", "expected"), [("A999", "A1, A2, A3, "), ("A8z", "A8, A8b, "), ("../x", "A1, A2, ")]
)
def test_an_unknown_claim_is_told_with_those_there_are(tree, id, expected):
    before = tree.files("results", "figures")
    for done in (tree.snakemake(f"claim_{id}"), tree.make("claim", f"ID={id}", "RUN=test")):
        assert done.returncode != 0
        assert f"claim: found '{id}', expected one of {expected}" in done.stdout + done.stderr
        assert (
            f"mend the id (the claims are in {CLAIMS}, config/claims/" in done.stdout + done.stderr
        )
    assert tree.files("results", "figures") == before


def test_the_table_and_the_verdict_of_a_run_without_a_miss(tree):
    table = tree.snakemake("claims")
    assert table.returncode == 0, table.stderr
    assert re.search(r"^A1 +holds +at most 5, every seed +[\d.]+ \(", table.stdout, re.MULTILINE)
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
    assert re.search(r"^A1  missed$", verdict.stdout, re.MULTILINE)
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
    (path,) = tree.folder.glob("results/shared/tiny-0-*/gram.npy")
    path.write_bytes(b"nothing")
    (tree / "results/test/two_layer/draws/tiny/metrics.json").unlink()
    done = tree.make("quick")
    assert done.returncode == 2
    assert "pipeline failed: " in done.stderr.splitlines()[-2]
    assert "claims: " not in done.stdout
