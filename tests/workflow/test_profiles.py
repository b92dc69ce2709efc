"""Files that others are generated from, and the profiles that every run is started with."""

import sys

import pytest

from pipeline.running import slurm
from scripts.runs import documents
from tests.workflow.plans import within
from tests.workflow.repository import CONFIG


def test_generated_files_are_in_step(project):
    assert project.python("scripts.runs.schema", "--check").returncode == 0
    with within(project.folder):
        paths = documents.generated()
    assert paths
    for path in paths:
        with project.edited(path, lambda text: f"{text}\n"):
            said = project.python("scripts.runs.schema", "--check")
            assert said.returncode == 1
            assert f"error: {path}: found other text" in said.stderr


def test_no_group_of_jobs_that_a_cluster_is_sent_waits_for_itself(project):
    """An experiment that reads tables and runs before them makes such a circle."""
    words = ("-n", "--quiet", "all", "--configfile", CONFIG, "--workflow-profile", "profiles/slurm")
    said = project.run(sys.executable, "-m", "snakemake", *words)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_the_settings_that_a_profile_brings_about(project, name):
    """As Snakemake reads them, whatever stands in the file: the second is read alone."""
    code = (
        "import sys\n"
        "from snakemake.cli import parse_args\n"
        "_, args = parse_args(sys.argv[1:])\n"
        "triggers = sorted(getattr(t, 'name', str(t)).lower() for t in args.rerun_triggers)\n"
        "print(triggers, args.max_checksum_file_size, args.show_failed_logs)\n"
        "print(args.executor, args.jobs, args.retries)\n"
        "print(*sorted(set(args.group_components.values())), *args.group_components)\n"
        "print(args.cores, args.local_cores, args.latency_wait, args.slurm_requeue,\n"
        "      args.slurm_jobname_prefix)\n"
        "assert args.rerun_incomplete\n"
    )
    said = project.run(sys.executable, "-c", code, "--workflow-profile", f"profiles/{name}")
    assert said.returncode == 0, said.stderr
    shared, own, together, there = said.stdout.splitlines()
    triggers = ["code", "input", "mtime", "params", "software_env"]
    # The whole of a file decides whether a touched input counts, however large it is.
    assert shared == f"{triggers} 6000000000 True"
    assert 6_000_000_000 >= 8 * 25_000**2
    assert own == {"default": "None None 1", "slurm": "slurm 100 2"}[name]
    most = {"default": 9999, "slurm": 32}[name]
    assert together == f"{most} data training measuring tables"
    if name == "slurm":
        # The names are what `make cancel` and a run that was killed know our jobs by.
        assert there == f"8 2 60 True {slurm.PREFIX}"


def test_snakemake_finds_the_profile_by_itself(project):
    said = project.snakemake("-n")
    assert "profiles/default" in said.stderr
