"""After a finished run: what an edit reruns, and what it leaves alone."""

import os
import re
import time

import pytest
import yaml

from tests.workflow.repository import CONFIG, ROOT, imported, programs

# The test run's jobs, by rule.
FIGURE1 = {
    f"train figure1 tiny {arm} {labels} 0-1"
    for arm in ("small", "kernel")
    for labels in ("true", "random", "worst")
}
FIGURE2 = {f"train figure2 tiny nets noise{portion} 0-1" for portion in ("0.0", "0.5", "1.0")}
EQUATION8 = {f"train equation8 tiny {width} true 0-1" for width in ("m64", "m128")}
CAPACITY = {
    f"train capacity tiny {arm}_{width} noise0.2 0-1"
    for arm in ("small", "kernel")
    for width in ("m32", "m64")
}
SYNTHETIC = {"formula", "targets", "samples"}
EXPERIMENTS = {
    "concentration", "draws", "start", "constants", "noise", "published", "widths",
    "frozen", "scale", "stability", "decay", "distances", "capacity", "fit",
}  # fmt: skip
UNDRAWN = {"start", "constants", "noise", "frozen", "distances"}
# The published numbers are drawn beside the paper's own data sets alone.
DRAWN = (SYNTHETIC | EXPERIMENTS) - UNDRAWN - {"published"}
LINEAR = {"identities", "phase", "figure2"}
LINEAR_DRAWN = {"phase", "figure2"}
JOBS = {
    "digits": {"digits"},
    "prepare": {"prepare tiny-0", "prepare tiny-1"},
    "gram": {"gram tiny-0", "gram tiny-1"},
    "spectrum": {"spectrum tiny-0"},
    "train": FIGURE1 | EQUATION8 | FIGURE2 | CAPACITY,
    "projections": {"projections tiny"},
    "predict": {"predict tiny small", "predict tiny kernel"},
    "complexity": {"complexity tiny"},
    "losses": {"losses tiny"},
    "deviation": {"deviation tiny"},
    "errors": {"errors tiny"},
    "plot_figure1": {"plot_figure1 tiny"},
    "plot_equation8": {"plot_equation8 tiny"},
    "plot_figure2": {"plot_figure2 tiny"},
    **{name: {f"{name} tiny"} for name in EXPERIMENTS},
    **{name: {f"{name} synthetic"} for name in SYNTHETIC},
    **{f"plot_{name}": {f"plot_{name} tiny"} for name in DRAWN - SYNTHETIC},
    **{f"plot_{name}": {f"plot_{name} synthetic"} for name in SYNTHETIC},
    **{f"linear_{name}": {f"linear_{name} linear"} for name in LINEAR},
    **{f"plot_linear_{name}": {f"plot_linear_{name} linear"} for name in LINEAR_DRAWN},
    "collect": {"collect"},
    "assemble": {"assemble"},
    "report": {"report"},
}
# Which rules read what a rule writes.
LEDGER = {"collect", "assemble", "report"}
READERS = {
    "digits": {"prepare"},
    "prepare": {
        "gram", "train", "projections", "complexity", "deviation", "formula", "concentration",
        "draws", "start", "noise", "widths", "frozen", "scale", "stability", "decay", "distances",
        "capacity", "fit",
    },
    "gram": {"spectrum", "complexity", "draws", "constants", "frozen", "stability", "capacity"},
    "spectrum": {
        "train", "projections", "predict", "deviation", "plot_figure1", "constants", "published",
        "widths", "frozen", "scale", "stability", "decay", "distances",
    },
    "train": {"losses", "deviation", "errors", "widths", "frozen", "capacity"},
    "projections": {"predict", "plot_figure1", "published", "collect"},
    "predict": {"losses"},
    "complexity": {"errors", "noise", "published"},
    "losses": {"plot_figure1", "collect"},
    "deviation": {"plot_equation8", "collect"},
    "errors": {"plot_figure2", "collect"},
    **{name: {"collect"} for name in UNDRAWN | {"published"}},
    **{name: {f"plot_{name}", "collect"} for name in DRAWN},
    "frozen": {"plot_widths", "collect"},
    **{f"plot_{name}": {"assemble", "report"} for name in DRAWN},
    **{f"plot_{name}": {"assemble", "report"} for name in ("figure1", "equation8", "figure2")},
    **{f"linear_{name}": {"collect"} for name in LINEAR},
    **{f"linear_{name}": {f"plot_linear_{name}", "collect"} for name in LINEAR_DRAWN},
    **{f"plot_linear_{name}": {"assemble", "report"} for name in LINEAR_DRAWN},
    "collect": {"assemble"},
    "assemble": {"report"},
}  # fmt: skip
PLOTS = {rule for rule in JOBS if rule.startswith("plot_")}


def downstream(rules):
    """The jobs of some rules and of all rules that need what they write."""
    found, todo = set(), list(rules)
    while todo:
        rule = todo.pop()
        if rule not in found:
            found.add(rule)
            todo += READERS.get(rule, ())
    return set().union(*(JOBS[rule] for rule in found))


def importers(path):
    """Rules of the test run whose program imports a module, directly or not."""
    found = programs()
    return {rule for rule in JOBS if ROOT / path in imported(ROOT / found[rule])}


def appended(text):
    return f"{text}\nEDITED = 1\n"


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
    for path in tree.files("src", "scripts", "workflow", "config", "reference"):
        os.utime(tree / path)
    assert tree.planned() == set()


def test_comments_docstrings_and_layout_rerun_nothing(tree):
    edited = ["kernels", "dynamics", "labels", "house/files", "house/style"]
    paths = [*(f"src/overparam/{module}.py" for module in edited), "scripts/two_layer/train.py"]
    before = tree.contents(paths)
    for path in paths:
        (tree / path).write_text(redecorated(before[path].decode()))
        compile((tree / path).read_text(), path, "exec")
    assert tree.planned() == set()
    for path in paths:
        (tree / path).write_bytes(before[path])


def test_an_edit_of_what_is_not_counted_reruns_nothing(tree):
    with tree.edited("src/overparam/house/progress.py", appended):
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
        ("house/style", PLOTS),
        ("house/claims", {"collect"}),
    ],
)  # fmt: skip
def test_an_edit_of_code_reruns_the_jobs_that_import_it_and_all_that_depends_on_them(
    tree, module, rules
):
    path = f"src/overparam/{module}.py"
    assert importers(path) == rules
    with tree.edited(path, appended):
        assert tree.planned() == downstream(rules)


def test_an_edit_with_an_old_time_is_seen_and_its_reversal_leaves_nothing_to_do(tree):
    path = "src/overparam/dynamics.py"
    with tree.edited(path, appended):
        os.utime(tree / path, (1e9, 1e9))
        assert tree.planned() == downstream(importers(path))
    assert tree.planned() == set()


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


def tiny(tree):
    return yaml.safe_load((tree / CONFIG).read_text())["data"]["tiny"]


@pytest.mark.parametrize(
    ("key", "value", "jobs"),
    [
        (
            "figure2.noise",
            [0.0, 0.25, 0.5, 1.0],
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
            [64, 128, 256],
            {"train equation8 tiny m256 true 0-1"}
            | downstream({"deviation", "widths", "frozen", "constants"}),
        ),
        (
            "capacity.widths",
            [32, 64, 96],
            {f"train capacity tiny {arm}_m96 noise0.2 0-1" for arm in ("small", "kernel")}
            | downstream({"capacity"}),
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


def test_a_new_noise_level_leaves_the_others_bytes_alone(copy):
    folder = "results/test/two_layer/figure2/tiny/nets"
    arrays = [f"{folder}/noise{portion}/0-1/arrays.npz" for portion in ("0.0", "0.5", "1.0")]
    table = "results/test/two_layer/complexity/tiny/sampled.csv"
    before, draws = copy.contents(arrays), (copy / table).read_text().splitlines()
    copy.overlay("test", {"two_layer.figure2.noise": [0.0, 0.25, 0.5, 1.0]})
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    assert copy.contents(arrays) == before
    assert (copy / f"{folder}/noise0.25/0-1/arrays.npz").is_file()
    after = (copy / table).read_text().splitlines()
    assert [line for line in after if line.split(",")[1] != "0.25"] == draws
    assert len(after) == len(draws) + 2 * 4  # of two splits
    assert copy.planned() == set()
