"""What Snakemake hands to the functions of rules."""

from typing import Protocol


class Wildcards(Protocol):
    """A job's wildcards by name; a rule has those that its outputs name."""

    problem: str
    """Name of a problem."""
    set: str
    """Folder of a prepared set."""
    id: str
    """A claim."""
    word: str
    """A target that nobody knows."""
