"""Configurations that cannot work: one clear message that names the key, and nothing is made."""

import pytest
import yaml

from overparam.errors import Refusal
from pipeline.settings import validate
from scripts.runs import configs
from tests.workflow.repository import Repository, fresh, leftovers, refused, shared
from workflow.settings.run import Settings, complete, merged


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A new clone for runs that are refused when they are planned."""
    return Repository(shared(tmp_path_factory, "refusing", fresh))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"data.tiny.spilts": 64, "data.tiny.train.n": 30_000, "sede": 1},
            [
                "  data.tiny.spilts: unknown key, did you mean 'splits'?",
                "  data.tiny.train.n: found 30000, expected less than or equal to 25000",
                "  sede: unknown key, did you mean 'seed'?",
            ],
        ),
        (
            {"data.tiny.train.n": "many", "data.tiny.splits": 0},
            [
                "  data.tiny.train.n: found 'many', expected a valid integer\n",
                "  data.tiny.splits: found 0, expected greater than 0\n",
            ],
        ),
        (
            {"data.tiny.selection": "frist", "linear_nets.experiments": ["table", "drfit"]},
            [
                "  data.tiny.selection: found 'frist', expected one of first, random, stratified, "
                "did you mean 'first'?",
                "  linear_nets.experiments.1: found 'drfit', expected one of ",
                ", did you mean 'drift'?",
            ],
        ),
        (
            {"two_layer.scale.problems": ["tyni"]},
            ["two_layer.scale.problems: found 'tyni', expected one of digits, digits01, tiny"],
        ),
        (
            {"run": "../test", "data.tiny.source": "file", "data.tiny.file": "{a}.csv"},
            [
                "  run: found '../test', expected text that matches ^[A-Za-z]",
                "  data.tiny: file: found '{a}.csv', expected no braces in it: rename it",
            ],
        ),
        (
            {"two_layer.train.threads": 3},
            ["two_layer.train.threads: found 3, expected at most the 2 cores given with --cores"],
        ),
        (
            {"two_layer.equation8.widths": [129], "two_layer.figure1.problems": ["tiny", "tiny"]},
            ["two_layer.figure1.problems: found tiny more than once in ['tiny', 'tiny']"],
        ),
        (
            {"two_layer.equation8.widths": [129]},
            ["equation8.widths: found 129, expected an even number: an antisymmetric network"],
        ),
        (
            {
                "two_layer.train.per_problem": {"tiny": {"width": 65}},
                "two_layer.figure1.arms.small.antisymmetric": True,
            },
            ["train.per_problem.tiny.width: found 65, expected an even number"],
        ),
        (
            {"two_layer.figure2.noise": [], "two_layer.train.eta": float("inf")},
            [
                "two_layer.figure2.noise: found [], expected at least 1 item",
                "two_layer.train.eta: found inf",
            ],
        ),
        (
            {"two_layer.figure1.kernel_problems": ["tiny"]},
            ["figure1: found tiny among 'problems' and 'kernel_problems', expected each in one"],
        ),
        (
            {"data.tiny.groups": [[0, 1, 3], ["3", 4]]},
            ["data.tiny: groups: found ([0, 1, 3], ['3', 4]), expected two lists of classes"],
        ),
        (
            {"data.tiny.groups": [[True], [False]]},
            ["found the truth value True, expected a class: quote it"],
        ),
        ({"run": "shared"}, ["run: found 'shared', expected another name"]),
        (
            {"two_layer.equation8.problems": []},
            ["widths.problems: found 'tiny', expected problems of equation8, whose results it"],
        ),
        (
            {
                "two_layer.capacity.widths": [32, 65],
                "two_layer.capacity.arms.small.antisymmetric": True,
            },
            ["capacity.widths: found 65, expected an even number: an antisymmetric network"],
        ),
        ({"checks": "tets"}, ["checks: found 'tets', expected one of "]),
        (
            {"linear_nets.figure1.c1": 1, "linear_nets.figure2.c2": 1.0},
            [
                "linear_nets.figure1.c1: found 1, expected less than 1",
                "linear_nets.figure2.c2: found 1.0, expected greater than 1",
            ],
        ),
        (
            {
                "linear_nets.h": 3,
                "linear_nets.experiments": ["figure2", "figure1", "table"],
                "linear_nets.figure1.m": 4,
            },
            [
                "linear_nets.h: found 3, expected at least n + m = 9 of figure2: from a narrower "
                "start α₀ may be 0",
                "linear_nets.h: found 3, expected at least min(n, m) = 4 of figure1: a narrower",
                "linear_nets.h: found 3, expected at least min(n, m) = 20 of table",
            ],
        ),
        (
            {"linear_nets.figure2.sigma": [*range(1, 10)]},
            ["linear_nets.figure2.sigma: found [1, 2, ", "9], expected at most 8 items\n"],
        ),
        (
            {"linear_nets.identities.n": [2, 3, 4]},
            ["linear_nets.identities: found 3 n and 2 m, expected one of each for every shape"],
        ),
        (
            {"two_layer.figure1.arms": {"small": None, "kernel": None}},
            ["two_layer.figure1.arms: found none, expected one name with its settings at least"],
        ),
    ],
    ids=[
        "unknown",
        "type",
        "choice",
        "problem",
        "names",
        "threads",
        "twice",
        "odd",
        "odd-there",
        "limits",
        "both",
        "one-class",
        "truth",
        "reserved",
        "not-computed",
        "odd-too",
        "checks",
        "constants of linear nets",
        "narrow linear nets",
        "too many panels",
        "shapes of linear nets",
        "no arm",
    ],
)
def test_a_wrong_configuration_is_refused_by_key(untouched, changes, said):
    before = untouched.files("results", "figures", "data")
    done = untouched.dry(config=untouched.overlay("wrong", changes))
    assert refused(done, *said)
    assert all((done.stdout + done.stderr).count(words) == 1 for words in said)
    assert untouched.files("results", "figures", "data") == before


def test_a_configuration_runs_no_code(untouched):
    path = "config/hostile.yaml"
    (untouched / path).write_text('run: !!python/object/apply:os.system ["touch hacked"]\n')
    for done in (untouched.dry(config=path), untouched.make("plan", "RUN=hostile")):
        assert refused(done)
    assert not list(untouched.folder.rglob("hacked"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("path: MNIST", "path: ../outside/MNIST"), "path: found '../out"),
        (lambda text: text.replace("path: MNIST", "path: /outside/MNIST"), "path: found '/outside"),
        (lambda text: text.replace("\nsources:", "\nsource:"), "source: unknown key"),
        (lambda text: "[" + text, "expected a registry in YAML"),
    ],
    ids=["above", "root", "key", "yaml"],
)
def test_a_registry_that_leads_elsewhere_is_refused_before_a_job_is_planned(
    untouched, change, said
):
    """Its paths become outputs, and Snakemake removes those that are old."""
    with untouched.edited("config/datasets.yaml", change):
        assert refused(untouched.dry(), "config/datasets.yaml: ", said)


@pytest.mark.parametrize(
    "name", ["$(touch hacked)", "a;touch hacked", "../up", "a b", "a\nb", "{a}"]
)
def test_names_that_would_be_more_than_names_are_refused(untouched, name):
    """Of runs, problems and arms: they become parts of paths, of wildcards and of command lines."""
    tiny = yaml.safe_load((untouched / "config/test.yaml").read_text())["data"]["tiny"]
    path = untouched / untouched.overlay("named", {"run": name})
    values = yaml.safe_load(path.read_text())
    values["data"][name] = tiny
    values["two_layer"] = {"figure1": {"arms": {name: {"steps": 10}}}}
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(Refusal) as refusal:
        validate(Settings, complete(merged(configs.read(configs.DEFAULT), values)))
    said = str(refusal.value)
    assert all(f"{key}: found {name!r}" in said for key in ("run", f"data.{name}.[key]"))
    assert f"two_layer.figure1.arms.{name}.[key]" in said


def test_targets_that_are_more_than_names_are_refused(untouched):
    before = untouched.files("results", "figures", "data")
    for arm in ("$(touch hacked)", "a;touch hacked", "../../../../../up", "a b"):
        done = untouched.dry(f"results/test/two_layer/prediction/tiny/{arm}.csv")
        assert done.returncode != 0
        assert "MissingRuleException" in done.stdout + done.stderr
    assert untouched.files("results", "figures", "data") == before


def test_no_test_above_left_a_part_of_a_file(untouched):
    assert leftovers(untouched) == []
