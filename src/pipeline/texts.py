"""What follows from the text of a Python file alone: what it imports, binds and means."""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

# Beside Snakemake's notes; who deletes them deletes nothing that is not found out again.
NOTES = ".snakemake"
# More than there are files in the project (a test asks); each takes some 15 kB.
MANY = 512


class Text(NamedTuple):
    """What is asked of a text."""

    imports: list[tuple[int, int, str, list[str]]]
    """Of each module: line, level of a relative import, module, names from it."""
    bound: list[str]
    """Every name that it defines, assigns or imports, wherever in it."""
    meaning: str
    """Its syntax tree, see `_meaning`."""


class Kept:
    """Texts that were read before, by their hash, since an edit may keep a file's time and size.

    They are kept on disk for the next plan: parsing is most of what a fingerprint costs. Of more
    than MANY, those that were asked for last.
    """

    def __init__(self, root: Path) -> None:
        self._file = root / NOTES / "texts"
        # Another version of this file, and another Python, may read a text otherwise.
        self._reader = Path(__file__).read_bytes() + repr(sys.version_info[:2]).encode()
        self._known: dict[str, list[Any]] = {}
        self._new = False
        with suppress(OSError):
            mark, _, content = self._file.read_bytes().partition(b"\n")
            if mark == self._mark(content):
                self._known = json.loads(content)

    def text(self, content: bytes) -> Text:
        """What a file's content says; SyntaxError if it does not parse."""
        name = _hash(content)
        known = self._known.pop(name, None)
        self._new |= known is None
        self._known[name] = known or list(_read(content))
        return Text(*self._known[name])

    def save(self) -> None:
        """Keep what was read, if there is a place for it."""
        if not self._new:
            return
        content = json.dumps(dict(list(self._known.items())[-MANY:])).encode()
        # Numbers of processes are the same on several nodes, and in several containers.
        part = self._file.with_name(f".{self._file.name}.{os.urandom(8).hex()}.part")
        try:
            part.write_bytes(self._mark(content) + b"\n" + content)
            part.replace(self._file)
        except OSError:
            with suppress(OSError):
                part.unlink()
        self._new = False

    def _mark(self, content: bytes) -> bytes:
        """What the file begins with if this reader wrote it, and nothing happened to it since."""
        return _hash(self._reader + content).encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(content: bytes) -> Text:
    tree = ast.parse(content)
    imports: list[tuple[int, int, str, list[str]]] = []
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(node.lineno, 0, alias.name, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            imports.append((node.lineno, node.level, node.module or "", names))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
    return Text(imports, sorted(bound), _meaning(tree))


def _meaning(tree: ast.Module) -> str:
    """The syntax tree as node names and fields, without docstrings, positions and empty fields.

    `ast.dump` and `ast.unparse` differ between Python's minor versions; this walk does not for
    plain code, since fields that a newer version adds are empty there. (3.12.1 puts an
    empty text beside the width in `f"{x:>{width}}"`: it is left out.)
    """
    said: list[str] = []
    _walk(tree, said.append)
    return "".join(said)


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
