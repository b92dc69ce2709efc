"""Which two-layer networks a run trains, from which settings, and what that costs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from overparam import label_kinds
from pipeline import costs
from pipeline.experiment import Plan
from pipeline.wildcards import Wildcards

PAPER = "scripts/two_layer/published/arora2019_digitised.csv"
# What equation (8) needs to know of a recipe.
STEPS = ("eta", "eta_unit", "steps", "points_per_decade")


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


class Training(NamedTuple):
    """The networks of an experiment's arm: they differ in labels and repetition alone."""

    arm: str
    labels: Sequence[str]
    repetitions: int
    together: int
    """How many networks share a job."""
    recipe: dict[str, Any]
    """Their own part of how they are trained: κ, antisymmetric, steps, and width or stop_loss."""


class Networks:
    """The networks of a run, and what the rules that train and compare them are told."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.settings, self.data = plan, plan.settings, plan.data

    # --- which -----------------------------------------------------------------------------

    def nets(self, experiment: str, problem: str) -> list[Net]:
        """The training jobs of an experiment on a problem."""
        settings = self.settings.experiment(experiment)
        if problem not in settings.problems:
            return []
        return [
            Net(experiment, problem, training.arm, labels, batch)
            for training in settings.trainings()
            for labels in training.labels
            for batch in batches(training.repetitions, training.together)
        ]

    def trained(self, experiment: str, problem: str, file: str) -> list[str]:
        """That file of each training job."""
        nets = self.nets(experiment, problem)
        return [f"{self.plan.results}/{'/'.join(net)}/{file}" for net in nets]

    def recipe(self, experiment: str, problem: str, arm: str) -> dict[str, Any]:
        """How the networks of an arm are trained, as options of `train`."""
        train, settings = self.settings.train, self.settings.experiment(experiment)
        own = {training.arm: training.recipe for training in settings.trainings()}[arm]
        recipe = train.model_dump(exclude={"per_problem", "threads"}) | own
        if problem in train.per_problem:
            changed = train.per_problem[problem].model_dump(exclude_none=True)
            recipe |= {key: changed[key] for key in changed if key in settings.per_problem}
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
        figure1 = self.settings.figure1
        more = [kind for kind in figure1.labels if kind not in ("true", "random", "worst")]
        named = {"name": wildcards.problem, "draws": figure1.random_labellings, "more": more}
        return named | {"seed": self.plan.seed}

    def prediction_args(self, wildcards: NetWildcards) -> dict[str, Any]:
        """Of which steps the loss is predicted."""
        recipe = self.recipe("figure1", wildcards.problem, wildcards.arm)
        return {key: recipe[key] for key in STEPS}

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
        known = self.files_of_equation8(wildcards.problem)
        kept = {key: known[key] for key in (*STEPS, "width", "labels", "first")}
        return kept | {"name": wildcards.problem, "seed": self.plan.seed}

    def complexity_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """Of which labels the complexity is computed."""
        settings = self.settings.figure2
        sampled = {"noise": settings.noise, "draws": settings.label_draws}
        named = {"name": wildcards.problem, "seed": self.plan.seed}
        return sampled | named | dict(self.data.problem(wildcards.problem).kernel)

    def errors_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """The portion of random labels of each network's file."""
        nets = self.nets("figure2", wildcards.problem)
        portions = [net.labels.removeprefix("noise") for net in nets]
        return {"name": wildcards.problem, "portion": portions}

    def files_of_equation8(self, problem: str) -> dict[str, Any]:
        """How equation (8)'s networks are trained, and which are in each of their files."""
        nets = self.nets("equation8", problem)
        return self.recipe("equation8", problem, nets[0].arm) | {
            "width": [int(net.arm.removeprefix("m")) for net in nets],
            "labels": [net.labels for net in nets],
            "first": [net.repetitions()[0] for net in nets],
        }

    def trained_on(self, experiment: str, problem: str) -> str | None:
        """A problem of the same source on which `experiment` trains networks: this one or another,
        the largest if there are several."""
        problems, source = self.data.problem, self.data.problem(problem).source
        trained = self.settings.experiment(experiment).problems
        if problem in trained:
            return problem
        if problems(problem).kernel.words():  # not that of the networks
            return None
        found = [each for each in trained if problems(each).source == source]
        return max(found, key=lambda each: problems(each).train.n, default=None)

    # --- inputs -----------------------------------------------------------------------------

    def predictions(self, wildcards: Wildcards) -> list[str]:
        """The predicted losses of each arm of figure 1."""
        folder = f"{self.plan.results}/prediction/{wildcards.problem}"
        return [f"{folder}/{arm}.csv" for arm in self.settings.figure1.arms]

    def of(self, experiment: str, file: str) -> Callable[[Wildcards], list[str]]:
        """The rule's input function for that file of each of an experiment's training jobs."""
        return lambda wildcards: self.trained(experiment, wildcards.problem, file)

    def eigenvectors(self, problem: str, kinds: Sequence[str]) -> dict[str, list[str]]:
        """All eigenvectors, as a file that is read, where some labels lie along one; the last one
        stands in the spectrum's own file."""
        needed = any((label_kinds.index(kind) or 0) > 0 for kind in kinds)
        return {"eigenvectors": [self.data.path(problem, "eigenvectors.npy")] if needed else []}

    def train_eigenvectors(self, wildcards: NetWildcards) -> list[str]:
        """The same for a training job."""
        return self.eigenvectors(wildcards.problem, [wildcards.labels])["eigenvectors"]

    def networks_beside(self, wildcards: Wildcards) -> list[str]:
        """Errors of networks on other points of the source, where figure 2 trains none on these."""
        beside = self.trained_on("figure2", wildcards.problem)
        if beside is None or beside == wildcards.problem:
            return []
        return [self.plan.table("figure2", "errors", beside)]

    def paper(self, wildcards: Wildcards) -> list[str]:
        """The paper's own points, where the data set and n are the paper's and they are at hand."""
        return [PAPER] if self.dataset(wildcards.problem) and Path(PAPER).exists() else []

    def dataset(self, problem: str) -> str | None:
        """The paper's name for its own data set, if a problem is that, or None."""
        settings = self.data.problem(problem)
        name = {"mnist": "mnist", "cifar10": "cifar"}.get(settings.source)
        groups = [[str(label) for label in group] for group in settings.groups]
        same = groups == [["0"], ["1"]] and settings.train.n == 10_000
        return name if same and not settings.kernel.words() else None

    # --- costs ------------------------------------------------------------------------------

    def train_seconds(self, wildcards: NetWildcards) -> float:
        """4nmd flop a step, the passes over the pre-activations a third on top.

        Training happens in the span of the inputs: more dimensions than points cost nothing."""
        n, m, d, steps, nets, size = self._size(wildcards)
        train = self.settings.train
        rate = costs.GPU_FLOPS if train.device == "cuda" else 2 * costs.FLOPS * train.threads
        return costs.START_TORCH + 1.33 * nets * steps * 4 * n * m * min(n, d) / (rate * 4 / size)

    def train_mb(self, wildcards: NetWildcards) -> float:
        """Inputs as stored, all d dimensions; a network; the loss history."""
        n, m, d, steps, nets, size = self._size(wildcards)
        test = self.data.problem(wildcards.problem).test.n
        inputs = 3 * costs.matrix_mb(n, d) + costs.matrix_mb(test, d, 8 + size)
        network = costs.network_mb(m, d, min(n, d), size)
        vectors = costs.matrix_mb(n, n) if self.train_eigenvectors(wildcards) else 0
        return costs.BASE_TORCH + inputs + network + costs.matrix_mb(steps, nets) + vectors

    def checkpoint_mb(self, wildcards: NetWildcards) -> float:
        """The weights as they are trained and the loss history; twice while it is replaced."""
        n, m, d, steps, nets, size = self._size(wildcards)
        return 2 * (costs.matrix_mb(min(n, d), m, size) + costs.matrix_mb(steps, nets))

    def _size(self, wildcards: NetWildcards) -> tuple[int, int, int, int, int, int]:
        """n, m, d, steps and networks of a training job, and bytes of a number."""
        net, problem = net_of(wildcards), self.data.problem(wildcards.problem)
        recipe = self.recipe(net.experiment, net.problem, net.arm)
        first, last = net.repetitions()
        d, size = self.data.dimension(problem), 8 if recipe["dtype"] == "float64" else 4
        return problem.train.n, recipe["width"], d, recipe["steps"], last - first + 1, size

    def projection_seconds(self, wildcards: Wildcards) -> float:
        """Labellings on eigenvectors: reading n² numbers, at most twice, and 2n² flop each."""
        n = self.data.problem(wildcards.problem).train.n
        draws = self.settings.figure1.random_labellings
        return costs.START + n * n * (16 / costs.READ + 2 * draws / costs.FLOPS)

    def projection_mb(self, wildcards: Wildcards) -> float:
        """The eigenvectors."""
        n = self.data.problem(wildcards.problem).train.n
        return costs.BASE + 1.1 * costs.matrix_mb(n, n)

    def complexity_threads(self, wildcards: Wildcards) -> int:
        """Mathematical threads of the complexity measure."""
        return int(self.data.problem(wildcards.problem).threads)

    def complexity_seconds(self, wildcards: Wildcards) -> float:
        """Of each split Cholesky and its inverse, n³/3 flop each (the inverse slower), then 4n² a
        labelling."""
        problem = self.data.problem(wildcards.problem)
        n, test = problem.train.n, problem.test.n
        flop = 3 * n**3 + 4 * n * n * (self._labellings() + test)
        cross = self.data.new_points_seconds(wildcards.problem)
        return float(problem.splits * (costs.START + flop / costs.FLOPS / problem.threads + cross))

    def complexity_mb(self, wildcards: Wildcards) -> float:
        """The factor and LAPACK's copy, the cross kernel and the labels' solutions."""
        problem = self.data.problem(wildcards.problem)
        n, test, d = problem.train.n, problem.test.n, self.data.dimension(problem)
        solved = costs.matrix_mb(n + test, d + 4 * self._labellings())
        return costs.BASE + 2.2 * costs.matrix_mb(n, n) + costs.matrix_mb(test, n) + solved

    def _labellings(self) -> int:
        return len(self.settings.figure2.noise) * int(self.settings.figure2.label_draws)


def batches(repetitions: int, together: int) -> list[str]:
    """Repetitions in jobs: 5 by 2 gives 0-1, 2-3, 4-4; a further one leaves full jobs alone."""
    starts = range(0, repetitions, together)
    return [f"{start}-{min(start + together, repetitions) - 1}" for start in starts]


def net_of(wildcards: NetWildcards) -> Net:
    """The training job that a rule's wildcards name."""
    return Net(*(getattr(wildcards, field) for field in Net._fields))


def start(settings: Any) -> dict[str, Any]:
    """How networks start, of anything with a κ that says whether it is antisymmetric."""
    return {"kappa": settings.kappa, "antisymmetric": settings.antisymmetric}


def start_words(settings: Any) -> str:
    """The same in words."""
    return f"κ = {settings.kappa:g}, {'antisymmetric' if settings.antisymmetric else 'plain'}"


def rate_words(recipe: Any) -> str:
    """A learning rate, of anything with `eta` in `eta_unit`."""
    values = recipe if isinstance(recipe, dict) else recipe.model_dump()
    unit = "/λ_max" if values["eta_unit"] == "1/lambda_max" else ""
    return f"{values['eta']:g}{unit}"


def net_words(settings: Any) -> str:
    """Networks in words, of an experiment that trains its own of one width."""
    return f"m = {settings.width}, {start_words(settings)}, η = {rate_words(settings)}"
