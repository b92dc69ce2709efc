"""Every number that a caption tells of the settings is one of the jobs whose results it shows."""

from itertools import count
from pathlib import Path

import pytest
import yaml

from overparam.errors import Refusal
from pipeline.settings import validate
from scripts.runs import configs
from tests.workflow.captions import (
    MOST,
    OWN,
    drawn_by,
    facts,
    is_set,
    length,
    told,
    wrong,
)
from tests.workflow.plans import CONFIGS, plan, within
from workflow.settings.run import Settings, complete, merged
from workflow.slices import SLICES

# Settings whose numbers are no experiment's own, or names.
KEPT = {"problems", "kernel_problems", "experiments", "threads"}


def shifted(value, by, whole):
    """Settings with other numbers. whole: counts too, by an even number each."""
    if isinstance(value, dict):
        return {
            key: inner if key in KEPT else shifted(inner, by, whole) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [shifted(item, by, whole) for item in value]
    if isinstance(value, float):
        return float(f"{value * (1 - by / 200):.4g}")
    return value + 2 * by if whole and type(value) is int else value


def apart(name):
    """A run in which experiments share as few numbers as their declarations allow."""
    values = complete(merged(configs.read(configs.DEFAULT), configs.read(Path(CONFIGS[name]))))
    shift = count(1)
    for slice in SLICES:
        for key in {*values[slice]} - KEPT:
            by = next(shift)
            for whole in (True, False):
                other = {key: shifted(values[slice][key], by, whole)}
                tried = values | {slice: values[slice] | other}
                try:
                    validate(Settings, tried)
                except Refusal:
                    continue
                values = tried
                break
    return values


@pytest.fixture(scope="module", params=["test", "paper"])
def others(request, project):
    """The plan of a run with such settings."""
    config = f"config/runs/apart_{request.param}.yaml"
    with within(project.folder):
        (project / config).write_text(yaml.safe_dump(apart(request.param)))
    return plan(project.folder, config)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_caption_says_how_its_figure_is_read(plans, name):
    drawing = [job for job in plans(name) if drawn_by(job)]
    assert drawing
    assert [job.rule for job in drawing if not "".join(job.told("how-to-read")).strip()] == []


@pytest.mark.parametrize("name", CONFIGS)
def test_what_a_caption_is_told_leaves_room_for_what_it_says_itself(plans, name):
    """Of a whole caption the words are counted where figures are drawn, in `tests/runs`."""
    found = {job.rule: length(job) for job in plans(name) if drawn_by(job)}
    long = {rule for rule, words in found.items() if words > MOST - OWN}
    assert long == set()


@pytest.mark.parametrize("name", CONFIGS)
def test_the_numbers_of_every_caption_are_settings_of_the_jobs_behind_it(plans, name):
    found = {job.rule: [*wrong(plans(name), job)] for job in plans(name)}
    assert {rule: lines for rule, lines in found.items() if lines} == {}
    assert any(told(job) for job in plans(name))


def test_they_follow_when_every_experiment_has_settings_of_its_own(others):
    found = {job.rule: [*wrong(others, job)] for job in others}
    assert {rule: lines for rule, lines in found.items() if lines} == {}


def test_the_check_finds_numbers_of_another_experiment(others):
    """Of each figure: some caption of others would be wrong under it."""
    drawn = [job for job in others if drawn_by(job)]
    for job in drawn:
        strange = [
            fact
            for other in drawn
            if drawn_by(other) is not drawn_by(job)
            for _, words in told(other)
            for fact in facts(words)
            if not is_set(fact, others.behind(job))
        ]
        assert strange, job.rule


def test_the_check_finds_a_number_that_no_job_is_told(others):
    """Under its letter: another setting that happens to have the same value is no excuse."""
    changed = set()
    for job in others:
        for key, words in told(job):
            for fact in facts(words):
                said = f"{fact.letter} = {fact.value:g}"
                if said in words:
                    other = dict(job.options) | {key: words.replace(said, f"{fact.letter} = 0.123")}
                    assert [*wrong(others, job._replace(options=[*other.items()]))], job.rule
                    changed.add(fact.letter)
    assert {"m", "η", "κ"} <= changed


@pytest.mark.parametrize("words", ["m = 64, κ = 1, antisymmetric", "y = 1", "at most 20000 steps"])
def test_the_check_finds_numbers_that_are_typed_by_hand(others, words):
    """They do not follow when the settings change."""
    for job in others:
        if drawn_by(job):
            fake = job._replace(options=[*job.options, ("about", words)])
            assert [*wrong(others, fake)], job.rule


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("m = 64, η = 0.5/λ_max", [("m", 64, False), ("η", 0.5, True)]),
        ("cifar10, classes 0 against 1", [("", 0, False), ("", 1, False)]),
        ("η = 2e-05 (sweep: 20).", [("η", 2e-05, False), ("", 20, False)]),
        ("c₁ = 0.8, mnist_200", [("c₁", 0.8, False)]),
    ],
)
def test_the_check_reads_numbers(words, found):
    assert facts(words) == found
