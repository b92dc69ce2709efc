"""Two-layer networks: the experiments on Arora, Du, Hu, Li, Wang 2019 (ICML, arXiv 1901.08584).

Each experiment with its settings, what it reads, writes, shows and costs. What trains networks for
several of them, and figures 1 and 2, have rules that are written out (`rules.smk`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeInt, model_validator

from overparam import label_kinds
from pipeline import costs
from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import (
    Axis,
    Beginning,
    Count,
    Distinct,
    EtaUnit,
    Kernel,
    Name,
    Named,
    Portion,
    Positive,
    Strict,
    near,
)
from pipeline.style import counted
from scripts.two_layer.planning import (
    PAPER,
    Networks,
    Training,
    net_words,
    rate_words,
    start,
    start_words,
)

PAPER_START = {"kappa": 0.01, "antisymmetric": False}  # of its networks (appendix A)
PUBLISHED = "scripts/two_layer/published/arora2019.yaml"
WIDTHS = r"(.*_)?widths?"


def _kind(value: Any) -> Any:
    """A kind of labels; YAML reads an unquoted true as a truth value."""
    value = "true" if value is True else value
    if isinstance(value, str) and (wrong := label_kinds.mistake(value)):
        raise ValueError(wrong + near(value, label_kinds.WHOLE))
    return value


# Kinds of labels, as many as a figure has looks for.
Labels = Annotated[Axis[Annotated[str, BeforeValidator(_kind)]], Field(max_length=6)]


class TrainChange(Strict):
    """What one problem trains with instead of the settings all share."""

    width: Count | None = None
    """Number of neurons m."""
    eta: Positive | None = None
    """Learning rate, in `eta_unit`."""
    eta_unit: EtaUnit | None = None
    """Unit of `eta`."""
    steps: NonNegativeInt | None = None
    """Gradient steps of figure 1, in place of its arms' own."""


class Train(Strict):
    """How every two-layer network is trained: full-batch gradient descent on Φ = ½Σ(y−u)²."""

    width: Count = 1024
    """Number of neurons m; an antisymmetric network counts both halves."""
    eta: Positive = 1.0
    """Learning rate η for the summed loss Φ, in `eta_unit`."""
    eta_unit: EtaUnit = "1/lambda_max"
    """`1/lambda_max`: multiples of 1/λ_max(H∞), stable up to 2; or `absolute`."""
    on_divergence: Literal["error", "record"] = "error"
    """Refuse η > 2/λ_max and stop when Φ is not finite or above 10³ Φ(0); or record the peak."""
    dtype: Literal["float32", "float64"] = "float32"
    """Precision of the weights; sums of squares are accumulated in float64 either way."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where networks are trained."""
    threads: Count = 1
    """Mathematical threads of one training job."""
    points_per_decade: Count = 20
    """Measurements per factor ten of steps."""
    per_problem: dict[Name, TrainChange] = {}
    """Changes for single problems, e.g. {mnist: {eta: 2.0e-5, eta_unit: absolute}}."""


class Settings(SliceSettings):
    """Two-layer ReLU networks: Arora, Du, Hu, Li, Wang 2019."""

    prefix: ClassVar = ""
    small: ClassVar = {"train": {"width": 64}}

    train: Train = Train()
    """Settings that all trainings share."""

    def mistakes(self, sizes: Mapping[str, int]) -> Iterator[str]:
        """What is wrong with the lists of problems, with widths and labels, each in a line."""
        yield from self._twice()
        yield from self._missing_eigenvectors(sizes)
        yield from self._odd_halves()
        yield from self._read_before_computed()

    def _twice(self) -> Iterator[str]:
        for name, experiment in self.running():
            listed = experiment.listed()
            both = {problem for problem in listed if listed.count(problem) > 1}
            if both:
                yield (
                    f"two_layer.{name}: found {', '.join(sorted(both))} among 'problems' and "
                    "'kernel_problems', expected each in one of them"
                )

    def _missing_eigenvectors(self, sizes: Mapping[str, int]) -> Iterator[str]:
        """n points have n eigenvectors."""
        for name, experiment in self.running():
            for kind in getattr(experiment, "labels", []):
                for problem in experiment.listed():
                    if wrong := label_kinds.mistake(kind, sizes.get(problem)):
                        yield f"two_layer.{name}.labels: {wrong} of data.{problem}.train"

    def _odd_halves(self) -> Iterator[str]:
        """An antisymmetric network has two equal halves."""
        for key, width in self._antisymmetric_widths():
            if width % 2:
                yield (
                    f"two_layer.{key}: found {width}, expected an even number: an antisymmetric "
                    "network has two equal halves"
                )

    def _read_before_computed(self) -> Iterator[str]:
        """Some experiments read what another's jobs wrote, of problems that the other has."""
        for name, source in self._read_from():
            computed = self.experiment(source).listed()
            for problem in self.experiment(name).listed():
                if problem not in computed:
                    yield (
                        f"two_layer.{name}.problems: found {problem!r}, expected problems of "
                        f"{source}, whose results it reads: "
                        f"{', '.join(computed) or 'there are none'}; to run on your own "
                        "problems alone, name them in the key 'only'"
                    )

    def _read_from(self) -> Iterator[tuple[str, str]]:
        for name, experiment in self.running():
            if isinstance(experiment, _Measured):
                yield from ((name, source) for source in experiment.results_of)

    def _antisymmetric_widths(self) -> Iterator[tuple[str, int]]:
        changed = {
            problem: change.width
            for problem, change in self.train.per_problem.items()
            if change.width
        }
        for name, experiment in self.running():
            starts = [*getattr(experiment, "arms", {}).values(), experiment]
            used = getattr(experiment, "problems", [])
            if not used or not any(getattr(start, "antisymmetric", False) for start in starts):
                continue
            own = sizes(experiment, WIDTHS)
            yield from ((f"{name}.{key}", width) for key in own for width in own[key])
            for problem in used if not own else []:
                key = f"train.per_problem.{problem}.width" if problem in changed else "train.width"
                yield key, changed.get(problem, self.train.width)

    def trained(self) -> list[str]:
        """The experiments whose networks the rule `train` trains."""
        return [name for name, cls in self.classes.items() if issubclass(cls, _Networks)]

    def problems(self) -> dict[str, list[str]]:
        """The names of problems that this slice uses, by the key that names them."""
        return super().problems() | {"train.per_problem": list(self.train.per_problem)}

    def threads(self) -> list[tuple[str, int]]:
        """The mathematical threads that this slice's jobs have, by the key that says so."""
        return [("two_layer.train.threads", self.train.threads)]


class Rate(Strict):
    """The learning rate of networks that others train."""

    eta: Positive
    """Learning rate η for the summed loss Φ."""
    eta_unit: EtaUnit
    """Unit of eta: 1/lambda_max or absolute."""


class Listed(Rate):
    """The networks in the files that are read, in their order."""

    width: list[Count]
    """Width m of each file."""
    labels: list[str]
    """Labels of each file."""


class Started(Listed, Beginning):
    """The same, and how they start."""

    first: list[int]
    """First repetition of each file."""


class _Trains(Experiment):
    """An experiment whose program trains networks of its own, from the kernel's learning rate."""

    eta: Positive = 1.0
    """Learning rate η for the summed loss Φ, in `eta_unit`."""
    eta_unit: EtaUnit = "1/lambda_max"
    """`1/lambda_max`: multiples of 1/λ_max(H∞), stable up to 2; or `absolute`."""


def sizes(experiment: Experiment, key: str) -> dict[str, list[int]]:
    """Those of an experiment's settings whose keys are like a pattern, each as a list."""
    keys = [name for name in type(experiment).model_fields if re.fullmatch(key, name)]
    values = {name: getattr(experiment, name) for name in keys}
    return {name: value if isinstance(value, list) else [value] for name, value in values.items()}


class _Starts(Experiment):
    """An experiment whose networks all start in one way."""

    kappa: Positive = 1.0
    """Initialisation scale κ."""
    antisymmetric: bool = True
    """Repeat each neuron with the opposite sign, so that u(0) = 0 exactly."""


class _Measured(Experiment):
    """What the cost models of this slice's experiments have in common."""

    results_of: ClassVar[tuple[str, ...]] = ()
    """Experiments whose results it reads: each of its problems has to be one of theirs."""

    def flop(self, plan: Plan, problem: str) -> float:
        """Flop of a job."""
        return 0

    def seconds(self, plan: Plan, problem: str) -> float:
        """Starting torch, and the flop on a slow core."""
        return costs.START_TORCH - costs.START + self.flop(plan, problem) / costs.FLOPS

    def mb(self, plan: Plan, problem: str) -> float:
        """Torch, some matrices and the largest network."""
        n, span = self.size(plan, problem)
        matrices = 4 * costs.matrix_mb(n, n) + 4 * costs.matrix_mb(n, span)
        d = plan.data.dimension(plan.data.problem(problem))
        made = [max(own) for key, own in sizes(self, WIDTHS).items() if key in self.options()]
        network = costs.network_mb(max(made, default=0), d, span)
        return costs.BASE_TORCH - costs.BASE + 200 + matrices + network

    def size(self, plan: Plan, problem: str) -> tuple[int, int]:
        """n, and the dimension of the inputs' span."""
        settings = plan.data.problem(problem)
        return settings.train.n, min(plan.data.dimension(settings), settings.train.n)


class _Networks(_Measured):
    """An experiment whose networks the rule `train` trains."""

    per_problem: ClassVar[tuple[str, ...]] = ("eta", "eta_unit")
    """Which of the changes in `train.per_problem` hold for it; the rest is its own."""

    def trainings(self) -> Iterator[Training]:
        """Its networks, arm by arm."""
        raise NotImplementedError


class _Synthetic(_Measured):
    """An experiment on synthetic inputs, `n` of them."""

    def about(self, plan: Plan, problem: str) -> str:
        return "synthetic inputs"

    def mb(self, plan: Plan, problem: str) -> float:
        """Torch and matrices of its own inputs."""
        n = max(sizes(self, "n")["n"])
        return costs.BASE_TORCH - costs.BASE + 200 + 6 * costs.matrix_mb(n, n)


class Arm(Beginning):
    """One way to start and train the networks of figure 1."""

    steps: NonNegativeInt
    """Gradient steps."""
    seeds_per_job: Count = 1
    """Networks that share a job; trainings worth more than 5 s deserve one each."""


class Projections(Experiment):
    """Figure 1's right column: the projections of labels on eigenvectors."""

    kernel: ClassVar = "any"
    own_rules: ClassVar = True
    follows: ClassVar = "figure1"

    def extra_targets(self, plan: Plan, problem: str) -> list[str]:
        return [f"{plan.figures}/{kind}_{problem}.csv" for kind in ("energy", "random")]


class Figure1(_Networks):
    """Figure 1: training loss of true, random and worst-case labels; spectrum and projections."""

    kernel: ClassVar = "any"
    early: ClassVar = 2
    own_data: ClassVar = True
    own_rules: ClassVar = True
    shows: ClassVar = ("losses",)
    shows_beside: ClassVar = ("spectrum", "coefficients", "paper?")
    says: ClassVar = ("training?", "arm*", "paper_arm*", "paper_name?")
    per_problem: ClassVar = ("width", "eta", "eta_unit", "steps")
    small: ClassVar = {
        "repetitions": 2,
        "random_labellings": 3,
        "arms": {"small": {"steps": 300, "seeds_per_job": 2}, "kernel": None},
    }

    problems: Distinct[Name] = ["digits"]
    """Problems to train on."""
    kernel_problems: Distinct[Name] = []
    """Problems of which only spectrum, projections and prediction are drawn."""
    labels: Labels = ["true", "random", "worst"]
    """Labels to train on: `true`, `random`, `shuffled` (true ones in another order), `noise<p>` (a
    portion p random), `eigenvector<i>` (√n v_i), `worst` (√n v_n). Projections and predictions of
    true, random and worst ones are there anyway."""
    repetitions: Count = 3
    """Seeds of the initialisation and of the random labels."""
    arms: Named[Arm] = {
        "small": Arm(kappa=0.01, antisymmetric=False, steps=3000),
        "kernel": Arm(kappa=1.0, antisymmetric=True, steps=1000, seeds_per_job=3),
    }
    """Ways to start: the paper's small κ, and the kernel regime; `null` leaves one out."""
    random_labellings: Count = 5
    """Draws of random and other drawn labels whose projections are measured: `repetitions` or
    more."""

    @model_validator(mode="after")
    def _every_network_has_a_prediction(self) -> "Figure1":
        if self.random_labellings < self.repetitions:
            raise ValueError(
                f"random_labellings: found {self.random_labellings}, expected at least "
                f"{self.repetitions}, one for each of the repetitions"
            )
        return self

    def trainings(self) -> Iterator[Training]:
        arms: Mapping[str, Any] = self.arms  # none is null any more
        for name, arm in arms.items():
            recipe = start(arm) | {"steps": arm.steps}
            yield Training(name, self.labels, self.repetitions, arm.seeds_per_job, recipe)

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        networks = Networks(plan)
        recipe = networks.recipe("figure1", problem, next(iter(self.arms)))
        # Predictions alone have a number of steps for each arm, and no start.
        trained = bool(networks.nets("figure1", problem))
        starts = {name: start_words(arm) if trained else name for name, arm in self.arms.items()}
        return {
            "arm": [f"{name}={start}" for name, start in starts.items()],
            "paper_arm": [name for name, arm in self.arms.items() if start(arm) == PAPER_START],
            "paper_name": networks.dataset(problem),
            "training": f"m = {recipe['width']}, η = {rate_words(recipe)}" if trained else None,
        }

    def extra_targets(self, plan: Plan, problem: str) -> list[str]:
        return [f"{plan.figures}/figure1_{problem}_spectrum.csv"]


class Equation8(_Starts, _Networks):
    """Equation (8): does the loss follow the spectrum's prediction, and better at larger width?"""

    kernel: ClassVar = "two-layer"
    own_data: ClassVar = True
    own_rules: ClassVar = True
    shows: ClassVar = ("curves", "deviation")
    says: ClassVar = ("training",)
    small: ClassVar = {"widths": [64], "repetitions": 2, "steps": 100, "seeds_per_job": 2}

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    widths: Axis[Count] = [200, 800, 3200]
    """Numbers of neurons m, both halves counted."""
    labels: Labels = ["true"]
    """Labels to train on, of the kinds that figure 1 has."""
    repetitions: Count = 10
    """Seeds of the initialisation (and of random labels)."""
    steps: Count = 1500
    """Gradient steps; the deviation is the largest over every one of them."""
    seeds_per_job: Count = 5
    """Networks that share a job."""

    def trainings(self) -> Iterator[Training]:
        for width in self.widths:
            recipe = start(self) | {"width": width, "steps": self.steps}
            yield Training(f"m{width}", self.labels, self.repetitions, self.seeds_per_job, recipe)

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        recipe = Networks(plan).recipe("equation8", problem, f"m{self.widths[0]}")
        return {"training": f"{start_words(self)}, η = {rate_words(recipe)}"}

    def extra_targets(self, plan: Plan, problem: str) -> list[str]:
        # Read where `widths` runs on the same problem.
        return Networks(plan).trained("equation8", problem, "metrics.csv")


class Figure2(_Networks):
    """Figure 2: test error and complexity against the portion of random labels."""

    kernel: ClassVar = "any"
    early: ClassVar = 1
    own_data: ClassVar = True
    own_rules: ClassVar = True
    shows: ClassVar = ("errors", "complexity")
    shows_beside: ClassVar = ("paper?", "networks?")
    says: ClassVar = ("training?", "paper_name?", "networks_n?")
    per_problem: ClassVar = ("width", "eta", "eta_unit")
    small: ClassVar = {
        "noise": [0.0, 0.5],
        "repetitions": 2,
        "label_draws": 4,
        "steps": 100,
        "seeds_per_job": 2,
    }

    problems: Distinct[Name] = ["digits"]
    """Problems to train on."""
    kernel_problems: Distinct[Name] = []
    """Problems of which only the complexity and the kernel predictor are computed."""
    noise: Axis[Portion] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    """Portions p of labels, of training and test points alike, replaced by unif{±1}."""
    repetitions: Count = 3
    """Networks per portion: seeds of initialisation and labels."""
    label_draws: Count = 20
    """Draws of labels per portion for the sampled complexity and the kernel predictor."""
    kappa: Positive = 0.01
    """Initialisation scale κ."""
    antisymmetric: bool = False
    """Repeat each neuron with the opposite sign."""
    steps: Count = 600
    """Gradient steps at which a network counts as trained …"""
    stop_loss: Positive | None = None
    """… or the loss Φ/n at which it does, if it comes there earlier; null: steps alone."""
    seeds_per_job: Count = 3
    """Networks that share a job."""

    def trainings(self) -> Iterator[Training]:
        labels = [f"noise{portion}" for portion in self.noise]
        recipe = start(self) | {"steps": self.steps, "stop_loss": self.stop_loss}
        yield Training("nets", labels, self.repetitions, self.seeds_per_job, recipe)

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        networks = Networks(plan)
        words = {"paper_name": networks.dataset(problem)}
        trained = networks.trained_on("figure2", problem)
        if not trained:
            return words
        recipe = networks.recipe("figure2", trained, "nets")
        stop = f" or until Φ/n ≤ {self.stop_loss:g}" if self.stop_loss else ""
        training = (
            f"m = {recipe['width']}, {start_words(self)}, η = {rate_words(recipe)}, "
            f"trained for {counted(recipe['steps'], 'step')}{stop}"
        )
        n = {} if trained == problem else {"networks_n": str(plan.data.problem(trained).train.n)}
        return words | n | {"training": training}

    def extra_targets(self, plan: Plan, problem: str) -> list[str]:
        # Nobody else may read the eigenvectors of a problem that networks alone are trained on.
        arrays = Networks(plan).trained("figure2", problem, "arrays.npz")
        return [*arrays, plan.data.path(problem, "eigenvectors.npy")] if arrays else []


def _odd(count: int) -> int:
    if count % 2 == 0:
        raise ValueError(f"found {count}, expected an odd number")
    return count


class Formula(_Synthetic):
    """The kernel's closed form against Monte Carlo, and identities that hold to rounding."""

    reads: ClassVar = ("problem?",)
    tables: ClassVar = ("pairs", "least")
    shows: ClassVar = ("pairs", "least")
    small: ClassVar = {
        "samples": 20000,
        "n": 40,
        "width": 40,
        "steps": 50,
        "starts": 100,
        "seeds": 2,
    }

    samples: Count = 1_000_000
    """Monte Carlo samples of w for each seed."""
    n: Count = 200
    """Inputs n of the identities."""
    width: Count = 200
    """Number of neurons m of the finite networks."""
    steps: Count = 1000
    """Gradient steps of the recursion."""
    starts: Count = 1000
    """Networks whose outputs at the start are measured."""
    seeds: Count = 5
    """Repetitions of everything."""
    angles: Annotated[int, Field(ge=3), AfterValidator(_odd)] = 51
    """Pairs, at equally spaced angles 0 … π; odd, so that π/2 is one."""
    d: Count = 20
    """Input dimension d."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        # What an opposite does to λ_min is a matter of real inputs: of some that are trained on.
        trained = plan.settings.trained()
        real = [problem for name in trained for problem in plan.problems(name)][:1]
        return {"problem": [plan.data.path(name, "problem.npz") for name in real]}

    def flop(self, plan: Plan, problem: str) -> float:
        return self.seeds * self.samples * self.angles * 60


class Targets(_Synthetic):
    """Theorem 6.1: how hard functions on the sphere are to learn, √(yᵀ(H∞)⁻¹y) against n."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"n": [20, 40], "d": [5], "seeds": 2}

    n: Axis[Count] = [100, 300, 1000, 3000]
    """Numbers of inputs."""
    d: Axis[Count] = [20, 5]
    """Input dimensions."""
    seeds: Count = 5
    """Draws of inputs and directions."""

    def flop(self, plan: Plan, problem: str) -> float:
        return 100 * self.seeds * sum(n**3 for n in self.n)


class Samples(_Synthetic):
    """Section 6: the kernel predictor's error on new points against n."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"n": [20, 40], "test_n": 50, "seeds": 2}

    n: Axis[Count] = [100, 200, 400, 800, 1600, 3200]
    """Numbers of training inputs."""
    test_n: Count = 1000
    """New points that the error is measured on."""
    seeds: Count = 5
    """Draws of inputs and directions."""
    d: Count = 20
    """Input dimension d."""

    def flop(self, plan: Plan, problem: str) -> float:
        return 60 * self.seeds * sum(n**3 for n in self.n)


class Inputs(_Measured):
    """What data are like for the kernel: cosines between inputs, the top eigenvalue's share."""

    kernel: ClassVar = "any"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "spectrum")
    shows: ClassVar = ("table",)
    shows_beside: ClassVar = ("problem", "spectrum")

    problems: Distinct[Name] = []
    """Problems whose inputs are looked at."""
    pairs: Count = 200_000
    """Pairs of inputs in the table at most."""

    def mb(self, plan: Plan, problem: str) -> float:
        """All cosines, and which pairs they are of."""
        n, _ = self.size(plan, problem)
        return 200 + 4 * costs.matrix_mb(n, n)


class Baselines(_Measured):
    """Test errors of the kernel predictor and of networks beside those of other classifiers."""

    kernel: ClassVar = "any"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "gram", "errors")
    results_of: ClassVar = ("figure2",)
    tables: ClassVar = ("table", "classes")
    shows: ClassVar = ("table", "classes")
    stage: ClassVar = "tables"
    shared: ClassVar = ()
    upstream: ClassVar = Kernel

    problems: Distinct[Name] = []
    """Problems; each has to be one of figure 2's."""
    neighbours: Count = 5
    """Neighbours that vote; all training points if there are fewer."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"errors": plan.table("figure2", "errors", problem)}

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        return dict(plan.data.problem(problem).kernel)

    def flop(self, plan: Plan, problem: str) -> float:
        n, span = self.size(plan, problem)
        return 10 * n**3 + 1000 * n * span

    def seconds(self, plan: Plan, problem: str) -> float:
        return super().seconds(plan, problem) + plan.data.new_points_seconds(problem)


class Concentration(_Measured):
    """Lemma C.3: the Gram matrix H(0) of a network at its start against H∞."""

    reads: ClassVar = ("problem",)
    shows: ClassVar = ("table",)
    small: ClassVar = {"points": 60, "width": [32, 64, 128], "repetitions": 4}

    problems: Distinct[Name] = ["digits01"]
    """Problems whose first points are taken."""
    points: Count = 200
    """How many of them."""
    width: Axis[Count] = [128, 256, 512, 1024, 2048, 4096, 8192, 16384]
    """Numbers of neurons m."""
    repetitions: Count = 40
    """Networks of each width."""

    def flop(self, plan: Plan, problem: str) -> float:
        n, _ = self.size(plan, problem)
        return self.repetitions * sum(self.width) * 4 * min(n, self.points) ** 2


class Draws(_Measured):
    """Definition 5.1: λ_min and complexity of draws of n points."""

    kernel: ClassVar = "any"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "gram")
    shows: ClassVar = ("table",)
    small: ClassVar = {"n": [20, 40], "draws": 4}

    problems: Distinct[Name] = ["digits"]
    """Problems that points are drawn from."""
    n: Axis[Count] = [200, 400, 800]
    """Points of a draw."""
    draws: Count = 50
    """Draws of each size."""

    def flop(self, plan: Plan, problem: str) -> float:
        n, _ = self.size(plan, problem)
        # All points are the same ones in every draw.
        return 20 * sum((self.draws if size < n else 1) * size**3 for size in self.n)


class Start(_Measured):
    """Theorem 3.1 (i): the loss at the start."""

    reads: ClassVar = ("problem",)
    small: ClassVar = {"width": 64, "kappa": [0.3, 1.0], "repetitions": 40}

    problems: Distinct[Name] = ["digits01"]
    """Problems whose inputs are used."""
    width: Count = 256
    """Number of neurons m."""
    kappa: Axis[Positive] = [0.1, 0.3, 1.0]
    """Initialisation scales κ."""
    repetitions: Count = 200
    """Initialisations of each kind."""
    delta: Portion = 0.1
    """Probability of failure δ."""

    def flop(self, plan: Plan, problem: str) -> float:
        n, d = self.size(plan, problem)
        return 2 * self.repetitions * len(self.kappa) * self.width * n * d


class Trained(Rate):
    """Figure 1's networks of the first arm."""

    width: Count
    """Width m of the networks that are trained."""
    kappa: Positive
    """Their initialisation scale κ."""


class Constants(_Measured):
    """What the theorems ask for at a problem's λ₀ and n."""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("gram", "spectrum")
    tables: ClassVar = ()
    shared: ClassVar = ()
    upstream: ClassVar = Trained
    small: ClassVar = {"n": [10]}

    problems: Distinct[Name] = ["digits", "digits01"]
    """Problems whose spectrum is used."""
    n: Axis[Count] = [10, 100, 1000, 10000]
    """Numbers of points, as far as there are so many; all of them are looked at too."""
    delta: Portion = 0.1
    """Probability of failure δ."""
    epsilon: Positive = 1.0
    """Accuracy ε of theorem 4.1."""

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        arm = next(iter(plan.settings.figure1.arms))
        return Networks(plan).recipe("figure1", problem, arm)


class Noise(_Measured):
    """Figure 2's labels: are training and test labels made noisy independently?"""

    kernel: ClassVar = "any"
    reads: ClassVar = ("problem", "sampled")
    results_of: ClassVar = ("figure2",)
    small: ClassVar = {"noise": [0.5, 1.0], "draws": 4}

    problems: Distinct[Name] = ["digits"]
    """Problems; each has to be one of figure 2's."""
    noise: Axis[Portion] = [0.5, 1.0]
    """Portions p of random labels."""
    draws: Count = 20
    """Draws of labels for each portion."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"sampled": f"{plan.results}/complexity/{problem}/sampled.csv"}


class Dataset(Strict):
    """The paper's own data set."""

    dataset: Literal["mnist", "cifar"] | None = None
    """The paper's data set that this problem is, if it is one."""


class Published(_Measured):
    """The paper's own numbers, tables and curves, beside ours."""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("spectrum", "coefficients", "expected", "sampled", "published?")
    results_of: ClassVar = ("figure1", "figure2")
    shows: ClassVar = ("table",)
    shows_beside: ClassVar = ("published", "spectrum")
    says: ClassVar = ("dataset",)
    shared: ClassVar = ()
    upstream: ClassVar = Dataset

    problems: Distinct[Name] = ["digits"]
    """Problems; each has to be one of figure 1's and of figure 2's. The published numbers are
    compared where it is the paper's own data set, elsewhere identities alone."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        folder = f"{plan.results}/complexity/{problem}"
        coefficients = f"{plan.results}/projections/{problem}/coefficients.npz"
        tables = {name: f"{folder}/{name}.csv" for name in ("expected", "sampled")}
        return {"coefficients": coefficients} | tables | self._published(plan, problem)

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"dataset": Networks(plan).dataset(problem)}

    def has_figure(self, plan: Plan, problem: str) -> bool:
        return Networks(plan).dataset(problem) is not None

    def shows_from(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"published": PUBLISHED}

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return self.upstream_settings(plan, problem)

    def _published(self, plan: Plan, problem: str) -> dict[str, str]:
        return {"published": PUBLISHED} if self.has_figure(plan, problem) else {}


class PaperFigure1(_Measured):
    """Figure 1 as the paper draws it: eq. (8) on its axes, at the learning rate inferred."""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("spectrum", "coefficients", "published")
    tables: ClassVar = ("curves", "projections")
    results_of: ClassVar = ("figure1",)
    shows: ClassVar = ("curves", "projections")
    shows_beside: ClassVar = ("digitised", "networks?")
    says: ClassVar = ("dataset", "training?", "arm?")
    shared: ClassVar = ()
    upstream: ClassVar = Dataset
    small: ClassVar = {"problems": []}

    problems: Distinct[Name] = []
    """Problems: the paper's own data sets, each one of figure 1's."""
    points: Count = 200
    """Evenly spaced steps of each curve, beside the first and the published ones."""
    indices: Count = 1000
    """Indices of eigenvectors in the table."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        coefficients = f"{plan.results}/projections/{problem}/coefficients.npz"
        return {"coefficients": coefficients, "published": PUBLISHED}

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"dataset": Networks(plan).dataset(problem)}

    def shows_from(self, plan: Plan, problem: str) -> dict[str, Any]:
        beside = Networks(plan).trained_on("figure1", problem)
        networks = {"networks": plan.table("figure1", "losses", beside)} if beside else {}
        return {"digitised": PAPER} | networks

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        beside = Networks(plan).trained_on("figure1", problem)
        words = self.upstream_settings(plan, problem)
        if beside:
            arm = next(iter(plan.settings.figure1.arms))
            recipe = Networks(plan).recipe("figure1", beside, arm)
            n = plan.data.problem(beside).train.n
            said = f"n = {n}, m = {recipe['width']}, κ = {recipe['kappa']:g}"
            words |= {"arm": arm, "training": f"{said}, η = {rate_words(recipe)}"}
        return words

    def seconds(self, plan: Plan, problem: str) -> float:
        """A power for each of n eigenvalues, at some hundred steps of each labelling."""
        labellings = 2 + plan.settings.figure1.random_labellings
        return labellings * 2 * self.points * self.size(plan, problem)[0] / 1e7

    def mb(self, plan: Plan, problem: str) -> float:
        """Those powers of one labelling."""
        return 200 + 3 * costs.matrix_mb(2 * self.points, self.size(plan, problem)[0])


class Widths(_Measured):
    """Theorem 4.1 and lemma 5.3 against the width: deviation, distances, flips."""

    kernel: ClassVar = "two-layer"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "spectrum", "eigenvectors", "networks*", "arrays*")
    results_of: ClassVar = ("equation8",)
    shows: ClassVar = ("table", "frozen.table")
    says: ClassVar = ("training",)
    upstream: ClassVar = Listed
    stage: ClassVar = "tables"

    problems: Distinct[Name] = ["digits01"]
    """Problems; each has to be one of equation 8's."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        trained = Networks(plan).trained
        files = {"arrays": "arrays.npz", "networks": "metrics.csv"}
        return {key: trained("equation8", problem, file) for key, file in files.items()}

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        return Networks(plan).files_of_equation8(problem)

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return plan.settings.equation8.words(plan, problem)


class Distances(_Starts, _Trains, _Measured):
    """Lemma 5.3 for random and for linear labels."""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("problem", "spectrum", "eigenvectors")
    small: ClassVar = {"width": 64, "repetitions": 2, "steps": 50}

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    width: Count = 3200
    """Number of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation and the labels."""
    steps: Count = 1500
    """Gradient steps."""

    def flop(self, plan: Plan, problem: str) -> float:
        n, d = self.size(plan, problem)
        return 20 * self.repetitions * self.steps * n * d * self.width


class Frozen(_Measured):
    """Theorem 4.1: what of the deviation is there with frozen patterns already."""

    kernel: ClassVar = "two-layer"
    follows: ClassVar = "widths"
    reads: ClassVar = ("problem", "gram", "spectrum", "eigenvectors?", "arrays*")
    upstream: ClassVar = Started
    stage: ClassVar = "tables"

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        networks = Networks(plan)
        arrays = {"arrays": networks.trained("equation8", problem, "arrays.npz")}
        return arrays | networks.eigenvectors(problem, plan.settings.equation8.labels)

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        return Networks(plan).files_of_equation8(problem)


class Scale(_Trains, _Measured):
    """Equation (8) against the initialisation scale κ, plain start."""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("problem", "spectrum", "eigenvectors")
    shows: ClassVar = ("table",)
    says: ClassVar = ("training",)
    small: ClassVar = {"kappa": [0.1, 1.0], "width": [32, 64], "repetitions": 2, "steps": 50}

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    labels: Labels = ["true", "random"]
    """Labels to train on, of the kinds that figure 1 has."""
    kappa: Axis[Positive] = [0.01, 0.03, 0.1, 0.3, 1.0]
    """Initialisation scales κ."""
    width: Axis[Count] = [100, 400]
    """Numbers of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation and of random labels."""
    steps: Count = 1500
    """Gradient steps."""

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"training": f"η = {rate_words(self)}, {self.steps} steps"}

    def flop(self, plan: Plan, problem: str) -> float:
        n, d = self.size(plan, problem)
        nets = len(self.kappa) * len(self.labels) * self.repetitions
        return 5 * nets * self.steps * sum(self.width) * n * d


class Stability(_Starts, _Measured):
    """Theorem 3.1 (ii) and the edge 2/λ_max: ratios of successive losses, float64."""

    kernel: ClassVar = "two-layer"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "gram", "spectrum")
    tables: ClassVar = ("rates", "sweep", "harder")
    shows: ClassVar = ("rates", "sweep")
    says: ClassVar = ("training",)
    small: ClassVar = {
        "width": 64,
        "repetitions": 2,
        "steps": 30,
        "factors": 3,
        "sweep_steps": 20,
        "harder_width": [32, 64],
    }

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    width: Count = 1024
    """Number of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation."""
    steps: Count = 500
    """Gradient steps at each learning rate."""
    factors: Count = 11
    """Learning rates of the sweep from `lowest` to `highest`."""
    harder_width: Axis[Count] = [128, 512, 2048]
    """Widths m of the networks with random and worst-case labels."""
    sweep_steps: Count = 200
    """Gradient steps at each rate of the sweep."""
    rate: Axis[Positive] = [0.1, 1.0, 1.9, 2.2]
    """Learning rates η λ_max that are held to the theorem's rate."""
    harder_rate: Positive = 1.0
    """Learning rate η λ_max of the networks with random and worst-case labels."""
    lowest: Positive = 1.5
    """Smallest η λ_max of the sweep."""
    highest: Positive = 2.5
    """Largest η λ_max of the sweep."""

    @model_validator(mode="after")
    def _around_the_edge(self) -> "Stability":
        if not self.lowest < 2 < self.highest:
            raise ValueError(
                f"found lowest {self.lowest} and highest {self.highest}, expected a sweep that "
                "begins below the edge 2 and ends above it"
            )
        return self

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        steps = f"{self.steps} steps (sweep: {self.sweep_steps})"
        return {"training": f"m = {self.width}, {start_words(self)}, {steps}"}

    def flop(self, plan: Plan, problem: str) -> float:
        n, d = self.size(plan, problem)
        own = self.width * (len(self.rate) * self.steps + self.factors * self.sweep_steps)
        return 10 * self.repetitions * n * d * (own + 2 * sum(self.harder_width) * self.steps)


class Decay(_Starts, _Trains, _Measured):
    """Theorem 4.1: how fast wide networks forget each eigenvector."""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("problem", "spectrum")
    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    says: ClassVar = ("training",)
    small: ClassVar = {"width": 64, "top": 3, "repetitions": 2}

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    width: Count = 12800
    """Number of neurons m."""
    top: Count = 20
    """Eigenvectors, from the largest eigenvalue down."""
    repetitions: Count = 6
    """Seeds of the initialisation and the signs."""
    eta: Positive = 0.5
    """Learning rate η for the summed loss Φ, in `eta_unit`."""

    @model_validator(mode="after")
    def _decays(self) -> "Decay":
        if self.eta_unit == "1/lambda_max" and self.eta >= 1:
            raise ValueError(f"eta: found {self.eta}, expected less than 1/λ_max: 1 − ηλ is fitted")
        return self

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"training": net_words(self)}

    def flop(self, plan: Plan, problem: str) -> float:
        """Steps as the program takes them: in proportion to 1/(ηλ), λ the least that is fitted."""
        n, d = self.size(plan, problem)
        # λ_max is at most the trace n/2.
        rate = self.eta * (n / 2 if self.eta_unit == "absolute" else 1)
        return 1000 / rate * self.repetitions * n * d * self.width


class Directions(_Starts, _Trains, _Measured):
    """Equation (8) along groups of eigenvectors: what networks have still to learn there."""

    kernel: ClassVar = "two-layer"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "spectrum", "eigenvectors")
    shows: ClassVar = ("table",)
    says: ClassVar = ("training",)
    small: ClassVar = {"width": 64, "repetitions": 2, "steps": 50}

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    labels: Labels = ["true", "random"]
    """Labels to train on, of the kinds that figure 1 has."""
    groups: Count = 4
    """Groups of eigenvectors, about equally long in the logarithm of the index."""
    width: Count = 3200
    """Number of neurons m."""
    repetitions: Count = 5
    """Seeds of the initialisation and of random labels."""
    steps: Count = 1500
    """Gradient steps."""

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"training": net_words(self)}

    def flop(self, plan: Plan, problem: str) -> float:
        n, d = self.size(plan, problem)
        return 10 * self.repetitions * len(self.labels) * self.steps * n * d * self.width


class KernelChange(_Starts, _Trains, _Measured):
    """Lemma C.2: how the empirical kernel moves while a network trains, against the width."""

    kernel: ClassVar = "two-layer"
    own_data: ClassVar = True
    reads: ClassVar = ("problem", "spectrum", "eigenvectors?")
    shows: ClassVar = ("table",)
    says: ClassVar = ("training",)
    small: ClassVar = {"width": [32, 64], "repetitions": 2, "steps": 50}

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    labels: Labels = ["true", "random"]
    """Labels to train on, of the kinds that figure 1 has."""
    width: Axis[Count] = [200, 800, 3200]
    """Numbers of neurons m, both halves counted."""
    repetitions: Count = 5
    """Seeds of the initialisation and of random labels."""
    steps: Count = 1500
    """Gradient steps."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        return Networks(plan).eigenvectors(problem, self.labels)

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"training": f"{start_words(self)}, η = {rate_words(self)}"}

    def flop(self, plan: Plan, problem: str) -> float:
        n, d = self.size(plan, problem)
        nets = self.repetitions * len(self.labels)
        return 5 * nets * self.steps * n * d * sum(self.width)


class Arms(Strict):
    """The networks in the files that are read, in their order."""

    arm: list[str]
    """Way to start of each file."""
    width: list[Count]
    """Width m of each file."""
    labels: str
    """Labels of all networks: noise<p>."""


class Capacity(_Networks):
    """Theorem 5.1: does the test error depend on the width?"""

    kernel: ClassVar = "two-layer"
    reads: ClassVar = ("problem", "gram", "networks*")
    shows: ClassVar = ("table",)
    says: ClassVar = ("training", "arm*")
    upstream: ClassVar = Arms
    untold: ClassVar = ("widths", "portion", "repetitions", "arms", "steps", "seeds_per_job")
    stage: ClassVar = "tables"
    small: ClassVar = {
        "widths": [32, 64],
        "repetitions": 2,
        "arms": {"kernel": None},
        "steps": 50,
        "seeds_per_job": 2,
    }

    problems: Distinct[Name] = ["digits"]
    """Problems to train on."""
    widths: Axis[Count] = [256, 512, 1024, 2048]
    """Numbers of neurons m."""
    portion: Portion = 0.2
    """Portion of random labels."""
    repetitions: Count = 5
    """Seeds of the initialisation and of labels."""
    arms: Named[Beginning] = {
        "small": Beginning(kappa=0.01, antisymmetric=False),
        "kernel": Beginning(kappa=1.0, antisymmetric=True),
    }
    """Ways to start: the paper's small κ, and the kernel regime; `null` leaves one out."""
    steps: NonNegativeInt = 300
    """Gradient steps."""
    seeds_per_job: Count = 5
    """Networks that share a job."""

    def trainings(self) -> Iterator[Training]:
        labels = [f"noise{self.portion}"]
        for name, arm in self.arms.items():
            for width in self.widths:
                recipe = start(arm) | {"width": width, "steps": self.steps}
                yield Training(
                    f"{name}_m{width}", labels, self.repetitions, self.seeds_per_job, recipe
                )

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"networks": Networks(plan).trained("capacity", problem, "metrics.csv")}

    def upstream_settings(self, plan: Plan, problem: str) -> dict[str, Any]:
        nets = Networks(plan).nets("capacity", problem)
        return {
            "arm": [net.arm.rpartition("_m")[0] for net in nets],
            "width": [int(net.arm.rpartition("_m")[2]) for net in nets],
            "labels": nets[0].labels,
        }

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        networks = Networks(plan)
        recipe = networks.recipe("capacity", problem, networks.nets("capacity", problem)[0].arm)
        rate = rate_words(recipe)
        return {
            "arm": [f"{name}={start_words(arm)}" for name, arm in self.arms.items()],
            "training": f"η = {rate}, p = {self.portion:g}, {self.steps} steps",
        }

    def extra_targets(self, plan: Plan, problem: str) -> list[str]:
        return Networks(plan).trained("capacity", problem, "arrays.npz")

    def flop(self, plan: Plan, problem: str) -> float:
        n, _ = self.size(plan, problem)
        return 3 * n**3


class Fit(_Starts, _Trains, _Measured):
    """Section 1: steps until every training label is fitted, true and random."""

    reads: ClassVar = ("problem",)
    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    says: ClassVar = ("training",)
    small: ClassVar = {"points": 20, "width": 64, "repetitions": 2, "steps": 500}

    problems: Distinct[Name] = ["digits01", "digits"]
    """Problems whose first points are taken."""
    points: Count = 100
    """How many of them."""
    width: Count = 1024
    """Number of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation and of random labels."""
    steps: Count = 20000
    """Gradient steps at most."""

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {
            "training": f"the first {self.points} points, {net_words(self)}, "
            f"at most {self.steps} steps"
        }

    def flop(self, plan: Plan, problem: str) -> float:
        _, d = self.size(plan, problem)
        return 10 * self.repetitions * self.steps * self.points * d * self.width
