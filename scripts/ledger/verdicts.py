"""What a check can come to."""

from typing import NamedTuple


class Verdict(NamedTuple):
    """What a check came to: its name, a symbol that needs no colour, and what it means."""

    name: str
    symbol: str
    meaning: str

    @property
    def slug(self) -> str:
        """The name as one word."""
        return self.name.replace(" ", "-")


VERDICTS = {
    verdict.name: verdict
    for verdict in (
        Verdict("reproduced", "≈", "a published number, met within its tolerance"),
        Verdict("holds", "✓", "an inequality, exponent or ordering, seen as stated"),
        Verdict("reported", "•", "measured, with nothing to hold it against"),
        Verdict("vacuous", "∅", "true, but the bound says nothing at this size"),
        Verdict("refuted", "≠", "false as printed; the corrected form has a row of its own"),
        Verdict("missed", "✗", "what we expected did not come out"),
        Verdict("not run", "–", "not decided in this run; the row says why"),
    )
}
