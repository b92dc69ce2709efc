"""After a finished run: what an edit reruns, and what it leaves alone."""

import csv
import os
import re
import time

import pytest
import yaml

from tests.workflow.graph import (
    FIGURE1,
    FIGURE2,
    JOBS,
    LEDGER,
    PLOTS,
    appended,
    downstream,
    importers,
)
from tests.workflow.repository import CONFIG


def redecorated(text):
    """Another docstring, comments and empty lines: nothing that Python would do differently."""
    text = text.replace('"""', '"""Edited. ', 1).replace("\n\n\n", "\n\n\n\n# edited\n")
    return re.sub(r"^( +return )", r"\n    # edited\n\1", text, flags=re.MULTILINE) + "\n# edited\n"


@pytest.fixture(scope="module")
def tree(tmp_path_factory, finished):
    """A copy that tests leave as they found it, but for times."""
    return finished.copied(tmp_path_factory.mktemp("reruns") / "copy")


def test_nothing_to_do(tree):
    assert tree.planned() == set()


def test_every_job_of_the_run_is_in_the_list_above(tree):
    assert tree.planned("--forceall") == set().union(*JOBS.values())


def test_touching_everything_reruns_nothing(tree):
    """Inputs become newer than outputs, and code newer than both."""
    now = time.time()
    for age, folders in enumerate((["data"], ["results/shared"], ["results/test"], ["figures"])):
        for path in tree.files(*folders):
            os.utime(tree / path, (now - age * 10,) * 2)
    made = (".", "data/", "results/", "figures/")
    sources = {path for path in tree.files(".") if not path.startswith(made)}
    assert {"Snakefile", "Makefile", "environment.yml", "config/test.yaml"} < sources
    assert {path.split("/")[0] for path in sources} >= {"profiles", "requirements", "src"}
    for path in sources:
        os.utime(tree / path)
    assert tree.planned() == set()
    # Files beyond the profile's limit would not be compared by their bytes.
    assert tree.planned("--max-checksum-file-size", 100) >= JOBS["gram"]


def test_comments_docstrings_and_layout_rerun_nothing(tree):
    edited = ["kernels", "dynamics", "labels", "pipeline/files", "pipeline/style"]
    paths = [*(f"src/overparam/{module}.py" for module in edited), "scripts/two_layer/train.py"]
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


def test_an_edit_of_what_is_not_counted_reruns_nothing(tree):
    with tree.edited("src/pipeline/progress.py", appended):
        assert tree.planned() == set()


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        (
            "kernels",
            {"gram", "complexity", "concentration", "fit", "formula", "samples", "targets"},
        ),
        (
            "labels",
            {
                "train", "projections", "complexity", "deviation", "capacity", "fit", "formula",
                "distances", "frozen", "noise", "scale", "stability", "widths",
            },
        ),
        ("dynamics", {"train", "decay", "distances", "fit", "scale", "stability", "start"}),
        (
            "schedules",
            {
                "train", "predict", "deviation", "constants", "decay", "fit", "frozen", "scale",
                "widths",
            },
        ),
        ("targets", {"formula", "samples", "targets"}),
        ("concentration", {"concentration", "formula"}),
        ("points", {"prepare", "formula", "samples", "targets"}),
        ("pipeline/style", PLOTS),
        ("pipeline/claims", {"collect"}),
    ],
)  # fmt: skip
def test_an_edit_of_code_reruns_the_jobs_that_import_it_and_all_that_depends_on_them(
    tree, module, rules
):
    path = f"src/overparam/{module}.py"
    assert importers(path) == rules
    with tree.edited(path, appended):
        assert tree.planned() == downstream(rules)


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("scripts/two_layer/predict.py", {"predict"}),
        ("scripts/two_layer/resumed.py", {"train"}),
        ("scripts/ledger/rows.py", {"collect"}),
    ],
)
def test_an_edit_of_a_program_or_of_a_module_beside_it_reruns_those_that_it_is_part_of(
    tree, path, rules
):
    assert importers(path) == rules
    with tree.edited(path, appended):
        os.utime(tree / path, (1e9, 1e9))
        assert tree.planned() == downstream(rules)


def test_an_edit_with_an_old_time_is_seen_and_its_reversal_leaves_nothing_to_do(tree):
    path = "src/overparam/dynamics.py"
    with tree.edited(path, appended):
        os.utime(tree / path, (1e9, 1e9))
        assert tree.planned() == downstream(importers(path))
    assert tree.planned() == set()


@pytest.mark.parametrize("figure", ["figure2", "decay"])
def test_an_edit_of_a_plotting_script_draws_its_figure_alone(tree, figure):
    with tree.edited(f"scripts/two_layer/plot_{figure}.py", appended):
        assert tree.planned() == {f"plot_{figure} tiny", "assemble", "report"}


@pytest.mark.parametrize("old", [False, True])
def test_an_edit_of_the_style_redraws_the_figures(tree, old):
    path = "config/figures.mplstyle"
    with tree.edited(path, lambda text: text.replace("font.size: 8", "font.size: 9")):
        if old:
            os.utime(tree / path, (1e9, 1e9))
        jobs = tree.jobs()
        assert set(jobs) == downstream(PLOTS) | {"all"}
    os.utime(tree / path)


def test_settings_that_no_job_uses_rerun_nothing(tree):
    values = {"data_dir": "elsewhere", "data.unused": {**tiny(tree), "train": {"n": 50}}}
    assert tree.planned(config=tree.overlay("unused", values)) == set()


def test_an_edit_of_the_run_with_an_old_time_is_seen_and_its_reversal_too(tree):
    path = "config/test.yaml"
    with tree.edited(path, lambda text: text.replace("label_draws: 4", "label_draws: 5")):
        os.utime(tree / path, (1e9, 1e9))
        assert tree.planned() == downstream({"complexity"})
    assert tree.planned() == set()


@pytest.mark.parametrize("path", ["config/datasets.yaml", "config/published/arora2019.yaml"])
def test_an_edit_of_what_other_data_sets_need_reruns_nothing(tree, path):
    with tree.edited(path, lambda text: re.sub(r"(?<!sha)\d{3}", "123", text)):
        assert tree.planned() == set()


def tiny(tree):
    return yaml.safe_load((tree / CONFIG).read_text())["data"]["tiny"]


@pytest.mark.parametrize(
    ("key", "value", "jobs"),
    [
        (
            "figure2.noise",
            [0.0, 0.25, 0.5],
            {"train figure2 tiny nets noise0.25 0-1"} | downstream({"complexity"}),
        ),
        (
            "figure1.repetitions",
            3,
            {job.replace("0-1", "2-2") for job in FIGURE1} | downstream({"losses"}),
        ),
        (
            "figure2.repetitions",
            3,
            {job.replace("0-1", "2-2") for job in FIGURE2} | downstream({"errors"}),
        ),
        (
            "equation8.widths",
            [64, 128],
            {"train equation8 tiny m128 true 0-1"}
            | downstream({"deviation", "widths", "frozen"}),
        ),
        (
            "capacity.widths",
            [32, 64, 96],
            {"train capacity tiny small_m96 noise0.2 0-1"} | downstream({"capacity"}),
        ),
        ("scale.kappa", [0.1, 0.3, 1.0], downstream({"scale"})),
        ("formula.seeds", 3, downstream({"formula"})),
        ("figure2.steps", 101, FIGURE2 | downstream({"errors"})),
        ("figure2.label_draws", 5, downstream({"complexity"})),
    ],
)  # fmt: skip
def test_a_new_value_on_an_axis_runs_its_jobs_alone(tree, key, value, jobs):
    assert tree.planned(config=tree.overlay("axis", {f"two_layer.{key}": value})) == jobs


@pytest.mark.parametrize("experiment", ["fit", "constants", "stability"])
def test_an_experiment_left_out_writes_the_ledger_anew(tree, experiment):
    config = tree.overlay("fewer", {f"two_layer.{experiment}.problems": []})
    assert tree.planned(config=config) == LEDGER


@pytest.mark.parametrize("old", [False, True])
def test_an_edit_of_an_expectation_decides_anew_and_computes_nothing(tree, old):
    path = "config/claims/two_layer.yaml"
    with tree.edited(path, lambda text: text.replace("value: 5, over: every", "value: 6", 1)):
        if old:
            os.utime(tree / path, (1e9, 1e9))
        assert tree.planned() == LEDGER
    assert tree.planned() == set()


def test_an_edit_of_how_a_figure_is_read_writes_its_caption_anew(tree):
    path = "config/claims/two_layer.yaml"
    with tree.edited(path, lambda text: text.replace("(a) and (b): dots", "(a) and (b): all dots")):
        assert tree.planned() == LEDGER | JOBS["plot_formula"]


@pytest.mark.parametrize("end", ["html.j2", "css", "js"])
def test_an_edit_of_the_page_writes_the_report_alone(tree, end):
    path = f"scripts/ledger/report.{end}"
    with tree.edited(path, lambda text: f"{text}\n"):
        os.utime(tree / path, (1e9, 1e9))
        assert tree.planned() == {"report"}


def test_one_network_a_job_and_one_repetition_more(tree):
    """With a job for each repetition the names of the earlier jobs stay."""
    before, after = (
        {"two_layer.figure2.seeds_per_job": 1, "two_layer.figure2.repetitions": repetitions}
        for repetitions in (2, 3)
    )
    fewer, more = (tree.planned(config=tree.overlay("one", one)) for one in (before, after))
    trained = {job.replace("0-1", f"{r}-{r}") for job in FIGURE2 for r in (0, 1)}
    assert fewer == trained | downstream({"errors"})
    assert more - fewer == {job.replace("0-1", "2-2") for job in FIGURE2}
    assert fewer < more


def test_new_values_on_axes_leave_the_numbers_of_the_others_alone(copy):
    """A noise level, a width and a repetition more: new files, and new rows among the old ones."""
    axes = {"figure2.noise": [0.0, 0.25, 0.5], "equation8.widths": [48, 64]}
    axes["figure2.repetitions"] = 3
    folder, figures = "results/test/two_layer", "figures/test/two_layer"
    arrays = {path for path in copy.files(folder) if path.endswith("0-1/arrays.npz")}
    tables = {
        f"{folder}/complexity/tiny/sampled.csv": lambda row: row["portion"] == "0.25",
        f"{figures}/figure2_tiny_errors.csv": lambda row: (
            row["portion"] == "0.25" or (row["series"], row["repetition"]) == ("network", "2")
        ),
    }
    before, rows = copy.contents(arrays), {path: listed(copy / path) for path in tables}
    changes = {f"two_layer.{key}": value for key, value in axes.items()}
    config = copy.overlay("test", changes)
    more = {job for job in copy.planned(config=config) if job.startswith("train ")}
    ends = ("figure2_tiny_errors", "equation8_tiny_deviation")
    done = copy.snakemake(*(f"{figures}/{end}.csv" for end in ends), config=config)
    assert done.returncode == 0, done.stderr
    assert copy.contents(arrays) == before
    found = {path for path in copy.files(folder) if path.endswith("/arrays.npz")}
    assert len(found - arrays) == len(more) == 1 + 3 + 1
    for path, new in tables.items():
        after = listed(copy / path)
        assert [row for row in after if not new(row)] == rows[path]
        assert any(map(new, after))


def listed(path):
    """The rows of a table."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
