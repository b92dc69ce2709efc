"""What is pinned, what is installed, what is imported and what is stated agree."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from pipeline import claims
from tools import lock
from workflow.slices import SLICES

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
CITATION, ZENODO = yaml.safe_load(read("CITATION.cff")), json.loads(read(".zenodo.json"))
RUN, TEST = (set(lock.pins(path)) for path in lock.DIRECT)
TESTS = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("scripts/*/tests")]
OWN = {
    "overparam",
    "pipeline",
    "snakemake_logger_plugin_overparam",
    "scripts",
    "workflow",
    "bench",
    "tests",
    "tools",
    "conftest",
}
# Direct dependencies that are called, not imported.
CALLED = {
    "snakemake", "snakemake-executor-plugin-slurm", "pytest-xdist", "ruff", "snakefmt",
    "import-linter", "mutmut", "mypy",
}  # fmt: skip


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
    )


def test_generated_files_agree() -> None:
    assert lock.disagreements() == []


def test_conda_installs_the_same_pins() -> None:
    pinned = lock.pins(lock.REQUIREMENTS)
    assert len(pinned) > 50
    assert lock.pins(lock.ENVIRONMENT) == pinned


def test_every_pin_but_the_builds_of_torch_has_hashes() -> None:
    text = lock.HASHES.read_text("utf-8").removeprefix(lock.HASHES_HEAD + "\n")
    entries = re.findall(
        r"^([\w.-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE
    )
    # Nothing but such entries, in the order of requirements.txt.
    assert "".join(f"{name}=={version}{hashes}\n" for name, version, hashes in entries) == text
    assert [f"{name}=={version}" for name, version, _ in entries] == [
        line
        for line in lock.REQUIREMENTS.read_text("utf-8").splitlines()
        if not line.startswith(("#", *(f"{name}==" for name in lock.BUILDS)))
    ]


@pytest.mark.parametrize("lost", ["numpy", "torch"])
def test_a_stale_hashes_txt_is_told(monkeypatch, tmp_path: Path, lost: str) -> None:
    text = lock.HASHES.read_text("utf-8").replace(f"\n{lost}==", f"\n{lost}==0.") + "torch==1 \\\n"
    monkeypatch.setattr(lock, "HASHES", tmp_path / "hashes.txt")
    lock.HASHES.write_text(text, "utf-8")
    # Torch is not looked for there.
    assert [found.split("==")[0] for found in lock.disagreements()] == (
        ["hashes.txt has numpy"] if lost == "numpy" else []
    )


@pytest.mark.parametrize(
    ("file", "served"),
    [
        ("pandas-3.1.1.tar.gz", True),
        ("pandas-3.1.10.tar.gz", False),
        ("pandas-3.1.1-py2.py3-none-any.whl", True),
        ("pandas-3.1.1-1-cp313-cp313-win_amd64.whl", True),
        ("pandas-3.1.1-cp39-abi3-manylinux_2_28_x86_64.whl", True),
        ("pandas-3.1.1-cp314-abi3-manylinux_2_28_x86_64.whl", False),
        ("pandas-3.1.1-cp310-cp310-win_amd64.whl", False),
        ("pandas-3.1.1-cp313-cp313t-win_amd64.whl", False),
        ("pandas-3.1.0-py3-none-any.whl", False),
    ],
)
def test_which_files_of_an_index_are_hashed(file: str, served: bool) -> None:
    assert lock.serves(file, "3.1.1") == served


def test_environment_is_what_is_pinned() -> None:
    """Left out of the comparison, since they change nothing that the project computes or cannot:

    - the mark of torch's build (2.13.0+cpu) and the CUDA packages that the build for NVIDIA's cards
      brings: which build to take is the user's choice;
    - pip, which came with Python, and wheel, which some tools put beside it;
    - the PyYAML that libcst, of `make mutate`, brings on Python 3.13 alone.
    """
    answer = pip("freeze", "--all")
    assert answer.returncode == 0, answer.stderr
    # `name==version`, or `name @ file:…` for what was installed from a file.
    lines = re.findall(r"^([\w.-]+)(?:==| @ )(\S+)$", answer.stdout, re.MULTILINE)
    installed = {
        lock.canonical(name): lock.public(version)
        for name, version in lines
        if not lock.CUDA.match(lock.canonical(name))
    }
    for name in ("pip", "wheel", "pyyaml-ft"):
        installed.pop(name, None)
    assert installed == lock.pins(lock.REQUIREMENTS)


def test_installed_packages_fit_each_other() -> None:
    answer = pip("check")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def imported(*folders: str) -> dict[str, str]:
    """Each foreign module that Python files and rules import, and a file that does; the tests of a
    slice are a folder of their own."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if "tests" in path.relative_to(ROOT / folder).parts:
                continue
            if path.suffix == ".py":
                names = modules_of(path.read_text("utf-8"))
            elif path.suffix == ".smk" or path.name == "Snakefile":
                # Not Python: Snakemake's own words stand between the lines of Python.
                pattern = r"^\s*(?:import|from)\s+(\w+)"
                names = re.findall(pattern, path.read_text("utf-8"), re.MULTILINE)
            else:
                continue
            found |= {name: path.relative_to(ROOT).as_posix() for name in names}
    return {
        name: path
        for name, path in found.items()
        if name not in OWN and name not in sys.stdlib_module_names
    }


def modules_of(code: str) -> set[str]:
    """Top-level names of all modules imported in `code`, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@cache
def packages(module: str) -> set[str]:
    """The installed packages that bring `module`, by canonical name."""
    return {lock.canonical(name) for name in metadata.packages_distributions().get(module, ())}


@pytest.mark.parametrize(
    ("folders", "declared", "where"),
    [
        (("src", "scripts", "workflow", "bench"), RUN, "run.in"),
        (("tests", "tools", *TESTS), RUN | TEST, "run.in or test.in"),
    ],
    ids=["run", "test"],
)
def test_imports_are_declared(folders: tuple[str, ...], declared: set[str], where: str) -> None:
    missing = [
        f"{path} imports {module}: declare it in requirements/{where}"
        for module, path in imported(*folders).items()
        if not packages(module) & declared
    ]
    assert missing == []


def test_declared_dependencies_are_used() -> None:
    modules = imported("src", "scripts", "workflow", "bench", "tests", *TESTS)
    used = set().union(*map(packages, modules)) | CALLED
    assert (RUN | TEST) - used == set()


def pythons() -> list[str]:
    """The versions that pyproject.toml supports."""
    return [f"3.{minor}" for minor in lock.supported_pythons()]


def test_stated_python_versions_agree() -> None:
    makefile = read("Makefile")
    assert re.search(r"^PYTHONS := (.*)$", makefile, re.MULTILINE)[1].split() == pythons()


def test_stated_versions_of_the_project_agree() -> None:
    """Of the changelog it is the last release; what came since stands above it."""
    released = re.findall(r"^## \[(\d[^\]]*)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert {
        "CHANGELOG.md": released[0],
        "CITATION.cff": CITATION["version"],
        ".zenodo.json": ZENODO["version"],
    } == dict.fromkeys(["CHANGELOG.md", "CITATION.cff", ".zenodo.json"], PROJECT["version"])


def test_stated_authors_licence_and_keywords_agree() -> None:
    authors = [author["name"] for author in PROJECT["authors"]]
    assert [author["name"] for author in CITATION["authors"]] == authors
    assert [author["name"] for author in ZENODO["creators"]] == authors
    assert CITATION["license"] == ZENODO["license"] == PROJECT["license"]
    assert CITATION["keywords"] == ZENODO["keywords"]
    assert CITATION["title"] == ZENODO["title"]


@pytest.mark.parametrize("slice", SLICES)
def test_the_source_of_every_slice_is_cited(slice: str) -> None:
    """With its authors' full names and where it appeared, which its claims do not say."""
    source = claims.outline(ROOT / "scripts" / slice / "claims").source
    cited = {paper["title"]: (paper["year"], paper["url"]) for paper in CITATION["references"]}
    assert cited.get(source.title) == (source.year, source.link)
    related = [each["identifier"] for each in ZENODO["related_identifiers"]]
    assert source.link in [name.replace("arXiv:", "https://arxiv.org/abs/") for name in related]


def test_every_file_has_a_licence() -> None:
    """As REUSE.toml says it; `reuse lint`, no dependency of ours, checks the rest."""
    reuse = tomllib.loads(read("REUSE.toml"))
    everything, *rest = reuse["annotations"]
    assert everything["path"] == "**"
    for part in (everything, *rest):
        licence, holder = part["SPDX-License-Identifier"], part["SPDX-FileCopyrightText"]
        assert licence == PROJECT["license"]
        assert f"Copyright (c) {holder}" in read("LICENSE")
        paths = [part["path"]] if isinstance(part["path"], str) else part["path"]
        assert all(any(ROOT.glob(path)) for path in paths)
    # The words of the one are those of the other, below the line of the copyright.
    assert [path.name for path in (ROOT / "LICENSES").iterdir()] == [f"{PROJECT['license']}.txt"]
    assert read("LICENSES/MIT.txt").splitlines()[3:] == read("LICENSE").splitlines()[3:]


def test_the_workflow_on_github_runs_what_is_there() -> None:
    text = read(".github/workflows/ci.yml")
    jobs = yaml.safe_load(text)["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert all(
        re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step
    )
    makefile = read("Makefile")
    assert jobs["quick"]["strategy"]["matrix"]["python"] == pythons()
    lines = [line.strip() for step in steps for line in step.get("run", "").splitlines()]
    targets = [line.removeprefix("make ") for line in lines if line.startswith("make ")]
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    assert "bash .ci/run" in lines
    # The README's option for the CPU build, as the workflow takes it from there.
    (command,) = {line for line in lines if "README.md" in line}
    shown = subprocess.run(
        ["bash", "-ec", command],
        cwd=ROOT, env=os.environ | {"GITHUB_ENV": "/dev/stdout"}, capture_output=True, text=True,
    )  # fmt: skip
    assert re.fullmatch(r"PIP_EXTRA_INDEX_URL=https://\S+/cpu\n", shown.stdout), shown.stderr
