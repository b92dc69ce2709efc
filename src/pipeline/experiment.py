"""An experiment, declared once: what it is told, reads, writes, costs and shows.

An experiment is a class in its slice's `slice.py`. Its fields are its settings; from the class come
the configuration's key with schema and documentation, the options of its program, its rules, its
place in the plan and in the targets. A planned job is told every setting, so nothing that stands
here or in a `slice.py` reaches a program but by its options: fingerprints leave both out.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, Literal, Protocol

import click
from pydantic import Field, ValidationError, create_model

from pipeline import cli
from pipeline.settings import SYNTHETIC, Distinct, Setting, Strict, line

# The prepared set's files, by the name under which an experiment reads them.
PREPARED = {
    "problem": ("problem.npz", "Prepared problem, .npz."),
    "gram": ("gram.npy", "Gram matrix H∞, (n, n), .npy."),
    "spectrum": ("spectrum.npz", "Its spectrum: eigenvalues and leading eigenvectors, .npz."),
    "eigenvectors": ("eigenvectors.npy", "Eigenvectors, rows v_i, (n, n), .npy."),
}
# Fields that list problems: names of data sets, of which each is a job.
LISTS = ("problems", "kernel_problems")


class Plan(Protocol):
    """What an experiment may ask of its slice in a run."""

    settings: Any
    """The whole settings of the slice."""
    seed: int
    """The run's master seed."""
    data: Any
    """The run's problems: their paths and sizes."""
    results: str
    """Folder of the slice's results."""
    figures: str
    """Folder of the slice's figures and tables."""

    def problems(self, name: str) -> list[str]:
        """The problems that an experiment of the slice runs on."""

    def table(self, name: str, table: str, problem: str) -> str:
        """Path of an experiment's table."""


class Experiment(Strict):
    """A measuring program `scripts/<slice>/<name>.py`, run on each of its problems, and, if it has
    a figure, `plot_<name>.py`.

    The first line of a class's docstring is the documentation of its key. A class whose name begins
    with an underscore is a base of others, no experiment.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    """Files that it reads, by option: problem, gram, spectrum, eigenvectors of the prepared set,
    and others, which `files` finds; `name*` for several, `name?` for one that may not be there."""
    tables: ClassVar[tuple[str, ...]] = ("table",)
    """The tables that it writes, by option."""
    shows: ClassVar[tuple[str, ...]] = ()
    """The tables that its figure shows, `other.table` for another experiment's; none: no figure."""
    shows_beside: ClassVar[tuple[str, ...]] = ()
    """Other files that its figure reads, as in `reads`."""
    says: ClassVar[tuple[str, ...]] = ()
    """Words of the caption beside `about`, from `words`; `name*` for several."""
    shared: ClassVar[tuple[str, ...]] = ("seed",)
    """Settings of its slice, or the run's seed, that it is told too."""
    upstream: ClassVar[type[Strict]] = Strict
    """Settings of the jobs whose results it reads that it is told too, from `upstream_settings`."""
    untold: ClassVar[tuple[str, ...]] = ()
    """Settings of jobs that prepare it: its own program is not told them."""
    stage: ClassVar[str] = "measuring"
    """When it can run: `tables` if it reads trained networks."""
    early: ClassVar[int] = 0
    """How early a run makes its figure, and what that is made of: the higher the sooner."""
    own_rules: ClassVar[bool] = False
    """Its rules are written out in the slice's `rules.smk`."""
    follows: ClassVar[str | None] = None
    """The experiment whose problems it takes, if it has no settings: it has no key either."""
    own_data: ClassVar[bool] = False
    """Whether `make mine` runs it on data of one's own."""
    own_graph: ClassVar[Literal["", "components", "all"]] = ""
    """Whether `make mine` runs it on a graph of one's own, and with which features: then it has a
    key `graphs`, and so has its slice, where graphs are named."""
    small: ClassVar[Mapping[str, Any]] = {}
    """Its settings in the `test` run: seconds in all. `problems` is the test run's."""

    def problems_in(self, plan: Plan) -> list[str]:
        """The problems that it runs on: a synthetic one if it lists none."""
        if self.follows is not None:
            return plan.problems(self.follows)
        if not self.lists():
            return [plan.settings.drawn] if self.named() in plan.settings.experiments else []
        return self.listed()

    def listed(self) -> list[str]:
        """The problems that its settings list."""
        return [problem for key in self.lists() for problem in getattr(self, key)]

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        """Paths of what it reads beside the prepared set, by option."""
        return {}

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        """Values for `upstream`; what that does not name is left out."""
        return {}

    def seconds(self, plan: Plan, problem: str) -> float:
        """Seconds of a job on a slow core, its start left out."""
        return 0

    def mb(self, plan: Plan, problem: str) -> float:
        """Megabytes that a job takes beyond Python and NumPy."""
        return 0

    def has_figure(self, plan: Plan, problem: str) -> bool:
        """Whether there is anything to draw."""
        return bool(self.shows)

    def shows_from(self, plan: Plan, problem: str) -> dict[str, Any]:
        """Paths of what the figure reads beside tables and the prepared set, by option."""
        return {}

    def about(self, plan: Plan, problem: str) -> str:
        """What it was run on, for the caption."""
        return str(plan.data.about(problem))

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        """Values for `says`: whatever the caption tells of the settings, made from them here."""
        return {}

    def extra_targets(self, plan: Plan, problem: str) -> list[str]:
        """What its jobs write beside tables and figure that no job reads."""
        return []

    @classmethod
    def named(cls) -> str:
        """Its name: the class's, `HeavyTail` as `heavy_tail`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def lists(cls) -> list[str]:
        """Its settings that list problems."""
        return [key for key in LISTS if key in cls.model_fields]

    @classmethod
    def options(cls) -> list[str]:
        """Settings that its program is told."""
        return [key for key in cls.model_fields if key not in (*LISTS, *cls.untold)]

    @classmethod
    def figure_tables(cls) -> dict[str, tuple[str, str]]:
        """Experiment and table behind each option of its figure."""
        pairs = [(table.rpartition(".")[0], table.rpartition(".")[2]) for table in cls.shows]
        return {
            f"{other}_{table}" if other and table != "table" else other or table: (
                other or cls.named(),
                table,
            )
            for other, table in pairs
        }


class SliceSettings(Strict):
    """What the experiments of a slice share; their own keys come from their classes (`whole`)."""

    drawn: ClassVar[str] = SYNTHETIC
    """What stands for a problem's name in results and figures of synthetic inputs."""
    prefix: ClassVar[str | None] = None
    """What the names of its rules begin with, if it is not the slice's own name."""
    classes: ClassVar[Mapping[str, type[Experiment]]] = {}
    """Its experiments by name."""
    small: ClassVar[Mapping[str, Any]] = {}
    """Shared settings in the `test` run."""
    experiments: Distinct[str] = []
    """Which of the experiments below run."""

    def experiment(self, name: str) -> Experiment:
        """An experiment with its settings."""
        found = getattr(self, name, None)
        return found if isinstance(found, Experiment) else self.classes[name]()

    def running(self) -> Iterator[tuple[str, Experiment]]:
        """The experiments that run."""
        return ((name, self.experiment(name)) for name in self.classes if name in self.experiments)

    def narrowed(self, kept: frozenset[str]) -> "SliceSettings":
        """The same for a run on some problems alone; `synthetic` stands for inputs drawn."""
        update: dict[str, Any] = {"experiments": []}
        for name, experiment in self.running():
            narrowed = {
                key: [problem for problem in getattr(experiment, key) if problem in kept]
                for key in experiment.lists()
            }
            update[name] = experiment.model_copy(update=narrowed)
            if narrowed or SYNTHETIC in kept:
                update["experiments"].append(name)
        return self.model_copy(update=update)

    def problems(self) -> dict[str, list[str]]:
        """The names of problems that the slice uses, by the key that lists them."""
        return {
            f"{name}.{key}": getattr(experiment, key)
            for key in LISTS
            for name, experiment in self.running()
            if hasattr(experiment, key)
        }

    def named(self) -> Iterable[str]:
        """What its own settings give names to and `only` may keep, beside data sets."""
        return ()

    def mistakes(self, sizes: Mapping[str, int]) -> Iterator[str]:
        """What is wrong with settings taken together, each in a line that names its key.

        sizes: the number of training points of each data set, by its name.
        """
        return iter(())

    def threads(self) -> list[tuple[str, int]]:
        """The mathematical threads that jobs have, where that is not 1, by the key that says so."""
        return []


def declared(module: ModuleType) -> dict[str, type[Experiment]]:
    """The experiments of a `slice.py`, by name, in its order."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    return {
        cls.named(): cls
        for cls in classes
        if issubclass(cls, Experiment) and cls is not Experiment and cls.__name__[0] != "_"
    }


def whole(module: ModuleType) -> type[SliceSettings]:
    """The settings of a slice: those of its `Settings`, and a key for each experiment."""
    classes = declared(module)
    keys = {name: experiment for name, experiment in classes.items() if experiment.follows is None}
    # `typing` makes a Literal of a tuple's values, which no type checker can read.
    names: Any = Literal[tuple(keys)]
    fields: dict[str, Any] = {
        "experiments": (Distinct[names], Field([*keys], description="Which experiments run."))
    }
    for name, experiment in keys.items():
        said = (experiment.__doc__ or "").strip().split("\n")[0]
        fields[name] = (experiment, Field(experiment(), description=said))
    for name, experiment in classes.items():
        for other, table in experiment.figure_tables().values():
            source = classes.get(other)
            if source is None or not (source.own_rules or table in source.tables):
                raise TypeError(
                    f"{module.__name__}: {name}.shows: found {table!r} of {other!r}, expected a "
                    "table of an experiment of this family"
                )
    base = module.Settings
    model = create_model(base.__name__, __base__=base, __doc__=base.__doc__, **fields)
    model.classes = classes
    return model


class Job(SimpleNamespace):
    """What a program is told beside its settings: `name` of the problem, what it shares with its
    slice, and the path of each file by option."""

    name: str
    seed: int


def program(
    experiment: type[Experiment],
) -> Callable[[Callable[[Any, Any], None]], cli.Program]:
    """Turn `function(settings, job)` into the program of an experiment, its options as declared."""
    module = sys.modules[experiment.__module__]
    own = [Setting(experiment, key) for key in experiment.options()]
    options: list[click.Parameter] = [
        Setting(experiment.upstream, key) for key in experiment.upstream.model_fields
    ]
    required = bool(experiment.lists() or experiment.follows)
    named = click.Option(
        ["--name"],
        required=required,
        default=None if required else getattr(module, "Settings", SliceSettings).drawn,
        help="Name of the problem, an axis of every seed.",
    )
    options += [named, *(_shared(key, module) for key in experiment.shared)]
    options += [input_file(each) for each in experiment.reads]
    options += [output_file(table, f"{table}, .csv.") for table in experiment.tables]
    options += [output_file("metrics", "Measured figures, .json.")]

    def decorate(function: Callable[[Any, Any], None]) -> cli.Program:
        def run(**values: Any) -> None:
            plain = {key: _plain(value) for key, value in values.items()}
            settings = _checked(
                experiment, {str(option.name): plain.pop(option.name) for option in own}
            )
            function(settings, Job(**plain))

        return cli.program(cli.described(run, function, [*own, *options]))

    return decorate


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _checked(model: type[Strict], values: Mapping[str, Any]) -> Strict:
    """A model's values; usage that it refuses is told as click tells it."""
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        lines = "\n".join(line(model, error).strip() for error in problem.errors())
        raise click.UsageError(lines) from None


def _shared(key: str, module: ModuleType) -> click.Option:
    if key == "seed":
        return click.Option(["--seed"], type=int, required=True, help="Master seed of the run.")
    return Setting(module.Settings, key)


def input_file(each: str) -> click.Option:
    """A file that is read, as an option: `name`, `name*` or `name?`."""
    name = each.rstrip("*?")
    said = PREPARED.get(name, ("", f"{name.replace('_', ' ').capitalize()}."))[1]
    return click.Option(
        [f"--{name.replace('_', '-')}", name], type=cli.InputFile(), multiple=each[-1] == "*",
        required=each[-1] not in "*?", help=said,
    )  # fmt: skip


def output_file(name: str, said: str) -> click.Option:
    """A file that is written, as an option."""
    return click.Option(
        [f"--{name.replace('_', '-')}", name], type=cli.OutputFile(), required=True,
        help=said[0].upper() + said[1:],
    )  # fmt: skip


def word(each: str) -> click.Option:
    """Words for a caption, as an option: `name`, `name*` or `name?`."""
    name = each.rstrip("*?")
    return click.Option(
        [f"--{name.replace('_', '-')}", name], multiple=each[-1] == "*", required=each == name,
        help=f"{name.replace('_', ' ').capitalize()}, in words for the caption.",
    )  # fmt: skip


def small(settings: type[SliceSettings], problems: Sequence[str]) -> dict[str, Any]:
    """A slice's part of the `test` run."""
    overlay: dict[str, Any] = dict(settings.small)
    for name, experiment in settings.classes.items():
        lists = {"problems": list(problems)} if "problems" in experiment.model_fields else {}
        if lists or experiment.small:
            overlay[name] = lists | dict(experiment.small)
    return overlay
