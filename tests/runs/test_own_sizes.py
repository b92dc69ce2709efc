"""Data of one's own of every size from 8 to 40 points, through every experiment that may list it.

Programs are called in this process, in an order that the run's plan allows: a process for each of
1 700 jobs would take most of an hour. Figures are laid out and not written, nor is the page.
"""

from contextlib import chdir
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import numpy as np
import yaml

from pipeline import style
from tests.scripts.programs import call
from tests.workflow.plans import plan
from tests.workflow.repository import fresh
from workflow.settings.run import MODELS

SIZES = {f"n{n}": n for n in range(8, 41)}
D = 20  # inputs of a point: more than some sizes, as many as one, fewer than others


def test_every_size_goes_through_the_whole_graph(tmp_path, monkeypatch):
    monkeypatch.setattr(style, "save_figure", lambda figure, *_: figure.draw_without_rendering())
    tree, experiments = fresh(tmp_path / "own"), listed()
    save(tree, {"run": "own", "checks": "test", "only": [*SIZES], "data": data()} | experiments)
    jobs = {path: job for job in plan(tree.folder, "own.yaml").running() for path in job.writes()}
    metrics = {
        f"results/own/{family}/{name}/{problem}/metrics.json"
        for family, own in experiments.items() for name in own for problem in SIZES
    }  # fmt: skip
    assert metrics <= jobs.keys()
    failed, done = [], set()
    with chdir(tree.folder):
        for path in TopologicalSorter(
            {path: job.reads() for path, job in jobs.items()}
        ).static_order():
            job = jobs.get(path)
            if job and job.log[0] not in done and runs_here(job):
                done.add(job.log[0])
                failed += [job.log[0]] if run(job) else []
    assert failed == []


def listed():
    """The experiments that may list data of one's own, on every size; by family.

    Those that list none by themselves and are not for such data ask for a certain data set.
    """
    chosen = {}
    for family, model in MODELS.items():
        for name, experiment in model.classes.items():
            problems = experiment.model_fields.get("problems")
            if problems and (problems.default or experiment.own_data):
                field = experiment.model_fields.get("n")
                several = experiment.own_data and field and isinstance(field.default, list)
                drawn = {"n": [4, 8]} if several else {}
                chosen.setdefault(family, {})[name] = {"problems": [*SIZES]} | drawn
    return chosen


def data():
    """A problem of each size, with another number of test points, a class against two."""
    same = {
        "source": "file", "file": "own.npz", "groups": [[0], [1, 2]], "selection": "stratified",
        "splits": 2,
    }  # fmt: skip
    return {
        name: same | {"train": {"n": n}, "test": {"n": n // 2 + 1}} for name, n in SIZES.items()
    }


def save(tree, values):
    """The configuration, and the file that it names."""
    draw = np.random.default_rng(0).standard_normal
    np.savez(
        tree / "own.npz", x=draw((60, D)), y=np.arange(60) % 3,
        x_test=draw((30, D)), y_test=np.arange(30) % 3,
    )  # fmt: skip
    (tree / "own.yaml").write_text(yaml.safe_dump(values))


def runs_here(job):
    """Whether a job needs no picture."""
    return not job.program.startswith("ledger.") or job.program == "ledger.collect"


def run(job):
    """The exit status of a job's program, told what decides its numbers."""
    for path in job.writes():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    told = [
        (f"--{name}", value) for name, value in job.options if name not in ("sidecar", "planned")
    ]
    words = [word for pair in told for word in pair if word != ""]
    return call(import_module(f"scripts.{job.program}"), *words)
