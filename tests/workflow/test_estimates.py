"""What a run would take, told beforehand, and refused where it cannot be had."""

import csv
import os
import re
import shutil
import sys
from collections import Counter
from types import SimpleNamespace

import pytest

from pipeline.running import dag
from scripts.runs import estimates, plan
from tests.scripts.programs import call
from tests.workflow.plans import CONFIGS
from tests.workflow.repository import ROOT
from workflow.lib import run
from workflow.slices import SLICES


@pytest.fixture
def here(project, monkeypatch):
    """The project's folder, to plan in with this process."""
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.mark.parametrize("name", CONFIGS)
def test_every_job_of_a_run_is_counted(project, plans, name):
    said = project.python("scripts.runs.plan", "--configfile", CONFIGS[name], "--mem", 64_000)
    # Too little disk here is told after the table.
    assert said.returncode == 0 or "error: disk:" in said.stderr, said.stderr
    planned = Counter(job.rule for job in plans(name).running())
    assert re.search(rf"^{planned.total()} jobs, about \d+ minutes?", said.stdout, re.MULTILINE)
    table = re.findall(r"^(\w+) +(\d+) ", said.stdout, re.MULTILINE)
    assert {rule: int(jobs) for rule, jobs in table} == planned
    made = project.files("results", "figures", "data")
    assert made <= {f"{folder}/README.md" for folder in ("results", "figures", "data")}


def test_a_plan_in_this_process(here, plans, capsys):
    assert call(plan, "--configfile", "config/test.yaml", "--cores", 2, "--mem", 64_000) == 0
    said = capsys.readouterr().out
    jobs = len(plans("test").running())
    assert re.search(rf"^{jobs} jobs, about \d+ minutes? on 2 cores", said, re.MULTILINE)


def test_a_plan_counts_disk_and_checkpoints_and_refuses_what_does_not_fit(
    here, capsys, monkeypatch
):
    """As many checkpoints as there are cores, the largest ones: jobs run beside each other."""
    monkeypatch.setattr(estimates, "disk_mb", lambda job: 1.0)
    jobs = [dag.Job("train", {}, [], None, 1, 9, 500, 0, mb) for mb in (5, 300, 200)]
    monkeypatch.setattr(dag, "planned", lambda *words: jobs)
    for free, status in ((504, 0), (502, 1)):
        space = SimpleNamespace(free=free * 1_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda path, space=space: space)
        words = ("--configfile", "config/test.yaml", "--cores", 2, "--mem", 64_000)
        assert call(plan, *words) == status
        said = capsys.readouterr()
        assert "0.5 GB of disk" in said.out
        refused = f"error: disk: {free} MB free, expected at least 503 MB: free some (make clean "
        assert (refused in said.err) == (status == 1)


@pytest.mark.parametrize("name", ["digits", "workstation"])
def test_every_program_of_a_record_is_planned_and_its_jobs_have_recorded_times(
    here, plans, capsys, monkeypatch, name
):
    """But those of the data's own rules, which are no run's; an experiment that came after the
    record is counted by its declaration."""
    monkeypatch.setattr(estimates, "RECORDS", ROOT / "reference/runs")
    assert call(plan, "--configfile", CONFIGS[name], "--cores", 2, "--mem", 64_000) == 0
    said = capsys.readouterr()
    counted = re.search(r"(\d+) counted on the slow side", said.out)
    brought = [job for job in plans(name) if job.log and job.log[0].startswith("data/")]
    with open(ROOT / "reference/runs" / name / estimates.TIMES, newline="") as file:
        programs = {row["program"].replace("/", ".") for row in csv.DictReader(file)}
    # Records keep what slices took that are no longer here.
    folders = {"data", "ledger", *SLICES}
    recorded = {program for program in programs if program.split(".")[0] in folders}
    planned = {job.program for job in plans(name)}
    assert recorded <= planned
    later = [job for job in plans(name) if job.program and job.program not in recorded]
    assert int(counted[1]) <= len({id(job) for job in [*brought, *later]})


def test_a_record_of_short_jobs_tells_nothing_of_far_longer_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(estimates, "RECORDS", tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / estimates.TIMES).write_text("program,jobs,seconds\na/b,2,1\n")
    short, twice, far = (SimpleNamespace(program="a.b", seconds=s) for s in (2, 4, 200))
    assert estimates.recorded([short, twice, far], "run", [short, short]) == [0.5, 1.0, None]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="skipped: needs Linux")
def test_a_plan_counts_the_cores_that_this_process_may_use(here, capsys):
    """As a run does: an allocation may have a few of a node's."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert call(plan, "--configfile", "config/test.yaml", "--mem", 64_000) == 0
    finally:
        os.sched_setaffinity(0, allowed)
    assert "minutes on 1 core (" in capsys.readouterr().out


def test_a_run_that_memory_cannot_hold_is_refused(project):
    words = ("--configfile", CONFIGS["workstation"], "--mem", 900)
    said = project.python("scripts.runs.plan", *words)
    assert said.returncode == 1
    assert re.search(r"error: memory: 900 MB, expected at least \d{4,} MB", said.stderr)


def test_a_run_that_this_computer_cannot_hold_is_refused(here, capsys, monkeypatch):
    """Snakemake lowers what jobs ask for to what there is: a plan counts what they ask for."""
    monkeypatch.setattr(run, "memory_mb", lambda: 900)
    assert call(plan, "--configfile", "config/test.yaml", "--cores", 2) == 1
    assert re.search(r"error: memory: 900 MB, expected at least \d{4} MB", capsys.readouterr().err)
