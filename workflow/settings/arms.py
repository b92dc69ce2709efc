"""Ways to start networks, by name."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator

from pipeline.settings import Name, Positive, Strict

Item = TypeVar("Item")


def _left_out(values: dict[str, Item | None]) -> dict[str, Item]:
    kept = {name: value for name, value in values.items() if value is not None}
    if not kept:
        raise ValueError("found none, expected one name with its settings at least")
    return kept


Named = Annotated[dict[Name, Item | None], AfterValidator(_left_out)]
"""Something under each name, one at least; a file laid over another leaves one out by null."""


class Beginning(Strict):
    """One way to start networks."""

    kappa: Positive
    """Initialisation scale κ: w_r(0) ~ N(0, κ²I)."""
    antisymmetric: bool
    """Repeat each neuron with the opposite sign, so that u(0) = 0 exactly."""
