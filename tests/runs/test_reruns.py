"""After a finished run: what an edit reruns, and what it leaves alone."""

import os
import re
import time

import pytest
import yaml

from tests.toy import JOBS, LEDGER, appended, downstream
from tests.workflow.repository import CONFIG

DECLARED, CLAIMS = "scripts/toy/slice.py", "scripts/toy/claims/walks.yaml"
PLOT = downstream("plot_toy_spread")
# The chart of all verdicts, and the page that shows it.
VERDICTS = downstream("verdicts")


def redecorated(text):
    """Another docstring, comments and empty lines: nothing that Python would do differently."""
    text = text.replace('"""', '"""Edited. ', 1).replace("\n\n\n", "\n\n\n\n# edited\n")
    return re.sub(r"^( +return )", r"\n    # edited\n\1", text, flags=re.MULTILINE) + "\n# edited\n"


def swapped(first, second):
    """An edit in which two texts, each of which stands there once, change places."""

    def change(text):
        assert text.count(first) == text.count(second) == 1
        return text.replace(first, "\0").replace(second, first).replace("\0", second)

    return change


def replaced(old, new):
    """An edit of a text that stands there once."""

    def change(text):
        assert text.count(old) == 1
        return text.replace(old, new)

    return change


def age(path):
    """Give a file an old time."""
    os.utime(path, (1e9, 1e9))


@pytest.fixture(scope="module")
def tree(tmp_path_factory, finished):
    """A copy that tests leave as they found it, but for times."""
    return finished.copied(tmp_path_factory.mktemp("reruns") / "copy")


# --- Nothing -----------------------------------------------------------------------------------


def test_nothing_to_do(tree):
    assert tree.planned() == set()


def test_every_job_of_the_run_is_in_the_toys_list(tree):
    assert tree.planned("--forceall") == {name for name, _, _ in JOBS.values()}


def test_touching_everything_reruns_nothing(tree):
    """Inputs become newer than outputs, and code newer than both."""
    now = time.time()
    for later, folders in enumerate((["data"], ["results/shared"], ["results/test"], ["figures"])):
        for path in tree.files(*folders):
            os.utime(tree / path, (now - later * 10,) * 2)
    made = (".", "data/", "results/", "figures/")
    sources = {path for path in tree.files(".") if not path.startswith(made)}
    assert {"Snakefile", "Makefile", "environment.yml", "config/test.yaml"} < sources
    assert {path.split("/")[0] for path in sources} >= {"profiles", "requirements", "src"}
    for path in sources:
        os.utime(tree / path)
    assert tree.planned() == set()
    # Files beyond the profile's limit would not be compared by their bytes.
    assert tree.planned("--max-checksum-file-size", 100) >= {"gram tiny-0"}


def test_comments_docstrings_and_layout_rerun_nothing(tree):
    paths = ["src/overparam/kernels.py", "src/overparam/toy/walks.py", "src/pipeline/files.py"]
    paths += ["src/pipeline/style.py", "scripts/toy/walk.py", DECLARED]
    before = tree.contents(paths)
    for path in paths:
        (tree / path).write_text(redecorated(before[path].decode()))
        compile((tree / path).read_text(), path, "exec")
    assert tree.planned() == set()
    for path in paths:
        (tree / path).write_bytes(before[path])


def test_a_comment_in_every_program_rule_and_setting_reruns_nothing(tree):
    """Those of claims and of the style file excepted, which count byte by byte."""
    found = tree.files("src", "scripts", "workflow", "profiles", "config") | {"Snakefile"}
    ends = (".py", ".smk", ".yaml", "Snakefile")
    paths = {path for path in found if path.endswith(ends) and "/claims/" not in path}
    assert {"config/test.yaml", "workflow/rules/data.smk", "workflow/lib/run.py"} < paths
    before = tree.contents(paths)
    for path, content in before.items():
        (tree / path).write_bytes(b"# edited\n" + content + b"\n# edited\n")
    assert tree.planned() == set()
    for path, content in before.items():
        (tree / path).write_bytes(content)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("src/pipeline/progress.py", appended),
        ("src/pipeline/costs.py", appended),
        ("src/pipeline/costs.py", replaced("BASE, BASE_TORCH = 650", "BASE, BASE_TORCH = 660")),
        (DECLARED, replaced("return 1e-5 *", "return 2e-5 *")),  # an experiment's seconds
        # A default that the run does not take, and what a setting is for.
        (DECLARED, replaced("steps: Count = 2000", "steps: Count = 3000")),
        (DECLARED, replaced("Steps of a walk.", "How long it walks.")),
        ("config/datasets.yaml", lambda text: re.sub(r"(?<!sha)\d{3}", "123", text)),
        (DECLARED, appended),
    ],
)
def test_an_edit_of_what_changes_no_result_reruns_nothing(tree, path, change):
    with tree.edited(path, change):
        age(tree / path)
        assert tree.planned() == set()


def test_settings_that_no_job_uses_rerun_nothing(tree):
    values = {"data_dir": "elsewhere", "data.unused": {**tiny(tree), "train": {"n": 50}}}
    assert tree.planned(config=tree.overlay("unused", values)) == set()


# --- Code --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("scripts/toy/walk.py", ["toy_walk"]),
        ("scripts/toy/spread.py", ["toy_spread"]),
        ("scripts/toy/plot_spread.py", ["plot_toy_spread"]),
        ("scripts/ledger/rows.py", ["collect"]),  # a module beside a program
        ("scripts/data/spectrum.py", ["spectrum"]),
        ("src/overparam/toy/walks.py", ["toy_walk"]),
        ("src/overparam/kernels.py", ["prepare"]),  # whose notes say how much λ₁ holds
        ("src/overparam/points.py", ["prepare"]),
        ("src/pipeline/checkpoints.py", ["toy_walk"]),
        ("src/pipeline/style.py", ["plot_toy_spread", "verdicts"]),
        ("src/pipeline/claims.py", ["collect"]),
        ("src/overparam/dynamics.py", []),  # no job of this run imports it
    ],
)
def test_an_edit_of_code_reruns_the_jobs_that_it_is_part_of_and_all_that_depends_on_them(
    tree, path, rules
):
    with tree.edited(path, appended):
        age(tree / path)
        assert tree.planned() == downstream(*rules)


def test_an_edit_with_a_new_time_is_seen_too_and_its_reversal_leaves_nothing_to_do(tree):
    with tree.edited("scripts/toy/walk.py", appended):
        assert tree.planned() == downstream("toy_walk")
    assert tree.planned() == set()


# --- Settings ----------------------------------------------------------------------------------


def tiny(tree):
    return yaml.safe_load((tree / CONFIG).read_text())["data"]["tiny"]


@pytest.mark.parametrize(
    ("values", "jobs"),
    [
        ({"toy.walk.steps": 401}, downstream("toy_walk")),
        ({"toy.spread.least": 11}, downstream("toy_spread")),
        ({"toy.experiments": ["walk"]}, LEDGER),
        ({"toy.spread.problems": []}, LEDGER),
        (
            {"toy.walk.problems": ["tiny", "other"]},
            {"prepare other-0", "toy_walk other"} | LEDGER,
        ),
    ],
)
def test_a_setting_runs_the_jobs_that_are_told_it(tree, values, jobs):
    other = {"data.other": {**tiny(tree), "train": {"n": 50}}}
    assert tree.planned(config=tree.overlay("set", values | other)) == jobs


def test_an_edit_of_the_run_with_an_old_time_is_seen_and_its_reversal_too(tree):
    with tree.edited(CONFIG, lambda text: f"{text}toy:\n  spread: {{least: 11}}\n"):
        age(tree / CONFIG)
        assert tree.planned() == downstream("toy_spread")
    assert tree.planned() == set()


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        # A default that the run takes; the other experiment is left alone.
        (replaced("least: Count = 10", "least: Count = 11"), ["toy_spread"]),
        (replaced('"steps": 400', '"steps": 401'), ["toy_walk"]),
        # Words of the caption.
        (replaced("fitted from step", "fitted from the step"), ["plot_toy_spread"]),
    ],
)
def test_an_edit_of_a_declaration_runs_the_jobs_that_it_tells_something_else(tree, change, rules):
    with tree.edited(DECLARED, change):
        age(tree / DECLARED)
        assert tree.planned() == downstream(*rules)


# --- Files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "change", "rules"),
    [
        # An experiment's tables: `--positions` is told the turns.
        (
            DECLARED,
            replaced(
                'name: plan.table("walk", name,',
                'name: plan.table("walk", {"positions": "turns", "turns": "positions"}[name],',
            ),
            ["toy_spread"],
        ),
        # Rules that are written out.
        (
            "workflow/rules/data.smk",
            replaced(
                "raw=data.raw,\n        registry=ancient(REGISTRY),",
                "raw=ancient(REGISTRY),\n        registry=data.raw,",
            ),
            ["prepare"],
        ),
        (
            "workflow/rules/ledger.smk",
            swapped('"scripts/ledger/report.css"', '"scripts/ledger/report.js"'),
            ["report"],
        ),
    ],
)
def test_inputs_that_change_places_are_seen(tree, path, change, rules):
    """The set of a job's files stays as it is."""
    with tree.edited(path, change):
        assert tree.planned() == downstream(*rules)
    assert tree.planned() == set()


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    ("path", "change", "jobs"),
    [
        ("config/figures.mplstyle", replaced("font.size: 8", "font.size: 9"), PLOT | VERDICTS),
        # An expectation, and how a figure is read.
        (CLAIMS, replaced("high: 1.3", "high: 1.4"), LEDGER),
        (CLAIMS, replaced("keeps beside", "stays beside"), LEDGER | PLOT),
        *(
            (f"scripts/ledger/report.{end}", lambda text: f"{text}\n", {"report"})
            for end in ("html.j2", "css", "js")
        ),
    ],
)
def test_an_edit_of_a_file_that_counts_by_its_bytes_is_seen(tree, path, change, jobs, old):
    """Whatever its time; and what it does not tell is not computed again."""
    with tree.edited(path, change):
        if old:
            age(tree / path)
        assert tree.planned() == jobs


def test_other_settings_and_back_give_the_same_bytes(copy):
    paths = [path for path in copy.files("figures") if path.endswith((".csv", ".svg", ".md"))]
    before = copy.contents(paths)
    with copy.edited(DECLARED, replaced('"steps": 400', '"steps": 300')):
        done = copy.snakemake("--until", "plot_toy_spread")
        assert done.returncode == 0, done.stderr
    after = copy.contents(paths)
    assert [path for path in paths if after[path] == before[path] and "toy" in path] == []
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    assert copy.contents(paths) == before
