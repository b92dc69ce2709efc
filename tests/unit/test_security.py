"""Nothing that is read is run: calls and imports that could are looked for in all code."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(
    path
    for folder in ("src", "scripts", "workflow", "tools", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "tests" not in path.relative_to(ROOT).parts
)
SNAKEMAKE = [
    ROOT / "Snakefile",
    *sorted((ROOT / "workflow/rules").glob("*.smk")),
    *sorted(ROOT.glob("scripts/*/rules.smk")),
]
# They run what a file or a text holds, or let a shell read it.
CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "getoutput", "mktemp"}
# They write where an archive says.
CALLS |= {"extract", "extractall", "unpack_archive"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
SAFE = {"SafeLoader", "CSafeLoader"}
# Reads pickles by an unpickler that knows six names (test_planetoid.py).
UNPICKLER = ROOT / "src/pipeline/planetoid.py"


def as_python(text):
    """A rule file in which Python can be looked through: rules as blocks, their parts as calls."""
    lines, part = [], None
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if part is not None and line.strip() and indent <= part:
            lines.append(" " * part + ")")
            part = None
        head = re.fullmatch(r"( *)(\w+):( .*)?", line)
        if re.fullmatch(r" *((use )?rule( \w+ as)?|onstart|onerror)( \w+)?( with)?:", line):
            line = " " * indent + "if rule:"
        elif part is None and head and head[2] not in ("else", "try", "finally"):
            line, part = f"{head[1]}{head[2]}({head[3] or ''}", indent
        lines.append(line)
    return "\n".join([*lines, "" if part is None else ")"])


def dangers(text):
    """What a module does that could run what it reads."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} & MODULES
        elif isinstance(node, ast.Call):
            found |= {ast.unparse(node.func)} & {"torch.load", "pd.read_pickle"}
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            own = ast.unparse(node.func) == "re.compile"
            found |= set() if own else {name} & CALLS
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if given.get("shell", "False") != "False":
                found.add("shell")
            if ast.unparse(node.func) == "np.load" and given.get("allow_pickle") != "False":
                found.add("np.load")
            if ast.unparse(node.func) in ("yaml.load", "yaml.load_all"):
                loaders = [*map(ast.unparse, node.args[1:]), given.get("Loader", "")]
                safe = any(loader.split(".")[-1] in SAFE for loader in loaders)
                found |= set() if safe else {"yaml"}
            if ast.unparse(node.func).startswith("yaml.") and "unsafe" in ast.unparse(node.func):
                found.add("yaml")
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_that_is_read_can_run(path):
    assert dangers(path.read_text()) == ({"pickle"} if path == UNPICKLER else set())


def test_pickles_are_read_by_our_own_unpickler_alone():
    assert {*re.findall(r"pickle\.\w+", UNPICKLER.read_text())} == {"pickle.Unpickler"}


@pytest.mark.parametrize("path", SNAKEMAKE, ids=lambda path: path.name)
def test_nothing_that_a_rule_reads_can_run(path):
    assert dangers(as_python(path.read_text())) == set()


@pytest.mark.parametrize(
    "text",
    [
        "eval(text)",
        "builtins.exec(text)",
        "from pickle import load",
        "import os\nos.system(name)",
        "subprocess.run(name, shell=True)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.load(path)",
        "yaml.load(text, yaml.Loader)",
        "yaml.load(text, Loader=yaml.UnsafeLoader)",
        "yaml.unsafe_load(text)",
        "archive.extractall(folder)",
    ],
)
def test_the_check_finds_what_could(text):
    assert dangers(text)
    line = text.splitlines()[-1]
    assert "import" in line or dangers(as_python(f"rule a:\n    params:\n        b={line},\n"))
    assert not dangers("yaml.load(t, yaml.CSafeLoader)\nre.compile(t)\nyaml.safe_load(t)")
