"""Which two-layer networks a run trains, from which settings, and what that costs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pipeline import costs
from pipeline.experiment import Plan
from pipeline.style import counted
from pipeline.wildcards import Wildcards

PAPER = "reference/papers/arora2019_digitised.csv"
PAPER_KAPPA = 0.01  # its networks' initialisation, not antisymmetric (appendix A)


class NetWildcards(Wildcards, Protocol):
    """The wildcards of this slice's rules beside the problem."""

    experiment: str
    arm: str
    labels: str
    batch: str


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


class Networks:
    """The networks of a run, and what the rules that train and compare them are told."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.settings, self.data = plan, plan.settings, plan.data

    # --- which -----------------------------------------------------------------------------

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
        nets = self.nets(experiment, problem)
        return [f"{self.plan.results}/{'/'.join(net)}/{file}" for net in nets]

    def count(self, experiment: str, problem: str) -> int:
        """How many networks an experiment trains on a problem."""
        pairs = (net.repetitions() for net in self.nets(experiment, problem))
        return sum(last - first + 1 for first, last in pairs)

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

    def train_args(self, wildcards: NetWildcards) -> dict[str, Any]:
        """How the networks of a job are trained."""
        net = net_of(wildcards)
        first, last = net.repetitions()
        recipe = self.recipe(net.experiment, net.problem, net.arm)
        named = {"name": net.problem, "labels": net.labels, "first": first, "last": last}
        return recipe | named | {"seed": self.plan.seed}

    def projection_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which labels are projected."""
        draws = self.settings.figure1.random_labellings
        return {"name": wildcards.problem, "draws": draws, "seed": self.plan.seed}

    def prediction_args(self, wildcards: NetWildcards) -> dict[str, Any]:
        """Of which steps the loss is predicted."""
        return self._steps("figure1", wildcards.problem, wildcards.arm)

    def losses_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which networks and predictions are put together, in the order of their files."""
        nets = self.nets("figure1", wildcards.problem)
        return {
            "name": wildcards.problem,
            "arm": [net.arm for net in nets],
            "labels": [net.labels for net in nets],
            "predicted_arm": list(self.settings.figure1.arms),
        }

    def deviation_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which networks are compared with equation (8), in the order of their files."""
        nets = self.nets("equation8", wildcards.problem)
        steps = self._steps("equation8", wildcards.problem, nets[0].arm)
        return steps | self.listed(nets) | {"name": wildcards.problem, "seed": self.plan.seed}

    def complexity_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """Of which labels the complexity is computed."""
        settings = self.settings.figure2
        sampled = {"noise": settings.noise, "draws": settings.label_draws}
        return sampled | {"name": wildcards.problem, "seed": self.plan.seed}

    def errors_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """The portion of random labels of each network's file."""
        nets = self.nets("figure2", wildcards.problem)
        portions = [net.labels.removeprefix("noise") for net in nets]
        return {"name": wildcards.problem, "portion": portions}

    def listed(self, nets: list[Net]) -> dict[str, Any]:
        """Width, labels and first repetition of each file of networks that differ in width."""
        return {
            "width": [int(net.arm.removeprefix("m")) for net in nets],
            "labels": [net.labels for net in nets],
            "first": [net.repetitions()[0] for net in nets],
        }

    def _steps(self, experiment: str, problem: str, arm: str) -> dict[str, Any]:
        recipe = self.recipe(experiment, problem, arm)
        return {key: recipe[key] for key in ("eta", "eta_unit", "steps", "points_per_decade")}

    # --- inputs -----------------------------------------------------------------------------

    def predictions(self, wildcards: Wildcards) -> list[str]:
        """The predicted losses of each arm of figure 1."""
        folder = f"{self.plan.results}/prediction/{wildcards.problem}"
        return [f"{folder}/{arm}.csv" for arm in self.settings.figure1.arms]

    def of(self, experiment: str, file: str) -> Callable[[Wildcards], list[str]]:
        """The rule's input function for that file of each of an experiment's training jobs."""
        return lambda wildcards: self.trained(experiment, wildcards.problem, file)

    def paper(self, wildcards: Wildcards) -> list[str]:
        """The paper's own points, where the data set and n are the paper's and they are at hand."""
        return [PAPER] if self.dataset(wildcards.problem) and Path(PAPER).exists() else []

    def dataset(self, problem: str) -> str | None:
        """The paper's name for its own data set, if a problem is that, or None."""
        settings = self.data.problem(problem)
        name = {"mnist": "mnist", "cifar10": "cifar"}.get(settings.source)
        groups = [[str(label) for label in group] for group in settings.groups]
        same = name and groups == [["0"], ["1"]] and settings.train.n == 10_000
        return name if same else None

    # --- words of captions ------------------------------------------------------------------

    def figure1_words(self, problem: str) -> dict[str, Any]:
        """How figure 1's networks are trained."""
        arms = self.settings.figure1.arms
        train = self.recipe("figure1", problem, next(iter(arms)))
        # Predictions alone have a number of steps for each arm, and no start.
        trained = bool(self.nets("figure1", problem))
        return {
            "arm": [
                f"{name}={start_words(arm) if trained else name}" for name, arm in arms.items()
            ],
            "paper_arm": [
                name
                for name, arm in arms.items()
                if arm.kappa == PAPER_KAPPA and not arm.antisymmetric
            ],
            "paper_name": self.dataset(problem),
            "training": f"m = {train['width']}, η = {rate_words(train)}" if trained else None,
        }

    def equation8_words(self, problem: str) -> str:
        """How equation (8)'s networks are trained."""
        settings = self.settings.equation8
        recipe = self.recipe("equation8", problem, f"m{settings.widths[0]}")
        return f"{start_words(settings)}, η = {rate_words(recipe)}"

    def figure2_words(self, problem: str) -> str | None:
        """How figure 2's networks are trained; None where none are."""
        if not self.nets("figure2", problem):
            return None
        recipe = self.recipe("figure2", problem, "nets")
        start = start_words(self.settings.figure2)
        stop = f" or until Φ/n ≤ {recipe['stop_loss']:g}" if recipe["stop_loss"] else ""
        return (
            f"m = {recipe['width']}, {start}, η = {rate_words(recipe)}, "
            f"trained for {counted(recipe['steps'], 'step')}{stop}"
        )

    # --- costs ------------------------------------------------------------------------------

    def threads(self, wildcards: Wildcards) -> int:
        """Mathematical threads of a training job."""
        return int(self.settings.train.threads)

    def gpus(self, wildcards: Wildcards) -> int:
        """GPUs of a training job."""
        return int(self.settings.train.device == "cuda")

    def train_seconds(self, wildcards: NetWildcards) -> float:
        """Seconds of a training job."""
        n, m, d, steps, nets = self._size(net_of(wildcards))
        train = self.settings.train
        rate = costs.train_rate(train.device, train.dtype, train.threads)
        # Training happens in the span of the inputs: more dimensions than points cost nothing.
        return costs.train_seconds(n, m, min(n, d), steps, nets, rate)

    def train_mb(self, wildcards: NetWildcards) -> float:
        """Megabytes of a training job."""
        n, m, d, steps, nets = self._size(net_of(wildcards))
        test = self.data.problem(wildcards.problem).test.n
        return costs.train_mb(n, test, m, d, min(n, d), self._bytes(), steps, nets)

    def checkpoint_mb(self, wildcards: NetWildcards) -> float:
        """Megabytes of a training job's checkpoint."""
        n, m, d, steps, nets = self._size(net_of(wildcards))
        return costs.checkpoint_mb(min(n, d), m, self._bytes(), steps, nets)

    def _bytes(self) -> int:
        return 8 if self.settings.train.dtype == "float64" else 4

    def _size(self, net: Net) -> tuple[int, int, int, int, int]:
        """n, m, d, steps and networks of a training job."""
        problem = self.data.problem(net.problem)
        recipe = self.recipe(net.experiment, net.problem, net.arm)
        first, last = net.repetitions()
        d = self.data.dimension(problem)
        return problem.train.n, recipe["width"], d, recipe["steps"], last - first + 1

    def projection_seconds(self, wildcards: Wildcards) -> float:
        """Seconds of projecting labels on eigenvectors."""
        n = self.data.problem(wildcards.problem).train.n
        return costs.labels_seconds(n, self.settings.figure1.random_labellings, 1)

    def projection_mb(self, wildcards: Wildcards) -> float:
        """Megabytes of the same."""
        n = self.data.problem(wildcards.problem).train.n
        return costs.BASE + 1.1 * costs.matrix_mb(n, n)

    def complexity_threads(self, wildcards: Wildcards) -> int:
        """Mathematical threads of the complexity measure."""
        return int(self.data.problem(wildcards.problem).threads)

    def complexity_seconds(self, wildcards: Wildcards) -> float:
        """Seconds of the complexity measure, all splits."""
        problem = self.data.problem(wildcards.problem)
        return float(problem.splits) * costs.complexity_seconds(
            problem.train.n, problem.test.n, self._labellings(), problem.threads
        )

    def complexity_mb(self, wildcards: Wildcards) -> float:
        """Megabytes of the same."""
        problem = self.data.problem(wildcards.problem)
        d = self.data.dimension(problem)
        return costs.complexity_mb(problem.train.n, problem.test.n, d, self._labellings())

    def _labellings(self) -> int:
        return len(self.settings.figure2.noise) * int(self.settings.figure2.label_draws)


def batches(repetitions: int, together: int) -> list[str]:
    """Repetitions in jobs: 5 by 2 gives 0-1, 2-3, 4-4; a further one leaves full jobs alone."""
    starts = range(0, repetitions, together)
    return [f"{start}-{min(start + together, repetitions) - 1}" for start in starts]


def net_of(wildcards: NetWildcards) -> Net:
    """The training job that a rule's wildcards name."""
    return Net(*(getattr(wildcards, field) for field in Net._fields))


def start_words(start: Any) -> str:
    """How networks start: anything with a κ and whether it is antisymmetric."""
    return f"κ = {start.kappa:g}, {'antisymmetric' if start.antisymmetric else 'plain'}"


def rate_words(recipe: Any) -> str:
    """A learning rate, of anything with `eta` in `eta_unit`."""
    values = recipe if isinstance(recipe, dict) else recipe.model_dump()
    unit = "/λ_max" if values["eta_unit"] == "1/lambda_max" else ""
    return f"{values['eta']:g}{unit}"
