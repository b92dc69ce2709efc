"""The numbers that Arora et al. 2019 published: the model of published/arora2019.yaml."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from overparam.errors import Refusal
from pipeline import plain_yaml
from pipeline.settings import Portion, Strict, validate

if TYPE_CHECKING:
    import pandas as pd

Positive = Annotated[float, Field(gt=0)]
Whole = Annotated[int, Field(gt=0)]


# The labels of its figure 1.
KINDS = ("true", "random", "worst")


class _Columns(Strict):
    """Columns of one table, all of a length, and where it stands in the paper."""

    place: str

    @model_validator(mode="after")
    def _even(self) -> Self:
        columns = {name: len(values) for name, values in self if name != "place"}
        if len(set(columns.values())) > 1:
            raise ValueError(f"found columns of lengths {columns}, expected them to be equal")
        return self


class Losses(_Columns):
    """Training loss Φ/n after k steps, by labelling."""

    steps: list[Whole]
    true: list[Positive]
    random: list[Positive]
    worst: list[Positive]


class Eigenvalues(_Columns):
    """λ_i of H∞, largest first, i from 0."""

    index: list[Annotated[int, Field(ge=0)]]
    value: list[Positive]


class Noise(_Columns):
    """Complexity, test 0–1 error and mean |f − y| against the portion of random labels."""

    portion: list[Portion]
    complexity: list[Positive]
    error: list[Portion]
    l1: list[Positive]


class Stated(Strict):
    """Settings that the paper states."""

    eta: Positive
    kappa: Positive
    width: Whole
    n: Whole


class Dataset(Strict):
    """What is published of one data set."""

    inferred_eta: Positive
    losses: Losses
    eigenvalues: Eigenvalues
    noise: Noise


class Published(Strict):
    """All that is published."""

    source: str
    stated: Stated
    datasets: dict[str, Dataset]


def load(path: str | Path) -> Published:
    """Read and check the file; Refusal says what is wrong with it."""
    values = plain_yaml.read(path)
    if not isinstance(values, dict):
        raise Refusal(f"{path}: found {values!r}, expected keys and values: correct the file")
    return validate(Published, values)


def dataset(published: Published, name: str) -> Dataset:
    """What is published of a data set; Refusal names those that there are."""
    if name not in published.datasets:
        known = ", ".join(published.datasets)
        raise Refusal(f"dataset: found {name!r}, expected one of {known}")
    return published.datasets[name]


def eigenvalue_tolerance(value: float) -> float:
    """How far an eigenvalue may lie from a drawn one: 2 % + .001 up to ½, 3 % above."""
    return 0.02 * value + 0.001 if value <= 0.5 else 0.03 * value


PART = 0.02  # a loss Φ/n by which two curves have parted: 4 % of where they start


def parted(curves: "pd.DataFrame") -> dict[str, float]:
    """By labels the first step from which on eq. (8) lies PART or more from the paper's networks at
    every step at which their loss is known; NaN if they are together at the last.

    curves: labels, k, loss (several repetitions: their median) and the paper's, NaN where unknown.
    """
    found = {}
    known = curves[curves.paper.notna()]
    for kind in KINDS:
        medians = known[known.labels == kind].groupby("k")[["loss", "paper"]].median()
        apart = (medians.loss - medians.paper).abs() >= PART
        since = apart.index[apart[::-1].cummin()[::-1]]
        found[kind] = float(since[0]) if len(since) else math.nan
    return found
