"""Settings of the two-layer slice: source 001, Arora, Du, Hu, Li, Wang 2019."""

from collections.abc import Iterator
from typing import Literal

from pydantic import NonNegativeInt, model_validator

from pipeline.settings import Axis, Count, Distinct, Name, Portion, Positive, Strict
from workflow.settings.arms import Beginning, Named
from workflow.settings.experiments import (
    Capacity,
    Concentration,
    Constants,
    Decay,
    Distances,
    Draws,
    Fit,
    Formula,
    Noise,
    Published,
    Samples,
    Scale,
    Stability,
    Start,
    Targets,
    Widths,
)
from workflow.settings.labels import Labelling

# The keys that list problems.
LISTS = ("problems", "kernel_problems")
# Which experiment looks again at what which figure's jobs computed.
READ_FROM = (
    ("published", "figure1"),
    ("published", "figure2"),
    ("noise", "figure2"),
    ("widths", "equation8"),
)


class TrainChange(Strict):
    """What one problem trains with instead of the settings all share."""

    width: Count | None = None
    """Number of neurons m."""
    eta: Positive | None = None
    """Learning rate, in `eta_unit`."""
    eta_unit: Literal["1/lambda_max", "absolute"] | None = None
    """Unit of `eta`."""
    steps: NonNegativeInt | None = None
    """Gradient steps of figure 1, in place of its arms' own."""


class Train(Strict):
    """How every network of source 001 is trained: full-batch gradient descent on Φ = ½Σ(y−u)²."""

    width: Count = 1024
    """Number of neurons m; an antisymmetric network counts both halves."""
    eta: Positive = 1.0
    """Learning rate η for the summed loss Φ, in `eta_unit`."""
    eta_unit: Literal["1/lambda_max", "absolute"] = "1/lambda_max"
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


class Arm(Beginning):
    """One way to start and train the networks of figure 1."""

    steps: NonNegativeInt
    """Gradient steps."""
    seeds_per_job: Count = 1
    """Networks that share a job; trainings worth more than 5 s deserve one each."""


class Figure1(Strict):
    """Figure 1: training loss of true, random and worst-case labels; spectrum and projections."""

    problems: Distinct[Name] = ["digits"]
    """Problems to train on."""
    kernel_problems: Distinct[Name] = []
    """Problems of which only spectrum, projections and prediction are drawn."""
    repetitions: Count = 3
    """Seeds of the initialisation and of the random labels."""
    arms: Named[Arm] = {
        "small": Arm(kappa=0.01, antisymmetric=False, steps=3000),
        "kernel": Arm(kappa=1.0, antisymmetric=True, steps=1000, seeds_per_job=3),
    }
    """Ways to start: the paper's small κ, and the kernel regime; `null` leaves one out."""
    random_labellings: Count = 5
    """Draws of random labels whose projections are measured: `repetitions` or more."""

    @model_validator(mode="after")
    def _every_network_has_a_prediction(self) -> "Figure1":
        if self.random_labellings < self.repetitions:
            raise ValueError(
                f"random_labellings: found {self.random_labellings}, expected at least "
                f"{self.repetitions}, one for each of the repetitions"
            )
        return self


class Equation8(Strict):
    """Equation (8): does the loss follow the spectrum's prediction, and better at larger width?"""

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    widths: Axis[Count] = [200, 800, 3200]
    """Numbers of neurons m, both halves counted."""
    labels: Axis[Labelling] = ["true"]
    """Labellings to train on."""
    repetitions: Count = 10
    """Seeds of the initialisation (and of random labels)."""
    kappa: Positive = 1.0
    """Initialisation scale κ."""
    antisymmetric: bool = True
    """Repeat each neuron with the opposite sign, so that u(0) = 0 exactly."""
    steps: Count = 1500
    """Gradient steps; the deviation is the largest over every one of them."""
    seeds_per_job: Count = 5
    """Networks that share a job."""


class Figure2(Strict):
    """Figure 2: test error and complexity against the portion of random labels."""

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


class TwoLayer(Strict):
    """Source 001: Arora, Du, Hu, Li, Wang 2019, two-layer ReLU networks."""

    train: Train = Train()
    """Settings that all trainings share."""
    figure1: Figure1 = Figure1()
    """Optimisation: loss, spectrum, projections."""
    equation8: Equation8 = Equation8()
    """The predicted loss curve."""
    figure2: Figure2 = Figure2()
    """Generalisation: test error and complexity."""
    formula: Formula = Formula()
    """The kernel's closed form against Monte Carlo, and identities that hold to rounding."""
    targets: Targets = Targets()
    """Theorem 6.1: how hard functions on the sphere are to learn, √(yᵀ(H∞)⁻¹y) against n."""
    samples: Samples = Samples()
    """Section 6: the kernel predictor's error on new points against n."""
    concentration: Concentration = Concentration()
    """Lemma C.3: the Gram matrix H(0) of a network at its start against H∞."""
    draws: Draws = Draws()
    """Definition 5.1: λ_min and complexity of draws of n points."""
    start: Start = Start()
    """Theorem 3.1 (i): the loss at the start."""
    constants: Constants = Constants()
    """What the theorems ask for at a problem's λ₀ and n."""
    noise: Noise = Noise()
    """Figure 2's labels: are training and test labels noised apart?"""
    published: Published = Published()
    """The paper's own numbers, tables and curves, beside ours."""
    widths: Widths = Widths()
    """Theorem 4.1 and lemma 5.3 against the width: deviation, distances, flips."""
    scale: Scale = Scale()
    """Equation (8) against the initialisation scale κ, plain start."""
    stability: Stability = Stability()
    """Theorem 3.1 (ii) and the edge 2/λ_max: ratios of successive losses, float64."""
    decay: Decay = Decay()
    """Theorem 4.1: how fast wide networks forget each eigenvector."""
    distances: Distances = Distances()
    """Lemma 5.3 for random and for linear labels: how far networks travel."""
    capacity: Capacity = Capacity()
    """Theorem 5.1: does the test error depend on the width?"""
    fit: Fit = Fit()
    """Section 1: steps until every training label is fitted, true and random."""

    def narrowed(self, names: frozenset[str]) -> "TwoLayer":
        """The same with only some problems in the lists of each experiment."""
        kept = {}
        for name in type(self).model_fields:
            one = getattr(self, name)
            lists = {key: getattr(one, key) for key in LISTS if hasattr(one, key)}
            kept[name] = one.model_copy(
                update={key: [problem for problem in listed if problem in names]
                        for key, listed in lists.items()}
            )  # fmt: skip
        return self.model_copy(update=kept)

    def mistakes(self) -> Iterator[str]:
        """What is wrong with the lists of problems and with the widths, each in a line."""
        yield from self._twice()
        yield from self._odd_halves()
        yield from self._read_before_computed()

    def _twice(self) -> Iterator[str]:
        for key, one in (("figure1", self.figure1), ("figure2", self.figure2)):
            both = set(one.problems) & set(one.kernel_problems)
            if both:
                yield (
                    f"two_layer.{key}: found {', '.join(sorted(both))} among 'problems' and "
                    "'kernel_problems', expected each in one of them"
                )

    def _odd_halves(self) -> Iterator[str]:
        """An antisymmetric network has two equal halves."""
        for key, width in self._antisymmetric_widths():
            if width % 2:
                yield (
                    f"two_layer.{key}: found {width}, expected an even number: an antisymmetric "
                    "network has two equal halves"
                )

    def _read_before_computed(self) -> Iterator[str]:
        """Some experiments read what a figure's jobs wrote, of problems that the figure has."""
        figures = {
            name: [*one.problems, *getattr(one, "kernel_problems", [])]
            for name in ("figure1", "equation8", "figure2")
            for one in (getattr(self, name),)
        }
        for name, figure in READ_FROM:
            for problem in getattr(self, name).problems:
                if problem not in figures[figure]:
                    yield (
                        f"two_layer.{name}.problems: found {problem!r}, expected problems of "
                        f"{figure}, whose results it reads: "
                        f"{', '.join(figures[figure]) or 'there are none'}; to run on your own "
                        "problems alone, name them in the key 'only'"
                    )

    def _antisymmetric_widths(self) -> Iterator[tuple[str, int]]:
        if self.equation8.antisymmetric and self.equation8.problems:
            yield from (("equation8.widths", width) for width in self.equation8.widths)
        if any(arm.antisymmetric for arm in self.capacity.arms.values()) and self.capacity.problems:
            yield from (("capacity.widths", width) for width in self.capacity.widths)
        used = []
        if any(arm.antisymmetric for arm in self.figure1.arms.values()):
            used += self.figure1.problems
        if self.figure2.antisymmetric:
            used += self.figure2.problems
        for problem in used:
            changed = self.train.per_problem.get(problem)
            if changed is not None and changed.width is not None:
                yield f"train.per_problem.{problem}.width", changed.width
            else:
                yield "train.width", self.train.width

    def problems(self) -> dict[str, list[str]]:
        """The names of problems that this slice uses, by the key that names them."""
        return {
            "two_layer.figure1.kernel_problems": self.figure1.kernel_problems,
            "two_layer.figure2.kernel_problems": self.figure2.kernel_problems,
            "two_layer.train.per_problem": list(self.train.per_problem),
        } | {
            f"two_layer.{name}.problems": getattr(self, name).problems
            for name in type(self).model_fields
            if hasattr(getattr(self, name), "problems")
        }

    def threads(self) -> list[tuple[str, int]]:
        """The mathematical threads that this slice's jobs have, by the key that says so."""
        return [("two_layer.train.threads", self.train.threads)]
