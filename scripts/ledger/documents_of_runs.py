"""What the documents show of sources and of recorded runs, written from their files."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from overparam.errors import Refusal
from pipeline.claims import outline
from scripts.ledger import rows, words
from scripts.ledger.recorded_runs import FOLDER

SLICES = Path("scripts")
# The documents with a block about each recorded run, between two marks.
BLOCKS = ("README.md", "ARTIFACT.md")


def documents(run: str) -> dict[str, str]:
    """Every document that shows a recorded run, by its path, as the recorded files have it."""
    written = {name: with_block(name, Path(name).read_text("utf-8"), run) for name in BLOCKS}
    written["README.md"] = with_sources(written["README.md"])
    tabled = {str(path): with_rows(path.read_text("utf-8")) for path in slices()}
    return written | tabled | {f"{FOLDER}/{run}/README.md": page(run)}


def slices() -> list[Path]:
    """The slices' pages, whose tables of rows show every recorded run."""
    pages = sorted(SLICES.glob("*/README.md"))
    return [path for path in pages if ROWS.search(path.read_text("utf-8"))]


def with_block(name: str, text: str, run: str) -> str:
    """A document with its block about a run written from the recorded files."""
    block = {"README.md": _findings, "ARTIFACT.md": _commands}[name]
    begin, end = _marks(run)
    written = "\n".join([begin, "", *block(FOLDER / run), "", end])
    return _place(text, run).sub(lambda _: written, text)


# The sources, one for each slice, between two marks.
SOURCES = re.compile(r"<!-- sources -->.*?<!-- end of sources -->", re.DOTALL)


def with_sources(text: str) -> str:
    """The README with its list of sources written from the slices' claims."""
    listed = [(outline(path).source, path.parent) for path in _claims()]
    lines = [
        f"- {source.authors}, [*{source.title}*]({source.link}), {source.year}: "
        f"[{slice}]({slice}/README.md)."
        for source, slice in sorted(listed, key=lambda each: each[0].id)
    ]
    block = "\n".join(["<!-- sources -->", "", *lines, "", "<!-- end of sources -->"])
    return SOURCES.sub(lambda _: block, text)


def _claims() -> list[Path]:
    """The folders of the slices' claims."""
    return sorted(SLICES.glob("*/claims"))


def check_places(run: str) -> None:
    """Refuse a document that has no place for a run."""
    for name in BLOCKS:
        text = Path(name).read_text("utf-8")
        if not _place(text, run).search(text):
            begin, end = _marks(run)
            raise Refusal(f"{name}: found no lines {begin} and {end}, expected them for this run")


def _marks(run: str) -> tuple[str, str]:
    return f"<!-- run {run} -->", f"<!-- end of run {run} -->"


def _place(text: str, run: str) -> re.Pattern[str]:
    return re.compile(".*?".join(map(re.escape, _marks(run))), re.DOTALL)


def _made(folder: Path) -> str:
    """How long a recorded run took, and on what."""
    facts = json.loads((folder / "provenance.json").read_text())
    computer, versions = facts["computer"], facts["versions"]
    used = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{facts['jobs']} jobs took {facts['minutes']:g} minutes, pauses between them left out "
        f"({facts['minutes_of_all_jobs']:g} minutes of work), on {computer['cores']} cores, "
        f"{computer['processor']}, each worth {facts['gflops_per_core']} GFLOP/s of float32 matrix "
        f"products; {facts['date']}. Commits of the jobs: {facts['commit']}. Python "
        f"{computer['python']}, {used}."
    )


def _findings(folder: Path) -> Iterator[str]:
    """Time, verdicts and the paper's own figures: the README's block."""
    claims = rows.recorded(folder)
    yield from (_made(folder), "", f"**Claims:** {words.tally(claims)}. Each of them, and every")
    yield f"figure with how to read it: [{folder}]({folder}/README.md)."
    for picture in _pictures(folder):
        title, *more = picture.with_suffix(".md").read_text("utf-8").split("\n\n")
        read = [paragraph.strip() for paragraph in more if paragraph.startswith("**How to read it")]
        yield from ("", f"![{picture.stem}]({picture.as_posix()})", "", " ".join([title, *read]))


def _shown() -> list[str]:
    """Figures that the README shows, in this order: what the slices ask for, each name once."""
    return [*dict.fromkeys(name for folder in _claims() for name in outline(folder).readme)]


def _pictures(folder: Path) -> Iterator[Path]:
    """The README's pictures of a run: of a data set in two sizes, `mnist` and `mnist_1000`, the
    first."""
    for figure in _shown():
        found = sorted(folder.glob(f"{figure}_*.png"))
        yield from (
            path
            for path in found
            if not any(path.stem.startswith(f"{shorter.stem}_") for shorter in found)
        )


def page(run: str) -> str:
    """A recorded run as a page: every decided claim, and every figure with its caption."""
    folder = FOLDER / run
    claims = rows.recorded(folder)
    decided = [
        row
        | {"says": _statement(row), "found": words.measured(row)}
        | {"expected": words.expected(row), "verdict": words.verdict(row)}
        for row in claims
        if row["verdict"] != "not run"
    ]
    columns = {
        "id": "claim", "place": "where in the source", "says": "what it says",
        "expected": "expected", "found": "measured", "verdict": "verdict",
    }  # fmt: skip
    lines = [f"# Run {run}", "", "<!-- Written by `make reference`. -->", "", _made(folder), ""]
    lines += [f"**Claims:** {words.tally(claims)}.", "", "## Every claim that this run decides", ""]
    lines += _table(list(columns.values()), [[row[key] for key in columns] for row in decided])
    lines += ["", "## Figures"]
    for picture in sorted(folder.glob("*.png")):
        caption = picture.with_suffix(".md").read_text().strip()
        lines += ["", f"![{picture.stem}]({picture.name})", "", caption]
    return "\n".join(lines) + "\n"


def _commands(folder: Path) -> Iterator[str]:
    """What each claim costs and where to look: ARTIFACT.md's block."""
    document = json.loads((folder / "report.json").read_text("utf-8"))
    measured = {row["id"]: words.measured(row) for row in rows.recorded(folder)}
    listed = []
    for row in document["claims"]:
        if row["verdict"] != "not run":
            figure = Path(row["figure"]).stem if row["figure"] else "the row itself"
            minutes = "" if row["seconds"] is None else f"{row['seconds'] / 60:.1f}"
            memory = "" if row["mb"] is None else f"{row['mb'] / 1000:.1f}"
            found = (words.expected(row), measured[row["id"]], words.verdict(row))
            read = row["how_to_read"] + (f" (Where: {row['where']}.)" if row["where"] else "")
            what = (row["id"], _statement(row), minutes, memory, figure, read)
            listed.append((*what, *found))
    yield from (_made(folder), "")
    yield f"To compute one alone: `make claim RUN={folder.name} ID=…`."
    yield ""
    yield from _table(
        ("claim", "what it says", "minutes", "GB", "look at", "for", "expected", "measured",
         "verdict"), listed
    )  # fmt: skip


# A table of claims, as all recorded runs decide them, between two marks; the first lists their ids,
# with a plus for those whose "where" is shown too.
ROWS = re.compile(r"<!-- rows ([\w+ ]+) -->.*?<!-- end of rows -->", re.DOTALL)


def with_rows(text: str) -> str:
    """A document with its tables of claims written from the recorded runs."""
    runs = sorted(path.parent.name for path in FOLDER.glob("*/claims.json"))
    recorded = {run: {row["id"]: row for row in rows.recorded(FOLDER / run)} for run in runs}

    def table(place: re.Match[str]) -> str:
        listed = []
        for marked in place[1].split():
            id = marked.removesuffix("+")
            found = [recorded[run].get(id) for run in runs]
            known = [row for row in found if row]
            said = [words.expected(row) for row in known if row["verdict"] != "not run"]
            expected = " / ".join(dict.fromkeys(said or [words.expected(row) for row in known]))
            what = _statement(known[0]) if known else ""
            decided = [_decided(row, where=marked != id) for row in found]
            listed.append((id, what, expected, *decided))
        lines = _table(("claim", "what it says", "expected", *runs), listed)
        return "\n".join([f"<!-- rows {place[1]} -->", "", *lines, "", "<!-- end of rows -->"])

    return ROWS.sub(table, text)


def _decided(row: dict[str, Any] | None, *, where: bool = False) -> str:
    """A claim in one run: verdict and measured figure, and where it was measured."""
    if row is None:
        return "not recorded"
    measured = f": {words.measured(row)}" if row["measured"] else ""
    place = f" ({row['where']})" if where and row["where"] else ""
    return f"{words.verdict(row)}{measured}{place}"


def _statement(row: dict[str, Any]) -> str:
    """A claim's statement; in a table a bar would end the cell, so its formulas name theirs."""
    return row["statement"].replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def _table(head: Sequence[str], listed: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for cells in listed:
        yield f"| {' | '.join(cells)} |"
