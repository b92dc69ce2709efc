"""Claims: what a source says, what is measured for it, what was expected, and the verdict.

A claim is an entry of `config/claims/<slice>.yaml`, written before anything runs. An expectation is
one of a closed set of kinds, each a pure function of a measured figure.
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
Met = Literal["reproduced", "holds", "vacuous", "refuted", "reported"]
MET = get_args(Met)
VERDICTS = (*MET, "missed", "not run")


class Expectation(Strict):
    """What a figure is held to."""

    over: Literal["value", "every"] = "value"
    """The figure's value, or each seed's own."""

    def met(self, figure: Figure) -> bool:
        """Whether a measured figure is as expected; one that is not finite never is."""
        seeds = figure["per_seed"] if self.over == "every" else None
        values = [figure["value"]] if seeds is None else seeds
        return bool(values) and all(one is not None and self.holds(one) for one in values)

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
    within: Annotated[float, Field(ge=0)]

    def holds(self, value: float | Sequence[float]) -> bool:
        found, wanted = _series(value), _series(self.value)
        return len(found) == len(wanted) and all(
            abs(one - other) <= self.within for one, other in zip(found, wanted, strict=True)
        )

    def said(self) -> str:
        listed = ", ".join(f"{one:.6g}" for one in _series(self.value))
        return f"{listed} within {self.within:.3g}"


class Ordered(Expectation):
    """A series that rises, or falls, from each value to the next."""

    kind: Literal["ordered"]
    direction: Literal["up", "down"]

    def holds(self, value: Sequence[float]) -> bool:
        steps = [after - before for before, after in pairwise(value)]
        sign = 1 if self.direction == "up" else -1
        return bool(steps) and all(sign * step > 0 for step in steps)

    def said(self) -> str:
        return "rises throughout" if self.direction == "up" else "falls throughout"


class Reported(Expectation):
    """Nothing to hold it against."""

    kind: Literal["reported"]

    def holds(self, value: Any) -> bool:
        return True

    def said(self) -> str:
        return "reported"


AnyExpectation = Annotated[
    Interval | SlopeIn | AtMost | AtLeast | Equal | Ordered | Reported,
    Field(discriminator="kind"),
]


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
    """Why a claim is known to be missed; it stays visibly missed."""

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
    known_miss: KnownMiss | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Claim":
        met = {self.met} | {check.met for check in self.checks.values()}
        if ("refuted" in met) != (self.corrected is not None):
            raise ValueError("'corrected' is given with 'met: refuted', and only then")
        if (self.first_expected is None) != (self.changed_because is None):
            raise ValueError("'first_expected' and 'changed_because' are given together or not")
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
    if claim.expectation(run).met(figure):
        return Verdict(claim.word(run))
    return Verdict("missed", claim.known_miss.why if claim.known_miss else "")


def verdicts(claims: Claims, run: str, figures: Mapping[str, Figure | None]) -> dict[str, Verdict]:
    """Every claim's verdict; what is printed is refuted only where its corrected form holds.

    figures: by id, the measured figure, or None if the run does not compute it.
    """
    found = {id: verdict(claim, run, figures.get(id)) for id, claim in claims.claims.items()}
    for id, claim in claims.claims.items():
        other = found[claim.corrected].word if claim.corrected else "holds"
        if found[id].word == "refuted" and other not in ("holds", "reproduced"):
            found[id] = Verdict("missed", f"its corrected form {claim.corrected} reads {other}")
    return found
