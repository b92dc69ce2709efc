"""Recorded runs: what is copied from a finished one, and the README's block about it."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from overparam.errors import Refusal
from overparam.house import files
from overparam.house.fingerprint import fingerprint
from scripts.ledger import rows, timings, words

FOLDER = Path("reference/runs")


def record(run: str) -> None:
    """Copy a run's small results, and write its times and provenance."""
    results = Path("results", run)
    rows.recorded(results)  # refuses a run that is not finished
    jobs = timings.jobs(run)
    folder = FOLDER / f".{run}"  # replaces an older record once it is whole
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("claims.csv", "claims.json", "report.json", "summary.csv"):
        shutil.copy(results / name, folder)
    for picture in sorted(Path("figures", run).rglob("*.png")):
        shutil.copy(picture, folder)
        shutil.copy(picture.with_suffix(".md"), folder)
    files.save_table(folder / "timings.csv", timings.by_program(jobs).round(1))
    sidecar = json.loads((results / "collect.json").read_text())
    computer = {key: value for key, value in sidecar["computer"].items() if key != "host"}
    facts = {"commit": sidecar["commit"], "computer": computer} | {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "minutes": round(timings.busy(jobs) / 60, 1),
        "minutes_of_all_jobs": round(jobs.seconds.sum() / 60, 1),
        "jobs": len(jobs),
        "gflops_per_core": round(_rate()),
        # By program, so that a test can say which recorded runs are older than the code.
        "code": dict(sorted(zip(jobs.program, jobs.code, strict=True))),
    }
    files.save_json(folder / "provenance.json", facts)
    shutil.rmtree(FOLDER / run, ignore_errors=True)
    folder.rename(FOLDER / run)


def outdated(run: str) -> list[str]:
    """Programs whose code has changed since a run was recorded."""
    recorded = json.loads((FOLDER / run / "provenance.json").read_text())["code"]
    paths = {program: f"scripts/{program}.py" for program in recorded}
    return [
        program
        for program, path in paths.items()
        if not Path(path).is_file() or fingerprint(path) != recorded[program]
    ]


def _rate() -> float:
    """The computer's float32 matrix-product rate with one thread, in GFLOP/s."""
    from bench.rates import torch_rate

    return torch_rate()


# The documents that show a recorded run, each with a block of its own between two marks.
DOCUMENTS = ("README.md", "ARTIFACT.md")


def shown(name: str, text: str, run: str) -> str:
    """A document with its block about a run written from the recorded files."""
    block = {"README.md": _findings, "ARTIFACT.md": _commands}[name]
    begin, end = _marks(run)
    written = "\n".join([begin, "", *block(FOLDER / run), "", end])
    return _place(text, run).sub(lambda _: written, text)


def check_place(name: str, text: str, run: str) -> None:
    """Refuse a document that has no place for a run."""
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
    computer = facts["computer"]
    return (
        f"{facts['jobs']} jobs took {facts['minutes']:g} minutes ({facts['minutes_of_all_jobs']:g} "
        f"minutes of work) on {computer['cores']} cores, {computer['processor']}, each worth "
        f"{facts['gflops_per_core']} GFLOP/s of float32 matrix products; {facts['date']}, commit "
        f"`{facts['commit']}`."
    )


def _findings(folder: Path) -> Iterator[str]:
    """Time, figures and decided claims: the README's block."""
    claims = rows.recorded(folder)
    yield from (_made(folder), "", f"**Claims:** {words.tally(claims)}.")
    for picture in sorted(folder.glob("*.png")):
        caption = picture.with_suffix(".md").read_text().strip()
        title, _, rest = caption.partition("\n")
        image = f"![{picture.stem}]({picture.as_posix()})"
        # The paper's own figures lie open, the others behind their titles.
        if picture.stem.startswith(("figure", "equation")):
            yield from ("", image, "", title)
            yield from ("", "<details><summary>How to read it</summary>", rest, "", "</details>")
        else:
            heading = title.replace("**", "")
            yield from ("", f"<details><summary>{heading}</summary>", "", image, rest, "")
            yield "</details>"
    yield from ("", "<details><summary>Every claim that this run decides</summary>", "")
    yield from (
        "| claim | where in the source | expected | measured | verdict |",
        "|---|---|---|---|---|",
    )
    for row in claims:
        if row["verdict"] != "not run":
            cells = (row["id"], row["place"], row["expected"], words.measured(row), row["verdict"])
            yield f"| {' | '.join(cells)} |"
    yield from ("", "</details>")


def _commands(folder: Path) -> Iterator[str]:
    """What each claim costs and where to look: ARTIFACT.md's block."""
    document = json.loads((folder / "report.json").read_text("utf-8"))
    yield from (_made(folder), "")
    yield "| claim | minutes | GB | verdict | look at | what counts as agreement |"
    yield "|---|---|---|---|---|---|"
    for row in document["claims"]:
        if row["verdict"] != "not run":
            figure = Path(row["figure"]).stem if row["figure"] else "the row itself"
            minutes = "" if row["seconds"] is None else f"{row['seconds'] / 60:.1f}"
            memory = "" if row["mb"] is None else f"{row['mb'] / 1000:.1f}"
            cells = (row["id"], minutes, memory, row["verdict"], figure, row["how_to_read"])
            yield f"| {' | '.join(cells)} |"
