"""A slice is removed by removing its files and the lines that name it; the rest goes on.

Shared tests that count a run's jobs or list its slices are left to hand: docs/architecture.md,
"Slices", says which.
"""

import csv
import re
import shutil

import yaml

from tests.workflow.repository import ROOT

NAME, MODEL = "linear_nets", "LinearNets"
OTHER = re.compile("two_layer|TwoLayer")
FILES = (
    f"scripts/{NAME}", f"src/overparam/{NAME}", f"workflow/rules/{NAME}.smk",
    f"workflow/lib/{NAME}.py", f"workflow/settings/{NAME}.py", f"config/claims/{NAME}.yaml",
    f"docs/{NAME}.md", f"tests/unit/test_{NAME}.py", "tests/scripts/test_linear_programs.py",
)  # fmt: skip
# Lines that name it; with what goes alone where it is one of several things on a line.
NAMED = {
    "Snakefile": f', "{NAME}": {NAME}', "workflow/settings/run.py": "",
    "pyproject.toml": f'"scripts.{NAME}", ',
}  # fmt: skip


def removed(tree):
    """Take the slice out of a copy of the repository."""
    for path in FILES:
        if (tree / path).is_dir():
            shutil.rmtree(tree / path)
        else:
            (tree / path).unlink()
    for path, item in NAMED.items():
        (tree / path).write_text(without((tree / path).read_text().replace(item, "")))
    for path in sorted((tree / "config").glob("*.yaml")):
        values = yaml.safe_load(path.read_text())
        if values.pop(NAME, None) is not None:
            path.write_text(yaml.safe_dump(values, sort_keys=False))


def without(text):
    """The lines that do not name the slice; those that do name no other."""
    gone = re.findall(rf"^.*(?:{NAME}|{MODEL}).*$", text, re.MULTILINE)
    assert not [line for line in gone if OTHER.search(line)]
    return re.sub(rf"^.*(?:{NAME}|{MODEL}).*\n", "", text, flags=re.MULTILINE)


def naming(tree):
    """Files of the pipeline, beside configurations, that still name it."""
    folders = [(tree / one).rglob("*") for one in ("src", "scripts", "workflow")]
    paths = [tree / one for one in NAMED] + [path for found in folders for path in found]
    texts = {path: path.read_text() for path in paths if path.suffix in ("", ".py", ".smk", ".toml")
             and path.is_file()}  # fmt: skip
    return [path.name for path, text in texts.items() if NAME in text or MODEL in text]


def test_a_slice_can_be_removed(copy):
    two_layer = yaml.safe_load((ROOT / "config/claims/two_layer.yaml").read_text())["claims"]
    removed(copy)
    assert not naming(copy)
    for config in ("config/config.yaml", "config/workstation.yaml", "config/paper.yaml"):
        assert copy.snakemake("-n", "--quiet", "all", config=config).returncode == 0
    # Nothing of the other slices is computed again.
    assert copy.planned() == {"collect", "assemble", "report"}
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    with open(copy / "results/test/claims.csv", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == list(two_layer)
    assert copy.snakemake("verify").returncode == 0
