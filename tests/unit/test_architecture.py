"""Which package may do what (docs/architecture.md), read from the syntax trees of the code."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from pipeline.experiment import SliceSettings
from pipeline.fingerprint import DECLARED, ROOTS, UNCOUNTED, closure
from pipeline.settings import Strict
from workflow.settings.run import MODELS

REPOSITORY = Path(__file__).parents[2]
LIBRARY = REPOSITORY / "src" / "overparam"
MATHEMATICS = sorted(LIBRARY.rglob("*.py"))
EVERYWHERE = [
    path
    for folder in ("src", "scripts", "workflow")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
]
TORCH = {"overparam/dynamics.py", "overparam/device.py", "pipeline/datasets.py"}
# Modules that open files, talk to people or know who runs them.
WORLDLY = {
    "argparse", "builtins", "click", "io", "json", "logging", "os", "pathlib", "shutil",
    "snakemake", "subprocess", "sys", "tempfile", "tqdm", "zipfile",
}  # fmt: skip
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
OPENERS = {
    "open", "load", "save", "savez", "savez_compressed", "loadtxt", "savetxt", "genfromtxt",
    "fromfile", "tofile", "memmap", "read_csv", "to_csv", "read_text", "write_text", "read_bytes",
    "write_bytes",
}  # fmt: skip


def planned():
    """The programs that rules run, whose fingerprints are parameters of theirs, and others beside
    them that people run: all but those about whole runs, which ask the workflow."""
    return [
        name(path)
        for folder in ("data", "ledger", *MODELS)
        for path in sorted((REPOSITORY / "scripts" / folder).glob("*.py"))
        if '__name__ == "__main__"' in path.read_text()
        and not within(imports(path.read_text()), {"pipeline.running", "scripts.runs"})
    ]


def name(path):
    return path.relative_to(REPOSITORY).as_posix()


def imports(text):
    """Full names of all that a module imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            found |= {str(part.value) for part in node.args[:1] if isinstance(part, ast.Constant)}
    return found


def called(node):
    """What a call calls, without what it is an attribute of."""
    return getattr(node.func, "attr", getattr(node.func, "id", None))


def within(imported, modules):
    """Those of `imported` that are one of `modules` or inside one."""
    return {found for found in imported if any(f"{found}.".startswith(f"{m}.") for m in modules)}


def worldly(text):
    """What a module of the mathematics does that it must not."""
    calls = {called(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    forbidden = within(imports(text), WORLDLY | {"pipeline", "scripts", "workflow"})
    return forbidden | (calls & (OPENERS | {"print", "input", "exec", "eval"}))


def undocumented(text):
    """Public functions, classes and methods without a docstring, and the module if it has none.

    A method that a base class in the same module documents means the same again.
    """
    tree = ast.parse(text)
    found = [] if ast.get_docstring(tree) or not tree.body else ["module"]
    todo, classes = [(node, set()) for node in tree.body], {}
    while todo:
        node, inherited = todo.pop(0)
        if isinstance(node, DEFINITIONS):
            if isinstance(node, ast.ClassDef):
                bases = (classes.get(base.id, set()) for base in node.bases if hasattr(base, "id"))
                above = set().union(*bases)
                said = {
                    part.name for part in node.body if hasattr(part, "name") and described(part)
                }
                classes[node.name] = above | said
                if not node.name.startswith("_"):
                    todo += [(part, above) for part in node.body]
            hidden = node.name.startswith("_") or node.name in inherited
            found += [] if hidden or described(node) else [node.name]
        elif isinstance(node, (ast.If, ast.Try)):
            todo += [(part, inherited) for part in node.body + node.orelse]
    return found


def described(node):
    return isinstance(node, DEFINITIONS) and ast.get_docstring(node) is not None


@pytest.mark.parametrize("path", EVERYWHERE, ids=name)
def test_torch_lives_in_its_modules_alone(path):
    allowed = path in {LIBRARY.parent / file for file in TORCH}
    assert allowed or not within(imports(path.read_text()), {"torch", "torchvision"})


@pytest.mark.parametrize("path", MATHEMATICS, ids=name)
def test_mathematics_opens_prints_and_parses_nothing(path):
    assert worldly(path.read_text()) == set()


@pytest.mark.parametrize(
    "path", [path for path in EVERYWHERE if path.is_relative_to(REPOSITORY / "src")], ids=name
)
def test_every_public_function_of_the_library_has_a_docstring(path):
    assert undocumented(path.read_text()) == []


@pytest.mark.parametrize("path", sorted(UNCOUNTED))
def test_uncounted_modules_hold_no_mathematics(path):
    found = imports((REPOSITORY / path).read_text())
    assert within(found, {"overparam"}) <= {"overparam.errors", "overparam.errors.Refusal"}
    assert not within(found, {"numpy", "scipy", "torch", "pandas", "sklearn", "math", "random"})


@pytest.mark.parametrize("program", planned(), ids=str)
def test_fingerprints_follow_all_that_the_programs_of_rules_import_of_the_project(program):
    for path in closure(program, REPOSITORY):
        found = imports((REPOSITORY / path).read_text())
        own = within(found, {"overparam", "pipeline", "scripts", "workflow", "tools", "tests"})
        assert own == within(found, ROOTS), path


def test_there_is_something_to_check():
    names = {name(path) for path in MATHEMATICS}
    assert {"scripts/data/gram.py", "scripts/ledger/collect.py"} <= set(planned())
    assert {path.split("/")[1] for path in planned()} == {"data", "ledger", *MODELS}
    assert {"src/overparam/kernels.py", "src/overparam/dynamics.py"} <= names
    assert all((LIBRARY.parent / file).is_file() for file in TORCH)
    assert within(imports((LIBRARY / "dynamics.py").read_text()), {"torch"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import torch.nn as nn", {"torch.nn"}),
        ("def f():\n    from torch import nn", {"torch", "torch.nn"}),
        ("if x:\n    import importlib\n    importlib.import_module('torch')", {"torch"}),
        ("import torchless, numpy", set()),
    ],
)
def test_the_check_finds_an_import_of_torch(text, found):
    assert within(imports(text), {"torch"}) == found


@pytest.mark.parametrize(
    "text",
    [
        "print(1)",
        "def f(p):\n    with open(p) as file:\n        return file",
        "np.save(p, x)",
        "p.write_text(t)",
        "import argparse",
        "def f():\n    import click",
        "from pathlib import Path",
        "import snakemake.api",
        "import pipeline",
        "from pipeline.files import digest",
    ],
)
def test_the_check_finds_what_mathematics_must_not_do(text):
    assert worldly(text)
    assert not worldly("import numpy as np\nx = np.exp(1)")


def test_the_check_finds_a_missing_docstring():
    text = (
        '"""Doc."""\ndef f(): pass\ndef _g(): pass\nclass A:\n    """Doc."""\n    def h(): pass\n'
    )
    assert sorted(undocumented(text)) == ["f", "h"]
    assert undocumented("x = 1") == ["module"]
    assert undocumented("") == []
    below = '\nclass B(A):\n    """Doc."""\n    def h(): pass\n    def i(): pass\n'
    assert sorted(undocumented(text + below)) == ["f", "h", "h", "i"]
    above = text.replace("def h(): pass", 'def h(): "Doc."')
    assert sorted(undocumented(above + below)) == ["f", "i"]


def slices_own():
    """The Python files of slices, but for their declarations and tests."""
    return [
        path
        for slice in MODELS
        for path in sorted((REPOSITORY / "scripts" / slice).glob("*.py"))
        if not DECLARED.fullmatch(name(path))
    ]


def undeclared(text):
    """What a slice's module takes from a `slice.py` beside classes of experiments, and what it uses
    of those beside naming them: fingerprints do not follow that file."""
    tree, taken, found = ast.parse(text), {}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.endswith(".slice")]
        elif isinstance(node, ast.ImportFrom) and node.module.endswith(".slice"):
            bases = (Strict, SliceSettings)
            classes = {
                value.__name__
                for value in vars(import_module(node.module)).values()
                if isinstance(value, type) and [issubclass(value, base) for base in bases] == [1, 0]
            }
            taken |= {alias.asname or alias.name: alias.name for alias in node.names}
            found += [alias.name for alias in node.names if alias.name not in classes]
        elif isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names if alias.name == "slice"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [ast.unparse(node)] if node.value.id in taken else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found += [ast.unparse(node)] if node.func.id in taken else []
        # A setting is a value; what computes one stands in the declaration.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called_of = node.func.value
            if isinstance(called_of, ast.Name) and called_of.id == "settings" and taken:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", slices_own(), ids=name)
def test_programs_take_nothing_of_declarations_but_experiments(path):
    assert undeclared(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "from scripts.{slice} import slice",
        "import scripts.{slice}.slice",
        "from scripts.{slice}.slice import Settings",
        "from scripts.{slice}.slice import {known}\nx = {known}.small",
        "from scripts.{slice}.slice import {known}\nx = {known}()",
        "from scripts.{slice}.slice import {known}\ndef main(settings): settings.seconds()",
    ],
)
def test_the_check_finds_what_no_fingerprint_follows(text):
    slice, settings = next(iter(MODELS.items()))
    known = next(iter(settings.classes.values())).__name__
    assert undeclared(text.format(slice=slice, known=known))
    fine = f"from scripts.{slice}.slice import {known}\nmain = figures.program({known})"
    assert not undeclared(fine)


def lists_of(experiments, text):
    """The literal collections in a module that hold more than half of some names."""
    found = []
    for node in ast.walk(ast.parse(text)):
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        said = {item.value for item in items if isinstance(item, ast.Constant)}
        if len(said & experiments) > len(experiments) / 2:
            found.append(said & experiments)
    return found


@pytest.mark.parametrize("slice", MODELS)
def test_the_mathematics_of_a_slice_is_its_own(slice):
    """What two of them use lies beside them, in src/overparam."""
    own = {REPOSITORY / "src/overparam" / slice, REPOSITORY / "scripts" / slice}
    paths = [path for place in ("src", "scripts") for path in (REPOSITORY / place).rglob("*.py")]
    others = [path for path in paths if not own & {*path.parents}]
    assert len(own) < len(others) < len(paths)
    package = {f"overparam.{slice}"}
    assert [name(path) for path in others if within(imports(path.read_text()), package)] == []


@pytest.mark.parametrize("slice", MODELS)
def test_shared_tests_name_no_slice(slice):
    """They hold for whatever slices there are."""
    paths = [*(REPOSITORY / "tests").rglob("*.py")]
    assert REPOSITORY / "tests/runs/test_slices.py" in paths
    assert [name(path) for path in paths if re.search(rf"\b{slice}\b", path.read_text())] == []


@pytest.mark.parametrize("slice", MODELS)
def test_nothing_shared_lists_the_experiments_of_a_slice(slice):
    """What is added to a slice is added in its own folder."""
    names = {*MODELS[slice].classes}
    shared = [
        path
        for folder in ("src", "workflow", "scripts", "tests", "tools", "bench")
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        # Wrong formulas are each of some slice.
        if not {slice, "formulas"} & {*path.relative_to(REPOSITORY).parts}
    ]
    found = {name(path): lists_of(names, path.read_text()) for path in shared}
    assert {path: lists for path, lists in found.items() if lists} == {}
    assert lists_of({"a", "b", "c"}, "x = ['a', 'b', 'c', 'd']")
