"""The figures of a report: each picture once, numbered, with its caption."""

import base64
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from overparam.errors import Refusal
from scripts.ledger.report_document import Claim

SVG = "{http://www.w3.org/2000/svg}svg"


class Picture(NamedTuple):
    """One figure: its number, where it lies, its caption, and the claims that it shows."""

    number: int
    path: str
    uri: str
    width: float
    height: float
    title: str  # the caption's first paragraph
    caption: list[str]  # its other paragraphs
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
    """All figures by path: those that claims name, in the order in which they are named first,
    then the others.

    `figures` and `captions` are the files that may be read; Refusal if a claim names another.
    """
    drawn, told = ({_key(path): path for path in given} for given in (figures, captions))
    named: dict[str, list[str]] = {}
    for claim in claims:
        if claim.figure is not None:
            key = _key(claim.figure)
            if key not in drawn:
                raise Refusal(
                    f"claim {claim.id}: its figure {key} was not given, expected --figure {key}: "
                    "draw it first, or correct its name in the claim"
                )
            named.setdefault(key, []).append(claim.id)
    named |= {key: [] for key in sorted(drawn) if key not in named}
    return {
        key: picture(number, drawn[key], told.get(PurePath(key).with_suffix(".md").as_posix()), ids)
        for number, (key, ids) in enumerate(named.items(), start=1)
    }


def _key(path: str) -> str:
    return PurePath(path).as_posix()


def picture(number: int, path: str, caption: str | None, claims: Sequence[str] = ()) -> Picture:
    """A figure, called after its file if it has no caption."""
    uri, width, height = _read(path)
    name = PurePath(path).stem.replace("_", " ")
    text = Path(caption).read_text("utf-8") if caption else f"**{name[:1].upper()}{name[1:]}**"
    title, *rest = re.split(r"\n\s*\n", text.strip())
    return Picture(number, _key(path), uri, width, height, title, rest, list(claims))


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
