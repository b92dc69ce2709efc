"""Pin every package that the project runs with, for pip and for conda.

    python tools/lock.py           resolve requirements/*.in afresh, write the three files below
    python tools/lock.py --check   say whether the other two agree with requirements.txt

requirements/requirements.txt holds the direct dependencies (run.in, test.in) and everything that
they pull in; environment.yml holds the same pins in conda's form, inline, since Snakemake copies
that file away from its neighbours before it uses it; requirements/hashes.txt holds them with the
SHA-256 of each file that the index has for them, for pip install --require-hashes.

Resolving downloads descriptions of packages, and installs nothing but a pip in a folder that is
thrown away. It has to run on the oldest Python that the project supports, so that every pin exists
for that one too. Needs the standard library only. To keep the versions of what is pinned already:

    PIP_CONSTRAINT=requirements/requirements.txt python tools/lock.py
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements" / "requirements.txt"
ENVIRONMENT = ROOT / "environment.yml"
HASHES = ROOT / "requirements" / "hashes.txt"
DIRECT = (ROOT / "requirements" / "run.in", ROOT / "requirements" / "test.in")

# Brought by the build of torch for NVIDIA's graphics cards, on Linux: another build of the same
# version of torch, such as PyTorch's CPU build, brings none of them.
CUDA = re.compile(r"nvidia-|cuda-|triton$")
# Without hashes: which build of them to take is the user's choice, each build has files of its own,
# and one of them brings the packages above.
BUILDS = ("torch", "torchvision")


def canonical(name: str) -> str:
    """The one spelling of a package's name: PyYAML is pyyaml, typing_extensions is …-extensions."""
    return re.sub(r"[-_.]+", "-", name).lower()


def public(version: str) -> str:
    """A version without the mark of a local build: 2.13.0+cpu is 2.13.0."""
    return version.partition("+")[0]


def pins(path: Path) -> dict[str, str]:
    """The lines `name==version` of a file, whatever stands around them, by canonical name."""
    found = re.findall(r"^[\s-]*([\w.-]+)==([\w.+!]+)", path.read_text("utf-8"), re.MULTILINE)
    return {canonical(name): version for name, version in found}


def oldest_python() -> str:
    """The lowest version that pyproject.toml supports, such as 3.11."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return re.search(r">=(\d+\.\d+)", project["requires-python"])[1]


def resolve() -> tuple[dict[str, str], str]:
    """Name, as its author writes it, and version of all that pip would install for DIRECT; and the
    address of the index that pip is set up to ask."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [Path(folder, "Scripts" if os.name == "nt" else "bin", "python"), "-m", "pip"]
        # Older versions of pip download every package whole before they answer.
        subprocess.run([*pip, "install", "--quiet", "--upgrade", "pip"], check=True)
        report = Path(folder, "report.json")
        files = [option for path in DIRECT for option in ("--requirement", path)]
        subprocess.run(
            [*pip, "install", "--dry-run", "--ignore-installed", "--report", report, *files],
            check=True,
            stdout=sys.stderr,
        )
        packages = [entry["metadata"] for entry in json.loads(report.read_text())["install"]]
        # `pip config` does not say what holds where nothing is set.
        asked = "create_command('install').parse_args([])[0].index_url"
        code = f"from pip._internal.commands import create_command; print({asked})"
        index = subprocess.run([pip[0], "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return {
        package["name"]: public(package["version"])
        for package in packages
        if not CUDA.match(canonical(package["name"]))
    }, index.stdout.strip()


def supported_pythons() -> range:
    """The minor versions of Python 3 that pyproject.toml supports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return range(*map(int, re.findall(r"3\.(\d+)", project["requires-python"])))


def serves(file: str, version: str) -> bool:
    """Whether a file of an index is this version's, and one that a supported Python may install."""
    if not file.endswith(".whl"):
        return file.endswith((f"-{version}.tar.gz", f"-{version}.zip"))
    _, found, *_, pythons, abi, _ = file.split("-")
    stable = (
        [f"cp3{minor}" for minor in range(2, supported_pythons().stop)] if "abi3" in abi else []
    )
    wanted = ["py3", *(f"{kind}3{minor}" for minor in supported_pythons() for kind in ("cp", "py"))]
    threaded = re.search(r"cp\d+t$", abi)
    return found == version and not threaded and bool({*wanted, *stable} & {*pythons.split(".")})


def hashes(index: str, name: str, version: str) -> list[str]:
    """SHA-256 of each file that the index has of a version, sorted."""
    page = urllib.request.Request(
        f"{index.rstrip('/')}/{canonical(name)}/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
    )
    with urllib.request.urlopen(page, timeout=60) as answer:
        files = json.load(answer)["files"]
    found = [file["hashes"]["sha256"] for file in files if serves(file["filename"], version)]
    if not found:
        raise SystemExit(f"found no file of {name}=={version} in the index, expected one")
    return sorted(found)


def hashes_text(versions: Mapping[str, str], index: str) -> str:
    """hashes.txt."""
    names = [name for name in sorted(versions, key=canonical) if canonical(name) not in BUILDS]

    def lines(name: str) -> Iterator[str]:
        yield f"{name}=={versions[name]}"
        yield from (f"    --hash=sha256:{each}" for each in hashes(index, name, versions[name]))

    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda name: " \\\n".join(lines(name)), names))
    return "\n".join([HASHES_HEAD, *entries, ""])


HASHES_HEAD = """\
# requirements.txt with the SHA-256 of every file that PyPI has for it. Generated by
# `python tools/lock.py`. In an environment of its own:
#
#   python -m pip install --require-hashes --no-deps -r requirements/hashes.txt
#   python -m pip install -r requirements/requirements.txt
#
# The second line brings torch and torchvision, whose hashes are not here: which build to take is
# your choice (README.md), the CPU and the CUDA build are other files, and the latter brings
# packages of its own. On Python 3.13 it brings a pyyaml-ft for `make mutate` as well."""


def requirements_text(versions: Mapping[str, str]) -> str:
    """requirements.txt."""
    lines = (f"{name}=={versions[name]}" for name in sorted(versions, key=canonical))
    return "\n".join(
        [
            "# Every package of the environment. Generated by `python tools/lock.py` from run.in",
            "# and test.in: edit those.",
            *lines,
            "",
        ]
    )


def environment_text(requirements: str) -> str:
    """environment.yml with the pins of requirements.txt."""
    lines = (f"      - {line}" for line in requirements.splitlines() if not line.startswith("#"))
    return "\n".join(
        [
            "# For conda: conda env create -f environment.yml",
            "# Generated by `python tools/lock.py`: edit requirements/run.in and test.in.",
            "name: overparam",
            "channels:",
            "  - conda-forge",
            "dependencies:",
            f"  - python={oldest_python()}",
            "  - pip",
            "  - pip:",
            *lines,
            "",
        ]
    )


def disagreements() -> list[str]:
    """What is wrong with the generated files, as sentences; none if they fit each other."""
    locked = pins(REQUIREMENTS)
    found = [
        f"{path.name} pins {name}=={version}, requirements.txt has {locked.get(name, 'none')}"
        for path in DIRECT
        for name, version in pins(path).items()
        if locked.get(name) != version
    ]
    if not ENVIRONMENT.is_file() or ENVIRONMENT.read_text("utf-8") != environment_text(
        REQUIREMENTS.read_text("utf-8")
    ):
        found.append("environment.yml is not what requirements.txt would give")
    hashed = pins(HASHES) if HASHES.is_file() else {}
    found += [
        f"hashes.txt has {name}=={hashed.get(name, 'none')}, requirements.txt has "
        f"{locked.get(name, 'none')}"
        for name in sorted({*locked, *hashed} - {*BUILDS})
        if hashed.get(name) != locked.get(name)
    ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if parser.parse_args().check:
        found = disagreements()
        sys.exit("\n".join([*found, "run: python tools/lock.py"]) if found else 0)
    running = "{}.{}".format(*sys.version_info)
    if running != oldest_python():
        sys.exit(f"found Python {running}, expected the oldest supported one, {oldest_python()}")
    versions, index = resolve()
    text = requirements_text(versions)
    hashed = hashes_text(versions, index)  # asks the index: before anything is written
    REQUIREMENTS.write_text(text, "utf-8")
    ENVIRONMENT.write_text(environment_text(text), "utf-8")
    HASHES.write_text(hashed, "utf-8")


if __name__ == "__main__":
    main()
