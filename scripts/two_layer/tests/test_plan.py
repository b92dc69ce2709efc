"""The slice's part of the plan: which jobs a setting changes, and what they are told.

Jobs are named by what they are and where they write: a new value on an axis makes new ones, and
leaves those of the other values as they are, options and all.
"""

import re
import sys

import pytest
import yaml

from scripts.two_layer.planning import PAPER
from tests.runs.own_data import printed
from tests.workflow import repository
from tests.workflow.plans import plan
from tests.workflow.repository import Repository

LABELS = {"true", "random", "worst"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The repository as a new clone has it, for tests that only plan."""
    return Repository(
        repository.shared(tmp_path_factory, "planned for two_layer", repository.fresh)
    )


def told(tree, config=repository.CONFIG):
    """The shell command of each job, by its sidecar."""
    done = tree.dry("-p", config=config)
    assert done.returncode == 0, done.stderr
    commands = re.findall(r" PYTHONPATH=src python -m (scripts.*?) --limit ", done.stdout, re.S)
    return {
        re.search(r"--sidecar (\S+)", command)[1]: " ".join(command.split()) for command in commands
    }


@pytest.fixture(scope="module")
def before(tree):
    """The jobs of the `test` run."""
    return told(tree)


def trained(jobs):
    """Which networks are trained: arm, labels and repetitions, by experiment."""
    pattern = r"results/\w+/two_layer/(\w+)/tiny/(.*)/train\.json"
    return {match.expand(r"\1 \2") for job in jobs if (match := re.fullmatch(pattern, job))}


@pytest.mark.parametrize(
    ("key", "value", "new", "others"),
    [
        ("figure2.noise", [0.0, 0.25, 0.5], {"figure2 nets/noise0.25/0-1"},
         {"complexity", "errors"}),
        ("figure2.repetitions", 3, {f"figure2 nets/noise{p}/2-2" for p in ("0.0", "0.5")},
         {"errors"}),
        ("figure1.repetitions", 3, {f"figure1 small/{kind}/2-2" for kind in LABELS}, {"losses"}),
        ("equation8.widths", [64, 128], {"equation8 m128/true/0-1"},
         {"deviation", "widths", "frozen"}),
        ("capacity.widths", [32, 64, 96], {"capacity small_m96/noise0.2/0-1"}, {"capacity"}),
        ("scale.kappa", [0.1, 0.3, 1.0], set(), {"scale"}),
        ("formula.seeds", 3, set(), {"formula"}),
        ("figure2.label_draws", 5, set(), {"complexity"}),
    ],
)  # fmt: skip
def test_new_values_on_an_axis_leave_the_jobs_of_the_others_alone(
    tree, before, key, value, new, others
):
    """A new value's networks are trained; of the jobs that were there, those alone are told
    something else that gather that axis."""
    after = told(tree, tree.overlay("axis", {f"two_layer.{key}": value}))
    assert before.keys() <= after.keys()
    assert trained(after.keys() - before.keys()) == new
    assert len(after) == len(before) + len(new)
    changed = {job for job in before if after[job] != before[job]}
    assert trained(changed) == set()
    programs = {after[job].split()[0] for job in changed}
    measuring = {name.removeprefix("scripts.two_layer.") for name in programs}
    assert {name for name in measuring if not name.startswith("plot_")} == others


def test_more_steps_train_those_networks_anew(tree, before):
    after = told(tree, tree.overlay("longer", {"two_layer.figure2.steps": 101}))
    assert after.keys() == before.keys()
    changed = {job for job in before if after[job] != before[job]}
    assert trained(changed) == {f"figure2 nets/noise{portion}/0-1" for portion in ("0.0", "0.5")}


def test_with_a_job_for_each_repetition_the_names_of_the_earlier_ones_stay(tree):
    fewer, more = (
        told(tree, tree.overlay("one", {
            "two_layer.figure2.seeds_per_job": 1, "two_layer.figure2.repetitions": repetitions,
        }))
        for repetitions in (2, 3)
    )  # fmt: skip
    portions = ("0.0", "0.5")
    names = {f"figure2 nets/noise{portion}/{r}-{r}" for portion in portions for r in (0, 1)}
    assert names < trained(fewer)
    assert trained(more.keys() - fewer.keys()) == {
        f"figure2 nets/noise{portion}/2-2" for portion in portions
    }
    assert trained(fewer) < trained(more)


def test_a_training_is_told_its_whole_recipe(before):
    """Every setting of the `test` run and of the defaults below it, by hand."""
    (command,) = (
        command for job, command in before.items() if "figure2/tiny/nets/noise0.5/" in job
    )
    for words in (
        "--name tiny", "--labels noise0.5", "--first 0", "--last 1", "--width 64", "--kappa 0.01",
        "--no-antisymmetric", "--eta 1.0", "--eta-unit 1/lambda_max", "--steps 100",
        "--on-divergence error", "--points-per-decade 20", "--dtype float32", "--device cpu",
        "--seed 0", "--threads 1",
    ):  # fmt: skip
        assert f" {words} " in f"{command} ", words


def test_a_training_to_a_point_takes_as_long_in_either_unit_of_its_rate(tree):
    """Where λ_max is as large as it can be: n/2, that is 30."""
    seconds = set()
    for eta, unit in ((0.6, "1/lambda_max"), (0.02, "absolute")):
        settings = {"eta": eta, "eta_unit": unit, "width": 12800}
        config = tree.overlay("unit", {"two_layer.decay": settings})
        (job,) = plan(tree.folder, config, ["all_decay"]).of("decay")
        seconds.add(job.resources["seconds"])
    assert len(seconds) == 1


@pytest.mark.parametrize("experiment", ["fit", "constants", "stability"])
def test_an_experiment_left_out_leaves_the_others_alone(tree, before, experiment):
    after = told(tree, tree.overlay("fewer", {f"two_layer.{experiment}.problems": []}))
    gone = f"results/test/two_layer/{experiment}/"
    kept = {job for job in before if not job.startswith(gone)}
    assert after.keys() == kept
    assert {job for job in kept if after[job] != before[job]} <= {
        f"results/test/{name}.json" for name in ("collect", "verdicts", "assemble", "report_made")
    }


def test_mistakes_in_the_lists_of_problems_are_told_at_once(tree):
    """One's own data without `only`: experiments that read the figures are still on the digits."""
    values = yaml.safe_load(printed())
    del values["only"]
    (tree / "own.yaml").write_text(yaml.safe_dump(values))
    done = tree.dry(config="own.yaml")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    for name, figure in (("published", "figure1"), ("noise", "figure2")):
        told = f"  two_layer.{name}.problems: found 'digits', expected problems of {figure}"
        assert told in said
    assert "two_layer.widths.problems: found 'digits01', expected problems of eq" in said


def test_what_makes_its_own_inputs_runs_where_only_names_them(tree, before):
    synthetic = told(tree, tree.overlay("one", {"only": ["synthetic"]}))
    assert {job for job in synthetic if "/tiny" in job} == set()
    others = {job for job in before if "/synthetic/" in job}
    assert others
    assert others <= synthetic.keys()
    tiny = told(tree, tree.overlay("tiny", {"only": ["tiny"]}))
    assert not others & tiny.keys()
    assert {job for job in before if "/two_layer/" in job} - others == {
        job for job in tiny if "/two_layer/" in job
    }


def test_another_kernel_changes_what_depends_on_it_and_trains_no_networks_against_it(tree, before):
    deep = told(tree, tree.overlay("deep", {"data.tiny.kernel": {"depth": 3, "layers": "all"}}))
    own = {job: command for job, command in deep.items() if before.get(job) != command}
    grams = [command for job, command in own.items() if job.endswith("/gram.json")]
    told_kernel = "--architecture dense --depth 3 --layers all --sigma-b 0.0 --sigma-w 1.0"
    assert grams
    assert all(told_kernel in command for command in grams)
    assert not [job for job in own if job.endswith("/prepare.json")]  # the points are the same
    untouched = {"fit", "start", "concentration"}  # experiments on the inputs alone
    for name in untouched:
        job = f"results/test/two_layer/{name}/tiny/{name}.json"
        assert deep[job] == before[job]
    assert trained(deep) == set()
    assert trained(before)
    ran = {job.split("/")[3] for job in deep if re.search("two_layer/.*/tiny", job)}
    assert ran - untouched == {
        "baselines", "complexity", "draws", "figure1", "figure2", "inputs", "noise", "prediction",
        "projections",
    }  # fmt: skip
    complexity = deep["results/test/two_layer/complexity/tiny/complexity.json"]
    assert "--depth 3" in complexity
    kernel = "networks of depth 3, ReLU, all layers trained"
    for figure in ("figure1", "figure2", "draws"):
        assert kernel in deep[f"results/test/two_layer/{figure}/tiny/plot.json"]
    assert kernel not in deep["results/test/two_layer/fit/tiny/plot.json"]
    assert f"two_layer/draws/tiny={kernel}" in deep["results/test/collect.json"]
    assert "--kernel" not in before["results/test/collect.json"]


def test_an_experiment_on_another_kernel_alone_says_why_it_does_not_run(tree):
    config = tree.overlay("deep", {"data.tiny.kernel": {"depth": 3}})
    done = tree.dry("all_scale", config=config)
    assert done.returncode != 0
    said = "two_layer.scale: runs on no problem here: found another data.<name>.kernel of tiny"
    assert said in done.stdout + done.stderr


def test_trainings_that_travel_together_ask_a_cluster_for_one_gpu(tree):
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
    config = tree.overlay("gpu", {"two_layer.train.device": "cuda"})
    said = tree.run(sys.executable, "-c", code, config)
    assert said.stdout == "True 1 True True\n", said.stderr


def test_the_papers_points_are_drawn_beside_ours_and_read_nowhere_else(tree):
    jobs = plan(tree.folder, "config/paper.yaml")
    readers = [job for job in jobs if PAPER in job.reads()]
    assert readers
    assert all(job.program.startswith("two_layer.plot_") for job in readers)
    # Nor by way of a figure's own tables.
    drawn = {path for job in readers for path in job.writes()}
    for job in jobs:
        assert not drawn & {*job.reads()} or job.rule in {"all", "assemble", "report"}, job
