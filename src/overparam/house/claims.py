"""Claims: what a source says, what is measured for it, what was expected, and the verdict.

A claim is an entry of `config/claims/<slice>.yaml`, written before anything runs, or, where it
looks into what a run found, after it (`after`). An expectation is one of a closed set of kinds,
each a pure function of a measured figure.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

import yaml
from pydantic import Field, model_validator

from overparam.errors import Refusal
from overparam.house.settings import Strict, validate

# A figure as `house/metrics` writes it: value, per_seed, interval, unit, where.
Figure = Mapping[str, Any]
# Ids: the row of the plan, and a letter where a row needs several checks.
Id = Annotated[str, Field(pattern=r"^[A-Z][0-9]+[a-z]?$")]
Distance = Annotated[float, Field(ge=0)]
Met = Literal["reproduced", "holds", "vacuous", "refuted", "reported"]
MET = get_args(Met)
VERDICTS = (*MET, "missed", "not run")


class Expectation(Strict):
    """What a figure is held to."""

    over: Literal["value", "every"] = "value"
    """The figure's value, or each seed's own."""

    def met(self, figure: Figure) -> bool:
        """Whether a measured figure is as expected; one that is not finite never is.

        Raises Refusal for a figure of another shape than this kind can be held against.
        """
        if self.over == "every" and figure["per_seed"] is None:
            raise Refusal(
                "found a figure without one for each seed, expected them (`over: every`): mend the "
                "claim's `over`, or let the job write them"
            )
        values = figure["per_seed"] if self.over == "every" else [figure["value"]]
        shape = self.shape()
        for one in values:
            if one is not None and shape and isinstance(one, list) != (shape == "series"):
                found = "a series" if isinstance(one, list) else "a single number"
                expected = "a series of numbers" if shape == "series" else "one number"
                raise Refusal(
                    f"found {found}, expected {expected}: mend the claim's metric, or the kind of "
                    "its expectation"
                )
        return bool(values) and all(_finite(one) and self.holds(one) for one in values)

    def shape(self) -> Literal["number", "series"] | None:
        """What it can be held against; None if either will do."""
        return "number"

    def holds(self, value: Any) -> bool:
        """Whether one value is as expected."""
        raise NotImplementedError

    def words(self) -> str:
        """The expectation as a table says it."""
        return self.said() + (", every seed" if self.over == "every" else "")

    def said(self) -> str:
        """The same, whatever it is held against."""
        raise NotImplementedError


class _Range(Expectation):
    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    @model_validator(mode="after")
    def _ascending(self) -> "_Range":
        if self.low > self.high:
            raise ValueError(f"low: found {self.low:g}, expected at most high = {self.high:g}")
        return self


class Interval(_Range):
    """Between two numbers, both included."""

    kind: Literal["interval"]

    def said(self) -> str:
        return f"{self.low:.6g} to {self.high:.6g}"


class SlopeIn(_Range):
    """The fitted exponent between two numbers. The figure has to carry a confidence interval, which
    says how sure the exponent is; it may reach out of the range."""

    kind: Literal["slope_in"]

    def met(self, figure: Figure) -> bool:
        return figure.get("interval") is not None and super().met(figure)

    def said(self) -> str:
        return f"fitted exponent {self.low:.6g} to {self.high:.6g}"


class AtMost(Expectation):
    """No more than a number."""

    kind: Literal["at_most"]
    value: float

    def holds(self, value: float) -> bool:
        return value <= self.value

    def said(self) -> str:
        return f"at most {self.value:.6g}"


class AtLeast(Expectation):
    """No less than a number."""

    kind: Literal["at_least"]
    value: float

    def holds(self, value: float) -> bool:
        return value >= self.value

    def said(self) -> str:
        return f"at least {self.value:.6g}"


class Equal(Expectation):
    """A number, or a series of them, within a distance."""

    kind: Literal["equal"]
    value: float | list[float]
    within: Distance | list[Distance]
    """One distance for all, or one for each number of the series."""

    @model_validator(mode="after")
    def _one_distance_each(self) -> "Equal":
        if isinstance(self.within, list) and len(self.within) != len(_series(self.value)):
            raise ValueError(
                f"within: found {len(self.within)} distances, expected one for each of the "
                f"{len(_series(self.value))} values"
            )
        return self

    def shape(self) -> Literal["number", "series"]:
        return "series" if isinstance(self.value, list) else "number"

    def holds(self, value: float | Sequence[float]) -> bool:
        found, wanted = _series(value), _series(self.value)
        near = self.within if isinstance(self.within, list) else [self.within] * len(wanted)
        return len(found) == len(wanted) and all(
            abs(one - other) <= distance
            for one, other, distance in zip(found, wanted, near, strict=True)
        )

    def said(self) -> str:
        listed = ", ".join(f"{one:.6g}" for one in _series(self.value))
        return f"{listed} within {', '.join(f'{one:.3g}' for one in _series(self.within))}"


class Ordered(Expectation):
    """A series that rises, or falls, from each value to the next."""

    kind: Literal["ordered"]
    direction: Literal["up", "down"]
    along: str | None = None
    """Along what, where the series could be of more or less of it."""

    def shape(self) -> Literal["series"]:
        return "series"

    def holds(self, value: Sequence[float]) -> bool:
        steps = [after - before for before, after in pairwise(value)]
        sign = 1 if self.direction == "up" else -1
        return bool(steps) and all(sign * step > 0 for step in steps)

    def said(self) -> str:
        way = "rises" if self.direction == "up" else "falls"
        return f"{way} throughout" + (f", {self.along}" if self.along else "")


class Reported(Expectation):
    """Nothing to hold it against."""

    kind: Literal["reported"]

    def shape(self) -> None:
        return None

    def holds(self, value: Any) -> bool:
        return True

    def said(self) -> str:
        return "reported"


AnyExpectation = Annotated[
    Interval | SlopeIn | AtMost | AtLeast | Equal | Ordered | Reported,
    Field(discriminator="kind"),
]


def _finite(value: float | Sequence[float | None] | None) -> bool:
    """`house/metrics` writes None for a number that is not finite."""
    return None not in value if isinstance(value, list) else value is not None


def _series(value: float | Sequence[float]) -> Sequence[float]:
    return [value] if isinstance(value, (int, float)) else value


class Check(Strict):
    """Where a run measures a claim, and what differs there from the claim's own words."""

    metric: Annotated[str, Field(pattern=r"^\w+/\w+/[\w.]+$")]
    """experiment/problem/key: that key of results/<run>/<slice>/experiment/problem/metrics.json."""
    expected: AnyExpectation | None = None
    because: str | None = None
    met: Met | None = None
    """The verdict if the expectation is met here: a bound may be empty for one data set alone."""
    planned: str | None = None
    figure: str | None = None
    """The figure's file, without its ending, if it is not that of the claim and this problem."""

    @property
    def job(self) -> str:
        """experiment/problem."""
        return self.metric.rpartition("/")[0]

    @property
    def key(self) -> str:
        """The figure's key in its job's metrics.json."""
        return self.metric.rpartition("/")[2]


class KnownMiss(Strict):
    """Why a claim is known to be missed in some runs; it stays visibly missed."""

    runs: Annotated[list[str], Field(min_length=1)]
    """The runs, of its checks: the reason was found in these, and a miss elsewhere is a new one."""
    since: str
    why: str
    docs: str


class Claim(Strict):
    """One statement of a source and its test."""

    group: str
    """Theorem or theme: the heading under which the report lists it."""
    place: str
    """Where in the source."""
    statement: str
    """In our own words; $…$ is LaTeX."""
    checks: Annotated[dict[str, Check], Field(min_length=1)]
    """By run."""
    expected: AnyExpectation
    because: str
    """Where the expectation and its tolerance come from."""
    met: Met
    """The verdict if the expectation is met."""
    figure: str | None = None
    """Name of the figure, without that of the problem."""
    how_to_read: str
    """What to look at, and what counts as agreement."""
    captions: bool = False
    """Whether `how_to_read` stands under the figure as well: nobody else says how to read it."""
    printed: str | None = None
    """What the source prints, where that is wrong."""
    corrected: Id | None = None
    """The claim that holds the corrected form."""
    planned: str | None = None
    """The key of the plan's own pass value: none may be wider without a reason."""
    first_expected: AnyExpectation | None = None
    """The expectation before the first measurement, if it was changed since."""
    changed_because: str | None = None
    after: str | None = None
    """What had been measured when this row was written, if it was not written before all."""
    spread: bool = True
    """Whether the figures of the seeds scatter about the claim's own; they do not where each is
    another quantity, such as a seed's own distance beside that of the mean."""
    known_miss: KnownMiss | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Claim":
        met = {self.met} | {check.met for check in self.checks.values()}
        if ("refuted" in met) != (self.corrected is not None):
            raise ValueError("'corrected' is given with 'met: refuted', and only then")
        if (self.first_expected is None) != (self.changed_because is None):
            raise ValueError("'first_expected' and 'changed_because' are given together or not")
        for run in self.known_miss.runs if self.known_miss else ():
            if run not in self.checks:
                raise ValueError(
                    f"known_miss.runs: found {run}, expected one of {', '.join(self.checks)}"
                )
        words = [(self.met, self.expected)]
        words += [(self.word(run), self.expectation(run)) for run in self.checks]
        if any((word == "reported") != isinstance(one, Reported) for word, one in words):
            raise ValueError("'met: reported' goes with 'kind: reported', and only with it")
        return self

    def word(self, run: str) -> str:
        """The verdict if a run's figure is as expected."""
        return self.checks[run].met or self.met

    def expectation(self, run: str) -> Expectation:
        """What a run's figure is held to."""
        return self.checks[run].expected or self.expected

    def known(self, run: str) -> KnownMiss | None:
        """Why it is known to be missed in a run, if it is."""
        return self.known_miss if self.known_miss and run in self.known_miss.runs else None

    def drawn(self, run: str) -> str | None:
        """The file of the figure that shows it in a run, without its ending."""
        check = self.checks[run]
        named = f"{self.figure}_{check.job.rpartition('/')[2]}" if self.figure else None
        return check.figure or named


class Source(Strict):
    """The paper."""

    id: str
    title: str
    authors: str
    year: int
    link: str


class Claims(Strict):
    """A slice's claims file."""

    source: Source
    claims: dict[Id, Claim]

    @model_validator(mode="after")
    def _corrected_forms_exist(self) -> "Claims":
        for id, claim in self.claims.items():
            if claim.corrected and claim.corrected not in self.claims:
                raise ValueError(
                    f"{id}.corrected: found {claim.corrected}, expected the id of a claim here"
                )
        return self


def read(path: str | Path) -> Claims:
    """A claims file; Refusal names the file and each mistake in it."""
    try:
        values = yaml.load(Path(path).read_text("utf-8"), yaml.CSafeLoader)
        return validate(Claims, values)
    except yaml.YAMLError as problem:
        raise Refusal(f"{path}: found {problem}, expected YAML: mend that line") from None
    except Refusal as problem:
        raise Refusal(f"{path}: {problem}") from None


class Verdict(NamedTuple):
    """A word of VERDICTS, and why where it needs a reason."""

    word: str
    why: str = ""


def verdict(claim: Claim, run: str, figure: Figure | None) -> Verdict:
    """What a run says of a claim, its corrected form left aside.

    figure: the measured figure, or None if the run does not compute it.
    """
    if run not in claim.checks:
        return Verdict("not run", f"checked in {', '.join(claim.checks)}")
    if figure is None:
        return Verdict("not run", f"this run does not compute {claim.checks[run].job}")
    if figure["value"] is None and figure["per_seed"] == []:
        return Verdict("not run", f"nothing to measure it on: {figure['where']}")
    if claim.expectation(run).met(figure):
        return Verdict(claim.word(run))
    known = claim.known(run)
    return Verdict("missed", known.why if known else "")


def verdicts(claims: Claims, run: str, figures: Mapping[str, Figure | None]) -> dict[str, Verdict]:
    """Every claim's verdict; what is printed is refuted only where its corrected form holds.

    figures: by id, the measured figure, or None if the run does not compute it.
    Raises Refusal, which names the claim, for a figure of another shape than it expects.
    """
    found = {}
    for id, claim in claims.claims.items():
        try:
            found[id] = verdict(claim, run, figures.get(id))
        except Refusal as problem:
            raise Refusal(f"{id}: {claim.checks[run].metric}: {problem}") from None
    for id, claim in claims.claims.items():
        other = found[claim.corrected].word if claim.corrected else "holds"
        if found[id].word == "refuted" and other not in ("holds", "reproduced"):
            found[id] = Verdict("missed", f"its corrected form {claim.corrected} reads {other}")
    return found
