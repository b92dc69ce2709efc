"""mutmut, with kinds of mistakes that it does not know: `python tools/operators.py all run`.

One side of a comparison put in place of the other, one operand of `and` and `or` alone, the test
set in place of the training set, and a figure of no seeds. `own` in place of `all` plants no other
mistakes than these.
"""

import sys
from collections.abc import Iterator

from mutmut.__main__ import cli
from mutmut.mutation.mutators import cst, mutation_operators  # libcst, as mutmut has it

PAIRS = [(f'"{name}"', f'"test_{name}"') for name in ("inputs", "labels", "classes")]
OTHER = dict(PAIRS) | {test: train for train, test in PAIRS}


def one_side(node: cst.BinaryOperation) -> Iterator[cst.CSTNode]:
    """`a - b` and `a / b` as `a - a` and `b - b`, so that two ways to a number are one."""
    sides = node.left, node.right
    compared = isinstance(node.operator, cst.Subtract | cst.Divide)
    if compared and not any(isinstance(side, cst.BaseNumber) for side in sides):
        for side in sides:
            yield node.with_changes(left=_whole(side), right=_whole(side))


def one_operand(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    """`a and b` as `a` and as `b`."""
    yield _whole(node.left)
    yield _whole(node.right)


def other_set(node: cst.Call) -> Iterator[cst.CSTNode]:
    """`f(x, test_x)` as `f(x, x)` and `f(test_x, test_x)`, and arrays by the other set's names."""
    texts = [cst.Module([]).code_for_node(argument.value) for argument in node.args]
    read = isinstance(node.func, cst.Attribute) and node.func.attr.value == "load_arrays"
    for at, text in enumerate(texts):
        others = {*texts, OTHER.get(text, text)} if read else {*texts}
        for other in sorted(others - {text}):
            if _of_either_set(other) == _of_either_set(text):
                yield _with_argument(node, at, other)


def no_seeds(node: cst.Call) -> Iterator[cst.CSTNode]:
    """`measured(…, per_seed=values)` with none."""
    for at, argument in enumerate(node.args):
        named = argument.keyword and argument.keyword.value == "per_seed"
        if named and cst.Module([]).code_for_node(argument.value) != "[]":  # else no mistake
            yield _with_argument(node, at, "[]")


def _whole(node: cst.BaseExpression) -> cst.BaseExpression:
    copy = node.deep_clone()
    return copy.with_changes(
        lpar=[cst.LeftParen(), *copy.lpar], rpar=[*copy.rpar, cst.RightParen()]
    )


def _of_either_set(text: str) -> str:
    return text.replace("test_", "").replace("_test", "").replace("test", "train")


def _with_argument(call: cst.Call, at: int, text: str) -> cst.Call:
    changed = call.args[at].with_changes(value=cst.parse_expression(text))
    return call.with_changes(args=[*call.args[:at], changed, *call.args[at + 1 :]])


OWN = [
    (cst.BinaryOperation, one_side),
    (cst.BooleanOperation, one_operand),
    (cst.Call, other_set),
    (cst.Call, no_seeds),
]

if __name__ == "__main__":
    kinds, command, *rest = sys.argv[1:]
    if kinds == "own":
        mutation_operators.clear()
    mutation_operators.extend(OWN)
    # A process for each mutant that is shown would take seconds.
    for arguments in [[each] for each in rest] if command == "show" else [rest]:
        cli([command, *arguments], standalone_mode=False)
