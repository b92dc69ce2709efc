"""The numbers that figures are told for their captions, held against the jobs that they draw."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from pipeline.experiment import Experiment
from tests.workflow.plans import Plan, Planned
from workflow.settings.run import MODELS

NUMBER = re.compile(
    r"(?:([^\s=(]+) = )?(?<![\w.])(\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.]*\w)(/λ_max)?"
)
# Letters of the sources, with the options that they stand for; captions have no others.
LETTERS = {
    "n": ("n", "points", "train-n", "sizes"),
    "m": ("width", "m"),
    "h": ("h",),
    "η": ("eta",),
    "κ": ("kappa",),
    "p": ("portion", "labels"),
    "L": ("depth", "depths"),
    "d": ("d",),
    "c₁": ("c1",),
    "c₂": ("c2",),
}


# A caption has no more words than that, a formula's symbols counted where spaces part them …
MOST = 90
# … of which so many are left to what the figure says itself.
OWN = 35


class Fact(NamedTuple):
    """A number in a caption's words: its letter, and whether it is a multiple of 1/λ_max."""

    letter: str
    value: float
    scaled: bool


def facts(words: str) -> list[Fact]:
    """The numbers in some words, but for those that are part of a name."""
    found = NUMBER.findall(words)
    return [Fact(letter, float(number), bool(unit)) for letter, number, unit in found]


def told(job: Planned) -> list[tuple[str, str]]:
    """What a figure is told of its settings, by option; nothing if the job draws none."""
    drawn = drawn_by(job)
    if drawn is None:
        return []
    said = {"about", *(each.rstrip("*?").replace("_", "-") for each in drawn.says)}
    # A way to start has a name before its words: small=κ = 0.01, plain.
    return [(key, re.sub(r"^\w+=", "", words)) for key, words in job.options if key in said]


def length(job: Planned) -> int:
    """How many words of a figure's caption it is told: what was run, and how it is read."""
    said = [words for key in ("about", "training", "how-to-read") for words in job.told(key)]
    return len(" ".join(said).split())


def drawn_by(job: Planned) -> type[Experiment] | None:
    """The experiment whose figure a job draws."""
    slice, _, program = job.program.partition(".")
    classes = MODELS[slice].classes if slice in MODELS else {}
    return classes.get(program.removeprefix("plot_")) if "caption" in job.outputs else None


def wrong(plan: Plan, job: Planned) -> Iterator[tuple[str, Fact]]:
    """The numbers that a figure is told and that no job behind it was told: words and number."""
    behind = plan.behind(job)
    for _, words in told(job):
        for fact in facts(words):
            if not is_set(fact, behind):
                yield words, fact


def is_set(fact: Fact, jobs: list[Planned]) -> bool:
    """Whether a job has that setting, under its letter if it has one."""
    names = LETTERS.get(fact.letter, ())
    return any(
        f"{value:g}" == f"{fact.value:g}" and agrees(fact, job)
        for job in jobs
        for name, value in numbers(job)
        if not fact.letter or name in names
    )


def agrees(fact: Fact, job: Planned) -> bool:
    """Whether a learning rate is in the unit that the caption gives it."""
    return fact.letter != "η" or (job.told("eta-unit") == ["1/lambda_max"]) == fact.scaled


def numbers(job: Planned) -> Iterator[tuple[str, float]]:
    """The numbers among a job's settings, by option."""
    files = {name.replace("_", "-") for name in (*job.inputs, *job.outputs)}
    for name, value in job.options:
        if name not in files:
            with suppress(ValueError):
                yield name, float(re.sub(r"^[a-z]+(?=\d)", "", value))  # noise0.2
