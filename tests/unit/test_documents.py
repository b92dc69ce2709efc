"""What the documents say of files and sizes."""

import re
from pathlib import Path

import pytest

from pipeline import claims
from scripts.ledger import documents_of_runs
from workflow.slices import SLICES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/*.md",
        "bench/*.md",
        "reference/**/*.md",
        "*/README.md",
        "scripts/*/README.md",
    )
    for path in ROOT.glob(pattern)
    # Nor what tools leave: .venv, .pytest_cache.
    if "runs" not in path.parts and not path.relative_to(ROOT).parts[0].startswith(".")
)
# Slices in the README's list that are no longer here: `make reference` writes the list anew, and
# what other documents say of them are examples.
SOURCES = (ROOT / "README.md").read_text("utf-8").split("<!-- end of sources -->")[0]
GONE = {slice for slice in re.findall(r"\(scripts/(\w+)/", SOURCES) if slice not in SLICES}


def is_there(folder, path):
    """Whether a path leads to something, or to a slice that was taken out."""
    return (folder / path).exists() or any(f"scripts/{slice}/" in path for slice in GONE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path):
    text = path.read_text("utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'<img src="([^"]+)"', text)
    relative = [link for link in links if "://" not in link]
    assert [link for link in relative if not is_there(path.parent, link)] == []


# Files that a reader makes, and those of the worked example in docs/architecture.md.
MADE = re.compile(r"config/runs/|config/schema\.json|/own\.yaml|overshoot")


# Those that tell of files as they were are left out.
CURRENT = [path for path in DOCUMENTS if path.name not in ("CHANGELOG.md", "report.md")]


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_and_programs_that_a_document_names_are_there(path):
    text = path.read_text("utf-8")
    folders = "bench|config|docs|profiles|reference|requirements|scripts|src|tests|tools|workflow"
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", text)
    programs = re.findall(r"\bpython -m (\w+(?:\.\w+)+)", text)
    named += [f"{program.replace('.', '/')}.py" for program in programs]
    assert [each for each in named if not MADE.search(each) and not is_there(ROOT, each)] == []


def test_links_were_looked_for():
    assert len(DOCUMENTS) > 8
    assert "](docs/architecture.md)" in (ROOT / "README.md").read_text("utf-8")


def test_set_up_states_the_sizes_that_the_readme_states():
    sizes = [
        re.findall(r"\d\.\d GB", (ROOT / name).read_text("utf-8"))
        for name in ("README.md", "tools/environment.sh")
    ]
    assert len(sizes[0]) == 4
    assert set(sizes[0]) == set(sizes[1])


def test_benchmarks_that_are_older_than_the_programs_are_told():
    listed = set(re.findall(r"`(scripts\.[\w.]+)`", (ROOT / "bench/report.md").read_text("utf-8")))
    assert len(listed) > 20
    programs = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "scripts").rglob("*.py")
        if "__main__" in path.read_text("utf-8")
    }
    if listed != programs:
        pytest.skip(f"skipped: bench/report.md is old: {', '.join(sorted(listed ^ programs))}")


@pytest.mark.parametrize("slice", SLICES)
def test_rows_that_a_document_shows_are_claims(slice):
    text = (ROOT / f"scripts/{slice}/README.md").read_text("utf-8")
    marked = [id for place in documents_of_runs.ROWS.finditer(text) for id in place[1].split()]
    listed = [id.removesuffix("+") for id in marked]
    known = claims.read(ROOT / f"scripts/{slice}/claims").claims
    letters = "".join({id[0] for id in known})
    assert len(listed) > len(known) / 5
    assert [id for id in listed if id not in known] == []
    assert sorted(set(re.findall(rf"\b[{letters}]\d+[a-z]?\b", text)) - set(known)) == []


def words(text):
    """How many words a text has, a formula being one."""
    shown = re.sub(r"\$[^$]*\$", "formula", re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    return sum(bool(re.search(r"\w", word)) for word in shown.split())


def longest_table(text):
    """The lines of the longest table in a text."""
    return max(
        (len(table.splitlines()) for table in re.findall(r"(?:^\|.*\n)+", text, re.M)), default=0
    )


@pytest.mark.parametrize(("name", "most"), [("README.md", 850), ("ARTIFACT.md", 400)])
def test_the_first_documents_are_short(name, most):
    text = (ROOT / name).read_text("utf-8")
    # Lists of sources, runs and claims grow with the sources.
    written = re.sub(r"<!-- (\w+) -->.*?<!-- end of \1 -->", "", text, flags=re.DOTALL)
    assert most / 2 < words(written) <= most
    assert 2 < longest_table(text) <= 20


PAGES = [*CURRENT, *sorted(ROOT.glob("reference/runs/*/README.md"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_table_is_longer_than_two_screens(path):
    assert longest_table(path.read_text("utf-8")) <= 60


# What readers of other documents would not know, or take for something else.
COINED = re.compile(
    r"\bledgers?\b(?!\.smk|\.py|/)|\bmend(s|ed)?\b|drawn apart|made to order|the row itself"
    r"|learned fast\b|\b[Ss]ource 00\d",
)


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_have_no_coined_words(path):
    assert [found[0] for found in COINED.finditer(path.read_text("utf-8"))] == []


CLAIMS = sorted(ROOT.glob("scripts/*/claims/*.yaml"))


@pytest.mark.parametrize("path", CLAIMS, ids=lambda path: "/".join(path.parts[-3:]))
def test_claims_have_no_coined_words(path):
    assert [found[0] for found in COINED.finditer(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("slice", SLICES)
def test_a_statement_is_one_sentence_of_at_most_thirty_words(slice):
    known = claims.read(ROOT / f"scripts/{slice}/claims").claims
    stated = {id: re.sub(r"\$[^$]*\$", "F", claim.statement) for id, claim in known.items()}
    assert {id: words(text) for id, text in stated.items() if words(text) > 30} == {}
    assert [id for id, text in stated.items() if re.search(r"[.?!] +[A-Z]", text)] == []
