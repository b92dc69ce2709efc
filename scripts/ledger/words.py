"""Claims in words, for a terminal and for the documents of recorded runs."""

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.claims import VERDICTS
from pipeline.signs import RAISED
from scripts.ledger import html_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ACCENTS = {"^": "\u0302", "~": "\u0303", "˙": "\u0307"}
RELATIONS = {*"=≠≈<>≤≥∼→∈±"}
# Names, such as arccos, and low indices stand apart from a letter that follows.
NAMED = re.compile(r"\b[a-z]{3,}[₀-₉]?$|_[A-Za-z]+$|\^\w$")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain(text: str) -> str:
    """A text as a terminal shows it: formulas in Unicode, no marks."""

    def shown(mark: re.Match[str]) -> str:
        if mark["math"] is None:
            return mark["strong"] or mark["code"]
        return re.sub(" +", " ", _flat(html_text.tree(mark["math"], text))).strip()

    return html_text.MARKS.sub(shown, text)


def _flat(element: "Element") -> str:
    """A formula's elements on one line."""
    parts = [_flat(part) for part in element]
    kind = element.tag
    if kind == "mfrac":
        return "/".join(map(_grouped, parts)) + " "
    if kind == "msqrt":
        return "√" + _grouped("".join(parts))
    if kind == "mover":
        return parts[0] + ACCENTS.get(parts[1], parts[1])
    if kind in ("msub", "munder", "msubsup", "munderover"):
        parts[1] = _moved("_", parts[1], LOWERED)
    if kind in ("msup", "msubsup", "munderover"):
        parts[-1] = _moved("^", parts[-1], RAISED)
    if parts[2:] == ["^∞"] and kind == "msubsup":  # the limit's name ends there
        parts[1:] = reversed(parts[1:])
    text = element.text or ""
    for part in parts:
        text += " " + part if kind == "mrow" and NAMED.search(text) and part[:1].isalnum() else part
    if kind == "mspace" or text in RELATIONS:
        return f" {text} "
    return ", " if text == "," else text


def _moved(mark: str, text: str, table: dict[int, int]) -> str:
    small = text.translate(table)
    if all(ord(letter) in table for letter in text):
        return small
    return f"{mark}({text})" if mark == "^" and len(text) > 1 else mark + _grouped(text)


def _grouped(text: str) -> str:
    return text if text.isalnum() or len(text) == 1 else f"({text})"


def row(claim: Mapping[str, Any]) -> str:
    """One claim, a paragraph."""
    said = [claim["statement"], f"place: {claim['place']}"]
    said += [f"expected: {claim['expected']} ({claim['because']})"]
    if claim.get("after"):
        said += [f"written after: {claim['after']}"]
    if claim["measured"]:
        said += [f"measured: {measured(claim)}"]
        said += [f"where: {claim['where']}"] if claim["where"] else []
    if claim["why"]:
        said += [f"why: {claim['why']}"]
    if claim["figure"]:
        said += [f"figure: {claim['figure']}"]
    said += [f"how to read it: {claim['how_to_read']}"]
    return "\n".join(["", f"{claim['id']}  {verdict(claim)}", *map(_indented, said), ""])


def _indented(line: str) -> str:
    return textwrap.fill(plain(line), 96, initial_indent="  ", subsequent_indent="    ")


def table(claims: Sequence[Mapping[str, Any]]) -> str:
    """All claims, a line each."""
    ids = max([6, *(len(claim["id"]) for claim in claims)])
    lines = [f"{'claim':<{ids}} {'verdict':<10} {'expected':<34} measured"]
    for claim in claims:
        what = measured(claim) if claim["measured"] else claim["why"]
        line = f"{claim['id']:<{ids}} {claim['verdict']:<10} {expected(claim):<34} {what}"
        lines.append(
            line + (f" [known since {claim['known_since']}]" if claim.get("known_since") else "")
        )
    return plain("\n".join(lines))


def brief(claims: Sequence[Mapping[str, Any]], run: str) -> str:
    """Claims in three or four lines each: verdict, statement, numbers, figure; ids alone of those
    that the run does not decide."""
    lines = []
    for claim in claims:
        if claim["verdict"] != "not run":
            found = f"measured: {measured(claim)}; expected {expected(claim)}"
            picture = f"figures/{run}/{claim['slice']}/{claim['figure']}.png"
            lines += [
                f"{claim['id']}  {verdict(claim)}",
                *map(_indented, (claim["statement"], found)),
            ]
            lines += [f"  figure: {picture}"] if claim["figure"] else []
    not_run = [claim["id"] for claim in claims if claim["verdict"] == "not run"]
    return "\n".join([*lines, *([f"not run here: {', '.join(not_run)}"] if not_run else [])])


def verdict(claim: Mapping[str, Any]) -> str:
    """A claim's verdict, and since when a miss is known; older recorded rows do not say that."""
    since = claim.get("known_since")
    return f"{claim['verdict']} (known since {since})" if since else claim["verdict"]


def expected(claim: Mapping[str, Any]) -> str:
    """What was expected, marked where it was written after something had been measured."""
    return claim["expected"] + (" (written after)" if claim.get("after") else "")


def tally(claims: Sequence[Mapping[str, Any]]) -> str:
    """How many claims have which verdict."""
    counts = Counter(claim["verdict"] for claim in claims)
    known = sum(bool(claim["known_miss"]) for claim in claims if claim["verdict"] == "missed")
    said = {word: f"{counts[word]} {word}" for word in VERDICTS if counts[word]}
    if known:
        said["missed"] += " (known)" if known == counts["missed"] else f" ({known} of them known)"
    return ", ".join(said.values())


def measured(claim: Mapping[str, Any]) -> str:
    """What was measured, with its spread and number of seeds."""
    beside = [claim["spread"], f"{claim['n_seeds']} seeds" if claim["n_seeds"] else ""]
    listed = "; ".join(detail for detail in beside if detail)
    return f"{claim['measured']} ({listed})" if listed else claim["measured"]


def cited(source: Mapping[str, Any]) -> str:
    """A paper as a text cites it: Arora et al. 2019."""
    first, *others = source["authors"].split(", ")
    return f"{first.split()[-1]}{' et al.' * bool(others)} {source['year']}"


def placed(source: Mapping[str, Any], place: str) -> str:
    """A place with the text that it is in: Arora et al. 2019, eq. (8)."""
    for beginning, text in source["cited"].items():
        if place.startswith(beginning):
            return text + place.removeprefix(beginning)
    return f"{cited(source)}, {place}"
