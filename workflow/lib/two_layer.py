"""What the rules of the two-layer slice need to know: which networks, from which settings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.style import counted
from workflow.lib import costs
from workflow.lib.data import Data
from workflow.lib.experiments import Experiments, start_words
from workflow.lib.flags import flags
from workflow.settings.data import SYNTHETIC
from workflow.settings.run import Common

PAPER = "reference/papers/arora2019_digitised.csv"
PAPER_KAPPA = 0.01  # its networks' initialisation, not antisymmetric (appendix A)


class Net(NamedTuple):
    """The wildcards of one training job: networks that differ in their repetition alone."""

    experiment: str
    problem: str
    arm: str
    labels: str
    batch: str

    def repetitions(self) -> tuple[int, int]:
        """First and last repetition of the job."""
        first, last = self.batch.split("-")
        return int(first), int(last)


class TwoLayer:
    """Source 001's experiments in a run."""

    def __init__(self, settings: Common, data: Data) -> None:
        self.run, self.seed = settings.run, settings.seed
        self.settings = settings.two_layer
        self.synthetic = [SYNTHETIC] if settings.made_to_order() else []
        self.data = data
        self.results = f"results/{self.run}/two_layer"
        self.figures = f"figures/{self.run}/two_layer"
        self.experiments = Experiments(self)

    # --- what the run aims for -------------------------------------------------------------

    def figure1(self) -> list[str]:
        """Problems of which figure 1 is drawn."""
        return [*self.settings.figure1.problems, *self.settings.figure1.kernel_problems]

    def figure2(self) -> list[str]:
        """Problems of which figure 2 is drawn."""
        return [*self.settings.figure2.problems, *self.settings.figure2.kernel_problems]

    def targets(self) -> list[str]:
        """Every figure of the slice, and whatever else its jobs write that no other job reads."""
        drawn = [
            *(f"figure1_{problem}" for problem in self.figure1()),
            *(f"equation8_{problem}" for problem in self.settings.equation8.problems),
            *(f"figure2_{problem}" for problem in self.figure2()),
        ]
        figures = [
            f"{figure}.{kind}"
            for figure in (
                *(f"{self.figures}/{figure}" for figure in drawn),
                *self.experiments.figures(),
            )
            for kind in ("svg", "png")
        ]
        tables = [
            f"{self.figures}/{table}_{problem}{end}.csv"
            for table, end in (("energy", ""), ("random", ""), ("figure1", "_spectrum"))
            for problem in self.figure1()
        ]
        unread = [
            path
            for experiment in ("figure2", "capacity")
            for problem in getattr(self.settings, experiment).problems
            for path in self.trained(experiment, problem, "arrays.npz")
        ]
        return [*figures, *tables, *self.experiments.listed_tables(), *unread]

    def metrics(self) -> list[str]:
        """Every job's measured figures."""
        measuring = {
            "projections": self.figure1(),
            "figure1": self.figure1(),
            "equation8": self.settings.equation8.problems,
            "figure2": self.figure2(),
        }
        listed = [
            f"{self.results}/{job}/{problem}/metrics.json"
            for job, problems in measuring.items()
            for problem in problems
        ]
        return [*listed, *self.experiments.metrics()]

    # --- networks --------------------------------------------------------------------------

    def nets(self, experiment: str, problem: str) -> list[Net]:
        """The training jobs of an experiment on a problem."""
        if problem not in getattr(self.settings, experiment).problems:
            return []
        return [
            Net(experiment, problem, arm, labels, batch)
            for arm, kinds, repetitions, together in self._arms(experiment)
            for labels in kinds
            for batch in batches(repetitions, together)
        ]

    def _arms(self, experiment: str) -> Iterator[tuple[str, list[str], int, int]]:
        """Arm, labellings, repetitions and networks per job."""
        settings = getattr(self.settings, experiment)
        if experiment == "figure1":
            for name, arm in settings.arms.items():
                kinds = ["true", "random", "worst"]
                yield name, kinds, settings.repetitions, arm.seeds_per_job
        elif experiment == "equation8":
            for width in settings.widths:
                yield f"m{width}", settings.labels, settings.repetitions, settings.seeds_per_job
        elif experiment == "capacity":
            for arm in settings.arms:
                for width in settings.widths:
                    kinds = [f"noise{settings.portion}"]
                    yield f"{arm}_m{width}", kinds, settings.repetitions, settings.seeds_per_job
        else:
            kinds = [f"noise{portion}" for portion in settings.noise]
            yield "nets", kinds, settings.repetitions, settings.seeds_per_job

    def trained(self, experiment: str, problem: str, file: str) -> list[str]:
        """That file of each training job."""
        return [f"{self.results}/{'/'.join(net)}/{file}" for net in self.nets(experiment, problem)]

    def recipe(self, experiment: str, problem: str, arm: str) -> dict[str, Any]:
        """How the networks of an arm are trained, as options of `train`."""
        train = self.settings.train
        settings = getattr(self.settings, experiment)
        start, _, width = arm.rpartition("m") if hasattr(settings, "widths") else (arm, "", "")
        start = settings.arms[start.removesuffix("_")] if hasattr(settings, "arms") else settings
        recipe = {
            "width": int(width) if width else train.width,
            "kappa": start.kappa,
            "antisymmetric": start.antisymmetric,
            "eta": train.eta,
            "eta_unit": train.eta_unit,
            "steps": start.steps if hasattr(start, "steps") else settings.steps,
            "stop_loss": getattr(settings, "stop_loss", None),
            "on_divergence": train.on_divergence,
            "dtype": train.dtype,
            "device": train.device,
            "threads": train.threads,
            "points_per_decade": train.points_per_decade,
        }
        if problem in train.per_problem:
            changed = train.per_problem[problem].model_dump(exclude_none=True)
            # Others list their own widths, and steps are figure 1's.
            own = {"figure1": set(), "figure2": {"steps"}}
            kept = own.get(experiment, {"width", "steps"})
            recipe |= {key: value for key, value in changed.items() if key not in kept}
        return recipe

    # --- options of the programs ------------------------------------------------------------

    def train_args(self, wildcards: Any) -> str:
        net = net_of(wildcards)
        first, last = net.repetitions()
        recipe = self.recipe(net.experiment, net.problem, net.arm)
        named = {"name": net.problem, "labels": net.labels, "first": first, "last": last}
        return flags(recipe | named | {"seed": self.seed})

    def prediction_args(self, wildcards: Any) -> str:
        recipe = self.recipe("figure1", wildcards.problem, wildcards.arm)
        return flags(
            {key: recipe[key] for key in ("eta", "eta_unit", "steps", "points_per_decade")}
        )

    def projection_args(self, wildcards: Any) -> str:
        draws = self.settings.figure1.random_labellings
        return flags({"name": wildcards.problem, "draws": draws, "seed": self.seed})

    def losses_args(self, wildcards: Any) -> str:
        nets = self.nets("figure1", wildcards.problem)
        return flags(
            {
                "name": wildcards.problem,
                "arm": [net.arm for net in nets],
                "labels": [net.labels for net in nets],
                "predicted_arm": list(self.settings.figure1.arms),
            }
        )

    def deviation_args(self, wildcards: Any) -> str:
        problem = wildcards.problem
        nets = self.nets("equation8", problem)
        recipe = self.recipe("equation8", problem, nets[0].arm)
        shared = {key: recipe[key] for key in ("eta", "eta_unit", "steps", "points_per_decade")}
        return flags(
            shared
            | {
                "name": problem,
                "width": [net.arm.removeprefix("m") for net in nets],
                "labels": [net.labels for net in nets],
                "first": [net.repetitions()[0] for net in nets],
                "seed": self.seed,
            }
        )

    def complexity_args(self, wildcards: Any) -> str:
        settings = self.settings.figure2
        return flags(
            {
                "name": wildcards.problem,
                "noise": settings.noise,
                "draws": settings.label_draws,
                "seed": self.seed,
            }
        )

    def errors_args(self, wildcards: Any) -> str:
        nets = self.nets("figure2", wildcards.problem)
        portions = [net.labels.removeprefix("noise") for net in nets]
        return flags({"name": wildcards.problem, "portion": portions})

    # --- inputs -----------------------------------------------------------------------------

    def predictions(self, problem: str) -> list[str]:
        """The predicted losses of each arm of figure 1."""
        arms = self.settings.figure1.arms
        return [f"{self.results}/prediction/{problem}/{arm}.csv" for arm in arms]

    def paper(self, problem: str) -> list[str]:
        """The paper's own points, where the data set and n are the paper's and they are at hand."""
        same = self.paper_args(problem) != ""
        return [PAPER] if same and Path(PAPER).exists() else []

    def dataset(self, problem: str) -> str | None:
        """The paper's name for its own data set, if a problem is that, or None."""
        settings = self.data.problem(problem)
        name = {"mnist": "mnist", "cifar10": "cifar"}.get(settings.source)
        groups = [[str(one) for one in group] for group in settings.groups]
        same = name and groups == [["0"], ["1"]] and settings.train.n == 10_000
        return name if same else None

    def paper_args(self, problem: str) -> str:
        """The paper's name for its data set, as an option, or nothing."""
        return flags({"paper_name": self.dataset(problem)})

    def describe(self, problem: str) -> dict[str, Any]:
        """A problem in a few words, for captions."""
        settings = self.data.problem(problem)
        groups = [", ".join(str(one) for one in group) for group in settings.groups]
        how = {"first": "first in file order", "random": "drawn", "stratified": "drawn by class"}
        sizes = [
            f"{one.n} {side} points{', half of each group' if one.balanced else ''}"
            for side, one in (("training", settings.train), ("test", settings.test))
        ]
        return {
            "name": problem,
            "about": f"{settings.source}, classes {groups[0]} against {groups[1]}, n = {sizes[0]}; "
            f"{sizes[1]}; {how[settings.selection]}",
        }

    def figure1_args(self, wildcards: Any) -> str:
        train = self.recipe("figure1", wildcards.problem, next(iter(self.settings.figure1.arms)))
        said = [f"{name}={start_words(arm)}" for name, arm in self.settings.figure1.arms.items()]
        return flags(
            self.describe(wildcards.problem)
            | {
                "arm": said,
                "paper_arm": [
                    name
                    for name, arm in self.settings.figure1.arms.items()
                    if arm.kappa == PAPER_KAPPA and not arm.antisymmetric
                ],
                "training": f"m = {train['width']}, η = {_rate(train)}",
            }
        )

    def equation8_words(self, problem: str) -> str:
        """How equation (8)'s networks are trained, for captions."""
        settings = self.settings.equation8
        recipe = self.recipe("equation8", problem, f"m{settings.widths[0]}")
        return f"{start_words(settings)}, η = {_rate(recipe)}"

    def equation8_args(self, wildcards: Any) -> str:
        said = {"training": self.equation8_words(wildcards.problem)}
        return flags(self.describe(wildcards.problem) | said)

    def rate(self) -> str:
        """The learning rate that all trainings share, for captions."""
        return _rate(self.settings.train.model_dump())

    def figure2_args(self, wildcards: Any) -> str:
        recipe = self.recipe("figure2", wildcards.problem, "nets")
        start = "antisymmetric" if recipe["antisymmetric"] else "plain"
        stop = f" or until Φ/n ≤ {recipe['stop_loss']:g}" if recipe["stop_loss"] else ""
        said = (
            f"m = {recipe['width']}, κ = {recipe['kappa']:g}, {start}, η = {_rate(recipe)}, "
            f"trained for {counted(recipe['steps'], 'step')}{stop}"
        )
        return flags(self.describe(wildcards.problem) | {"training": said})

    # --- costs ------------------------------------------------------------------------------

    def threads(self, wildcards: Any) -> int:
        return self.settings.train.threads

    def gpus(self, wildcards: Any) -> int:
        return int(self.settings.train.device == "cuda")

    def train_seconds(self, wildcards: Any) -> float:
        n, m, d, steps, nets = self._size(net_of(wildcards))
        train = self.settings.train
        rate = costs.train_rate(train.device, train.dtype, train.threads)
        # Training happens in the span of the inputs: more dimensions than points cost nothing.
        return costs.train_seconds(n, m, min(n, d), steps, nets, rate)

    def train_mb(self, wildcards: Any) -> float:
        n, m, d, steps, nets = self._size(net_of(wildcards))
        test = self.data.problem(wildcards.problem).test.n
        size = 8 if self.settings.train.dtype == "float64" else 4
        return costs.train_mb(n, test, m, d, min(n, d), size, steps, nets)

    def checkpoint_mb(self, wildcards: Any) -> float:
        n, m, d, steps, nets = self._size(net_of(wildcards))
        size = 8 if self.settings.train.dtype == "float64" else 4
        return costs.checkpoint_mb(min(n, d), m, size, steps, nets)

    def _size(self, net: Net) -> tuple[int, int, int, int, int]:
        """n, m, d, steps and networks of a training job."""
        problem = self.data.problem(net.problem)
        recipe = self.recipe(net.experiment, net.problem, net.arm)
        first, last = net.repetitions()
        d = self.data.dimension(problem)
        return problem.train.n, recipe["width"], d, recipe["steps"], last - first + 1

    def projection_seconds(self, wildcards: Any) -> float:
        n = self.data.problem(wildcards.problem).train.n
        return costs.labels_seconds(n, self.settings.figure1.random_labellings, 1)

    def projection_mb(self, wildcards: Any) -> float:
        n = self.data.problem(wildcards.problem).train.n
        return costs.BASE + 1.1 * costs.matrix_mb(n, n)

    def complexity_seconds(self, wildcards: Any) -> float:
        problem = self.data.problem(wildcards.problem)
        return problem.splits * costs.complexity_seconds(
            problem.train.n, problem.test.n, self._labellings(), problem.threads
        )

    def complexity_mb(self, wildcards: Any) -> float:
        problem = self.data.problem(wildcards.problem)
        d = self.data.dimension(problem)
        return costs.complexity_mb(problem.train.n, problem.test.n, d, self._labellings())

    def _labellings(self) -> int:
        return len(self.settings.figure2.noise) * self.settings.figure2.label_draws


def batches(repetitions: int, together: int) -> list[str]:
    """Repetitions in jobs: 5 by 2 gives 0-1, 2-3, 4-4; a further one leaves full jobs alone."""
    starts = range(0, repetitions, together)
    return [f"{start}-{min(start + together, repetitions) - 1}" for start in starts]


def net_of(wildcards: Any) -> Net:
    """The training job that a rule's wildcards name."""
    return Net(*(getattr(wildcards, field) for field in Net._fields))


def _rate(recipe: dict[str, Any]) -> str:
    unit = "/λ_max" if recipe["eta_unit"] == "1/lambda_max" else ""
    return f"{recipe['eta']:g}{unit}"
