"""The rule files: short, rules alone, and every rule has a name that says whose it is."""

import re
import statistics
import subprocess
import sys
from types import SimpleNamespace

import pytest

from pipeline import claims, costs
from tests import toy
from tests.workflow.repository import ROOT, environment
from workflow.lib.ledger import Ledger, folder
from workflow.settings.run import MODELS
from workflow.slices import SLICES

SHARED = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
RULE_FILES = [*SHARED, *sorted(ROOT.glob("scripts/*/rules.smk"))]
FUNCTION = re.compile(r"\b(def|lambda)\b")


def written(text):
    """The rules that are written out in a file, by name; one that a loop makes goes by the loop's
    variable."""
    heading = r"^( *)(?:use )?rule(?: (?:\w+ as )?(\w+))?(?: with)?:\n"
    parts = re.split(heading, text, flags=re.MULTILINE)[1:]
    found = {}
    for indent, name, rest in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        body = re.match(rf"(?:{indent} +.*\n|\n)*", rest)[0]
        made = re.search(r"name:\n +(.*)\n", body)
        found[name or made[1]] = [line for line in body.splitlines() if line.strip()]
    return found


RULES = {f"{path.name}:{name}": lines for path in RULE_FILES
         for name, lines in written(path.read_text()).items()}  # fmt: skip


def test_a_rule_says_what_is_its_own_and_no_more():
    assert len(RULES) > 20
    assert statistics.median(len(lines) for lines in RULES.values()) <= 20
    assert max(len(lines) for lines in RULES.values()) <= 30


def test_the_snakefile_is_short_and_holds_no_function():
    text = (ROOT / "Snakefile").read_text()
    assert len(text.splitlines()) <= 70
    assert not FUNCTION.search(text)
    assert re.search(r'min_version\("[\d.]+"\)', text)
    included = re.findall(r'^include: "(.*)"$', text, re.MULTILINE)
    assert sorted(included) == [path.relative_to(ROOT).as_posix() for path in SHARED]


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_rule_files_hold_rules_alone(path):
    text = path.read_text()
    assert not FUNCTION.search(text)
    assert not re.search(r"^\s*(class|if|while|with|try)\b", text, re.MULTILINE)
    assert not re.search(r"^\s*(run|script|notebook|wrapper):", text, re.MULTILINE)
    # A slice's rules may ask its own modules.
    imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", text, re.MULTILINE)
    own = f"scripts.{path.parent.name}."
    assert all(module.startswith(own) for module in imported)
    # A loop makes rules and does nothing else.
    loops = re.findall(r"^(.*?)\bfor \w+ in .*:\n\n?(.*)\n", text, re.MULTILINE)
    assert all((before, first) == ("", "    rule:") for before, first in loops)


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_costs_and_is_told_goes_through_the_shared_functions(rule):
    """A second try may take twice as much of everything."""
    text = "\n".join(RULES[rule])
    for block, begin in (("resources", r"\*\*cost\("), ("params", r"\*\*program\(")):
        said = re.search(rf"{block}:\n((?: +.*(?:\n|$))+)", text)
        if said and re.search(r"output:|resources:", text) and rule != "job.smk:job":
            assert re.match(rf"\s+{begin}", said[1])
    for limit in (costs.resource(lambda wildcards: 300), costs.minutes(lambda wildcards: 300)):
        assert limit(None, attempt=2) == 2 * limit(None, attempt=1) > 0


@pytest.mark.parametrize("path", RULE_FILES[len(SHARED) :], ids=lambda path: path.parent.name)
def test_a_slices_constraints_of_wildcards_stand_in_its_rules(path):
    """At the top they would hold for wildcards of the same name in other slices."""
    found = re.findall(r"^( *)wildcard_constraints:$", path.read_text(), re.MULTILINE)
    assert "" not in found


def test_every_rule_has_a_name(project):
    """Those of an experiment and of its figure are named after it."""
    said = project.snakemake("--list-rules")
    assert said.returncode == 0, said.stderr
    names = said.stdout.split()
    assert len(names) == len({*names})
    assert all(re.fullmatch(r"[a-z]\w*", name) for name in names)
    for slice, settings in MODELS.items():
        prefix = f"{slice}_" if settings.prefix is None else settings.prefix
        for name, experiment in settings.classes.items():
            assert experiment.own_rules or f"{prefix}{name}" in names
            assert f"all_{prefix}{name}" in names
            assert not experiment.shows or f"plot_{prefix}{name}" in names


def test_all_of_an_experiment_can_be_asked_for_by_name(clone):
    """Its own rules have the wildcard `problem`."""
    toy.drop_in(clone.folder)
    walk = {"toy_walk tiny", "prepare tiny-0", "digits"}
    assert clone.planned("all_toy_walk") - {"all_toy_walk"} == walk
    spread = {"toy_spread tiny", "plot_toy_spread tiny", "gram tiny-0", "spectrum tiny-0"}
    assert clone.planned("all_toy_spread") - {"all_toy_spread"} == walk | spread


def numbered():
    """The slices that have a figure of a number, by its word: each with the word for its own."""
    having: dict[str, dict[str, str]] = {}
    for slice, settings in MODELS.items():
        prefix = f"{slice}_" if settings.prefix is None else settings.prefix
        for name in settings.classes:
            if re.fullmatch(r"figure\d+", name):
                having.setdefault(name, {})[slice] = f"all_{prefix}{name}"
    return having


def test_a_figure_is_asked_for_by_its_number_in_every_slice_that_has_it(project):
    """Of the experiments' names: a slice brings its own."""
    assert numbered()
    for word, own in numbered().items():
        jobs = {name: project.planned(name) - {name} for name in (word, *own.values())}
        assert jobs[word] == set().union(*(jobs[name] for name in own.values()))


def test_a_figure_that_a_slice_leaves_out_is_made_for_the_others(project):
    word, own = max(numbered().items(), key=lambda each: len(each[1]))
    last = [*own][-1]
    without = {f"{slice}.experiments": [] for slice in own if slice != last}
    one = project.overlay("without", without)
    assert project.planned(word, config=one) - {word} == (
        project.planned(own[last], config=one) - {own[last]}
    )
    none = project.overlay("none", without | {f"{last}.experiments": []})
    done = project.dry(word, config=none)
    assert done.returncode != 0
    assert f".{word}: left out of this run: list {word} under " in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("settings", "target", "said"),
    [
        (
            {"toy.walk.problems": []},
            "all_toy_walk",
            "toy.walk: runs on no problem here: list one under toy.walk.problems",
        ),
        (
            {"toy.experiments": ["walk"]},
            "all_toy_spread",
            "toy.spread: left out of this run: list spread under toy.experiments",
        ),
        (
            {},
            "figrue1",
            "target: found 'figrue1', expected a file or one of all, claims, claim_<id>, ",
        ),
        ({}, "job", "job: found as a target, expected a file, all, all_<experiment> or claim_<id>"),
    ],
)
def test_a_target_without_jobs_says_what_to_do(clone, settings, target, said):
    toy.drop_in(clone.folder)
    done = clone.dry(target, config=clone.overlay("idle", settings))
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_planning_loads_nothing_heavy():
    """What makes `snakemake -n` slow is what it imports."""
    heavy = {"torch", "numpy", "pandas", "scipy", "sklearn", "matplotlib"}
    paths = [*sorted((ROOT / "workflow").rglob("*.py")), *sorted(ROOT.glob("scripts/*/slice.py"))]
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in paths
    ]
    names = [module.removesuffix(".__init__") for module in modules]
    code = f"import sys, {', '.join(names)}\nprint({heavy} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment(PYTHONPATH="src:."), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(names) > 8
    assert answer.stdout == "set()\n"


def test_the_readme_draws_the_graph_of_rules(project):
    graph = project.python("snakemake", "--rulegraph")
    assert graph.returncode == 0, graph.stderr
    before = (project / "README.md").read_text("utf-8")
    drawn = subprocess.run(
        [sys.executable, "-m", "tools.rule_graph"],
        cwd=project.folder, env=environment(), input=graph.stdout, capture_output=True, text=True,
    )  # fmt: skip
    assert drawn.returncode == 0, drawn.stderr
    assert (project / "README.md").read_text("utf-8") == before, "make reference"
    assert "prepare --> gram" in before


def test_a_claim_on_other_data_reads_what_says_whether_it_applies(monkeypatch):
    monkeypatch.chdir(ROOT)
    measured = {
        name: SimpleNamespace(
            metrics=lambda name=name: [
                f"results/own/{name}/{figure.partition('/')[0]}/set/metrics.json"
                for claim in claims.read(folder(name)).claims.values()
                for figure in filter(None, [claim.general, *claim.needs, claim.vacuous_from])
            ]
        )
        for name in SLICES
    }
    ledger = Ledger(SimpleNamespace(run="own", checks="digits"), measured)
    asking = 0
    for name, stated in ledger.claims.items():
        for id, claim in stated.claims.items():
            read = {path.split("/")[3] for path in ledger.behind(id)}
            named = filter(None, [*claim.needs, claim.vacuous_from])
            wanted = {figure.partition("/")[0] for figure in named}
            assert wanted <= read, (name, id)
            asking += len(wanted)
    assert asking
