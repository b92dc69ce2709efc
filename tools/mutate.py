"""Make hundreds of small mistakes in mathematics and programs, and count how many tests notice.

    make mutate

mutmut plants its own mistakes and those of tools/operators.py in the modules of GROUPS, in a
copy of the sources that is thrown away, and runs the tests that reach them. What it found goes to
reference/mutants.yaml: counts, the fingerprint of the code, and every mutant that survived. Its
`why`, the reason that no test has to notice it, is written there by hand, and kept from one run to
the next as long as the mutant stays the same. `python -m tools.mutate comparisons` does one
group.

The status is 1 if fewer than LEAST of the mutants were noticed, or a survivor has no reason yet.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import yaml

from pipeline.fingerprint import fingerprint
from workflow.slices import SLICES

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "reference" / "mutants.yaml"
PROGRAM = re.compile(r"^@\w+\.program", re.MULTILINE)
# What a test imports that calls programs, or identities.
TESTS = re.compile(
    r"from tests\.scripts(\.programs)? import|tests\.(sphere|small) import|import sides"
)
# The share of mutants that tests have to notice.
LEAST = 0.85


class Group(NamedTuple):
    """Modules whose mistakes are planted alike."""

    operators: str
    """Of tools/operators.py: `all`, or `own`, which are few enough for tests of seconds."""
    sources: list[str]
    tests: list[str]


def _found(*patterns: str) -> list[str]:
    """Files of the project, by patterns."""
    return sorted(str(path.relative_to(ROOT)) for each in patterns for path in ROOT.glob(each))


def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


PLAIN = ("kernels", "deep_kernels", "dynamics", "measures", "predictions")
GROUPS = {
    "mathematics": Group(
        "all",
        [*(f"src/overparam/{module}.py" for module in PLAIN), "src/pipeline/expectations.py"],
        [f"tests/unit/test_{module}.py" for module in (*PLAIN, "expectations")],
    ),
    # What compares two ways to a number: identities, and every program that measures.
    "comparisons": Group(
        "own",
        [
            *_found("src/overparam/*/identities.py"),
            *(
                path
                for path in _found(*(f"scripts/{folder}/*.py" for folder in ("data", *SLICES)))
                if PROGRAM.search(_text(path)) and not Path(path).name.startswith("plot_")
            ),
        ],
        [
            "tests/scripts/test_programs.py",
            *(path for path in _found("scripts/*/tests/test_*.py") if TESTS.search(_text(path))),
        ],
    ),
}

SETTINGS = """
[tool.mutmut]
source_paths = ["src", "scripts"]
only_mutate = {sources}
pytest_add_cli_args_test_selection = {tests}
also_copy = ["config", "workflow", "tools", "reference"]
# Tests load torch: workers come from a process of their own, not from one whose threads are lost.
process_isolation = "forkserver"
# A pause of a busy computer is no endless loop.
timeout_constant = 10.0
"""
HEAD = """\
# How many small mistakes in mathematics and programs the tests notice, and which they do not.
# Written by `make mutate`, but for each survivor's `why`.
"""
NOTICED = {"killed", "timeout", "segfault"}
# Library threads and forked processes do not mix.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main(groups: Sequence[str]) -> int:
    """Write what mutmut finds in some groups, print it, and say whether that is enough."""
    status = 0
    if unknown := [group for group in groups if group not in GROUPS]:
        raise SystemExit(f"group: found {unknown[0]!r}, expected one of {', '.join(GROUPS)}")
    for group in groups:
        results = recorded()
        reasons = {key(mutant): mutant["why"] for mutant in results[group]["survivors"]}
        results[group] = result = planted(GROUPS[group])
        for mutant in result["survivors"]:
            mutant["why"] = reasons.get(key(mutant), "")
        text = yaml.safe_dump(results, sort_keys=False, allow_unicode=True, width=100)
        RESULT.write_text(HEAD + text, "utf-8")
        status |= judge(result)
    return status


def planted(group: Group) -> dict:
    """What became of the mistakes in a group of modules."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), group)
        mutmut(group, folder, "run", show=True)
        found = statuses(group, folder)
        survived = [name for name in found if found[name] not in NOTICED]
        left = [*survivors(group, folder, survived)]
    return {
        "tool": f"mutmut {metadata.version('mutmut')}",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "minutes": round((time.monotonic() - start) / 60, 1),
        "code": {module(source): code(source) for source in group.sources},
        "mutants": {module(source): counts(found, module(source)) for source in group.sources},
        "survivors": left,
    }


def recorded() -> dict:
    """The last result of each group."""
    return yaml.safe_load(RESULT.read_text("utf-8"))


def code(source: str) -> str:
    """The fingerprint of a module and of all that it imports."""
    return fingerprint(source, ROOT)


def module(source: str) -> str:
    """A module's name from its file."""
    return source.removeprefix("src/").removesuffix(".py").replace("/", ".")


def noticed(result: dict) -> float:
    """The share of all mutants that tests noticed."""
    total = Counter()
    for each in result["mutants"].values():
        total.update(each)
    return total["noticed"] / (total["noticed"] + total["survived"])


def judge(result: dict) -> int:
    """Print the result in a few lines; 1 if it is not enough."""
    unexplained = [mutant for mutant in result["survivors"] if not mutant["why"]]
    for module, each in result["mutants"].items():
        print(f"{module}: {each['noticed']} noticed, {each['survived']} survived")
    print(f"{noticed(result):.1%} noticed, expected at least {LEAST:.0%}; {result['minutes']} min")
    for mutant in unexplained:
        print(f"no reason given: {mutant['function']}\n  - {mutant['was']}\n  + {mutant['now']}")
    if unexplained:
        print(f"write a test, or the reason into {RESULT.relative_to(ROOT)}")
    return int(noticed(result) < LEAST or bool(unexplained))


def prepare(folder: Path, group: Group) -> None:
    """Copy the sources and the tests, and tell mutmut what to do with them."""
    for name in ("src", "scripts", "tests", "workflow", "config", "tools", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for source in group.sources:
        (folder / source).write_text(decorated_below((ROOT / source).read_text("utf-8")), "utf-8")
    settings = SETTINGS.format(sources=json.dumps(group.sources), tests=json.dumps(group.tests))
    own = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(own + settings, "utf-8")


def decorated_below(text: str) -> str:
    """A program whose `main` is decorated after it: mutmut leaves decorated functions alone."""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    main = next((node for node in functions if node.name == "main"), None)
    if main is None:
        return text
    made = "main"
    for decorator in reversed(main.decorator_list):
        made = f"{ast.unparse(decorator)}({made})"
    lines, first = text.splitlines(), main.decorator_list[0].lineno - 1
    lines[main.end_lineno : main.end_lineno] = ["", "", f"main = {made}"]
    del lines[first : main.lineno - 1]
    return "\n".join(lines) + "\n"


def mutmut(group: Group, folder: str, *arguments: str, show: bool = False) -> str:
    """What mutmut prints; it is shown as it comes instead if `show`."""
    environment = os.environ | ONE_THREAD
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "operators.py", group.operators, *arguments],
        cwd=folder,
        env=environment,
        check=True,
        text=True,
        stdout=None if show else subprocess.PIPE,
    )
    return done.stdout or ""


def statuses(group: Group, folder: str) -> dict[str, str]:
    """What became of each mutant, by mutmut's name for it."""
    lines = mutmut(group, folder, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if ": " in line)


def counts(found: dict[str, str], module: str) -> dict[str, int]:
    """How many mutants of a module were noticed, and how many were not."""
    own = [status for name, status in found.items() if name.startswith(f"{module}.")]
    seen = sum(status in NOTICED for status in own)
    return {"noticed": seen, "survived": len(own) - seen}


def survivors(group: Group, folder: str, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Where mutants are, and their lines before and after."""
    shown = mutmut(group, folder, "show", *names)
    _, *parts = re.split(r"^# (\S+): .*\n", shown, flags=re.MULTILINE)
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        was, now = (
            " ".join(re.sub(r"\s+", " ", line[1:]).strip() for line in text.splitlines()
                     if re.match(rf"\{sign}(?!\{sign})", line))
            for sign in "-+"
        )  # fmt: skip
        function = re.sub(r"__mutmut_\d+$", "", name)
        function = function.replace(".x_", ".", 1).replace(".xǁ", ".", 1).replace("ǁ", ".")
        yield {"function": function, "was": was, "now": now}


def key(mutant: dict[str, str]) -> tuple[str, str, str]:
    """What makes two survivors the same."""
    return mutant["function"], mutant["was"], mutant["now"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [*GROUPS]))
