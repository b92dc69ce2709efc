"""What changes a fingerprint, and what does not."""

import ast
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import Refusal
from pipeline import texts
from pipeline.fingerprint import UNCOUNTED, Sources, closure, fingerprint

REPOSITORY = Path(__file__).parents[2]
JOB = "scripts/slice/job.py"
DIRECT = '''"""About this module."""

from overparam.indirect import VALUE


def f(x, y=2):
    """Sum of two numbers."""
    # A comment.
    return x + VALUE * y, "text"
'''
PROJECT = {
    "src/overparam/__init__.py": "",
    "src/overparam/direct.py": DIRECT,
    "src/overparam/indirect.py": "VALUE = 1\n",
    "src/overparam/lazy.py": "SLOW = 1\n",
    "src/overparam/alone.py": "VALUE = 1\n",
    "src/overparam/package/__init__.py": "A = 1\n",
    "src/overparam/package/part.py": "B = 1\n",
    "src/pipeline/__init__.py": "",
    "src/pipeline/progress.py": "C = 1\n",
    "scripts/__init__.py": "",
    "scripts/slice/__init__.py": "",
    JOB: '''"""A program."""

import numpy as np

from overparam import direct
from pipeline import progress


def main():
    import overparam.package.part
    from overparam.lazy import SLOW

    return direct.f(SLOW)
''',
}
moments = itertools.count(1_000_000_000)


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    # Each edit at a time of its own: edits that a file's time does not show have their own test.
    moment = next(moments)
    os.utime(root / path, (moment, moment))


@pytest.fixture
def project(tmp_path):
    for path, text in PROJECT.items():
        write(tmp_path, path, text)
    return tmp_path


def programs():
    """The programs of this repository, as paths within it."""
    paths = sorted((REPOSITORY / "scripts").rglob("*.py"))
    return [
        path.relative_to(REPOSITORY).as_posix()
        for path in paths
        if '__name__ == "__main__"' in path.read_text()
    ]


def test_closure_holds_what_is_imported_and_nothing_else(project):
    expected = {path for path in PROJECT if path.startswith("src/")} - {"src/overparam/alone.py"}
    assert expected | {JOB} <= set(closure(JOB, project)) <= set(PROJECT)
    assert "src/overparam/alone.py" not in closure(JOB, project)
    assert closure(JOB, project) == sorted(closure(JOB, project))


def test_fingerprint_is_twelve_digits_and_knows_no_place(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(project, elsewhere)
    found = fingerprint(JOB, project)
    assert len(found) == 12
    assert int(found, 16) >= 0
    assert fingerprint(JOB, str(elsewhere)) == found


@pytest.mark.parametrize(
    "text",
    {
        "comment": DIRECT.replace("A comment", "Another one") + "# And one more.\n",
        "docstrings": DIRECT.replace("About this module", "New").replace("Sum of two", "Two"),
        "no docstrings": DIRECT.replace('"""About this module."""\n', "").replace(
            '    """Sum of two numbers."""\n', ""
        ),
        "blank lines": DIRECT.replace("\n\n", "\n\n\n\n"),
        "parentheses": DIRECT.replace("x + VALUE * y", "(x + (VALUE * y))"),
        "quotes": DIRECT.replace('"text"', "'text'"),
        "line breaks": DIRECT.replace("f(x, y=2)", "f(\n    x,\n    y=2,\n)"),
        "rewritten by a program": ast.unparse(ast.parse(DIRECT)),
        "Windows": DIRECT.replace("\n", "\r\n"),
    }.items(),
    ids=lambda item: item[0],
)
def test_edits_without_meaning_keep_the_fingerprint(project, text):
    before = fingerprint(JOB, project)
    assert text[1] != DIRECT
    write(project, "src/overparam/direct.py", text[1])
    assert fingerprint(JOB, project) == before


def test_a_touch_keeps_the_fingerprint(project):
    before = fingerprint(JOB, project)
    for path in PROJECT:
        os.utime(project / path, (2e9, 2e9))
    assert fingerprint(JOB, project) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("y=2", "y=3"),
        ("y=2", "y=2.0"),
        ("y=2", "y=True"),
        ("y=2", "y=None"),
        ("y=2", "*, y=2"),
        ("x, y=2", "y, x=2"),
        ("x + VALUE", "x - VALUE"),
        ("x + VALUE * y", "(x + VALUE) * y"),
        ('"text"', '"Text"'),
        ('"text"', 'b"text"'),
        (', "text"', ""),
        ("def f", "@print\ndef f"),
        ("def f", "async def f"),
        ('    """Sum', '    x = """Sum'),
        ("import VALUE", "import VALUE as other"),
        ("    return", "    x += 1\n    return"),
    ],
)
def test_edits_with_a_meaning_change_the_fingerprint(project, old, new):
    before = fingerprint(JOB, project)
    write(project, "src/overparam/direct.py", DIRECT.replace(old, new, 1))
    assert fingerprint(JOB, project) != before


@pytest.mark.parametrize(
    "path",
    [
        JOB,
        "src/overparam/direct.py",
        "src/overparam/indirect.py",
        "src/overparam/lazy.py",
        "src/overparam/package/part.py",
        "src/overparam/package/__init__.py",
        "src/pipeline/__init__.py",
        "src/overparam/__init__.py",
    ],
)
def test_an_edit_anywhere_in_the_closure_changes_the_fingerprint(project, path):
    before = fingerprint(JOB, project)
    write(project, path, PROJECT[path] + "\nNEW = 1\n")
    assert fingerprint(JOB, project) != before


@pytest.mark.parametrize("path", ["scripts/__init__.py", "scripts/slice/__init__.py"])
def test_an_edit_of_the_programs_own_package_changes_the_fingerprint(project, path):
    before = fingerprint(JOB, project)
    write(project, path, "NEW = 1\n")
    assert fingerprint(JOB, project) != before


def test_an_edit_that_keeps_time_and_size_changes_the_fingerprint(project):
    path = project / "src/overparam/indirect.py"
    before, status = fingerprint(JOB, project), path.stat()
    path.write_text(PROJECT["src/overparam/indirect.py"].replace("1", "2"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert fingerprint(JOB, project) != before


def test_an_unimported_module_does_not_count(project):
    before = fingerprint(JOB, project)
    write(project, "src/overparam/alone.py", "VALUE = 2\n")
    assert fingerprint(JOB, project) == before


def test_modules_that_change_no_number_do_not_count(project):
    before = fingerprint(JOB, project)
    assert "src/pipeline/progress.py" in UNCOUNTED
    assert "src/pipeline/progress.py" in closure(JOB, project)
    write(project, "src/pipeline/progress.py", "C = 2\n")
    assert fingerprint(JOB, project) == before


def test_what_an_uncounted_module_imports_does_count(project):
    before = fingerprint(JOB, project)
    write(project, "src/pipeline/progress.py", "from overparam import alone\n")
    assert fingerprint(JOB, project) != before


def test_modules_that_import_each_other_are_followed(project):
    write(project, "src/overparam/indirect.py", "from overparam import direct\nVALUE = 1\n")
    assert "src/overparam/direct.py" in closure(JOB, project)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("import overparam.gone", "overparam.gone"),
        ("from overparam.gone import x", "overparam.gone"),
        ("def f():\n    import overparam.package.gone", "overparam.package.gone"),
        ("import scripts.slice.gone as g", "scripts.slice.gone"),
        ("from scripts.other import x", "scripts.other"),
    ],
)
def test_a_project_import_without_a_file_is_refused(project, statement, named):
    write(project, "src/overparam/lazy.py", statement + "\n")
    with pytest.raises(Refusal, match=rf"lazy\.py: imports {named}, expected a file"):
        fingerprint(JOB, project)


def test_a_name_that_its_package_does_not_hold_is_refused(project):
    write(project, "src/overparam/lazy.py", "from overparam.package import A, part\nSLOW = 1\n")
    fingerprint(JOB, project)
    write(project, "src/overparam/lazy.py", "from overparam.package import gone\nSLOW = 1\n")
    with pytest.raises(Refusal, match=r"imports overparam\.package\.gone"):
        fingerprint(JOB, project)


@pytest.mark.parametrize("statement", ["from . import direct", "from .direct import f"])
def test_a_relative_import_is_refused(project, statement):
    write(project, "src/overparam/lazy.py", f"SLOW = 1\n{statement}\n")
    with pytest.raises(Refusal, match=r"lazy\.py:2: found a relative import"):
        fingerprint(JOB, project)


def test_a_file_that_does_not_parse_is_refused(project):
    write(project, "src/overparam/lazy.py", "SLOW = 1\nSLOW = = 2\n")
    with pytest.raises(Refusal, match=r"lazy\.py:2: invalid syntax"):
        fingerprint(JOB, project)


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple),
    max_leaves=5,
)  # fmt: skip


@given(first=literals, second=literals)
def test_fingerprints_differ_just_when_constants_do(first, second):
    with tempfile.TemporaryDirectory() as folder:
        root, found = Path(folder), []
        for value in (first, second):
            write(root, JOB, f"VALUE = {value!r}\n")
            found.append(fingerprint(JOB, root))
    assert (found[0] == found[1]) == (repr(first) == repr(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x[1:]", "x[:1]"),
        ("f(x)", "f(*x)"),
        ("[1, [2]]", "[[1], 2]"),
        ("return", "return None"),
        ("'x', 'y'", "'x' 'y'"),
        ("lambda *, x: 1", "lambda x: 1"),
    ],
)
def test_what_differs_in_one_place_of_the_tree_alone_is_told_apart(tmp_path, first, second):
    found = []
    for text in (first, second):
        write(tmp_path, JOB, f"def g(x):\n    {text}\n")
        found.append(fingerprint(JOB, tmp_path))
    assert found[0] != found[1]


class OtherDocstrings(ast.NodeTransformer):
    """Gives every module, class and function that has a docstring another one."""

    def generic_visit(self, node):
        super().generic_visit(node)
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Expr(ast.Constant("Another text."))
        return node


def test_rewriting_this_repository_without_its_comments_keeps_every_fingerprint(tmp_path):
    for folder in ("src", "scripts"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            tree = OtherDocstrings().visit(ast.parse(path.read_text()))
            text = ast.unparse(ast.fix_missing_locations(tree))
            write(tmp_path, path.relative_to(REPOSITORY), text)
    for program in programs():
        assert fingerprint(program, tmp_path) == fingerprint(program, REPOSITORY)
    assert programs()


@pytest.mark.parametrize("program", programs())
def test_the_closure_of_every_program_reaches_into_the_library(program):
    inside = [path for path in closure(program, REPOSITORY) if path.startswith("src/")]
    assert set(inside) - UNCOUNTED - {"src/overparam/__init__.py", "src/pipeline/__init__.py"}


def test_uncounted_modules_exist():
    assert all((REPOSITORY / path).is_file() for path in UNCOUNTED)


MANY_KINDS = '''
import os.path as p, sys
from collections.abc import *

@p.join
class A(dict, metaclass=type):
    """Doc."""
    x: int = -1
    y: "list[int]"

async def f(a, /, b=1_000, *c, d: int = 0x1F, **e) -> None:
    """Doc."""
    global g
    async with a as b, c:
        await b
    async for i in a:
        yield i, *c
    else:
        pass
    return

def h(*, k=lambda q, *r: q @ r[0]):
    def inner():
        nonlocal k
        k //= 2 ** -1
        del k, inner.x, inner[1:2, ..., ::3]
    if (n := len(k)) > 1 < 3 is not None and not n in [1j, 1e300, .1, True]:
        raise ValueError(f"{n!r:>{k}} {{}} {n=} {f'{n}'}" "plain" f"{k:%d.%m}") from None
    elif b"\\0\\xff" or u"\\N{GREEK SMALL LETTER KAPPA}κ" "\\ud800":
        while True:
            break
    try:
        assert k, "text"
    except (A, ValueError) as error:
        {**k, 1: {2, *k}}, {i: j for i, j in k if i if j}, [a for b in k for a in b]
    except Exception:
        continue_ = (yield), (yield from k)
    else:
        match k:
            case [1, *rest] | {"a": rest, **others} if rest:
                pass
            case A(x=0) | None | -1 | "s" as named:
                pass
            case _:
                pass
    finally:
        with (open(p) as a, open(p) as b):
            print(*k, sep="", **k)
    try:
        pass
    except* OSError:
        pass
    return k if n else ()
'''


def other_pythons():
    """Interpreters of other supported minor versions, one each."""
    found = {}
    named = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13)]
    for path in [*named, *Path.home().glob(".pyenv/versions/*/bin/python")]:
        if path is not None:
            ask = [path, "-c", "import sys; print(*sys.version_info[:2])"]
            answer = subprocess.run(ask, capture_output=True, text=True, check=False)
            version = tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else ()
            if (3, 11) <= version < (3, 14) and version != sys.version_info[:2]:
                found[version] = path
    return found


def test_other_pythons_agree(tmp_path):
    pythons = other_pythons()
    if not pythons:
        pytest.skip("needs another Python")
    write(tmp_path, JOB, MANY_KINDS)
    asked = [(JOB, tmp_path), *((program, REPOSITORY) for program in programs())]
    code = "from pipeline.fingerprint import fingerprint\n" + "\n".join(
        f"print(fingerprint({program!r}, {str(root)!r}))" for program, root in asked
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    expected = [fingerprint(program, root) for program, root in asked]
    for version, path in pythons.items():
        answer = subprocess.run(
            [path, "-B", "-c", code], capture_output=True, text=True, check=True, env=environment
        )
        assert answer.stdout.split() == expected, version


# --- Texts that are kept ---------------------------------------------------------------------


@pytest.fixture
def kept(project):
    """The project with a place for what was read, and its file once a fingerprint was asked for."""
    (project / texts.NOTES).mkdir()
    fingerprint(JOB, project)
    return project / texts.NOTES / "texts"


def entries(kept):
    return json.loads(kept.read_bytes().partition(b"\n")[2])


def unread(monkeypatch):
    """Nothing can be parsed any more: what is asked for is known."""

    def refuse(content):
        raise AssertionError("parsed")

    monkeypatch.setattr(texts, "_read", refuse)


def test_what_is_kept_gives_the_same_fingerprint_without_parsing(project, kept, monkeypatch):
    root = kept.parent.parent
    shutil.copytree(project, root / "elsewhere")
    shutil.rmtree(root / "elsewhere" / texts.NOTES)
    found = fingerprint(JOB, root / "elsewhere")
    unread(monkeypatch)
    assert fingerprint(JOB, project) == found
    assert os.listdir(kept.parent) == [kept.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-20],
        lambda content: content.replace(b"VALUE", b"VALVE"),
        lambda content: content.partition(b"\n")[0] + b'\n{"a": [1]}',
        lambda content: b"\xff" * 99,
    ],
    ids=["empty", "cut off", "edited", "of another shape", "no text"],
)
def test_a_damaged_file_of_texts_is_not_used_and_written_anew(project, kept, damage):
    found, before = fingerprint(JOB, project), kept.read_bytes()
    kept.write_bytes(damage(before))
    assert kept.read_bytes() != before
    assert fingerprint(JOB, project) == found
    assert entries(kept).keys() == json.loads(before.partition(b"\n")[2]).keys()


def test_texts_of_another_python_are_not_used(project, kept, monkeypatch):
    found = fingerprint(JOB, project)
    monkeypatch.setattr(texts.sys, "version_info", (3, 99, 0))
    read, seen = texts._read, []
    monkeypatch.setattr(texts, "_read", lambda content: seen.append(content) or read(content))
    assert fingerprint(JOB, project) == found
    assert len(seen) == len(entries(kept))


def test_texts_that_nobody_asks_for_any_more_are_dropped(project, kept, monkeypatch):
    monkeypatch.setattr(texts, "MANY", len(entries(kept)))
    before = set(entries(kept))
    write(project, "src/overparam/direct.py", DIRECT.replace("y=2", "y=3"))
    found = fingerprint(JOB, project)
    assert len(set(entries(kept)) - before) == len(before - set(entries(kept))) == 1
    unread(monkeypatch)
    assert fingerprint(JOB, project) == found


def test_two_that_keep_at_once_leave_a_whole_file(project, kept):
    first, second = Sources(project), Sources(project)
    for sources, value in ((first, 3), (second, 4)):
        write(project, "src/overparam/direct.py", DIRECT.replace("y=2", f"y={value}"))
        sources.closure(JOB)
    found = [sources.fingerprint(JOB) for sources in (first, second)]
    assert found[0] != found[1] == fingerprint(JOB, project)
    assert os.listdir(kept.parent) == [kept.name]


def test_where_texts_cannot_be_kept_nothing_is_left_or_said(project, kept):
    found = fingerprint(JOB, project)
    kept.unlink()
    kept.mkdir()  # not to be replaced, whoever runs this
    assert fingerprint(JOB, project) == found
    assert os.listdir(kept.parent) == [kept.name]


def test_all_files_of_the_project_are_kept():
    files = [path for folder in ("src", "scripts") for path in (REPOSITORY / folder).rglob("*.py")]
    assert len(files) <= texts.MANY


def test_libraries_are_those_that_a_program_or_a_module_behind_it_names(project):
    write(project, "src/overparam/indirect.py", "def f():\n    import scipy.linalg\n")
    assert "scipy" in Sources(project).libraries(JOB)
    write(project, "src/overparam/indirect.py", "VALUE = 1\n")
    assert "scipy" not in Sources(project).libraries(JOB)
    assert "scipy" in Sources(REPOSITORY).libraries("scripts/data/spectrum.py")
