"""The project as a module of another workflow, as docs/running.md shows it."""

import re
import sys

from tests import toy
from tests.workflow.repository import ROOT, Repository, fresh, refused

MADE = "results/test/claims.json"


def test_another_workflow_uses_the_rules(tmp_path):
    inner, outer = tmp_path / "overparam", Repository(tmp_path)
    inner.mkdir()
    project = fresh(inner)
    # Its run takes seconds.
    toy.drop_in(inner, alone=True)
    section = (ROOT / "docs/running.md").read_text().split("## In a workflow of your own")[1]
    (outer / "Snakefile").write_text(re.search(r"```\n(.*?)```", section, re.DOTALL)[1])
    command = re.search(r"^    snakemake (.*)$", section, re.MULTILINE)[1]
    snakemake = (sys.executable, "-m", "snakemake")
    # As in a shell that knows nothing of this project.
    done = outer.run(*snakemake, *command.split(), "--cores", 2, PYTHONPATH="")
    assert done.returncode == 0, done.stderr
    assert (outer / "mine.json").read_bytes() == (project / MADE).read_bytes()
    assert outer.files("results", ".snakemake") == set()
    # The same job as the project's own, told the same: nothing is left to do.
    assert project.planned(MADE) == set()
    # Without -d the project's own files are not found.
    with outer.edited("Snakefile", lambda text: text.replace('"config/', '"overparam/config/')):
        assert refused(outer.run(*snakemake, "-n", PYTHONPATH=""), "config/datasets.yaml: found")
