"""What holds of every job of every configuration, whatever slices and experiments there are."""

import re
import shlex
import subprocess
from collections import Counter
from itertools import pairwise

import pytest
import yaml

from pipeline import claims
from pipeline.files import short_digest
from pipeline.fingerprint import Sources
from pipeline.running import dag
from tests.workflow.plans import CONFIGS, CORES, MADE, plan, within
from tests.workflow.repository import ROOT, is_clone, listed
from workflow.settings.run import MODELS

# Its entries are pinned one by one, by the jobs that need them.
REGISTRY = "config/datasets.yaml"
RUNS = pytest.mark.parametrize("name", CONFIGS)


@RUNS
def test_every_job_has_log_benchmark_and_sidecar_of_its_own(plans, name):
    jobs = plans(name).running()
    for job in jobs:
        assert [path.rpartition(".")[2] for path in job.log + job.benchmark] == ["log", "tsv"], job
        assert [path.rpartition(".")[2] for path in job.outputs["sidecar"]] == ["json"], job
    for written in ([*job.writes(), *job.log, *job.benchmark] for job in jobs):
        assert written
    counted = Counter(path for job in jobs for path in [*job.writes(), *job.log, *job.benchmark])
    assert set(counted.values()) == {1}
    assert [job.rule for job in plans(name) if job not in jobs] == ["all"]


@RUNS
def test_every_output_is_read_by_a_job_or_asked_for(plans, name):
    """A job with an output that nobody asks for is not run again for a new one, nor for any change
    that comes with it. Sidecars come with the others."""
    asked = {path for job in plans(name) for path in job.reads()}
    for job in plans(name):
        assert {*job.writes()} - asked <= {*job.outputs.get("sidecar", [])}, job


@RUNS
@pytest.mark.parametrize("slice", MODELS)
def test_every_claim_is_measured_by_a_planned_job(plans, name, slice):
    written = {path for job in plans(name) for path in job.writes()}
    stated = claims.read(ROOT / f"scripts/{slice}/claims").claims
    checked = {id: claim.checks[name] for id, claim in stated.items() if name in claim.checks}
    missing = {
        id: check.metric
        for id, check in checked.items()
        if f"results/{name}/{slice}/{check.job}/metrics.json" not in written
    }
    assert missing == {}
    assert {run for claim in stated.values() for run in claim.checks} <= {*CONFIGS}


def test_every_experiment_that_is_declared_is_run_and_drawn(plans):
    """By some run of the project."""
    found = {job.program for name in CONFIGS for job in plans(name)}
    for slice, settings in MODELS.items():
        for name, experiment in settings.classes.items():
            wanted = set() if experiment.own_rules else {f"{slice}.{name}"}
            wanted |= {f"{slice}.plot_{name}"} if experiment.shows else set()
            assert wanted <= found
            files = [ROOT / f"scripts/{program.replace('.', '/')}.py" for program in wanted]
            assert all(file.is_file() for file in files)


@RUNS
def test_every_job_says_what_it_needs_and_which_code_it_runs(plans, name):
    sources = Sources(ROOT)
    for job in plans(name).running():
        words = shlex.split(job.command)
        given = dict(pairwise(words))
        assert words[:3] == ["3>&2", "OVERPARAM_ASIDE=3", "PYTHONPATH=src"], job
        assert words[3:6] == ["python", "-m", f"scripts.{job.program}"], job
        assert given["--threads"] == str(job.threads)
        # A job out of memory says of which rule to raise it.
        assert given["--limit"] == f"{job.rule}:mem_mb={job.resources['mem_mb']}"
        program = f"scripts/{job.program.replace('.', '/')}.py"
        assert given["--code"] == job.code == sources.fingerprint(program)
        assert job.command.rstrip().endswith(f"&>{job.log[0]}")
        assert min(job.resources[key] for key in ("mem_mb", "runtime", "seconds")) > 0
        assert job.conda.endswith("environment.yml")


@RUNS
def test_settings_files_and_code_of_every_job_are_held_against_its_results(plans, name):
    """Files by the names of their options: two inputs that change places are another job."""
    for job in plans(name).running():
        (said,) = (words for words in job.tracked if words.startswith("--"))
        assert shlex.split(said) == shlex.split(" ".join(_flat(job.options)))
        assert {job.program, job.code} <= {*job.tracked}, job
        for files in (job.inputs, job.outputs):
            assert "" not in files, job
            expected = [(_option(key), path) for key in sorted(files) for path in files[key]]
            options = {option for option, _ in expected}
            found = [
                (option, value)
                for option, value in job.options
                if option in options and value in {path for _, path in expected}
            ]
            assert found == expected, job


@RUNS
def test_every_file_that_no_job_makes_is_pinned_by_its_digest(plans, project, name):
    """Snakemake passes over an edit with an old time."""
    tracked = {*listed("-c")} if is_clone() else None
    for job in plans(name).running():
        read = [path for path in job.reads() if not path.startswith(MADE) and path != REGISTRY]
        pins = [f"{path}={short_digest(project / path)}" for path in read]
        assert job.told("planned") == pins, job
        assert tracked is None or {*read} <= tracked


@RUNS
def test_claims_are_read_by_the_ledger_and_pinned_there(plans, name):
    (job,) = plans(name).of("collect")
    there = {str(path.relative_to(ROOT)) for path in ROOT.glob("scripts/*/claims/*.yaml")}
    assert there
    assert there == {path for path in job.reads() if path.endswith(".yaml")}
    assert there == {pin.partition("=")[0] for pin in job.told("planned")}


def test_a_download_knows_its_own_entry_of_the_registry(plans):
    jobs = [job for job in plans("workstation") if job.program == "data.fetch"]
    assert len({tuple(job.told("registered")) for job in jobs}) == len(jobs) > 1
    assert all(REGISTRY in job.reads() and job.told("registered") for job in jobs)


@pytest.mark.parametrize("path", ["mine.csv", "data/mine.csv", "results/mine.csv"])
def test_a_persons_own_file_is_pinned_wherever_it_lies(project, path):
    rows = "".join(f"{n % 2},{n},{n * n}\n" for n in range(200))
    (project / path).write_text(f"label,a,b\n{rows}")
    values = yaml.safe_load((project / CONFIGS["test"]).read_text())
    for data in values["data"].values():
        data |= {"source": "file", "file": path, "groups": [["0"], ["1"]]}
    config = f"config/runs/{path.replace('/', '_')}.yaml"
    (project / config).parent.mkdir(exist_ok=True)
    (project / config).write_text(yaml.safe_dump(values))
    try:
        planned = plan(project.folder, config)
        told = [value for job in planned for key, value in job.options if key == "about"]
        assert any(about.startswith(f"{path}, classes 0 against 1") for about in told)
        jobs = planned.of("file")
        assert jobs
        for job in jobs:
            assert job.told("planned") == [f"{path}={short_digest(project / path)}"]
    finally:
        (project / path).unlink()
        (project / config).unlink()


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("scripts/*/runs.yaml")), ids=lambda path: path.parent.name
)
def test_what_a_slice_changes_in_a_run_differs_from_its_defaults(path):
    defaults = MODELS[path.parent.name]().model_dump(mode="json")
    runs = yaml.safe_load(path.read_text())
    assert runs.keys() <= {"workstation", "paper"}  # another name would be ignored
    for changed in runs.values():
        assert [*_same(changed, defaults)] == []


def test_nothing_is_measured_from_what_was_found_before(plans):
    """No job reads what is recorded."""
    read = {path for name in CONFIGS for job in plans(name) for path in job.reads()}
    assert read
    assert [path for path in read if path.startswith("reference/")] == []


@pytest.mark.skipif(not is_clone(), reason="skipped: not a git clone")
def test_no_output_is_tracked_by_git(plans):
    jobs = [job for name in CONFIGS for job in plans(name)]
    made = {path for job in jobs for path in [*job.writes(), *job.log, *job.benchmark]}
    assert {path.partition("/")[0] for path in made} == {"data", "results", "figures"}
    assert all(path.startswith(MADE) for path in made)
    assert not made & {*listed("-c")}
    ignored = subprocess.run(
        ["git", "check-ignore", "--stdin"],
        cwd=ROOT, input="\n".join(sorted(made)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert {*ignored.stdout.splitlines()} == made


def test_no_wildcard_stands_for_anything_at_all(project):
    """They become parts of paths. Snakemake leaves out those of a rule's own path variables that it
    puts in later."""
    with within(project.folder), dag.graph(CONFIGS["test"], CORES) as graph:
        rules = [rule for rule in graph.workflow.rules if rule.shellcmd]
        outputs = [str(path) for rule in rules for path in rule.output]
    assert any("{" in path for path in outputs)
    for path in outputs:
        wanted = {*re.findall(r"{([a-z]\w*)", path)}
        assert {*re.findall(r"{(\w+),", path)} == wanted, path


def test_what_is_wanted_early_is_made_first_with_all_that_it_is_made_of(project, plans):
    """And nothing else is. Of two ranks the higher counts."""
    written = [path for job in plans("test").running() for path in job.writes()]
    pictures = [path for path in written if path.endswith(".svg")][:2]
    with within(project.folder), dag.graph(CONFIGS["test"], CORES) as graph:
        dag.make_first(graph, dict(zip(pictures, (1, 2), strict=True)))
        found = {job: graph.priority(job) for job in graph.jobs}
        behind = []
        for picture in pictures:
            (last,) = (job for job in found if picture in job.output)
            behind.append({*graph.bfs(graph.dependencies, last)})
    assert len(behind[1]) > 2
    for job, priority in found.items():
        assert priority == (2 if job in behind[1] else 1 if job in behind[0] else 0), job


def _same(changed, defaults):
    """The keys whose values are the defaults."""
    for key, value in changed.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict):
            yield from (f"{key}.{inner}" for inner in _same(value, default))
        elif value == default:
            yield key


def _option(key):
    return key.replace("_", "-")


def _flat(options):
    for name, value in options:
        yield f"--{name}"
        if value:
            yield shlex.quote(value)
