"""Whether a number that two ways are compared by depends on either way.

An identity whose one side is put in place of the other holds too. So what it reads is changed in
turn, results of each function of ours that it calls and arguments of its own, by another factor for
other arguments: every number that it reports has to change with some, and what changes none is
common to both sides.
"""

import ast
import contextlib
import inspect
import pickle
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from overparam.errors import Refusal

SEEN = 1e-9  # of a number's own change: far above rounding, far below any factor
Place = tuple[int, ...]


def identities(module: ModuleType) -> dict[str, Callable]:
    """The public functions of a module, by name."""
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and "__" not in name  # of mutmut's
    }


def seen(function: Callable, arguments: Callable[[], tuple]) -> dict[str, set[str]]:
    """Which of the numbers that a function reports change with each result that it reads.

    arguments: makes them anew, generators of random numbers in their first state.
    """
    plain, found = _numbers(function(*arguments())), {}

    def note(source: str, changed: Callable[[], Any]) -> None:
        with contextlib.suppress(Refusal):  # refused, it says nothing of what is compared
            numbers = _numbers(changed())
            found[source] = {key for key in plain if _differs(plain[key], numbers[key])}

    for home, name in _called(function):
        for place in _places(_result(function, arguments(), home, name)):
            note(
                ".".join([name, *map(str, place)]),
                lambda home=home, name=name, place=place: _with_results(
                    function, arguments(), home, name, partial(_scaled, place=place)
                ),
            )
    given = [*inspect.signature(function).parameters]
    for at, *place in _places(arguments()):
        note(
            ".".join([given[at], *map(str, place)]),
            lambda at=at, place=place: function(*_scaled(arguments(), 1.01, (at, *place))),
        )
    return found


def reported(function: Callable, arguments: Callable[[], tuple]) -> set[str]:
    """The keys of what a function reports; of several numbers without one, their places."""
    return {*_numbers(function(*arguments()))}


def _called(function: Callable) -> Iterator[tuple[ModuleType, str]]:
    """What of ours a function's text calls by name, and the modules in which it looks for that."""
    own = inspect.getmodule(function)
    pairs = set()
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            pairs.add((getattr(own, node.value.id, None), node.attr))
        elif isinstance(node, ast.Name):
            pairs.add((own, node.id))
    for home, name in sorted(pairs, key=str):
        called = getattr(home, name, None) if inspect.ismodule(home) else None
        ours = str(getattr(called, "__module__", "")).startswith("overparam")
        result = inspect.isclass(called) and home is own  # no side, but what is reported
        if callable(called) and ours and called is not function and not result:
            yield home, name


def _with_results(
    function: Callable, arguments: tuple, home: ModuleType, name: str, change: Callable
) -> Any:
    """What a function returns if each result of what it calls by a name is changed."""
    original = getattr(home, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        factor = 1.01 + zlib.crc32(pickle.dumps((args, kwargs))) / 2**32 / 100
        return change(original(*args, **kwargs), factor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, name, replaced)
        return function(*arguments)


def _result(function: Callable, arguments: tuple, home: ModuleType, name: str) -> Any:
    """A result of what a function calls by a name; None if it does not."""
    results: list[Any] = []
    _with_results(
        function, arguments, home, name, lambda result, factor: results.append(result) or result
    )
    return results[0] if results else None


def _places(value: Any) -> list[Place]:
    """Where a value holds numbers that are not whole: () for itself, (1,) for its second part."""
    if isinstance(value, tuple | list):
        return [(at, *rest) for at, part in enumerate(value) for rest in _places(part)]
    return [()] if np.asarray(value).dtype.kind == "f" else []


def _scaled(value: Any, factor: float, place: Place) -> Any:
    """A value with the numbers at a place times a factor."""
    if not place:
        return value * factor
    parts = [*value]
    parts[place[0]] = _scaled(parts[place[0]], factor, place[1:])
    return value._make(parts) if hasattr(value, "_make") else type(value)(parts)


def _numbers(value: Any) -> dict[str, np.ndarray]:
    """By key, what a function reports."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: np.asarray(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return {str(at): np.asarray(each) for at, each in enumerate(value)}
    return {"": np.asarray(value)}


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a number changed, and not to one that is none."""
    if one.shape != other.shape:
        return True
    numbers = np.isfinite(one) & np.isfinite(other)
    return not np.allclose(one[numbers], other[numbers], rtol=SEEN, atol=SEEN)
