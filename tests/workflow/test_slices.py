"""A slice is removed by removing its files and the lines that name it; the rest goes on."""

import csv
import re
import shutil

import yaml

from tests.workflow.repository import ROOT

NAME, MODEL = "linear_nets", "LinearNets"
FILES = (
    f"scripts/{NAME}", f"src/overparam/{NAME}", f"workflow/rules/{NAME}.smk",
    f"workflow/lib/{NAME}.py", f"workflow/settings/{NAME}.py", f"config/claims/{NAME}.yaml",
)  # fmt: skip


def removed(tree):
    """Take the slice out of a copy of the repository."""
    for path in FILES:
        if (tree / path).is_dir():
            shutil.rmtree(tree / path)
        else:
            (tree / path).unlink()
    text = (tree / "Snakefile").read_text().replace(f', "{NAME}": {NAME}', "")
    (tree / "Snakefile").write_text(without(text))
    settings = tree / "workflow/settings/run.py"
    settings.write_text(without(settings.read_text()))
    for path in sorted((tree / "config").glob("*.yaml")):
        values = yaml.safe_load(path.read_text())
        if values.pop(NAME, None) is not None:
            path.write_text(yaml.safe_dump(values, sort_keys=False))


def without(text):
    """The lines that do not name the slice."""
    return re.sub(rf"^.*(?:{NAME}|{MODEL}).*\n", "", text, flags=re.MULTILINE)


def test_a_slice_can_be_removed(copy):
    two_layer = yaml.safe_load((ROOT / "config/claims/two_layer.yaml").read_text())["claims"]
    removed(copy)
    for config in ("config/config.yaml", "config/workstation.yaml", "config/paper.yaml"):
        assert copy.snakemake("-n", "--quiet", "all", config=config).returncode == 0
    # Nothing of the other slices is computed again.
    assert copy.planned() == {"collect", "assemble", "report"}
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    with open(copy / "results/test/claims.csv", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == list(two_layer)
    assert copy.snakemake("verify").returncode == 0
