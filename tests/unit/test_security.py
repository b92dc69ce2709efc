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
)
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
SNAKEMAKE = [ROOT / "Snakefile", *RULES]
# They run what a file or a text holds, or let a shell read it.
CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "getoutput", "mktemp"}
# They write where an archive says.
CALLS |= {"extract", "extractall", "unpack_archive"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
SAFE = {"SafeLoader", "CSafeLoader"}


def as_python(text):
    """A rule file in which Python can be looked through: rules as blocks, their parts as calls."""
    lines, part = [], None
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if part is not None and line.strip() and indent <= part:
            lines.append(" " * part + ")")
            part = None
        head = re.fullmatch(r"( *)(\w+):( .*)?", line)
        if block := re.fullmatch(r" *(rule|onstart|onerror)( \w+)?:", line):
            line = " " * indent + f"if '{block[1]}':"
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


def handed(text):
    """Of each rule: the fields of its shell command, and the expressions of its parameters."""
    for node in ast.walk(ast.parse(as_python(text))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "'rule'":
            parts = {one.value.func.id: one.value for one in node.body}
            if "shell" in parts:
                (command,) = parts["shell"].args
                given = parts["params"].keywords if "params" in parts else []
                fields = re.findall(r"{(.*?)}", ast.literal_eval(command))
                yield fields, {one.arg: one.value for one in given}


def functions():
    """Those of the workflow's library, by name: methods of several classes may share one."""
    found = {}
    for path in sorted((ROOT / "workflow/lib").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(node)
    return found


def returned(function):
    """What a function returns itself, not one that it defines."""
    nodes = list(function.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Return):
            yield node.value
        elif not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            nodes += ast.iter_child_nodes(node)


def is_quoted(value, known):
    """Whether an expression can only be words that flags() quoted, hexadecimal digits, a name that
    stands in the rule file, or that of a program, over which a rule file's loop goes."""
    match value:
        case ast.Call(func=ast.Name(id="flags" | "fingerprint")):
            return True
        case ast.Call(func=ast.Name(id="untracked"), args=[inner]) | ast.Lambda(body=inner):
            return is_quoted(inner, known)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return is_quoted(left, known) and is_quoted(right, known)
        case ast.Subscript(value=ast.Call(func=ast.Attribute(attr="hexdigest"))):
            return True
        case ast.Constant(value="" | " ") | ast.Name(id="name"):
            return True
        case ast.Constant(value=str(text)):
            return text.isidentifier()
        case ast.JoinedStr(values=parts):
            fields = (one.value for one in parts if isinstance(one, ast.FormattedValue))
            return all(is_quoted(one, known) for one in fields)
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Attribute(attr=name) | ast.Name(id=name):
            returns = [one for function in known.get(name, []) for one in returned(function)]
            return bool(returns) and all(is_quoted(one, known) for one in returns)
    return False


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_what_a_rule_hands_to_the_shell_is_quoted(path):
    """Files by :q; options by flags(), which quotes them; wildcards never."""
    known, rules = functions(), list(handed(path.read_text()))
    assert len(rules) == path.read_text().count("shell:") > 0
    safe = r"(input|output)\.\w+:q|log:q|threads|resources\.mem_mb|params\.(\w+)"
    for fields, params in rules:
        found = [re.fullmatch(safe, one) for one in fields]
        assert None not in found, fields
        names = {match[2] for match in found} - {None}
        assert {one for one in names if not is_quoted(params[one], known)} == set()


@pytest.mark.parametrize(
    "value",
    [
        "wildcards.problem", "SETTINGS.run", "lambda wildcards: wildcards.set", "str(n)",
        "flags({'a': 1}) + SETTINGS.run", "f'{SETTINGS.run}_{name}'",
        "untracked(SETTINGS.data_dir)", "ledger.ids()",
        "f'--x {flags}'", "'x; y'",
    ],
)  # fmt: skip
def test_the_check_finds_what_nothing_quotes(value):
    assert not is_quoted(ast.parse(value, mode="eval").body, functions())
