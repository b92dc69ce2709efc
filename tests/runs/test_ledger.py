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


def test_make_claim_prints_the_row(made, tmp_path):
    tree = made.copied(tmp_path / "copy")
    for id in ("T1", "T1.tiny"):
        said = tree.make("claim", f"ID={id}", "RUN=test")
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


def test_the_table_of_a_run(tree):
    table = tree.snakemake("claims")
    assert table.returncode == 0, table.stderr
    assert re.search(r"^T1 +holds +0\.7 to 1\.3 +[\d.]+$", table.stdout, re.MULTILINE)
    assert re.search(rf"^claims: {DECIDED}$", table.stdout, re.MULTILINE)


def test_make_claims_prints_no_table_that_is_older_than_what_it_is_of(made, tmp_path):
    tree = made.copied(tmp_path / "copy")
    told = tree.make("claims", "RUN=test")
    assert told.returncode == 0, told.stderr
    assert re.search(rf"^claims: {DECIDED}$", told.stdout, re.MULTILINE)
    with tree.edited(CLAIMS, lambda text: text.replace("high: 1.3", "high: 1.4", 1)):
        told = tree.make("claims", "RUN=test")
    assert told.returncode == 2
    assert "results/test/claims.json: found 1 job to do before it" in told.stderr
    assert not told.stdout


# What a run ends with, in a tree whose claims are met.
ENDING = ["report: results/test/report.html", f"claims: {DECIDED}"]


def test_snakemake_alone_ends_with_the_verdicts_and_the_page(clone):
    """Of a new clone, and again where there is nothing to do."""
    for said in ("rule report:", "Nothing to be done"):
        done = clone.snakemake()
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-2:] == ENDING
        assert said in done.stderr


def test_a_new_miss_is_the_status_of_snakemake_and_hurts_no_table(missing):
    """The first time it runs the jobs that decide it."""
    for _ in range(2):
        done = missing.snakemake()
        assert done.returncode == 2
        assert re.search(r"^T1  missed$", done.stdout, re.MULTILINE)
        assert re.fullmatch(r"claims: .*\b1 missed\b.*", done.stdout.splitlines()[-1])
        assert done.stderr.splitlines()[-1] == "error: missed, and not known to be: T1"
        assert ",missed," in (missing / "results/test/claims.csv").read_text()
        assert (missing / "results/test/report.html").is_file()
        assert missing.planned() == set()
    assert missing.snakemake("claims").returncode == 0


def verdicts(done):
    """Whether a run told what became of the claims."""
    return "claims: " in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [["-nq"], ["--until", "collect"], ["--omit-from", "assemble"], ["--touch"], ["claim_T2"]],
    ids=" ".join,
)
def test_no_verdict_where_the_page_is_not_what_was_asked_for(tree, words):
    """All of it is up to date."""
    done = tree.snakemake(*words)
    assert done.returncode == 0, done.stderr
    assert not verdicts(done)


@pytest.mark.parametrize("words", [["--forcerun", "collect"], ["--until", "report"]])
def test_a_verdict_where_the_page_was_asked_for(tree, words):
    done = tree.snakemake(*words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ENDING


def test_no_verdict_of_a_run_that_failed(copy):
    broken = ("@cli.program", "BROKEN = 1 / 0\n\n\n@cli.program")
    with copy.edited("scripts/ledger/report.py", lambda text: text.replace(*broken)):
        for done in (copy.snakemake(), copy.make("quick")):
            assert done.returncode != 0
            assert not verdicts(done)


@pytest.mark.parametrize("option", ["-nq", "--version", "results/test/claims.csv"])
def test_make_tells_no_verdict_where_the_page_is_not_what_was_asked_for(missing, option):
    done = missing.make("quick", f"SNAKEMAKE_ARGS={option}")
    assert done.returncode == 0, done.stderr
    assert not verdicts(done)


def test_make_ends_with_the_claims_and_fails_if_one_is_missed(missing):
    done = missing.make("quick")
    assert done.returncode == 2
    assert re.fullmatch(r"claims: .*\b1 missed\b.*", done.stdout.splitlines()[-1])
    for status, words in ((2, []), (0, ["--lenient"])):
        told = missing.python("scripts.ledger.verify", "--run", "test", *words)
        assert told.returncode == status
    assert missing.python("scripts.ledger.verify", "--run", "nothing").returncode == 1
