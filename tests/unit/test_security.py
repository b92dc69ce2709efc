"""Nothing that is read is run: calls and imports that could are looked for in all code."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(
    path
    for folder in ("src", "scripts", "workflow", "tools")
    for path in (ROOT / folder).rglob("*.py")
)
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
# They run what a file or a text holds, or let a shell read it.
CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "getoutput", "mktemp"}
# They write where an archive says.
CALLS |= {"extract", "extractall", "unpack_archive"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
SAFE = {"SafeLoader", "CSafeLoader"}


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
            given = {one.arg: ast.unparse(one.value) for one in node.keywords}
            if given.get("shell", "False") != "False":
                found.add("shell")
            if ast.unparse(node.func) == "np.load" and given.get("allow_pickle") != "False":
                found.add("np.load")
            if ast.unparse(node.func) in ("yaml.load", "yaml.load_all"):
                loaders = [ast.unparse(one) for one in node.args[1:]] + [given.get("Loader", "")]
                found |= set() if any(one.split(".")[-1] in SAFE for one in loaders) else {"yaml"}
            if ast.unparse(node.func).startswith("yaml.") and "unsafe" in ast.unparse(node.func):
                found.add("yaml")
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_that_is_read_can_run(path):
    assert dangers(path.read_text()) == set()


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
    assert not dangers("yaml.load(t, yaml.CSafeLoader)\nre.compile(t)\nyaml.safe_load(t)")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_what_a_rule_hands_to_the_shell_is_quoted(path):
    """Files by :q; options by flags(), which quotes them; wildcards never."""
    commands = re.findall(r'^ +shell:\n +(?:r"""(.*?)"""|"(.*?)"\n)', path.read_text(), re.M | re.S)
    fields = [one for raw, plain in commands for one in re.findall(r"{(.*?)}", raw or plain)]
    assert len(commands) == path.read_text().count("shell:") > 0
    safe = r"(input|output)\.\w+:q|log:q|threads|rule|resources\.mem_mb|params\.\w+"
    assert [one for one in fields if not re.fullmatch(safe, one)] == []
