"""YAML as a person reads it: what PyYAML would silently take for something else is refused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from overparam.errors import Refusal

NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
# YAML 1.1's octal, binary, hexadecimal, base sixty (12:30) and parted (1_000) numbers.
ODD = re.compile(r"[-+]?0[0-9a-zA-Z_]+|.*[_:].*")
# Values in a file, each alias written out; files of the project have some hundreds.
MANY = 10_000


def read(path: str | Path) -> Any:
    """What a YAML file says; Refusal names the file, and line or key of each mistake."""
    try:
        return parse(Path(path).read_text("utf-8"))
    except OSError as problem:
        raise Refusal(
            f"{path}: found {problem.strerror}, expected a file that can be read: correct its path "
            "or its permissions"
        ) from None
    # ValueError: of text that is no UTF-8, and of an impossible date.
    except (yaml.YAMLError, ValueError) as problem:
        raise Refusal(f"{path}: found {problem}, expected YAML: correct it") from None
    except Refusal as problem:
        raise Refusal(f"{path}: {problem}") from None


def parse(text: str, key: str = "") -> Any:
    """What YAML text says, `key` being where it stands; Refusal names the key of each mistake.

    Raises YAMLError, or ValueError for such as an impossible date, for what is no YAML.
    """
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        # A few lines of aliases of aliases stand for more values than any computer checks.
        if node is not None and _values(node, {}) > MANY:
            raise Refusal(
                f"{key or 'aliases'}: found more than {MANY} values once each alias (*) is written "
                "out, expected fewer: write out what is meant"
            )
        mistakes = [*_mistakes(node, key, set())]
        if mistakes:
            raise Refusal("\n  ".join(mistakes))
        return None if node is None else loader.construct_document(node)
    except RecursionError:
        raise Refusal(f"{key or 'lists'}: found them nested too deeply to read") from None
    finally:
        loader.dispose()


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for, with those that aliases in it repeat."""
    if id(node) not in known:
        known[id(node)] = 1  # while it is counted: it may hold itself
        if isinstance(node, yaml.MappingNode):
            inner = [part for pair in node.value for part in pair]
        else:
            inner = node.value if isinstance(node, yaml.SequenceNode) else []
        known[id(node)] += sum(_values(part, known) for part in inner)
    return known[id(node)]


def _mistakes(node: yaml.Node | None, key: str, seen: set[int]) -> Iterator[str]:
    """What is wrong below a node; `seen` are the nodes met before, which aliases name again."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if node.tag in NUMBERS and ODD.fullmatch(node.value):
            yield (
                f"{key}: found {node.value}, which YAML reads as {yaml.safe_load(node.value)}, "
                "expected decimal digits: write the number that you mean, or quote what is none"
            )
    elif isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            yield from _mistakes(item, _joined(key, place), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for name, value in node.value:
            below, line = _joined(key, name.value), name.start_mark.line + 1
            if below in lines:
                yield (
                    f"{below}: found in line {lines[below]} and in line {line}, expected each key "
                    "once: put both together"
                )
            lines[below] = line
            yield from _mistakes(name, below, seen)
            yield from _mistakes(value, below, seen)


def _joined(key: str, part: object) -> str:
    return f"{key}.{part}" if key else str(part)
