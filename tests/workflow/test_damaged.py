"""What a job wrote is read as it was written, or refused by name: in every run's graph.

Each file stands there as a few bytes, its job's sidecar beside it: what is read is looked at before
anything is computed.
"""

import importlib
import json
import shlex
from pathlib import Path

import pytest

from overparam.errors import Refusal
from pipeline import files, provenance
from tests.scripts.programs import call
from tests.workflow.plans import CONFIGS, MADE
from tests.workflow.repository import ROOT


@pytest.fixture
def standing(plans, tmp_path, monkeypatch):
    """The jobs of a run, of which all have written something; the work is in its folder."""
    monkeypatch.chdir(tmp_path)
    for tracked in ("config", "scripts"):
        Path(tracked).symlink_to(ROOT / tracked)

    def of(name):
        jobs = plans(name).running()
        for job in jobs:
            for path in map(Path, job.writes()):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"what {job.rule} wrote to {path}")
            outputs = {key: paths for key, paths in job.outputs.items() if key != "sidecar"}
            notes = dict.fromkeys(provenance.KEYS, "") | {"outputs": provenance.hashes(outputs)}
            Path(*job.outputs["sidecar"]).write_text(json.dumps(notes))
        return jobs

    return of


def made(job):
    """What a job reads that another one wrote, by option."""
    return {
        option: [path for path in paths if path.startswith(MADE)]
        for option, paths in job.inputs.items()
    }


@pytest.mark.parametrize("name", CONFIGS)
def test_the_sidecar_of_whatever_a_job_reads_is_found(standing, name):
    for job in standing(name):
        read = {path: files.digest(path) for paths in made(job).values() for path in paths}
        provenance.check(read, ())
        for path in read:
            with pytest.raises(Refusal) as told:
                provenance.check({path: "0" * 64}, ())
            assert str(told.value).startswith(f"{path}: changed since ")


def test_every_program_refuses_what_was_changed_since_it_was_written(standing, capsys):
    """A file of each kind: of each option of each program."""
    tried = set()
    for job in standing("test"):
        # A line that goes on behind a backslash leaves its end as a word.
        words = [word for word in shlex.split(job.command) if word != "\n"]
        words = [*words[words.index("-m") + 2 : words.index("--limit")], "--code", job.code]
        program = importlib.import_module(f"scripts.{job.program}")
        for option, paths in made(job).items():
            if paths and (job.program, option) not in tried:
                tried.add((job.program, option))
                path = Path(paths[-1])
                before = path.read_bytes()
                path.write_bytes(bytes([before[0] ^ 1]) + before[1:])
                assert call(program, *words) == 1, job
                said = capsys.readouterr().err
                assert said.startswith(f"error: {path}: changed since it was written: found ")
                assert said.endswith(": delete the file and run again\n")
                path.write_bytes(before)
    options = {option for _, option in tried}
    assert options >= {"raw", "problem", "gram", "spectrum", "eigenvectors"}  # of the data
    assert options >= {"arrays", "networks", "frozen", "predictions"}  # of networks and kernels
    assert options >= {"metrics", "losses", "curves", "table", "claims"}  # what is drawn or told
