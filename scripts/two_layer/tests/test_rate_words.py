"""Which learning rate a caption tells, where several are set apart."""

import pytest
import yaml

from tests.workflow import plans
from tests.workflow.captions import wrong
from tests.workflow.repository import fresh

ETAS = {"train": 0.25, "scale": 0.5, "decay": 0.75, "fit": 1.25, "distances": 1.5}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the repository in which nothing runs."""
    return fresh(tmp_path_factory.mktemp("captions") / "clone")


def said(plan, figure):
    """The words about training under an experiment's figures."""
    return {words for job in plan.of(f"plot_{figure}") for words in job.told("training")}


def test_each_experiment_tells_its_own_rate(project):
    values = yaml.safe_load((project / "config/test.yaml").read_text())
    values["two_layer"] = {name: {"eta": eta} for name, eta in ETAS.items()}
    (project / "config/rates.yaml").write_text(yaml.safe_dump(values))
    plan = plans.plan(project.folder, "config/rates.yaml")
    for figure in ("scale", "decay", "fit"):
        (words,) = said(plan, figure)
        assert f"η = {ETAS[figure]:g}/λ_max" in words
        assert plan.of(figure)[0].told("eta") == [str(ETAS[figure])]
    for figure in ("figure1", "equation8", "figure2", "capacity", "widths"):
        (words,) = said(plan, figure)
        assert "η = 0.25/λ_max" in words
    assert {*plan.of("train")[0].told("eta")} == {"0.25"}
    # What was wrong once: the trainings' rate under a figure whose job has one of its own.
    (job,) = plan.of("plot_scale")
    options = [(key, words.replace("η = 0.5", "η = 0.25")) for key, words in job.options]
    assert [*wrong(plan, job)] == []
    assert len([*wrong(plan, job._replace(options=options))]) == 1


def test_a_rate_of_one_problem_is_told_in_its_unit(project):
    plan = plans.plan(project.folder, "config/paper.yaml")
    (words,) = said(plan, "capacity")
    assert "η = 2e-05," in words
    trained = [job for job in plan.of("train") if job.wildcards["experiment"] == "capacity"]
    assert {*(rate for job in trained for rate in job.told("eta"))} == {"2e-05"}


def test_where_nothing_is_trained_no_training_is_told(project):
    plan = plans.plan(project.folder, "config/workstation.yaml")
    for figure in ("figure1", "figure2"):
        told = {job.wildcards["problem"]: job.told("training") for job in plan.of(f"plot_{figure}")}
        trained = {
            job.wildcards["problem"]
            for job in plan.of("train")
            if job.wildcards["experiment"] == figure
        }
        assert trained != {*told}
        if figure == "figure1":
            assert {problem for problem, words in told.items() if words} == trained
        else:  # there stand networks on fewer points of the same source, and the figure says so
            fewer = {
                job.wildcards["problem"]: job.told("networks-n") for job in plan.of("plot_figure2")
            }
            assert {problem for problem, n in fewer.items() if not n} == trained
            assert all(told.values())
