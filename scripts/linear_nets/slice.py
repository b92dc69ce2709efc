"""Linear networks: the experiments on Xu, Min, Tarmoun, Mallada, Vidal 2023 (PMLR 206).

Each experiment with its settings, what it writes, shows and costs. All data are drawn.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pipeline.costs import matrix_mb
from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import Axis, Count, Positive

Shrink = Annotated[float, Field(gt=0, lt=1)]
Grow = Annotated[float, Field(gt=1, allow_inf_nan=False)]
Rule = Literal["f0", "ft", "rho_hat", "rho"]
Searched = Literal["line_search", "optimal", "smooth", "rho", "f"]
Initialisation = Literal["normal", "ntk", "xavier", "he", "uniform"]


class Settings(SliceSettings):
    """Linear networks with one hidden layer: Xu, Min, Tarmoun, Mallada, Vidal 2023."""

    drawn: ClassVar = "linear"
    prefix: ClassVar = "linear_"
    small: ClassVar = {"h": 200}

    h: Count = 1000
    """Width h: min(n, m) or more, n + m where starts are Gaussian; a step's cost does not grow with
    h; drawing it does."""

    def mistakes(self, sizes: Mapping[str, int]) -> Iterator[str]:
        """Widths that are too small for what they are used for, each in a line."""
        for name, experiment in self.running():
            if isinstance(experiment, _Layers):
                wanted, said, reason = experiment.least_width()
                found = min([self.h, *experiment.other_widths()])
                if found < wanted:
                    yield (
                        f"linear_nets.h: found {found}, expected at least {said} = {wanted} of "
                        f"{name}: {reason}"
                    )


def steps(count: float, seeds: int) -> float:
    """Seconds of gradient steps: some 50 µs each, and 20 µs a seed."""
    return count * (1e-4 + 5e-5 * seeds)


class _Layers(Experiment):
    """An experiment on layers W₁ (n × h) and W₂ (h × m) that are drawn."""

    shared: ClassVar = ("seed", "h")
    seeds: Count = 10
    """Repetitions."""
    gaussian: ClassVar = False
    """Whether the theorem is applied to Gaussian starts: of n + m dimensions D has n eigenvalues
    above 0 and m below, which is enough for α₀ > 0."""

    def shapes(self) -> list[tuple[int, int]]:
        """Every (n, m)."""
        raise NotImplementedError

    def other_widths(self) -> list[int]:
        """Widths beside h."""
        return []

    def least_width(self) -> tuple[int, str, str]:
        """The least width, in words, and why."""
        if self.gaussian:
            reason = "from a narrower start α₀ may be 0, of which the theorem says nothing"
            return max(map(sum, self.shapes())), "n + m", reason
        reason = "a narrower network cannot represent every W"
        return max(map(min, self.shapes())), "min(n, m)", reason

    def drawing(self, plan: Plan, times: int) -> float:
        """Seconds of drawing layers and narrowing them, .15 µs a number: they alone grow with h."""
        count, rows, columns = self.layers(plan)
        return times * count * rows * columns * 1.5e-7

    def layers(self, plan: Plan) -> tuple[int, int, int]:
        """Layers drawn at once as (how many, h or N, n + m), the most of each."""
        count = max(self.seeds, getattr(self, "pairs", 0))
        columns = max(n for n, _ in self.shapes()) + max(m for _, m in self.shapes())
        return count, max(plan.settings.h, *self.other_widths(), getattr(self, "N", 0)), columns

    def mb(self, plan: Plan, problem: str) -> float:
        """The layers as drawn, a few times."""
        count, rows, columns = self.layers(plan)
        return 6 * count * matrix_mb(rows, columns)


class _Constants(_Layers):
    """The theorem's c1 and c2."""

    c1: Shrink = 0.5
    """How far α may fall, as a share of α₀: below 1."""
    c2: Grow = 1.5
    """How far β may grow, as a multiple of β₀: above 1."""


class _Shape(_Constants):
    """One shape of W."""

    n: Count = 20
    """Rows of W, and inputs N."""
    m: Count = 20
    """Columns of W."""

    def shapes(self) -> list[tuple[int, int]]:
        return [(self.n, self.m)]


class _Shapes(_Layers):
    """Several shapes of W."""

    n: Annotated[list[Count], Field(min_length=1)] = [3, 5, 7]
    """Rows of W, and inputs N, of each shape."""
    m: Annotated[list[Count], Field(min_length=1)] = [7, 5, 3]
    """Columns of W of each shape."""

    @model_validator(mode="after")
    def _same_length(self) -> "_Shapes":
        if len(self.n) != len(self.m):
            raise ValueError(
                f"found {len(self.n)} n and {len(self.m)} m, expected one of each for every shape"
            )
        return self

    def shapes(self) -> list[tuple[int, int]]:
        return list(zip(self.n, self.m, strict=True))


class Identities(_Shapes):
    """What holds to rounding: τ and its bounds, the flow."""

    tables: ClassVar = ()
    small: ClassVar = {"n": [2, 3], "m": [3, 2], "pairs": 20, "seeds": 2}

    n: Annotated[list[Count], Field(min_length=1)] = [3, 5, 7, 20]
    """Rows of W, and inputs N, of each shape."""
    m: Annotated[list[Count], Field(min_length=1)] = [7, 5, 3, 1]
    """Columns of W of each shape."""
    pairs: Count = 300
    """Random pairs of layers for each shape and balance."""
    seeds: Count = 10
    """Flows and descents of each kind."""

    def seconds(self, plan: Plan, problem: str) -> float:
        pairs = len(self.n) * self.pairs * 1e-3
        return steps(20_000, self.seeds) + pairs + self.drawing(plan, 4 * len(self.n))


class Phase(Experiment):
    """The toy problem of two scalars."""

    shows: ClassVar = ("table",)
    shared: ClassVar = ()

    until: Positive = 6.0
    """Time of the flow."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return steps(6 * self.until / 0.002, 1)

    def about(self, plan: Plan, problem: str) -> str:
        return f"t up to {self.until:g}"


class Drift(_Shape):
    """How far descent moves the imbalance, against the learning rate."""

    shows: ClassVar = ("table",)
    gaussian: ClassVar = True
    small: ClassVar = {"halvings": 5, "seeds": 3}

    n: Count = 5
    """Rows of W, and inputs N."""
    m: Count = 3
    """Columns of W."""
    halvings: Annotated[int, Field(ge=4)] = 8
    """Learning rates η_max/2^k; the total's exponent is that of the smallest four."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return steps(300 * 2**self.halvings / 8, self.seeds) + self.drawing(plan, 1)

    def about(self, plan: Plan, problem: str) -> str:
        return f"n = {self.n}, m = {self.m}, h = {plan.settings.h}, {self.seeds} seeds"


class Rates(_Shapes, _Constants):
    """Every step against its bounds, from many kinds of starts."""

    tables: ClassVar = ()
    gaussian: ClassVar = True
    small: ClassVar = {"n": [2, 3], "m": [3, 2], "steps": 20, "seeds": 2}

    rules: Axis[Rule] = ["f0", "ft", "rho_hat", "rho"]
    """Step rules."""
    steps: Count = 400
    """Gradient steps of a descent, at most; four times as many where η may exceed η_max."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Four kinds of starts; ρ and ρ̂ without a cap on the rate as well, some for longer.
        descents = 4 * len(self.n) * (len(self.rules) + 4)
        return steps(descents * self.steps, self.seeds) + self.drawing(plan, len(self.n))


class Figure1(_Shape):
    """Figure 1: loss and learning rate of every step rule, from balanced starts."""

    tables: ClassVar = ("table", "spread")
    shows: ClassVar = ("table", "spread")
    small: ClassVar = {"seeds": 20}

    c1: Shrink = 0.8
    """How far α may fall, as a share of α₀: below 1; the code's, not the text's."""
    c2: Grow = 1.2
    """How far β may grow, as a multiple of β₀: above 1; the code's, not the text's."""
    m: Count = 1
    """Columns of W; the claims' rows hold the paper's m = 1."""
    noise: Positive = 0.04
    """Standard deviation of the noise on Y: above 0, else there is no loss at the start."""
    steps: Annotated[int, Field(ge=12)] = 100
    """Gradient steps, the first counted as 0."""
    seeds: Annotated[int, Field(ge=2)] = 50
    """Repetitions."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return steps(20 * self.steps, self.seeds)

    def about(self, plan: Plan, problem: str) -> str:
        return (
            f"n = {self.n}, m = {self.m}, h = {plan.settings.h}, noise {self.noise:g}, "
            f"c₁ = {self.c1:g}, c₂ = {self.c2:g}, {self.seeds} seeds"
        )


class Figure2(_Shape):
    """Figure 2: how tight the bounds are, at rising imbalance."""

    tables: ClassVar = ("table", "spread")
    shows: ClassVar = ("spread",)
    gaussian: ClassVar = True
    small: ClassVar = {"n": 5, "m": 4, "seeds": 3, "steps": 60}

    m: Count = 20
    """Columns of W; the claims' rows hold the paper's n = m = 20 and h = 1000."""
    sigma: Annotated[Axis[Positive], Field(max_length=8)] = [1.0, 5.0, 100.0]
    """Imbalances σ of the start, a panel each: at most 8."""
    steps: Count = 200
    """Gradient steps."""
    seeds: Annotated[int, Field(ge=2)] = 20
    """Repetitions."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # A start for each of three rules and, for α₀/β₀, of two readings.
        descents = steps(3 * len(self.sigma) * self.steps, 3 * self.seeds)
        return descents + self.drawing(plan, 5 * len(self.sigma))

    def about(self, plan: Plan, problem: str) -> str:
        return (
            f"n = {self.n}, m = {self.m}, h = {plan.settings.h}, c₁ = {self.c1:g}, "
            f"c₂ = {self.c2:g}, {self.seeds} seeds"
        )


class Table(_Shape):
    """The table of iterations to reach an error, over the readings of what it omits."""

    small: ClassVar = {"widths": [200], "initialisations": ["normal", "he"], "most": 60, "seeds": 2}

    N: Count = 1000
    """Inputs N, n or more."""
    noise: Annotated[float, Field(ge=0)] = 0.001
    """Standard deviation of the noise on Y."""
    widths: Axis[Count] = [20, 100]
    """Widths tried beside `h`, which may be among them."""
    rules: Axis[Searched] = ["line_search", "optimal", "smooth", "rho", "f"]
    """Step rules tried; line_search decides E16."""
    initialisations: Axis[Initialisation] = ["normal", "ntk", "xavier", "he", "uniform"]
    """Initialisations, each in two variances."""
    error: Positive = 1.0e-8
    """The excess loss to reach."""
    most: Count = 300
    """Gradient steps at most."""
    seeds: Count = 20
    """Repetitions; the printed counts are multiples of .02, as means of 50 are."""

    def seconds(self, plan: Plan, problem: str) -> float:
        cases = len(self.initialisations) * (1 + len(self.widths))
        descents = steps(1.1 * cases * len(self.rules) * self.most, self.seeds)
        return descents + self.drawing(plan, 2 * cases)

    def other_widths(self) -> list[int]:
        """Widths beside h."""
        return self.widths

    @model_validator(mode="after")
    def _sensible(self) -> "Table":
        if self.n > self.N:
            raise ValueError(f"N: found {self.N}, expected at least n = {self.n} inputs")
        if "line_search" not in self.rules:
            raise ValueError(f"rules: found {self.rules}, expected line_search among them")
        return self
