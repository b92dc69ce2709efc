"""What stands where: the Snakefile, the rules, the plans of all configurations."""

import math
import re
import shutil
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pytest
import yaml

from pipeline.files import short_digest
from pipeline.running import dag, slurm
from scripts.runs import estimates, plan
from tests.scripts.programs import call
from tests.workflow.repository import (
    ROOT,
    Repository,
    environment,
    filled,
    fresh,
    is_clone,
    listed,
    programs,
    rules,
    shared,
)  # fmt: skip
from workflow.lib import costs, run

RULE_FILES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
RULES = {
    f"{path.stem}:{name}": text
    for path in RULE_FILES
    for name, text in rules(path.read_text()).items()
}
CONFIGS = {
    "digits": "config/config.yaml",
    "test": "config/test.yaml",
    "workstation": "config/workstation.yaml",
    "paper": "config/paper.yaml",
}
# What the experiments read of a problem: its points alone, or its spectrum; draws read H∞.
PREPARED = {"concentration", "start", "noise", "fit"}
SPECTRUM = {
    "constants", "published", "widths", "scale", "stability", "decay", "distances",
    "capacity",
}  # fmt: skip
UNDRAWN = {"start", "constants", "noise", "frozen", "distances"}
LINEAR_DRAWN = {"phase", "drift", "figure1", "figure2"}
# Rules that only print, each time they are asked to, and so have no outputs.
PRINTING = {"ledger:claims", "ledger:verify", 'ledger:f"claim_{claim}"'}
FUNCTION = re.compile(r"\b(def|lambda)\b")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The repository as a new clone has it, for tests that only plan."""
    return Repository(shared(tmp_path_factory, "planned", fresh))


@pytest.fixture(scope="module")
def plans(clone):
    """The jobs of each configuration in a new clone."""
    return {name: clone.jobs(config=file) for name, file in CONFIGS.items()}


def settings(name):
    """A run's settings as YAML says, the default ones below them."""

    def laid(below, above):
        if not (isinstance(below, dict) and isinstance(above, dict)):
            return above
        return below | {key: laid(below.get(key), value) for key, value in above.items()}

    default, own = (yaml.safe_load((ROOT / CONFIGS[one]).read_text()) for one in ("digits", name))
    return laid(default, own)


def expected(name):
    """How many jobs of each rule a run takes in a new clone, counted from its settings."""
    values = settings(name)
    data, slice_ = values["data"], values["two_layer"]
    one, eight, two = (slice_[key] for key in ("figure1", "equation8", "figure2"))
    drawn1, drawn2 = ([*fig["problems"], *fig["kernel_problems"]] for fig in (one, two))
    on = {key: slice_[key]["problems"] for key in PREPARED | SPECTRUM | {"draws"}}
    spectra = {
        *drawn1, *eight["problems"], *two["problems"], *(p for key in SPECTRUM for p in on[key]),
    }  # fmt: skip
    grams = spectra | {*on["draws"]}
    points = grams | {p for key in PREPARED for p in on[key]}
    splits = sum(data[problem].get("splits", 1) for problem in drawn2)
    sources = {data[problem]["source"] for problem in {*points, *drawn2}}
    papers = [p for p in on["published"] if data[p]["source"] in ("mnist", "cifar10")]

    def jobs(repetitions, together):
        return math.ceil(repetitions / together)

    capacity = slice_["capacity"]
    # An overlay leaves an arm out by null.
    starts, capacities = ([*filter(None, each["arms"].values())] for each in (one, capacity))
    trained = (
        sum(3 * jobs(one["repetitions"], arm["seeds_per_job"]) for arm in starts)
        * len(one["problems"])
        + len(eight["widths"]) * len(eight["labels"]) * len(eight["problems"])
        * jobs(eight["repetitions"], eight["seeds_per_job"])
        + len(two["noise"]) * jobs(two["repetitions"], two["seeds_per_job"]) * len(two["problems"])
        + len(capacities) * len(capacity["widths"]) * len(on["capacity"])
        * jobs(capacity["repetitions"], capacity["seeds_per_job"])
    )  # fmt: skip
    measured = {key: len(problems) for key, problems in on.items()} | {"frozen": len(on["widths"])}
    measured |= dict.fromkeys(("formula", "targets", "samples"), 1)
    drawn = {f"plot_{key}": count for key, count in measured.items() if key not in UNDRAWN}
    linear = values["linear_nets"]["experiments"]
    measured |= dict.fromkeys((f"linear_{key}" for key in linear), 1)
    drawn |= dict.fromkeys((f"plot_linear_{key}" for key in LINEAR_DRAWN & {*linear}), 1)
    return Counter(
        dict.fromkeys(sources, 1)
        | measured
        | drawn
        | {
            # Figure 2 needs every split, all else the first alone.
            "prepare": splits + len(points - {*drawn2}), "gram": splits + len(grams - {*drawn2}),
            "spectrum": len(spectra), "train": trained,
            "projections": len(drawn1), "predict": len(drawn1) * len(starts),
            "complexity": len(drawn2), "losses": len(drawn1), "deviation": len(eight["problems"]),
            "errors": len(drawn2), "plot_figure1": len(drawn1),
            "plot_equation8": len(eight["problems"]), "plot_figure2": len(drawn2),
            "plot_published": len(papers), "collect": 1, "assemble": 1, "report": 1, "all": 1,
        }
    )  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_new_clone_plans_every_job(plans, name):
    assert Counter(job.split()[0] for job in plans[name]) == +expected(name)


def test_the_numbers_of_the_default_run(plans):
    """By hand: five splits of digits and one of digits01; 9 + 3 + 6 + 11 + 8 trainings."""
    found = Counter(job.split()[0] for job in plans["digits"])
    assert found["prepare"] == found["gram"] == 6
    assert found["train"] == 37
    assert found["complexity"] == 1
    assert found["constants"] == found["fit"] == found["plot_fit"] == 2
    assert sum(found.values()) == 108


@pytest.mark.parametrize("name", CONFIGS)
def test_every_job_has_log_benchmark_and_sidecar_of_its_own(plans, name):
    jobs = {job: files for job, files in plans[name].items() if job != "all"}
    for job, files in jobs.items():
        assert len(files["log"]) == len(files["benchmark"]) == 1, job
        assert files["log"][0].endswith(".log"), job
        assert files["benchmark"][0].endswith(".tsv"), job
        assert any(path.endswith(".json") for path in files["output"]), job
    for kind in ("log", "benchmark", "output"):
        written = Counter(path for files in jobs.values() for path in files[kind])
        assert set(written.values()) == {1}, kind


def test_nothing_is_measured_from_what_was_found_before(plans):
    """What is recorded is drawn beside what is measured, and read nowhere else."""
    readers = {
        job.split()[0]
        for jobs in plans.values()
        for job, files in jobs.items()
        if any(path.startswith("reference/") for path in files["input"])
    }
    assert readers == {"plot_figure1", "plot_figure2"}


@pytest.mark.skipif(not is_clone(), reason="skipped: not a git clone")
def test_no_output_of_a_rule_is_tracked(plans):
    made = {
        path
        for jobs in plans.values()
        for job in jobs.values()
        for kind in ("output", "log", "benchmark")
        for path in job[kind]
    } - {""}
    assert len(made) > 500
    assert "data/MNIST/raw/train-images-idx3-ubyte" in made
    assert "figures/digits/two_layer/figure1_digits.svg" in made
    assert not made & set(listed("-c"))
    ignored = subprocess.run(
        ["git", "check-ignore", "--stdin"],
        cwd=ROOT, input="\n".join(sorted(made)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert set(ignored.stdout.splitlines()) == made


@pytest.mark.parametrize("name", CONFIGS)
def test_what_a_run_would_take(clone, name):
    said = clone.python("scripts.runs.plan", "--configfile", CONFIGS[name], "--mem", 64_000)
    # Too little disk here is told after the table.
    assert said.returncode == 0 or "error: disk:" in said.stderr, said.stderr
    total = sum(expected(name).values()) - 1
    assert re.search(rf"^{total} jobs, about \d+ minutes", said.stdout, re.MULTILINE)
    table = dict(re.findall(r"^(\w+) +(\d+) ", said.stdout, re.MULTILINE))
    assert table["train"] == str(expected(name)["train"])
    assert clone.files("results", "figures", "data") <= {
        f"{folder}/README.md" for folder in ("results", "figures", "data")
    }


def test_a_plan_in_this_process(clone, capsys, monkeypatch):
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert call(plan, "--configfile", "config/test.yaml", "--cores", 2, "--mem", 64_000) == 0
    said = capsys.readouterr().out
    assert re.search(r"^65 jobs, about \d+ minutes on 2 cores", said, re.MULTILINE)


def test_a_plan_counts_disk_and_checkpoints_and_refuses_what_does_not_fit(
    clone, capsys, monkeypatch
):
    """As many checkpoints as there are cores, the largest ones: jobs run beside each other."""
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
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
def test_every_job_of_a_recorded_run_has_a_recorded_time(clone, capsys, monkeypatch, name):
    """But downloads and the bundled data set, which are no run's own."""
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(estimates, "RECORDS", ROOT / "reference/runs")
    assert call(plan, "--configfile", CONFIGS[name], "--cores", 2, "--mem", 64_000) == 0
    said = capsys.readouterr().out
    counted = int(re.search(r"(\d+) counted on the slow side", said)[1])
    assert counted <= {"digits": 1, "workstation": 2}[name]


def test_of_every_tracked_file_that_a_job_reads_it_knows_the_digest(clone, monkeypatch):
    """Snakemake passes over an edit with an old time; of the registry a job may need a part."""
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    registry, read = "config/datasets.yaml", Counter()
    with dag._plan(CONFIGS["workstation"], 2) as plan:
        for job in plan.jobs:
            for path in {*map(str, job.input)} - {registry}:
                if (clone / path).is_file():
                    read[path] += 1
                    assert short_digest(path) in repr(job.non_derived_params), (job, path)
            if registry in job.input and job.rule.name != "prepare":
                assert job.params.registered in job.non_derived_params
                read[registry] += 1
    assert read.keys() == {
        registry, *(f"config/claims/{name}.yaml" for name in ("two_layer", "linear_nets")),
        "config/figures.mplstyle",
        "config/published/arora2019.yaml", "reference/papers/arora2019_digitised.csv",
        *(f"scripts/ledger/report.{end}" for end in ("html.j2", "css", "js")),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["test", "digits", "workstation"])
def test_every_output_but_sidecars_is_asked_for(clone, monkeypatch, name):
    """A job with an output that nobody asks for is not run again for a new one, nor for any change
    that comes with it."""
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with dag._plan(CONFIGS[name], 2) as plan:
        jobs = list(plan.jobs)
    asked = {str(path) for job in jobs for path in job.input}
    for job in jobs:
        left = {str(path) for path in job.output} - asked
        assert left <= {str(job.output.get("sidecar"))}, job


def test_a_run_that_memory_cannot_hold_is_refused(clone):
    said = clone.python("scripts.runs.plan", "--configfile", CONFIGS["workstation"], "--mem", 900)
    assert said.returncode == 1
    assert re.search(r"error: memory: 900 MB, expected at least \d{4,} MB", said.stderr)


def test_a_run_that_this_computer_cannot_hold_is_refused(clone, capsys, monkeypatch):
    """Snakemake lowers what jobs ask for to what there is: a plan counts what they ask for."""
    monkeypatch.chdir(clone.folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(run, "memory_mb", lambda: 900)
    assert call(plan, "--configfile", "config/test.yaml", "--cores", 2) == 1
    assert re.search(r"error: memory: 900 MB, expected at least \d{4} MB", capsys.readouterr().err)


def test_a_second_try_may_take_twice_as_much_of_everything():
    for path in RULE_FILES:
        limits = re.findall(r"(?:mem_mb|runtime)=(.*),", path.read_text())
        assert limits
        # Local jobs have no use for a time limit.
        assert [one for one in limits if not re.match(r"resource\(|minutes\(|\d{1,2}$", one)] == []
    for limit in (costs.resource(lambda wildcards: 300), costs.minutes(lambda wildcards: 300)):
        assert limit(None, attempt=2) == 2 * limit(None, attempt=1) > 0


def test_the_snakefile_is_short_and_holds_no_function():
    text = (ROOT / "Snakefile").read_text()
    assert len(text.splitlines()) <= 60
    assert not FUNCTION.search(text)
    assert re.search(r'min_version\("[\d.]+"\)', text)
    included = re.findall(r'^include: "(.*)"$', text, re.MULTILINE)
    assert sorted(included) == [path.relative_to(ROOT).as_posix() for path in RULE_FILES]


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_rule_files_hold_rules_alone(path):
    text = path.read_text()
    assert not re.search(r"^\s*(def|class|import|from|if|while|with)\b", text, re.MULTILINE)
    # A loop makes rules and does nothing else.
    loops = re.findall(r"^(.*?)\bfor \w+ in .*:\n\n?(.*)\n", text, re.MULTILINE)
    assert all((before, first) == ("", "    rule:") for before, first in loops)
    assert not re.search(r"^\s*(run|script|notebook|wrapper):", text, re.MULTILINE)


@pytest.mark.parametrize("rule", sorted({*RULES} - PRINTING))
def test_every_rule_says_what_it_needs(rule):
    text, name = RULES[rule], rule.split(":", 1)[1]
    keys = set(re.findall(r"^    (\w+):", text, re.MULTILINE))
    wanted = {"output", "log", "benchmark", "conda", "threads", "resources", "params", "shell"}
    assert wanted <= keys
    resources = re.search(r"^    resources:\n((?: {8}.*\n)+)", text, re.MULTILINE)[1]
    assert {"mem_mb", "runtime", "seconds"} <= set(re.findall(r"^ {8}(\w+)=", resources, re.M))
    looped = re.search(r"^ +program=(.*),$", text, re.MULTILINE)
    # A job out of memory says of which rule to raise it.
    own = name if looped else f'"{name}"'
    assert f"rule={own}," in text
    assert "--limit {params.rule}:mem_mb={resources.mem_mb}" in text
    if looped:
        folder = re.search(r"python -m scripts\.(\w+)\.", text)[1]
        assert f'code=fingerprint(f"scripts/{folder}/{filled(looped[1])}.py")' in text
    else:
        assert f'code=fingerprint("{programs()[name]}")' in text
    assert re.search(r"--sidecar \{output.sidecar:q\} --code \{params.code\} &> ?\{log:q\}", text)
    # Files have names.
    for kind in ("input", "output"):
        block = re.search(rf"^    {kind}:\n((?: {{8}}.*\n)+)", text, re.MULTILINE)
        lines = re.findall(r"^ {8}(\S.*)$", block[1], re.MULTILINE) if block else []
        assert all(re.match(r"\w+=|\)|\*\*\w+\.|unpack\(", line) for line in lines)
    # The threads that a rule is given are those that its program computes with; training has
    # them among its settings.
    threads = re.search(r"^    threads: (.*)$", text, re.MULTILINE)[1]
    assert threads == "1" or "--threads {threads}" in text or rule == "two_layer:train"


@pytest.mark.parametrize("rule", sorted(PRINTING))
def test_rules_that_print_make_nothing_and_are_local(rule):
    text = RULES[rule]
    keys = set(re.findall(r"^    (\w+):", text, re.MULTILINE))
    assert keys - {"name"} == {"input", "log", "localrule", "conda", "params", "shell"}
    assert "| tee {log:q}" in text


def test_planning_loads_nothing_heavy():
    """What makes `snakemake -n` slow is what it imports."""
    heavy = {"torch", "numpy", "pandas", "scipy", "sklearn", "matplotlib"}
    paths = sorted((ROOT / "workflow").rglob("*.py"))
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in paths
    ]
    # Snakemake's interface loads its plugins, of which SLURM's loads pandas.
    names = [
        module.removesuffix(".__init__") for module in modules if module != "pipeline.running.dag"
    ]
    code = f"import sys, {', '.join(names)}\nprint({heavy} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment(PYTHONPATH="src:."), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(names) > 8
    assert answer.stdout == "set()\n"


def test_generated_files_are_in_step(clone):
    assert clone.python("scripts.runs.schema", "--check").returncode == 0
    paths = ("config.yaml", "schema.json", "claims/schema.json")
    for path in (*(f"config/{name}" for name in paths), "docs/configuration.md"):
        with clone.edited(path, lambda text: f"{text}\n"):
            said = clone.python("scripts.runs.schema", "--check")
            assert said.returncode == 1
            assert f"error: {path}: found other text" in said.stderr


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_the_settings_that_a_profile_brings_about(clone, name):
    """As Snakemake reads them, whatever stands in the file: the second is read alone."""
    code = (
        "import sys\n"
        "from snakemake.cli import parse_args\n"
        "_, args = parse_args(sys.argv[1:])\n"
        "triggers = sorted(getattr(one, 'name', str(one)).lower() for one in args.rerun_triggers)\n"
        "print(triggers, args.max_checksum_file_size, args.show_failed_logs)\n"
        "print(args.executor, args.jobs, args.retries)\n"
        "print(*sorted(set(args.group_components.values())), *args.group_components)\n"
        "print(args.cores, args.local_cores, args.latency_wait, args.slurm_requeue,\n"
        "      args.slurm_jobname_prefix)\n"
        "assert args.rerun_incomplete\n"
    )
    said = clone.run(sys.executable, "-c", code, "--workflow-profile", f"profiles/{name}")
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


def test_trainings_that_travel_together_ask_a_cluster_for_one_gpu(clone):
    """And for the time that they need one after another: as Snakemake itself reckons."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from snakemake.api import SnakemakeApi\n"
        "from snakemake.cli import parse_args\n"
        "from snakemake.resources import GroupResources\n"
        "from snakemake.settings.types import *\n"
        "_, args = parse_args(['--workflow-profile', 'profiles/slurm'])\n"
        "with SnakemakeApi(OutputSettings(quiet={Quietness.ALL}, dryrun=True)) as api:\n"
        "    flow = api.workflow(\n"
        "        resource_settings=ResourceSettings(\n"
        "            cores=args.cores, nodes=args.jobs, resources=args.resources,\n"
        "        ),\n"
        "        config_settings=ConfigSettings(configfiles=[Path(sys.argv[1])]),\n"
        "        storage_settings=StorageSettings(), snakefile=Path('Snakefile'),\n"
        "    )\n"
        "    run = flow.dag(dag_settings=DAGSettings())\n"
        "    run.execute_workflow(executor='dryrun')\n"
        "    whole = flow._workflow\n"
        "    jobs = [job for job in whole.dag.jobs if job.rule.name == 'train' and job.group]\n"
        "    found = GroupResources.basic_layered([jobs], whole.global_resources, False)\n"
        "    in_turn = sum(job.resources.runtime for job in jobs)\n"
        "    # Each submission has one: those of all together are not limited.\n"
        "    apart = whole.resource_scopes.is_local('gpu')\n"
        "    print(len(jobs) > 1, found['gpu'], found['runtime'] == in_turn, apart)\n"
    )
    config = clone.overlay("gpu", {"two_layer.train.device": "cuda"})
    said = clone.run(sys.executable, "-c", code, config)
    assert said.stdout == "True 1 True True\n", said.stderr


def test_snakemake_finds_the_profile_by_itself(clone):
    said = clone.snakemake("-n")
    assert "profiles/default" in said.stderr
