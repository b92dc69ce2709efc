"""Settings of the linear-networks slice: source 004, Xu, Min, Tarmoun, Mallada, Vidal 2023."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.settings import Axis, Count, Distinct, Positive, Strict
from workflow.settings.data import SYNTHETIC

Shrink = Annotated[float, Field(gt=0, lt=1)]
Grow = Annotated[float, Field(gt=1, allow_inf_nan=False)]
Experiment = Literal["identities", "phase", "drift", "rates", "figure1", "figure2", "table"]
Rule = Literal["f0", "ft", "rho_hat", "rho"]
Searched = Literal["line_search", "optimal", "smooth", "rho", "f"]
Initialisation = Literal["normal", "ntk", "xavier", "he", "uniform"]
# What the theorem is applied to from Gaussian starts, and the least width by whether it is: of
# n + m dimensions D has n eigenvalues above 0 and m below, which is enough for α₀ > 0.
GAUSSIAN = {"drift", "rates", "figure2"}
WIDTHS = {
    False: (min, "min(n, m)", "a narrower network cannot represent every W"),
    True: (sum, "n + m", "from a narrower start α₀ may be 0, of which the theorem says nothing"),
}


class Constants(Strict):
    """The theorem's c1 and c2."""

    c1: Shrink = 0.5
    """How far α may fall, as a share of α₀: below 1."""
    c2: Grow = 1.5
    """How far β may grow, as a multiple of β₀: above 1."""


class Shapes(Strict):
    """Several shapes of W."""

    n: Annotated[list[Count], Field(min_length=1)] = [3, 5, 7]
    """Rows of W, and inputs N, of each shape."""
    m: Annotated[list[Count], Field(min_length=1)] = [7, 5, 3]
    """Columns of W of each shape."""

    @model_validator(mode="after")
    def _same_length(self) -> "Shapes":
        if len(self.n) != len(self.m):
            raise ValueError(
                f"found {len(self.n)} n and {len(self.m)} m, expected one of each for every shape"
            )
        return self


class Identities(Shapes):
    """What holds to rounding: τ and its bounds, the flow."""

    n: Annotated[list[Count], Field(min_length=1)] = [3, 5, 7, 20]
    """Rows of W, and inputs N, of each shape."""
    m: Annotated[list[Count], Field(min_length=1)] = [7, 5, 3, 1]
    """Columns of W of each shape."""
    pairs: Count = 300
    """Random pairs of layers for each shape and balance."""
    seeds: Count = 10
    """Flows and descents of each kind."""


class Phase(Strict):
    """The toy problem of two scalars."""

    until: Positive = 6.0
    """Time of the flow."""


class Drift(Constants):
    """How far descent moves the imbalance, against the learning rate."""

    n: Count = 5
    """Rows of W, and inputs N."""
    m: Count = 3
    """Columns of W."""
    halvings: Annotated[int, Field(ge=4)] = 8
    """Learning rates η_max/2^k; the total's exponent is that of the smallest four."""
    seeds: Count = 10
    """Repetitions."""


class Rates(Shapes, Constants):
    """Every step against its bounds, from many kinds of starts."""

    rules: Axis[Rule] = ["f0", "ft", "rho_hat", "rho"]
    """Step rules."""
    steps: Count = 400
    """Gradient steps of a descent, at most; four times as many where η may exceed η_max."""
    seeds: Count = 10
    """Repetitions."""


class Figure1(Constants):
    """Figure 1: loss and learning rate of every step rule, from balanced starts."""

    c1: Shrink = 0.8
    """How far α may fall, as a share of α₀: below 1; the code's, not the text's."""
    c2: Grow = 1.2
    """How far β may grow, as a multiple of β₀: above 1; the code's, not the text's."""
    n: Count = 20
    """Rows of W, and inputs N."""
    m: Count = 1
    """Columns of W; the claims' rows hold the paper's m = 1."""
    noise: Positive = 0.04
    """Standard deviation of the noise on Y: above 0, else there is no loss at the start."""
    steps: Annotated[int, Field(ge=12)] = 100
    """Gradient steps, the first counted as 0."""
    seeds: Annotated[int, Field(ge=2)] = 50
    """Repetitions."""


class Figure2(Constants):
    """Figure 2: how tight the bounds are, at rising imbalance."""

    n: Count = 20
    """Rows of W, and inputs N."""
    m: Count = 20
    """Columns of W; the claims' rows hold the paper's n = m = 20 and h = 1000."""
    sigma: Annotated[Axis[Positive], Field(max_length=8)] = [1.0, 5.0, 100.0]
    """Imbalances σ of the start, a panel each: at most 8."""
    steps: Count = 200
    """Gradient steps."""
    seeds: Annotated[int, Field(ge=2)] = 20
    """Repetitions."""


class Table(Constants):
    """The table of iterations to reach an error, over the readings of what it omits."""

    N: Count = 1000
    """Inputs N, n or more."""
    n: Count = 20
    """Rows of W."""
    m: Count = 20
    """Columns of W."""
    noise: Annotated[float, Field(ge=0)] = 0.001
    """Standard deviation of the noise on Y."""
    widths: Distinct[Count] = [20, 100]
    """Widths tried beside `h`."""
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

    @model_validator(mode="after")
    def _sensible(self) -> "Table":
        if self.n > self.N:
            raise ValueError(f"N: found {self.N}, expected at least n = {self.n} inputs")
        if "line_search" not in self.rules:
            raise ValueError(f"rules: found {self.rules}, expected line_search among them")
        return self


class LinearNets(Strict):
    """Source 004: Xu, Min, Tarmoun, Mallada, Vidal 2023, linear networks with one hidden layer."""

    experiments: Distinct[Experiment] = [
        "identities", "phase", "drift", "rates", "figure1", "figure2", "table",
    ]  # fmt: skip
    """Which of the experiments below run."""
    h: Count = 1000
    """Width h: min(n, m) or more, n + m for drift, rates and figure2; a step's cost does not grow
    with h; drawing it does."""
    identities: Identities = Identities()
    """What holds to rounding."""
    phase: Phase = Phase()
    """The phase picture of two scalars."""
    drift: Drift = Drift()
    """The imbalance under descent."""
    rates: Rates = Rates()
    """Every step against its bounds."""
    figure1: Figure1 = Figure1()
    """Step rules from balanced starts."""
    figure2: Figure2 = Figure2()
    """How tight the bounds are."""
    table: Table = Table()
    """Iterations to reach an error."""

    def narrowed(self, names: frozenset[str]) -> "LinearNets":
        """The same for a run on some problems alone: all of it is made to order."""
        return self if SYNTHETIC in names else self.model_copy(update={"experiments": []})

    def mistakes(self) -> Iterator[str]:
        """Widths that are too small for what they are used for, each in a line."""
        for name in self.experiments:
            one = getattr(self, name)
            if isinstance(one, Phase):
                continue
            shapes = zip(one.n, one.m, strict=True) if isinstance(one, Shapes) else [(one.n, one.m)]
            least, said, reason = WIDTHS[name in GAUSSIAN]
            wanted = max(map(least, shapes))
            widths = [self.h, *(one.widths if name == "table" else [])]
            if min(widths) < wanted:
                yield (
                    f"linear_nets.h: found {min(widths)}, expected at least {said} = {wanted} of "
                    f"{name}: {reason}"
                )

    def problems(self) -> dict[str, list[str]]:
        """Data sets by the key that names them: none, all is drawn."""
        return {}

    def threads(self) -> Iterator[tuple[str, int]]:
        """Threads of its jobs beyond one: none."""
        return iter(())
