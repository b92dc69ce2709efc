"""Change the mathematics in hundreds of small ways and count how many the unit tests notice.

    make mutate

mutmut writes the mutants of MODULES and runs the tests of each module on them, in a copy of the
sources that is thrown away. What it found goes to reference/mutants.yaml: counts, the fingerprint
of the code, and every mutant that survived. Its `why`, the reason that no test has to notice it, is
written there by hand, and kept from one run to the next as long as the mutant stays the same.

The status is 1 if fewer than LEAST of the mutants were noticed, or a survivor has no reason yet.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import yaml

from pipeline.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "reference" / "mutants.yaml"
MODULES = ("kernels", "dynamics", "measures", "predictions")
# The share of mutants that tests have to notice.
LEAST = 0.85

SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = [{sources}]
pytest_add_cli_args_test_selection = [{tests}]
# Tests load torch: workers come from a process of their own, not from one whose threads are lost.
process_isolation = "forkserver"
# A pause of a busy computer is no endless loop.
timeout_constant = 10.0
"""
HEAD = """\
# How many small changes of the mathematics the unit tests notice, and which they do not.
# Written by `make mutate`, but for each survivor's `why`.
"""
NOTICED = {"killed", "timeout", "segfault"}
# Library threads and forked processes do not mix.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main() -> int:
    """Run mutmut, write what it found, print it, and say whether that is enough."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        mutmut(folder, "run", show=True)
        found = statuses(folder)
        survivors = [survivor(folder, name) for name in found if found[name] not in NOTICED]
    reasons = (
        {key(mutant): mutant["why"] for mutant in recorded()["survivors"]}
        if RESULT.exists()
        else {}
    )
    result = {
        "tool": f"mutmut {metadata.version('mutmut')}",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "minutes": round((time.monotonic() - start) / 60, 1),
        "code": {module: code(module) for module in MODULES},
        "mutants": {module: counts(found, module) for module in MODULES},
        "survivors": [mutant | {"why": reasons.get(key(mutant), "")} for mutant in survivors],
    }
    text = yaml.safe_dump(result, sort_keys=False, allow_unicode=True, width=100)
    RESULT.write_text(HEAD + text, "utf-8")
    return judge(result)


def recorded() -> dict:
    """The last result."""
    return yaml.safe_load(RESULT.read_text("utf-8"))


def code(module: str) -> str:
    """The fingerprint of a module and of all that it imports."""
    return fingerprint(f"src/overparam/{module}.py", ROOT)


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


def prepare(folder: Path) -> None:
    """Copy the sources and the tests of MODULES, and tell mutmut what to do with them."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    tests = ["conftest.py", *(f"test_{module}.py" for module in MODULES)]
    (folder / "tests" / "unit").mkdir(parents=True)
    for name in tests:
        shutil.copy(ROOT / "tests" / "unit" / name, folder / "tests" / "unit")
    settings = SETTINGS.format(
        sources=", ".join(f'"src/overparam/{module}.py"' for module in MODULES),
        tests=", ".join(f'"tests/unit/{name}"' for name in tests[1:]),
    )
    own = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(own + settings, "utf-8")


def mutmut(folder: str, *arguments: str, show: bool = False) -> str:
    """What mutmut prints; it is shown as it comes instead if `show`."""
    environment = os.environ | ONE_THREAD
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        text=True,
        stdout=None if show else subprocess.PIPE,
    )
    return done.stdout or ""


def statuses(folder: str) -> dict[str, str]:
    """What became of each mutant, by mutmut's name for it."""
    lines = mutmut(folder, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if ": " in line)


def counts(found: dict[str, str], module: str) -> dict[str, int]:
    """How many mutants of a module were noticed, and how many were not."""
    own = [status for name, status in found.items() if name.startswith(f"overparam.{module}.")]
    seen = sum(status in NOTICED for status in own)
    return {"noticed": seen, "survived": len(own) - seen}


def survivor(folder: str, name: str) -> dict[str, str]:
    """Where a mutant is, and its line before and after."""
    lines = mutmut(folder, "show", name).splitlines()
    changed = {
        sign: " ".join(line[1:].strip() for line in lines if re.match(rf"\{sign}(?!\{sign})", line))
        for sign in "-+"
    }
    function = re.sub(r"__mutmut_\d+$", "", name).removeprefix("overparam.")
    function = function.replace(".x_", ".", 1).replace(".xǁ", ".", 1).replace("ǁ", ".")
    return {"function": function, "was": changed["-"], "now": changed["+"]}


def key(mutant: dict[str, str]) -> tuple[str, str, str]:
    """What makes two survivors the same."""
    return mutant["function"], mutant["was"], mutant["now"]


if __name__ == "__main__":
    sys.exit(main())
