"""Configurations that cannot work: one clear message that names the key, and nothing is made."""

import pytest
import yaml

from overparam.errors import Refusal
from pipeline.settings import validate
from scripts.runs import configs
from tests import toy
from tests.workflow.refusals import MADE, is_refused
from tests.workflow.repository import Repository, fresh, leftovers, refused, shared
from workflow.settings.run import Settings, complete, merged


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A new clone, with the toy slice beside the project's own, whose runs are refused."""

    def make(folder):
        toy.drop_in(fresh(folder).folder)

    return Repository(shared(tmp_path_factory, "refusing", make))


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
            {"data.tiny.selection": "frist", "toy.experiments": ["walk", "spraed"]},
            [
                "  data.tiny.selection: found 'frist', expected one of first, random, stratified, "
                "did you mean 'first'?",
                "  toy.experiments.1: found 'spraed', expected one of ",
                ", did you mean 'spread'?",
            ],
        ),
        (
            {"toy.walk.problems": ["tyni"]},
            ["toy.walk.problems: found 'tyni', expected one of digits, digits01, tiny"],
        ),
        (
            {"toy.walk.problems": ["tiny", "tiny"]},
            ["toy.walk.problems: found tiny more than once in ['tiny', 'tiny']"],
        ),
        (
            {"run": "../test", "data.tiny.source": "file", "data.tiny.file": "{a}.csv"},
            [
                "  run: found '../test', expected text that matches ^[A-Za-z]",
                "  data.tiny: file: found '{a}.csv', expected no braces in it: rename it",
            ],
        ),
        (
            {"data.tiny.groups": [[0, 1, 3], ["3", 4]]},
            ["data.tiny: groups: found ([0, 1, 3], ['3', 4]), expected two lists of classes"],
        ),
        (
            {"data.tiny.groups": [[True], [False]]},
            ["data.tiny: groups: found the truth value True, expected a number or text: quote it"],
        ),
        (
            {"data.tiny.train.n": False, "toy.walk.steps": True},
            [
                "  data.tiny.train: n: found the truth value False, expected a number (",
                "  toy.walk: steps: found the truth value True, expected a number (",
            ],
        ),
        (
            {
                "data.tiny.kernel": {
                    "depth": 1,
                    "activation": "gelu",
                    "sigma_w": 0,
                    "sigma_b": -0.1,
                    "layers": "last",
                    "architecture": "recurrent",
                }
            },
            [
                "  data.tiny.kernel.depth: found 1, expected greater than or equal to 2\n",
                "  data.tiny.kernel.activation: found 'gelu', expected one of relu, erf, tanh, ",
                "  data.tiny.kernel.sigma_w: found 0, expected greater than 0\n",
                "  data.tiny.kernel.sigma_b: found -0.1, expected greater than or equal to 0\n",
                "  data.tiny.kernel.layers: found 'last', expected one of first, all\n",
                "  data.tiny.kernel.architecture: found 'recurrent', expected one of dense, ",
            ],
        ),
        (
            {"data.tiny.kernel": {"architecture": "residual"}},
            ["  data.tiny.kernel: depth: found 2, expected 3 or more with architecture residual"],
        ),
        (
            {"data.tiny.kernel": {"architecture": "residual", "depth": 3, "sigma_b": 0.5}},
            ["  data.tiny.kernel: sigma_b: found 0.5, expected 0: the residual networks of Du"],
        ),
        ({"data.tiny.kernel": {"depht": 2}}, ["data.tiny.kernel.depht: unknown key, did you mean"]),
        ({"run": "shared"}, ["run: found 'shared', expected another name"]),
        ({"checks": "tets"}, ["checks: found 'tets', expected one of "]),
    ],
    ids=[
        "unknown",
        "type",
        "choice",
        "problem",
        "twice",
        "names",
        "one-class",
        "truth",
        "truth-numbers",
        "kernel",
        "kernel-depth",
        "kernel-scale",
        "kernel-key",
        "reserved",
        "checks",
    ],
)
def test_a_wrong_configuration_is_refused_by_key(untouched, changes, said):
    assert is_refused(untouched, changes, *said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed: 0123", "config/odd.yaml: seed: found 0123, which YAML reads as 83"),
        ("run: test", "config/odd.yaml: run: found in line "),
    ],
)
def test_what_snakemake_would_pass_over_is_refused(untouched, line, said):
    text = (untouched / "config/test.yaml").read_text()
    (untouched / "config/odd.yaml").write_text(f"{text}{line}\n")
    assert refused(untouched.dry(config="config/odd.yaml"), said)


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
        (lambda text: "[" + text, "expected YAML"),
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
    """Of runs and problems: they become parts of paths, of wildcards and of command lines."""
    tiny = yaml.safe_load((untouched / "config/test.yaml").read_text())["data"]["tiny"]
    path = untouched / untouched.overlay("named", {"run": name})
    values = yaml.safe_load(path.read_text())
    values["data"][name] = tiny
    with pytest.raises(Refusal) as refusal:
        validate(Settings, complete(merged(configs.read(configs.DEFAULT), values)))
    said = str(refusal.value)
    assert all(f"{key}: found {name!r}" in said for key in ("run", f"data.{name}.[key]"))


def test_targets_that_are_more_than_names_are_refused(untouched):
    before = untouched.files(*MADE)
    for problem in ("$(touch hacked)", "a;touch hacked", "../../../../../up", "a b"):
        done = untouched.dry(f"results/test/toy/walk/{problem}/metrics.json")
        assert done.returncode != 0
        assert "MissingRuleException" in done.stdout + done.stderr
    assert untouched.files(*MADE) == before


def test_no_test_above_left_a_part_of_a_file(untouched):
    assert leftovers(untouched) == []
