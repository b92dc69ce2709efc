"""The ledger in words, for a terminal and for the documents of recorded runs."""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.claims import VERDICTS


def row(claim: Mapping[str, Any]) -> str:
    """One claim, a paragraph."""
    said = [f"{claim['id']}  {verdict(claim)}", claim["statement"], f"place: {claim['place']}"]
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
    head, *rest = said
    lines = [
        textwrap.fill(line, 96, initial_indent="  ", subsequent_indent="    ") for line in rest
    ]
    return "\n".join(["", head, *lines, ""])


def table(claims: Sequence[Mapping[str, Any]]) -> str:
    """All claims, a line each."""
    lines = [f"{'claim':<6} {'verdict':<10} {'expected':<34} measured"]
    for claim in claims:
        what = measured(claim) if claim["measured"] else claim["why"]
        line = f"{claim['id']:<6} {claim['verdict']:<10} {expected(claim):<34} {what}"
        lines.append(
            line + (f" [known since {claim['known_since']}]" if claim.get("known_since") else "")
        )
    return "\n".join(lines)


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
