"""What the documents show of sources and of recorded runs, written from their files."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline import claims as claimed
from pipeline.claims import Claim, Source
from scripts.ledger import rows, words
from scripts.ledger.recorded_runs import FOLDER

SLICES = Path("scripts")
WIDTH = 520  # pixels of the chart of verdicts, so that the README fits four screens
Rows = dict[str, dict[str, Any]]


def documents() -> dict[str, str]:
    """Every document that shows recorded runs, by its path, as the recorded files have it."""
    written = {name: with_blocks(_read(name)) for name in ("README.md", "ARTIFACT.md")}
    tabled = {str(path): with_rows(_read(path)) for path in slices()}
    return written | tabled | {f"{FOLDER}/{run}/README.md": page(run) for run in _runs()}


def with_blocks(text: str) -> str:
    """A document with what stands between its marks, such as `<!-- runs -->` and
    `<!-- end of runs -->`, written anew."""
    for name, lines in BLOCKS.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if begin in text:
            before, rest = text.split(begin)
            block = "\n".join([begin, "", *lines(), "", end])
            text = before + block + rest.split(end)[1]
    return text


def _sources() -> Iterator[str]:
    """The sources, one for each folder of claims."""
    listed = [(claimed.outline(path).source, path.parent) for path in _claims()]
    for source, slice in sorted(listed, key=lambda each: each[0].id):
        title = f"[*{source.title}*]({source.link})"
        also = f"; also {source.also}" if source.also else ""
        yield f"- {source.authors}, {title}, {source.year}{also}: [{slice}]({slice}/README.md)."


def _recorded() -> Iterator[str]:
    """What recorded runs took and found, and all verdicts of the largest as one chart."""
    listed = []
    for run in _runs():
        facts = _facts(run)
        time = f"{facts['minutes']:g} on {facts['computer']['cores']} cores"
        tally = words.tally(rows.recorded(FOLDER / run))
        listed.append((f"[{run}]({FOLDER}/{run}/README.md)", str(facts["jobs"]), time, tally))
    yield from _table(("run", "jobs", "minutes", "claims"), listed)
    charts = [path for run in _runs() if (path := FOLDER / run / "verdicts.png").is_file()]
    if charts:
        alt = "Every claim's verdict, by theme"
        yield from ("", f'<img src="{charts[-1].as_posix()}" alt="{alt}" width="{WIDTH}">')


def _headlines() -> Iterator[str]:
    """The claims that a reader knows the sources for, in the quickest run that decides each."""
    listed = []
    for source, claims in sorted(map(claimed.read, _claims()), key=lambda read: read[0].id):
        for id, claim in claims.items():
            if claim.headline:
                listed += [_headline(id, claim, source, run) for run in _deciding(id)[:1]]
    head = ("claim", "command", "minutes", "expected", "ours", "figure")
    yield from _table(head, listed)


def _headline(id: str, claim: Claim, source: Source, run: str) -> Sequence[str]:
    row = _rows(run)[id]
    report = json.loads(_read(FOLDER / run / "report.json"))["claims"]
    seconds = next(timed["seconds"] for timed in report if timed["id"] == id)
    picture = f"{FOLDER}/{run}/{row['figure']}.png"
    return (
        f"**{words.placed(source.model_dump(), claim.place)}.** {_in_table(claim.statement)}",
        f"`make claim ID={id}" + ("`" if run == "digits" else f" RUN={run}`"),
        f"{seconds / 60:.1f}" if seconds >= 6 else "< 0.1",
        words.expected(row),
        f"{row['measured']}: {words.verdict(row)}",
        f"[{row['figure']}]({picture})" if row["figure"] else "",
    )


# What a document has between two marks, by their name.
BLOCKS: dict[str, Callable[[], Iterator[str]]] = {
    "sources": _sources,
    "runs": _recorded,
    "headlines": _headlines,
}


def page(run: str) -> str:
    """A recorded run as a page: every figure with its caption, and every decided claim."""
    folder = FOLDER / run
    claims = rows.recorded(folder)
    lines = [f"# Run {run}", "", "<!-- Written by `make reference`. -->", "", _made(run), ""]
    lines += [f"**Claims:** {words.tally(claims)}. As a table: [claims.csv](claims.csv).", ""]
    lines += ["## Figures"]
    pictures = sorted(folder.glob("*.png"), key=lambda path: (path.stem != "verdicts", path.stem))
    for picture in pictures:
        caption = _read(picture.with_suffix(".md")).strip()
        lines += ["", f"![{picture.stem}]({picture.name})", "", caption]
    lines += ["", "## Every claim that this run decides"]
    decided = [row for row in claims if row["verdict"] != "not run"]
    themes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in decided:  # a theme's claims may stand in several files
        themes.setdefault((row["slice"], row["group"]), []).append(row)
    for (_, theme), listed in themes.items():
        lines += ["", f"### {theme}", "", *_claims_of_theme(listed)]
    return "\n".join(lines) + "\n"


def _claims_of_theme(decided: Iterable[dict[str, Any]]) -> Iterator[str]:
    head = ("claim", "where in the source", "what it says", "expected", "measured", "verdict")
    cells = [
        (row["id"], row["place"], _in_table(row["statement"]), words.expected(row),
         words.measured(row), words.verdict(row))
        for row in decided
    ]  # fmt: skip
    return _table(head, cells)


def _made(run: str) -> str:
    """How long a recorded run took, and on what."""
    facts = _facts(run)
    computer, versions = facts["computer"], facts["versions"]
    used = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{facts['jobs']} jobs took {facts['minutes']:g} minutes, pauses between them left out "
        f"({facts['minutes_of_all_jobs']:g} minutes of work), on {computer['cores']} cores, "
        f"{computer['processor']}, each worth {facts['gflops_per_core']} GFLOP/s of float32 matrix "
        f"products; {facts['date']}. Commits of the jobs: {facts['commit']}. Python "
        f"{computer['python']}, {used}."
    )


# A table of claims, as all recorded runs decide them, between two marks; the first lists their ids,
# with a plus for those whose "where" is shown too.
ROWS = re.compile(r"<!-- rows ([\w+ ]+) -->.*?<!-- end of rows -->", re.DOTALL)


def slices() -> list[Path]:
    """The pages of the sources, whose tables of claims show every recorded run."""
    pages = sorted(SLICES.glob("*/README.md"))
    return [path for path in pages if ROWS.search(_read(path))]


def with_rows(text: str) -> str:
    """A document with its tables of claims written from the recorded runs."""
    recorded = {run: _rows(run) for run in _runs()}

    def table(place: re.Match[str]) -> str:
        listed = []
        for marked in place[1].split():
            id = marked.removesuffix("+")
            found = [known.get(id) for known in recorded.values()]
            known = [row for row in found if row]
            said = [words.expected(row) for row in known if row["verdict"] != "not run"]
            expected = " / ".join(dict.fromkeys(said or [words.expected(row) for row in known]))
            what = _in_table(known[0]["statement"]) if known else ""
            decided = [_decided(row, where=marked != id) for row in found]
            listed.append((id, what, expected, *decided))
        lines = _table(("claim", "what it says", "expected", *recorded), listed)
        return "\n".join([f"<!-- rows {place[1]} -->", "", *lines, "", "<!-- end of rows -->"])

    return ROWS.sub(table, text)


def _decided(row: dict[str, Any] | None, *, where: bool = False) -> str:
    """A claim in one run: verdict and measured figure, and where it was measured."""
    if row is None:
        return "not recorded"
    measured = f": {words.measured(row)}" if row["measured"] else ""
    place = f" ({row['where']})" if where and row["where"] else ""
    return f"{words.verdict(row)}{measured}{place}"


def _claims() -> list[Path]:
    """The folders of claims."""
    return sorted(SLICES.glob("*/claims"))


def _runs() -> list[str]:
    """The recorded runs, the quickest first."""
    found = (path.parent.name for path in FOLDER.glob("[!.]*/claims.json"))
    return sorted(found, key=lambda run: (_facts(run)["minutes"], run))


def _deciding(id: str) -> list[str]:
    """The recorded runs that decide a claim."""
    return [run for run in _runs() if _rows(run).get(id, {}).get("verdict", "not run") != "not run"]


def _rows(run: str) -> Rows:
    return {row["id"]: row for row in rows.recorded(FOLDER / run)}


def _facts(run: str) -> dict[str, Any]:
    return json.loads(_read(FOLDER / run / "provenance.json"))


def _read(path: str | Path) -> str:
    return Path(path).read_text("utf-8")


def _in_table(statement: str) -> str:
    """A statement; in a table a bar would end the cell, so its formulas name theirs."""
    # Markdown takes the backslash of a thin space away.
    said = re.sub(r"(?<=\d)\\,(?=\d)", "", statement).replace(r"\,", " ")
    return " ".join(said.replace(r"\|", r"\Vert ").replace("|", r"\vert ").split())


def _table(head: Sequence[str], listed: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for cells in listed:
        yield f"| {' | '.join(cells)} |"
