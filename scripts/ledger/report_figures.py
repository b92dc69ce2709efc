"""The figures of a report: each picture once, numbered, with what its caption says."""

import base64
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from overparam.errors import Refusal
from scripts.ledger.report_document import Claim

SVG = "{http://www.w3.org/2000/svg}svg"
HOW = "**How to read it.**"


class Picture(NamedTuple):
    """One figure: its number, where it lies, its caption, and the claims that it shows."""

    number: int
    path: str
    uri: str
    width: float
    height: float
    title: str  # the caption's first paragraph
    caption: list[str]  # its other paragraphs
    reading: dict[str, list[str]]  # each way to read it, and the claims that say so
    claims: list[str]

    @property
    def anchor(self) -> str:
        """Its id in the page."""
        return f"figure-{self.number}"

    @property
    def heard(self) -> str:
        """The title without marks, for those who hear it."""
        return re.sub(r"\*\*|[$`]", "", self.title)

    @property
    def name(self) -> str:
        """What the title has in bold, such as `Figure 2, digits`."""
        bold = re.match(r"\*\*(.+?)\*\*", self.title)
        return bold[1] if bold else self.heard


def pictures(
    claims: Sequence[Claim], figures: Iterable[str], captions: Iterable[str]
) -> dict[str, Picture]:
    """The figures that claims name, by path, in the order in which they are named first.

    `figures` and `captions` are the files that may be read; Refusal if a claim names another.
    """
    drawn, told = ({_key(path): path for path in given} for given in (figures, captions))
    named: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.figure is not None:
            named.setdefault(_key(claim.figure), []).append(claim)
    return {
        key: _picture(number, key, owners, drawn, told)
        for number, (key, owners) in enumerate(named.items(), start=1)
    }


def _key(path: str) -> str:
    return PurePath(path).as_posix()


def _picture(
    number: int, key: str, owners: list[Claim], drawn: dict[str, str], told: dict[str, str]
) -> Picture:
    uri, width, height = _read(_given(key, drawn, "figure", owners[0]))
    reading: dict[str, list[str]] = {}
    for claim in owners:
        if claim.how_to_read:
            reading.setdefault(claim.how_to_read.strip(), []).append(claim.id)
    captions = [claim.caption for claim in owners if claim.caption]
    name = PurePath(key).stem.replace("_", " ")
    paragraphs = [f"**{name[:1].upper()}{name[1:]}**"]
    if captions:
        text = Path(_given(_key(captions[0]), told, "caption", owners[0])).read_text("utf-8")
        paragraphs = re.split(r"\n\s*\n", text.strip())
    # What the claims say themselves is not said twice.
    rest = [
        paragraph
        for paragraph in paragraphs[1:]
        if paragraph.removeprefix(HOW).strip() not in reading
    ]
    return Picture(
        number, key, uri, width, height, paragraphs[0], rest, reading,
        [claim.id for claim in owners],
    )  # fmt: skip


def _given(key: str, files: dict[str, str], kind: str, claim: Claim) -> str:
    if key not in files:
        raise Refusal(
            f"claim {claim.id}: its {kind} {key} was not given, expected --{kind} {key}: "
            "draw it first, or mend its name in the claim"
        )
    return files[key]


def _read(path: str) -> tuple[str, float, float]:
    """An SVG file as a data URI, which can neither run nor load anything, and its size."""
    from xml.etree import ElementTree

    content = Path(path).read_bytes()
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as problem:
        raise Refusal(f"{path}: found {problem}, expected an SVG picture: draw it again") from None
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if root.tag != SVG or len(box) != 4:
        raise Refusal(
            f"{path}: found <{root.tag.rpartition('}')[2]}>, expected an SVG picture with a "
            "viewBox: draw it again"
        )
    uri = f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"
    return uri, float(box[2]), float(box[3])
