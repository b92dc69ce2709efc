"""What a measured figure is held to."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from overparam.errors import Refusal
from pipeline import expectations
from pipeline.metrics import measured

NUMBER = st.floats(-1e6, 1e6)


def expectation(kind, **values):
    return TypeAdapter(expectations.AnyExpectation).validate_python({"kind": kind} | values)


@given(NUMBER, NUMBER, NUMBER)
def test_one_number_is_held_to_bounds(low, high, value):
    low, high = sorted((low, high))
    figure = measured(value)
    inside = expectation("interval", low=low, high=high).met(figure)
    assert inside == (low <= value <= high)
    assert expectation("at_most", value=high).met(figure) == (value <= high)
    assert expectation("at_least", value=low).met(figure) == (value >= low)
    middle, half = (low + high) / 2, (high - low) / 2
    assert expectation("equal", value=middle, within=half).met(figure) == (
        abs(value - middle) <= half
    )
    assert expectation("reported").met(figure)


@given(st.lists(NUMBER, min_size=1, max_size=6), NUMBER)
def test_every_seed_is_held_to_a_bound_where_it_says_so(seeds, limit):
    figure = measured(min(seeds), per_seed=seeds)
    assert expectation("at_most", value=limit).met(figure) == (min(seeds) <= limit)
    assert expectation("at_most", value=limit, over="every").met(figure) == (max(seeds) <= limit)


@given(st.lists(NUMBER, min_size=2, max_size=6, unique=True))
def test_series_are_ordered_strictly(values):
    up, down = (expectation("ordered", direction=direction) for direction in ("up", "down"))
    assert up.met(measured(sorted(values)))
    assert down.met(measured(sorted(values, reverse=True)))
    assert not up.met(measured([*sorted(values), max(values)]))
    assert not up.met(measured(sorted(values, reverse=True)))
    assert not up.met(measured(values[:1]))
    assert not down.met(measured([max(values), max(values) + 1, min(values) - 1]))


def test_series_are_compared_one_by_one():
    near = expectation("equal", value=[1, 2], within=0.1)
    assert near.met(measured([1.05, 1.95]))
    assert not near.met(measured([1.05, 2.15]))
    assert not near.met(measured([1.0]))


def test_each_of_a_series_may_have_a_distance_of_its_own():
    near = expectation("equal", value=[1, 2], within=[0.01, 0.5])
    assert near.met(measured([1.005, 2.4]))
    assert not near.met(measured([1.1, 2.0]))
    assert near.words() == "1, 2 within 0.01, 0.5"
    with pytest.raises(ValueError, match="expected one for each of the 2 values"):
        expectation("equal", value=[1, 2], within=[0.1])


def test_small_and_large_numbers_are_said_as_powers_of_ten():
    assert expectation("at_most", value=1e-9).words() == "at most 10⁻⁹"
    assert expectation("interval", low=-1e-12, high=2.5e-8).words() == "-10⁻¹² to 2.5·10⁻⁸"
    assert expectation("equal", value=1e7, within=0.05).words() == "10⁷ within 0.05"
    assert expectation("equal", value=1 / 3, within=1 / 3).words() == "0.333333 within 0.333"


def test_an_exponent_needs_its_confidence_interval():
    slope = expectation("slope_in", low=-0.6, high=-0.4)
    assert slope.met(measured(-0.5, interval=(-0.7, -0.3)))
    assert not slope.met(measured(-0.5))
    assert not slope.met(measured(-0.3, interval=(-0.5, -0.1)))
    assert slope.words() == "fitted exponent -0.6 to -0.4"


# Of each kind one, what it says, and a value that meets it.
MET = {
    "interval": ({"low": -1, "high": 1}, "-1 to 1", 0.5),
    "slope_in": ({"low": -1, "high": 1}, "fitted exponent -1 to 1", 0.5),
    "at_most": ({"value": 1e300}, "at most 10³⁰⁰", 0.5),
    "at_least": ({"value": -1e300}, "at least -10³⁰⁰", 0.5),
    "equal": ({"value": 1, "within": 9}, "1 within 9", 0.5),
    "equal, a series": ({"value": [1, 2], "within": 9}, "1, 2 within 9", [1, 2]),
    "ordered": ({"direction": "up"}, "rises throughout", [1, 2]),
    "ordered, down": ({"direction": "down", "along": "m"}, "falls throughout, m", [2, 1]),
    "reported": ({}, "reported", 0.5),
}
EVERY_KIND = pytest.mark.parametrize("name", MET)


def example(name, over="value"):
    """An expectation of a kind, and a figure over two seeds that meets it."""
    values, _, met = MET[name]
    figure = measured(met, per_seed=[met, met], interval=(0, 1))
    return expectation(name.partition(",")[0], over=over, **values), figure


def test_every_kind_has_an_example():
    kinds = {
        get_args(kind.model_fields["kind"].annotation)[0]
        for kind in get_args(get_args(expectations.AnyExpectation)[0])
    }
    assert {name.partition(",")[0] for name in MET} == kinds


@EVERY_KIND
def test_every_kind_says_what_it_expects(name):
    assert example(name)[0].words() == MET[name][1]
    assert example(name, "every")[0].words() == f"{MET[name][1]}, every seed"


@EVERY_KIND
def test_a_figure_of_another_shape_is_refused(name):
    expected, figure = example(name)
    other = 0.5 if isinstance(figure["value"], list) else [0.5]
    found, wanted = "a series, expected one number", "a single number, expected a series of numbers"
    if name == "reported":
        assert expected.met(figure | {"value": other})
        return
    with pytest.raises(Refusal) as refusal:
        expected.met(figure | {"value": other})
    assert str(refusal.value) == (
        f"found {wanted if other == 0.5 else found}: correct the claim's metric, or the kind of "
        "its expectation"
    )


def test_what_every_seed_is_held_to_needs_seeds():
    with pytest.raises(Refusal) as refusal:
        expectation("at_most", value=1, over="every").met(measured(0))
    assert str(refusal.value) == (
        "found a figure without one for each seed, expected them (`over: every`): correct the "
        "claim's `over`, or let the job write them"
    )


@pytest.mark.parametrize("kind", ["interval", "slope_in"])
def test_a_range_that_ends_before_it_begins_is_refused(kind):
    assert expectation(kind, low=1, high=1).low == 1
    with pytest.raises(
        ValueError, match=r"Value error, low: found 2, expected at most high = 1 \["
    ):
        expectation(kind, low=2, high=1)


@EVERY_KIND
@pytest.mark.parametrize("over", ["value", "every"])
def test_what_was_measured_over_no_seeds_meets_nothing(name, over):
    expected, figure = example(name, over)
    assert expected.met(figure)
    assert not expected.met(figure | {"per_seed": []})
    assert not expected.met(figure | {"per_seed": [], "value": None})


@EVERY_KIND
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_meets_nothing(name, value):
    expected, figure = example(name)
    each, _ = example(name, "every")
    value = measured([1, value] if isinstance(figure["value"], list) else value)["value"]
    assert not expected.met(figure | {"value": value})
    assert each.met(figure | {"value": value})
    assert not each.met(figure | {"per_seed": [figure["value"], value]})


def test_an_empty_series_meets_nothing():
    assert not expectation("equal", value=[], within=1).met(measured([]))
    assert not expectation("reported").met(measured([]))
    assert not expectation("ordered", direction="up", over="every").met(
        measured([1, 2], per_seed=[[1, 2], []])
    )


@pytest.mark.parametrize("interval", [(math.nan, 1), (0, math.inf), (math.nan, math.nan)])
def test_an_interval_that_is_not_finite_says_nothing_of_an_exponent(interval):
    assert not expectation("slope_in", low=-1, high=1).met(measured(0.5, interval=interval))


@EVERY_KIND
@given(seeds=st.lists(st.sampled_from([-2.0, 0.5, 1.5, 11.0, math.nan]), max_size=4))
def test_every_seed_is_held_to_what_one_value_is(name, seeds):
    each, figure = example(name, "every")
    one, _ = example(name)
    series = isinstance(figure["value"], list)
    values = [measured([0, seed] if series else seed)["value"] for seed in seeds]
    met = bool(values) and all(one.met(figure | {"value": value}) for value in values)
    assert each.met(figure | {"per_seed": values}) == met
