"""What a program's code means: a hash over it and every project module that it imports.

Comments, docstrings, layout and modification times do not enter it; any other edit does. Rules
take it as a parameter, so Snakemake reruns exactly the jobs whose code means something else.
"""

import ast
import hashlib
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from overparam.errors import Refusal

# Top-level packages of the project, and the folder that each is imported from.
ROOTS = {"overparam": "src", "scripts": "."}
# Modules that cannot change a number: they parse options, log, show progress, take notes, limit
# memory and stop for tests.
UNCOUNTED = {
    "src/overparam/errors.py",
    "src/overparam/house/cli.py",
    "src/overparam/house/fingerprint.py",
    "src/overparam/house/memory.py",
    "src/overparam/house/pauses.py",
    "src/overparam/house/progress.py",
    "src/overparam/house/provenance.py",
}


def fingerprint(program: str, repository: str | Path = ".") -> str:
    """Twelve hexadecimal digits of the code behind `program`, a path such as `scripts/x/y.py`.

    Raises Refusal if a project import resolves to no file, or if a file does not parse.
    """
    root = Path(repository)
    digest = hashlib.sha256()
    for path in closure(program, root):
        if path not in UNCOUNTED:
            digest.update(f"{path}\n".encode())
            digest.update(_meaning(_read(root / path)))
    return digest.hexdigest()[:12]


def closure(program: str, repository: str | Path = ".") -> list[str]:
    """Paths of `program` and of every project module it imports, directly or not, sorted."""
    root, seen = Path(repository), set()
    # `python -m` runs the packages that the program lies in first.
    packages = [(folder / "__init__.py").as_posix() for folder in Path(program).parents]
    todo = [str(program), *(path for path in packages if (root / path).is_file())]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += _imported(root, path)
    return sorted(seen)


# What follows from a file's text alone is kept by its text, since an edit may keep a file's time
# and size: fifty programs share most of their modules.


def _read(path: Path) -> bytes:
    """The text of a Python file; Refusal if it does not parse."""
    text = path.read_bytes()
    try:
        _parse(text)
    except SyntaxError as problem:
        raise Refusal(f"{path}:{problem.lineno}: {problem.msg}, expected Python code") from None
    return text


@cache
def _parse(text: bytes) -> ast.Module:
    return ast.parse(text)


@cache
def _imports(text: bytes) -> list[ast.Import | ast.ImportFrom]:
    """Import statements of project modules, and relative ones, wherever in a text they stand."""
    found = []
    for node in ast.walk(_parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        relative = isinstance(node, ast.ImportFrom) and node.level
        if relative or any(name.partition(".")[0] in ROOTS for name in names):
            found.append(node)
    return found


def _imported(root: Path, path: str) -> list[str]:
    """Project files that the import statements of one file run."""
    found = []
    for node in _imports(_read(root / path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found += _files(root, path, alias.name, required=True)
        elif node.level:
            raise Refusal(
                f"{path}:{node.lineno}: found a relative import, expected the full name: "
                "fingerprints follow full names"
            )
        else:
            module = list(_files(root, path, node.module, required=True))
            found += module
            package = module[-1].endswith("__init__.py")
            inside = _bound(_read(root / module[-1])) | {"*"} if package else set()
            for alias in node.names:
                # `from package import name`: the name is a module or something inside __init__.py.
                required = package and alias.name not in inside
                found += _files(root, path, f"{node.module}.{alias.name}", required)
    return found


def _files(root: Path, importer: str, module: str, required: bool) -> Iterator[str]:
    """The files that importing `module` runs: its packages' __init__.py, then its own."""
    top, *_ = parts = module.split(".")
    if top not in ROOTS:
        return
    # Paths as text: a plan asks for thousands of them.
    stem = "" if ROOTS[top] == "." else f"{ROOTS[top]}/"
    for depth, part in enumerate(parts):
        stem += f"/{part}" if depth else part
        for candidate in (f"{stem}/__init__.py", f"{stem}.py"):
            if os.path.isfile(f"{root}/{candidate}"):
                yield candidate
                break
        else:
            if required:
                raise Refusal(
                    f"{importer}: imports {module}, expected a file {stem}.py or "
                    f"{stem}/__init__.py, and there is none"
                )


@cache
def _bound(text: bytes) -> set[str]:
    """Every name that a text defines, assigns or imports, wherever in it."""
    names = set()
    for node in ast.walk(_parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


@cache
def _meaning(text: bytes) -> bytes:
    """The syntax tree as node names and fields, without docstrings, positions and empty fields.

    `ast.dump` and `ast.unparse` differ between Python's minor versions; this walk does not for
    plain code, since fields that a newer version adds are empty there. (3.12.1 puts an
    empty text beside the width in `f"{x:>{width}}"`: it is left out.)
    """
    said: list[str] = []
    _walk(_parse(text), said.append)
    return "".join(said).encode()


def _walk(node: object, say: Callable[[str], None]) -> None:
    if isinstance(node, ast.AST):
        say(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            if name == "body" and _has_docstring(node):
                value = value[1:]
            if isinstance(node, ast.JoinedStr):
                value = [part for part in value if getattr(part, "value", None) != ""]
            if value not in (None, []) and name != "type_ignores":
                say(f" {name}=")
                _walk(value, say)
        say(")")
    elif isinstance(node, list):
        say("[")
        for item in node:
            _walk(item, say)
        say("]")
    else:
        say(repr(node))


def _has_docstring(node: ast.AST) -> bool:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
