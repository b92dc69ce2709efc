"""Expectations: what a measured figure is held to.

One of a closed set of kinds, each a pure function of a figure; a claim (`claims`) names one.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from overparam.errors import Refusal
from pipeline.settings import Strict
from pipeline.signs import RAISED

# A figure as `metrics` writes it: value, per_seed, interval, unit, where.
Figure = Mapping[str, Any]
Distance = Annotated[float, Field(ge=0)]


class Expectation(Strict):
    """What a figure is held to."""

    over: Literal["value", "every"] = "value"
    """The figure's value, or each seed's own."""

    def met(self, figure: Figure) -> bool:
        """Whether a measured figure is as expected; one of no seeds, or not finite, never is.

        Raises Refusal for a figure of another shape than this kind can be held against.
        """
        if self.over == "every" and figure["per_seed"] is None:
            raise Refusal(
                "found a figure without one for each seed, expected them (`over: every`): correct "
                "the claim's `over`, or let the job write them"
            )
        values = figure["per_seed"] if self.over == "every" else [figure["value"]]
        shape = self.shape()
        for value in values:
            if value is not None and shape and isinstance(value, list) != (shape == "series"):
                found = "a series" if isinstance(value, list) else "a single number"
                expected = "a series of numbers" if shape == "series" else "one number"
                raise Refusal(
                    f"found {found}, expected {expected}: correct the claim's metric, or the kind "
                    "of its expectation"
                )
        return figure["per_seed"] != [] and all(
            _finite(value) and self.holds(value) for value in values
        )

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
        return f"{_said(self.low)} to {_said(self.high)}"


class SlopeIn(_Range):
    """The fitted exponent between two numbers. The figure has to carry a confidence interval, which
    says how sure the exponent is; it may reach out of the range."""

    kind: Literal["slope_in"]

    def met(self, figure: Figure) -> bool:
        return _finite(figure.get("interval")) and super().met(figure)

    def said(self) -> str:
        return f"fitted exponent {_said(self.low)} to {_said(self.high)}"


class AtMost(Expectation):
    """No more than a number."""

    kind: Literal["at_most"]
    value: float

    def holds(self, value: float) -> bool:
        return value <= self.value

    def said(self) -> str:
        return f"at most {_said(self.value)}"


class AtLeast(Expectation):
    """No less than a number."""

    kind: Literal["at_least"]
    value: float

    def holds(self, value: float) -> bool:
        return value >= self.value

    def said(self) -> str:
        return f"at least {_said(self.value)}"


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
            abs(measured - expected) <= distance
            for measured, expected, distance in zip(found, wanted, near, strict=True)
        )

    def said(self) -> str:
        near = ", ".join(_said(value, 3) for value in _series(self.within))
        return f"{', '.join(map(_said, _series(self.value)))} within {near}"


class Ordered(Expectation):
    """A series that rises, or falls, from each value to the next."""

    kind: Literal["ordered"]
    direction: Literal["up", "down"]
    along: str | None = None
    """Along what, where the series could be of more or less of it."""

    def shape(self) -> Literal["series"]:
        return "series"

    def holds(self, value: Sequence[float]) -> bool:
        rising = value if self.direction == "up" else value[::-1]
        return len(value) > 1 and all(before < after for before, after in pairwise(rising))

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
    """`metrics` writes None for a number that is not finite; a series of none is not either."""
    return value != [] and None not in value if isinstance(value, list) else value is not None


def _series(value: float | Sequence[float]) -> Sequence[float]:
    return [value] if isinstance(value, (int, float)) else value


def _said(value: float, digits: int = 6) -> str:
    """A number as a text has it: 0.05, 10⁻⁹, 2.5·10⁻⁸."""
    first, _, power = f"{value:.{digits}g}".partition("e")
    if not power:
        return first
    ten = f"10{str(int(power)).translate(RAISED)}"
    return f"{first.removesuffix('1')}{ten}" if first in {"1", "-1"} else f"{first}·{ten}"
