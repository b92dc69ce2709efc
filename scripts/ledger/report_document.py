"""All that a run's page is made of, as `assemble` wrote it to report.json, read and checked."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from overparam.errors import Refusal
from scripts.ledger.verdicts import VERDICTS


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Source(_Part):
    """A paper or talk that claims come from."""

    title: str
    authors: str | list[str]
    year: int | str
    link: str | None = None
    also: str | None = None

    @field_validator("link")
    @classmethod
    def _leads_to_the_web(cls, link: str | None) -> str | None:
        # Anything else might run as a program when it is clicked.
        if link and not link.startswith(("https://", "http://")):
            raise ValueError("a link that starts with https://")
        return link

    @property
    def short(self) -> str:
        """As one cites it: Arora et al. 2019."""
        first, *more = self.names.split(", ")
        return f"{first.split()[-1]}{' et al.' if more else ''} {self.year}"

    @property
    def names(self) -> str:
        """All authors as one text."""
        return self.authors if isinstance(self.authors, str) else ", ".join(self.authors)


class Provenance(_Part):
    """What made the run: commits, days, versions and computers of its jobs; its seed."""

    commit: str
    date: str
    versions: dict[str, str]
    computer: dict[str, Any]
    seed: int


class Claim(_Part):
    """One row: what is claimed, what was expected, what was measured, the verdict."""

    # A capital first: the report's own anchors have none.
    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9_.-]*$")
    source: str
    group: str
    place: str
    statement: str
    metric: str | None = None
    unit: str | None = None
    where: str | None = None
    expected: str
    first_expected: str | None = None
    changed_because: str | None = None
    after: str | None = None
    because: str | None = None
    measured: str | None = None
    value: Any = None
    spread: str | None = None
    n_seeds: int | None = None
    verdict: str
    why: str | None = None
    known_since: str | None = None
    corrected: str | None = None
    printed: str | None = None
    figure: str | None = None
    how_to_read: str | None = None
    headline: bool = False
    seconds: float | None = None

    @field_validator("verdict")
    @classmethod
    def _is_known(cls, verdict: str) -> str:
        if verdict not in VERDICTS:
            raise ValueError(f"one of {', '.join(VERDICTS)}")
        return verdict


class Ledger(_Part):
    """A run's claims, their sources, and what made them."""

    run: str
    data: list[str] = []
    """What it was run on, a problem each."""
    notes: list[str] = []
    """What a reader should know of these data."""
    cost: str = ""
    source: dict[str, Source]
    provenance: Provenance
    claims: list[Claim]


def load(path: str | Path) -> Ledger:
    """Read a report.json; Refusal with one line per mistake: where, what was found, expected."""
    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except ValueError as problem:
        raise Refusal(f"{path}: found {problem}, expected JSON: assemble it again") from None
    try:
        ledger = Ledger.model_validate(content)
    except ValidationError as problem:
        lines = [_line(content, error) for error in problem.errors()]
        raise Refusal("\n".join([f"{path}:", *lines])) from None
    mistakes = _mistakes(ledger)
    if mistakes:
        raise Refusal("\n".join([f"{path}:", *mistakes]))
    return ledger


def _line(content: Any, error: dict[str, Any]) -> str:
    """One mistake in words; a claim is named by its id, not by its place in the list."""
    place = list(error["loc"])
    if place[:1] == ["claims"] and len(place) > 1:
        row = content["claims"][place[1]]
        name = row.get("id") if isinstance(row, dict) else None
        place[:2] = [f"claim {name or f'number {place[1] + 1}'}"]
    key = ": ".join(str(part) for part in place) or "(whole)"
    if error["type"] == "missing":
        return f"  {key}: missing, expected a value"
    expected = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    return f"  {key}: found {error['input']!r}, expected {expected}"


def _mistakes(ledger: Ledger) -> list[str]:
    """Names that are taken twice, or that nothing answers to."""
    known, found = set(), []
    for claim in ledger.claims:
        if claim.id in known:
            found.append(f"  claim {claim.id}: found twice, expected each id once")
        known.add(claim.id)
    for claim in ledger.claims:
        if claim.source not in ledger.source:
            known_sources = ", ".join(ledger.source) or "none"
            found.append(
                f"  claim {claim.id}: source: found {claim.source!r}, expected one of the sources "
                f"given: {known_sources}"
            )
        if claim.corrected is not None and claim.corrected not in known:
            found.append(
                f"  claim {claim.id}: corrected: found {claim.corrected!r}, expected the id of a "
                "claim"
            )
    return found
