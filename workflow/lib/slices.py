"""The slices in a run: what each aims for, and the rules that its experiments are made into."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from snakemake.exceptions import WorkflowError
from snakemake.io import report

from pipeline import costs
from pipeline.experiment import PREPARED, Experiment
from pipeline.wildcards import Wildcards
from workflow.lib.data import Data
from workflow.settings.run import Common
from workflow.slices import SLICES

STYLE = "config/figures.mplstyle"
CAPTION = str(Path(__file__).parents[1] / "report" / "figure.rst")
Reading = Callable[[str, str], dict[str, str]]


def reported(svg: str, slice: str, figure: str, problem: str = "{problem}") -> str:
    """A figure's picture, which `snakemake --report` shows with its caption."""
    labels = {"figure": figure, "problem": problem}
    return report(svg, caption=CAPTION, category=slice, labels=labels)


class Rule(NamedTuple):
    """A rule to be made: an experiment's, or its figure's."""

    name: str
    program: str
    inputs: Callable[[Wildcards], dict[str, Any]]
    outputs: dict[str, str]
    beside: str
    """Log, benchmark and sidecar, without their ending."""
    settings: Callable[[Wildcards], dict[str, Any]]
    seconds: costs.Model
    mb: costs.Model
    stage: str
    local: bool = False


class Slice:
    """A slice's experiments in a run."""

    def __init__(self, name: str, settings: Common, data: Data) -> None:
        self.name, self.run, self.seed = name, settings.run, settings.seed
        self.settings = getattr(settings, name)
        self.data = data
        self.results = f"results/{self.run}/{name}"
        self.figures = f"figures/{self.run}/{name}"
        self.prefix = f"{name}_" if self.settings.prefix is None else self.settings.prefix

    # --- what the run aims for ---------------------------------------------------------------

    def problems(self, name: str) -> list[str]:
        """The problems that an experiment runs on; none if it does not run."""
        experiment = self.settings.experiment(name)
        if (experiment.follows or name) not in self.settings.experiments:
            return []
        return list(experiment.problems_in(self))

    def _jobs(self, *names: str) -> Iterator[tuple[str, Experiment, str]]:
        """Some experiments, all unless told otherwise, on each of their problems."""
        for name in names or self.settings.classes:
            for problem in self.problems(name):
                yield name, self.settings.experiment(name), problem

    def drawn(self, *names: str) -> list[str]:
        """The figures, without their ending."""
        return [
            f"{self.figures}/{name}_{problem}"
            for name, experiment, problem in self._jobs(*names)
            if experiment.has_figure(self, problem)
        ]

    def targets(self, *names: str) -> list[str]:
        """The figures, and whatever else jobs write that no other job reads."""
        found = [f"{figure}.{kind}" for figure in self.drawn(*names) for kind in ("svg", "png")]
        for name, experiment, problem in self._jobs(*names):
            tables = [] if experiment.own_rules else self.tables(name).values()
            found += [path.format(problem=problem) for path in tables]
            found += experiment.extra_targets(self, problem)
        return found

    def metrics(self, *names: str) -> list[str]:
        """Every job's measured figures."""
        jobs = self._jobs(*names)
        return [f"{self.results}/{name}/{problem}/metrics.json" for name, _, problem in jobs]

    def asked(self, name: str) -> list[str]:
        """What an experiment is run for; WorkflowError if it runs on no problem."""
        if not self.problems(name):
            raise WorkflowError(f"{self.name}.{name}: {self._why_no_problem(name)}")
        return [*self.targets(name), *self.metrics(name)]

    def _why_no_problem(self, name: str) -> str:
        """Why an experiment runs on no problem, and what to do."""
        key = self.settings.experiment(name).follows or name
        if key not in self.settings.experiments:
            listed = f"list {key} under {self.name}.experiments"
            return f"left out of this run: {listed}, or correct 'only'"
        deep = [each for each, problem in self.data.settings.data.items() if problem.kernel.words()]
        if deep and self.settings.experiment(name).kernel == "two-layer":
            return (
                f"runs on no problem here: found another data.<name>.kernel of {', '.join(deep)}, "
                "expected that of two-layer ReLU networks, which it trains"
            )
        return f"runs on no problem here: list one under {self.name}.{key}.problems"

    # --- its rules ---------------------------------------------------------------------------

    def rules(self, reading: Reading) -> Iterator[Rule]:
        """The rules of its experiments, but for those that are written out.

        reading: how a slice's figure is read, as an option of its plot.
        """
        for name in self.settings.classes:
            experiment = self.settings.experiment(name)
            if not experiment.own_rules:
                yield self._measuring(name, experiment)
                if experiment.shows:
                    yield self._drawing(name, experiment, reading)

    def tables(self, name: str) -> dict[str, str]:
        """An experiment's tables by option, with the wildcard `problem`."""
        return {table: self._table(name, table) for table in self.settings.classes[name].tables}

    def table(self, name: str, table: str, problem: str) -> str:
        """Path of an experiment's table."""
        return self._table(name, table).format(problem=problem)

    def _table(self, name: str, table: str) -> str:
        end = "" if table == "table" else f"_{table}"
        return f"{self.figures}/{name}_{{problem}}{end}.csv"

    def _measuring(self, name: str, experiment: Experiment) -> Rule:
        folder = f"{self.results}/{name}/{{problem}}"

        def inputs(wildcards: Wildcards) -> dict[str, Any]:
            other = experiment.files(self, wildcards.problem)
            return self._prepared(experiment.reads, wildcards.problem, other) | other

        def settings(wildcards: Wildcards) -> dict[str, Any]:
            problem = wildcards.problem
            upstream = experiment.upstream_settings(self, problem)
            shared = {
                key: self.seed if key == "seed" else getattr(self.settings, key)
                for key in experiment.shared
            }
            return (
                experiment.model_dump(include={*experiment.options()})
                | shared
                | {"name": problem}
                | {key: upstream[key] for key in experiment.upstream.model_fields}
            )

        return Rule(
            name=f"{self.prefix}{name}",
            program=f"{self.name}.{name}",
            inputs=inputs,
            outputs=self.tables(name) | {"metrics": f"{folder}/metrics.json"},
            beside=f"{folder}/{name}",
            settings=settings,
            seconds=lambda wildcards: costs.START + experiment.seconds(self, wildcards.problem),
            mb=lambda wildcards: costs.BASE + experiment.mb(self, wildcards.problem),
            stage=experiment.stage,
        )

    def _drawing(self, name: str, experiment: Experiment, reading: Reading) -> Rule:
        shown = experiment.figure_tables()
        tables = {option: self._table(*table) for option, table in shown.items()}
        drawn = f"{self.figures}/{name}_{{problem}}"

        def inputs(wildcards: Wildcards) -> dict[str, Any]:
            problem = wildcards.problem
            found = {option: path.format(problem=problem) for option, path in tables.items()}
            other = experiment.shows_from(self, problem)
            beside = self._prepared(experiment.shows_beside, problem, other)
            return found | beside | other | {"style": STYLE}

        return Rule(
            name=f"plot_{self.prefix}{name}",
            program=f"{self.name}.plot_{name}",
            inputs=inputs,
            outputs={
                "svg": reported(f"{drawn}.svg", self.name, name),
                "png": f"{drawn}.png",
                "caption": f"{drawn}.md",
            },
            beside=f"{self.results}/{name}/{{problem}}/plot",
            settings=self.captioned(name, reading),
            seconds=costs.PLOT[0],
            mb=costs.PLOT[1],
            stage="",
            local=True,
        )

    def captioned(self, name: str, reading: Reading) -> Callable[[Wildcards], dict[str, Any]]:
        """What a figure's program is told for its caption."""
        experiment = self.settings.experiment(name)

        def settings(wildcards: Wildcards) -> dict[str, Any]:
            problem = wildcards.problem
            words = {
                "name": problem,
                "about": experiment.about(self, problem),
                "kernel": self.kernel(name, problem),
            }
            return words | experiment.words(self, problem) | reading(self.name, name)

        return settings

    def kernel(self, name: str, problem: str) -> str | None:
        """The kernel that an experiment has of a problem, in words, if it is another than that of
        two-layer ReLU networks."""
        settings = self.data.settings.data.get(problem)
        if settings is None or self.settings.experiment(name).kernel != "any":
            return None
        return settings.kernel.words() or None

    def kernels(self) -> dict[str, str]:
        """Those of all its jobs, as experiment/problem."""
        found = {f"{name}/{at}": self.kernel(name, at) for name, _, at in self._jobs()}
        return {job: words for job, words in found.items() if words}

    def _prepared(
        self, reads: tuple[str, ...], problem: str, other: Mapping[str, Any]
    ) -> dict[str, str]:
        names = [each.rstrip("*?") for each in reads]
        return {
            name: self.data.path(problem, PREPARED[name][0])
            for name in names
            if name in PREPARED and name not in other
        }


class Slices(dict[str, Slice]):
    """Every slice of a run, by name."""

    def __init__(self, settings: Common, data: Data) -> None:
        super().__init__({name: Slice(name, settings, data) for name in SLICES})

    def rule_files(self) -> list[str]:
        """The rule files of slices that write rules out."""
        paths = [Path("scripts", name, "rules.smk") for name in self]
        return [str(path.resolve()) for path in paths if path.is_file()]

    def rules(self, reading: Reading) -> list[Rule]:
        """The rules that are made from declarations."""
        return [rule for slice in self.values() for rule in slice.rules(reading)]

    def targets(self) -> list[str]:
        """What `all` asks for of every slice."""
        return [path for slice in self.values() for path in slice.targets()]

    def words(self) -> dict[str, list[tuple[Slice, str]]]:
        """The experiments that each word asks for: `all_fit` for one, `figure1` for what is that
        figure in its source, in every slice."""
        found: dict[str, list[tuple[Slice, str]]] = {}
        for slice in self.values():
            for name in slice.settings.classes:
                found[f"all_{slice.prefix}{name}"] = [(slice, name)]
                if re.fullmatch(r"figure\d+", name):
                    found.setdefault(name, []).append((slice, name))
        return found

    def asked(self, word: str) -> Callable[[Wildcards], list[str]]:
        """What a word asks for; WorkflowError if that runs on no problem."""

        def asked(wildcards: Wildcards) -> list[str]:
            experiments = self.words()[word]
            running = [(slice, name) for slice, name in experiments if slice.problems(name)]
            return [path for slice, name in running or experiments for path in slice.asked(name)]

        return asked

    def refuse(self, wildcards: Wildcards) -> list[str]:
        """What a word asks for that there is not: WorkflowError says which there are."""
        words = sorted(self.words())
        figures = [word for word in words if not word.startswith("all_")]
        experiments = [word.removeprefix("all_") for word in words if word not in figures]
        raise WorkflowError(
            f"target: found {wildcards.word!r}, expected a file or one of "
            f"{', '.join(['all', 'claims', 'claim_<id>', *figures, 'all_<experiment>'])}, where "
            f"the experiments are {', '.join(experiments)}"
        )

    def early(self) -> dict[str, int]:
        """The figures that are wanted before others: how early each is."""
        return {
            f"{figure}.svg": experiment.early
            for slice in self.values()
            for name, experiment in slice.settings.classes.items()
            for figure in (slice.drawn(name) if experiment.early else ())
        }
