"""Deep ReLU networks: the experiments on Allen-Zhu, Li, Song 2019 and Zou, Cao, Zhou, Gu 2019.

Each experiment with its settings, what it writes, shows and costs.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.costs import matrix_mb
from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import Axis, Count, Distinct, Name, Positive

Width = Annotated[int, Field(ge=2, multiple_of=2)]
"""Even: half of the output weights are 1 and half −1."""
Wide = Annotated[int, Field(ge=32, multiple_of=2)]
"""Wide enough that no layer of a drawn network is dead."""
Distance = Annotated[float, Field(gt=0, le=1.4142)]
"""Between inputs whose last coordinate is √½: at most √2."""
DRAW = 6e-9
"""Seconds that a normal number takes."""
PRODUCT = 2e10
"""Float32 operations a second of a product of small matrices."""
SINGLE, DOUBLE = 1e11, 4e10
"""Operations a second of products in training, in float32 and float64."""
STEP = 2e-4
"""Seconds of a gradient step beside its products."""


class Settings(SliceSettings):
    """Deep ReLU networks: Allen-Zhu, Li, Song 2019 and Zou, Cao, Zhou, Gu 2019."""

    prefix: ClassVar = "deep_"


class _Deep(Experiment):
    """An experiment on networks that are drawn, at points of a prepared set."""

    reads: ClassVar = ("problem",)

    problems: Distinct[Name] = ["digits"]
    """Problems whose points are the inputs."""


class _AtStart(_Deep):
    """Networks of several widths at their start."""

    widths: Axis[Wide] = [128, 256, 512]
    """Widths m; even, since half of the output weights are 1 and half −1."""
    depth: Annotated[int, Field(ge=4)] = 16
    """ReLU layers."""
    n: Annotated[int, Field(ge=2)] = 10
    """Inputs, the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 400
    """Networks of each width."""

    def seconds(self, plan: Plan, problem: str) -> float:
        weights = self.depth * self.seeds * sum(m**2 for m in self.widths)
        return weights * (DRAW + 2 * self.inputs() / PRODUCT)

    def inputs(self) -> int:
        """How many inputs a network is given."""
        return self.n

    def mb(self, plan: Plan, problem: str) -> float:
        return 2 * self.depth * matrix_mb(max(self.widths), max(self.widths), 4) + 40

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, {self.depth} ReLU layers, {self.seeds} networks a width"


class Norms(_AtStart):
    """Lengths of hidden vectors, outputs and ReLUs near zero, by depth and width."""

    tables: ClassVar = ("table", "near_zero")
    shows: ClassVar = ("table", "near_zero")
    own_data: ClassVar = True
    small: ClassVar = {"widths": [32, 64], "depth": 6, "n": 4, "seeds": 40}

    betas: Axis[Positive] = [0.01, 0.03, 0.1, 0.3]
    """β√m: how near to zero a ReLU's input counts as near."""

    def mb(self, plan: Plan, problem: str) -> float:
        # Two blocks of networks, of 200 MB or one network each.
        wide = max(self.widths)
        return 2 * max(200, self.depth * matrix_mb(wide, wide, 4)) + 100


class Separation(_AtStart):
    """How near two inputs come to each other with depth, and which ReLUs tell them apart."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {"widths": [64], "depth": 4, "n": 2, "seeds": 10}

    widths: Axis[Wide] = [1024]
    """Widths m; even, since half of the output weights are 1 and half −1."""
    n: Count = 5
    """Inputs, the first of the problem's; each gets a partner at every distance."""
    seeds: Annotated[int, Field(ge=2)] = 60
    """Networks of each width."""
    deltas: Axis[Distance] = [0.03, 0.1, 0.3, 0.6, 1.0]
    """Distances δ of two inputs."""

    def inputs(self) -> int:
        return self.n * (1 + len(self.deltas))


class Products(_AtStart):
    """Norms of products of layers, forward and backward, over all vectors and over sparse ones."""

    tables: ClassVar = ("table", "backward")
    shows: ClassVar = ("table", "backward")
    own_data: ClassVar = True
    small: ClassVar = {"widths": [48], "depth": 4, "seeds": 24, "outputs": [1, 4]}

    widths: Axis[Wide] = [128, 512]
    """Widths m; even, since half of the output weights are 1 and half −1."""
    n: Count = 1
    """Inputs, the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 24
    """Networks of each width."""
    outputs: Axis[Count] = [1, 64]
    """Numbers d of outputs of the backward products."""
    shares: Axis[Positive] = [0.03, 0.1, 0.3]
    """Sparse vectors have s = share · m/(k ln m) entries, one at least."""

    def seconds(self, plan: Plan, problem: str) -> float:
        products = 2 * self.depth * self.seeds * sum(m**3 for m in self.widths) / SINGLE
        searches = 1.5e-8 * len(self.shares) + 2e-8
        searches *= self.depth * self.seeds * sum(m**2 for m in self.widths)
        return super().seconds(plan, problem) + products + searches


class Tangent(_Deep):
    """The tangent kernel at the start beside its limit, and its least eigenvalue."""

    tables: ClassVar = ("table", "least")
    shows: ClassVar = ("table", "least")
    own_data: ClassVar = True
    small: ClassVar = {"widths": [32, 128, 512], "n": 8, "seeds": 12, "sizes": [8, 16]}

    widths: Axis[Wide] = [64, 128, 256, 512]
    """Widths m."""
    depths: Axis[Count] = [1, 3]
    """Trained layers L."""
    n: Annotated[int, Field(ge=2)] = 40
    """Inputs of the networks, the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 64
    """Networks of each width and depth."""
    sizes: Axis[Annotated[int, Field(ge=2)]] = [10, 30, 100, 300, 1000]
    """Numbers n of inputs, of the problem's and drawn from the sphere, for the least eigenvalue of
    the limit; no more than the problem has."""

    def seconds(self, plan: Plan, problem: str) -> float:
        d = plan.data.dimension(plan.data.problem(problem))
        weights = self.seeds * sum(m * (d + L * m) for m in self.widths for L in self.depths)
        eigen = 2 * len(self.depths) * sum(n**3 for n in self.sizes) * 4 / 1e10
        return weights * (DRAW + 3 * self.n / DOUBLE) + eigen

    def mb(self, plan: Plan, problem: str) -> float:
        wide, most = max(self.widths), max(self.sizes)
        # A block of networks, of 200 MB or one network.
        networks = max(200, (max(self.depths) + 1) * matrix_mb(wide, wide))
        return 1.3 * networks + 6 * matrix_mb(most, most)

    def about(self, plan: Plan, problem: str) -> str:
        most = max(self.sizes)
        return f"{problem}, {self.seeds} networks a width, n = {self.n}; limits up to n = {most}"


class KernelMap(_Deep):
    """How far the tangent kernel scatters over networks, by depth and width."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {"widths": [32, 64], "depths": [1, 2], "seeds": 40}

    widths: Axis[Wide] = [64, 128, 256, 512]
    """Widths m."""
    depths: Axis[Count] = [1, 2, 4, 8, 16]
    """Trained layers L."""
    seeds: Annotated[int, Field(ge=2)] = 100
    """Networks of each width and depth."""

    def seconds(self, plan: Plan, problem: str) -> float:
        weights = sum(L + 1 for L in self.depths) * sum(m**2 for m in self.widths)
        return self.seeds * weights * 2 * DRAW

    def mb(self, plan: Plan, problem: str) -> float:
        wide = max(self.widths)
        return 1.5 * max(200, (max(self.depths) + 1) * matrix_mb(wide, wide, 4))

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, first input, {self.seeds} networks of each depth and width"


class Speed(Experiment):
    """Du et al.'s figure 1: two layers, wider and wider."""

    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    small: ClassVar = {"widths": [20, 40, 80], "n": 20, "d": 20, "steps": 30, "seeds": 3}

    widths: Axis[Count] = [100, 200, 400, 800, 1600]
    """Widths m."""
    n: Annotated[int, Field(ge=2)] = 200
    """Inputs, drawn from the unit sphere."""
    d: Annotated[int, Field(ge=2)] = 200
    """Input dimension."""
    eta: Positive = 0.1
    """Learning rate of the summed loss Φ; where it grows with √m, that of the least width."""
    steps: Annotated[int, Field(ge=10)] = 100
    """Gradient steps."""
    seeds: Annotated[int, Field(ge=2)] = 5
    """Networks of each width."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # At two learning rates.
        products = 8 * self.n * self.d * sum(self.widths) * self.steps * self.seeds
        return products / DOUBLE

    def mb(self, plan: Plan, problem: str) -> float:
        return 6 * matrix_mb(max(self.widths), self.n + self.d, 8)

    def about(self, plan: Plan, problem: str) -> str:
        return (
            f"n = {self.n}, d = {self.d}, η = {self.eta:g}, {self.steps} steps, {self.seeds} seeds"
        )


class Descent(_Deep):
    """Gradient descent on the squared loss, in float64: its rate, and how far weights move."""

    tables: ClassVar = ("curves", "table")
    shows: ClassVar = ("curves", "table")
    own_data: ClassVar = True
    small: ClassVar = {"widths": [16, 32], "n": 4, "seeds": 2, "steps": 3000}

    widths: Axis[Width] = [64, 128, 256, 512]
    """Widths m."""
    depth: Count = 2
    """Trained layers L."""
    n: Annotated[int, Field(ge=2)] = 10
    """Inputs, the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 8
    """Networks of each width."""
    steps: Annotated[int, Field(ge=20)] = 6000
    """Gradient steps at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Most are done after some 2 000 steps; a step passes every weight three times.
        weights = self.depth * self.seeds * sum(m**2 for m in self.widths)
        step = weights * (6 * self.n / DOUBLE + 3 * 8 / 2e10)
        return min(self.steps, 6000) / 3 * (step + STEP * len(self.widths))

    def mb(self, plan: Plan, problem: str) -> float:
        return 6 * self.seeds * self.depth * matrix_mb(max(self.widths), max(self.widths))

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, L = {self.depth}, {self.seeds} networks a width"


class Sharpness(_Deep):
    """Where gradient descent goes from learning rates that are too large at the start."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {"m": 32, "n": 4, "seeds": 2, "steps": 2000, "etas": [1.0, 3.0]}

    m: Width = 64
    """Width."""
    depth: Count = 2
    """Trained layers L."""
    n: Annotated[int, Field(ge=2)] = 10
    """Inputs, the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 8
    """Networks."""
    etas: Axis[Positive] = [0.5, 1.0, 1.9, 3.0, 5.0]
    """Values of ηλ_max at the start, η the learning rate; above 2 they are too large there."""
    steps: Annotated[int, Field(ge=20)] = 6000
    """Gradient steps at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        step = 6 * self.depth * self.m**2 * self.n * self.seeds / DOUBLE + STEP
        return len(self.etas) * step * self.steps / 2

    def mb(self, plan: Plan, problem: str) -> float:
        return 110 * self.seeds * self.depth * matrix_mb(self.m, self.m) + 100

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, L = {self.depth}, m = {self.m}, {self.seeds} networks"


class Pairs(_Deep):
    """Steps that two inputs of opposite labels take, by their distance."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {"m": 64, "pairs": 4, "steps": 4000, "deltas": [0.2, 0.4]}

    m: Width = 256
    """Width."""
    depth: Count = 2
    """Trained layers L."""
    pairs: Annotated[int, Field(ge=2)] = 10
    """Pairs, of the problem's first points and others at a distance, each with its own network."""
    deltas: Axis[Distance] = [0.1, 0.14, 0.2, 0.28, 0.4]
    """Distances δ."""
    steps: Annotated[int, Field(ge=20)] = 20_000
    """Gradient steps at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # A step reads and writes every weight some five times.
        step = 5 * self.pairs * self.depth * matrix_mb(self.m, self.m) / 2e4 + STEP
        return step * sum(min(self.steps, 15 / delta**2) for delta in self.deltas)

    def mb(self, plan: Plan, problem: str) -> float:
        return 5 * self.pairs * self.depth * matrix_mb(self.m, self.m)

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, L = {self.depth}, m = {self.m}, {self.pairs} pairs a distance"


LossKind = Literal["q1.5", "q2", "q3", "q4", "q6", "logistic"]


class Losses(_Deep):
    """How fast the loss falls, by the exponent p of its slope."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {"m": 16, "n": 4, "seeds": 2, "steps": 300}

    m: Width = 128
    """Width."""
    depth: Count = 2
    """ReLU layers L, all trained."""
    n: Annotated[int, Field(ge=2)] = 10
    """Inputs, the first of the problem's."""
    kinds: Axis[LossKind] = ["q1.5", "q2", "q3", "q4", "q6", "logistic"]
    """Losses: of the margin z (1 − z)₊^q/q, such as q3, or the logistic one."""
    seeds: Annotated[int, Field(ge=2)] = 4
    """Networks."""
    steps: Annotated[int, Field(ge=50)] = 4000
    """Gradient steps."""

    def seconds(self, plan: Plan, problem: str) -> float:
        d = min(self.n, plan.data.dimension(plan.data.problem(problem)))
        step = 6 * self.m * (d + (self.depth - 1) * self.m) * self.n * self.seeds
        return len(self.kinds) * self.steps * (step / DOUBLE + STEP)

    def mb(self, plan: Plan, problem: str) -> float:
        return 4 * self.seeds * self.depth * matrix_mb(self.m, self.m)

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, L = {self.depth}, m = {self.m}, {self.seeds} networks"


class _Classes(_Deep):
    """Networks that learn labels ±1 with the logistic loss."""

    m: Width = 128
    """Width."""
    n: Annotated[int, Field(ge=8)] = 100
    """Inputs, the first of the problem's."""
    seeds: Count = 3
    """Networks."""
    steps: Annotated[int, Field(ge=50)] = 20_000
    """Gradient steps at most."""

    def step(self, d: int, m: int, layers: int, n: float) -> float:
        """Seconds of a gradient step of all networks, d: dimension of the inputs' span."""
        weights = m * (d + (layers - 1) * m)
        # Products, and weights that are read twice and changed.
        return self.seeds * weights * (6 * n / SINGLE + 8 / 1e10) + STEP


class Classification(_Classes):
    """Zero training error by depth, and Zou et al.'s gradient bounds on the way."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {
        "m": 32,
        "n": 8,
        "seeds": 2,
        "steps": 2000,
        "depths": [1, 2],
        "widths": [4, 8],
    }

    m: Width = 256
    """Width."""
    depths: Axis[Count] = [1, 2, 3, 4]
    """ReLU layers L, all trained."""
    widths: Axis[Width] = [4, 8, 16, 32]
    """Widths tried for the least that learns random labels."""
    batch: Count = 16
    """Batch size; less than n."""

    def seconds(self, plan: Plan, problem: str) -> float:
        d = min(self.n, plan.data.dimension(plan.data.problem(problem)))
        # Random labels take some 10 000 steps with one layer, 4 000/L with more; the narrowest
        # networks never learn them.
        trained = sum(
            (700 / L + (min(10_000, self.steps) if L == 1 else 4000 / L))
            * (self.step(d, self.m, L, self.n) + self.step(d, self.m, L, self.batch + self.n / 15))
            for L in self.depths
        )
        narrow = len(self.widths) * self.steps / 4
        return trained + narrow * self.step(d, max(self.widths), 3, self.n)

    def mb(self, plan: Plan, problem: str) -> float:
        return 4 * self.seeds * max(self.depths) * matrix_mb(self.m, self.m + self.n)

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, m = {self.m}, {self.seeds} networks"


class Batches(_Classes):
    """Gradient descent in batches beside the whole gradient."""

    tables: ClassVar = ("table", "distances")
    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {
        "m": 32, "n": 8, "seeds": 2, "steps": 2000, "widths": [16, 32], "sizes": [1, 4],
        "etas": [0.3, 1.0],
    }  # fmt: skip

    n: Annotated[int, Field(ge=8)] = 50
    """Inputs, the first of the problem's."""
    depth: Count = 2
    """ReLU layers L, all trained."""
    sizes: Axis[Count] = [1, 4, 16]
    """Batch sizes B."""
    etas: Axis[Positive] = [0.1, 0.3, 1.0, 3.0]
    """Learning rates, times 4n/λ_max; the least but one serves every batch size."""
    seeds: Count = 6
    """Networks."""
    widths: Axis[Width] = [64, 128, 256, 512]
    """Widths of which the distances from the start are compared."""

    def seconds(self, plan: Plan, problem: str) -> float:
        d = min(self.n, plan.data.dimension(plan.data.problem(problem)))
        whole = self.step(d, self.m, self.depth, self.n)
        parts = sum(self.step(d, self.m, self.depth, B + self.n / 10) for B in self.sizes)
        wide = sum(self.step(d, m, self.depth, self.n) for m in self.widths)
        # Steps grow as λ_max, which grows as n.
        return self.n / 50 * (1600 * whole + 4000 * len(self.etas) * parts + 300 * wide)

    def mb(self, plan: Plan, problem: str) -> float:
        return 4 * self.seeds * self.depth * matrix_mb(max(self.widths), max(self.widths))

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, L = {self.depth}, m = {self.m}, {self.seeds} networks"


class Perturbation(_Deep):
    """What weights W' of given norm do to ReLUs and hidden vectors, and how far training goes."""

    tables: ClassVar = ("table", "trained")
    shows: ClassVar = ("table", "trained")
    own_data: ClassVar = True
    small: ClassVar = {
        "m": 128, "n": 3, "seeds": 2, "random_seeds": 4, "depths": [1, 2],
        "omegas": [0.03, 0.1, 0.3], "steps": 40,
    }  # fmt: skip

    m: Width = 1024
    """Width."""
    depths: Axis[Count] = [1, 2, 4, 8]
    """Trained layers L."""
    n: Count = 8
    """Inputs, each with its own worst W', the first of the problem's."""
    seeds: Count = 3
    """Networks of each depth whose worst W' are searched for; those with 4 layers are trained."""
    random_seeds: Count = 16
    """Networks of each depth under a random W'."""
    omegas: Annotated[Axis[Positive], Field(min_length=2)] = [0.003, 0.01, 0.03, 0.1, 0.3]
    """Spectral norms ω of W'."""
    steps: Count = 200
    """Gradient steps of trained networks at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Searches pass the networks some 90 times for each ω; products take 400 passes.
        layers = sum(L + 1 for L in self.depths)
        passes = self.seeds * (90 * len(self.omegas) + 400) * max(self.n, 8) * 2.5e-11
        drawn = self.random_seeds * (2 * DRAW + 3e-9 * len(self.omegas))
        training = self.seeds * 5 * self.steps * 1e-9
        return self.m**2 * (layers * (passes + drawn) + training)

    def mb(self, plan: Plan, problem: str) -> float:
        return 4 * (max(self.depths) + 1) * matrix_mb(self.m, self.m, 4) + 60

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, m = {self.m}"


class NeuralKernel(_Deep):
    """What weights W' of given norm do to gradient, linearisation and tangent kernel."""

    tables: ClassVar = ("table", "patterns")
    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {
        "m": 256, "n": 4, "seeds": 4, "depth": 2, "omegas": [0.03, 0.1, 0.3],
        "distances": [0.1, 0.2],
    }  # fmt: skip

    m: Width = 1024
    """Width."""
    depth: Count = 4
    """Trained layers L."""
    n: Count = 8
    """Inputs, each with its own worst W', the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 16
    """Networks."""
    omegas: Annotated[Axis[Positive], Field(min_length=2)] = [0.003, 0.01, 0.03, 0.1, 0.3]
    """Spectral norms ω of W'."""
    distances: Axis[Annotated[float, Field(gt=0, lt=1)]] = [0.01, 0.03, 0.1, 0.3]
    """Distances of activation patterns: shares of the last layer's ReLUs that are made others."""

    def seconds(self, plan: Plan, problem: str) -> float:
        weights = self.seeds * (self.depth + 1) * self.m**2
        return weights * (2 * DRAW + 5e-9 * len(self.omegas))

    def mb(self, plan: Plan, problem: str) -> float:
        return 4 * (self.depth + 1) * matrix_mb(self.m, self.m, 4) + 60

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, L = {self.depth}, m = {self.m}, {self.seeds} networks"


class Semismoothness(_Deep):
    """How far the loss leaves its linearisation, against theorem 4's two terms."""

    shows: ClassVar = ("table",)
    own_data: ClassVar = True
    small: ClassVar = {
        "widths": [32, 128], "n": 6, "seeds": 8, "depths": [1, 2], "omegas": [0.03, 0.3],
    }  # fmt: skip

    widths: Axis[Width] = [128, 256, 512]
    """Widths m."""
    depths: Axis[Count] = [3, 6]
    """Trained layers L."""
    n: Count = 20
    """Inputs, the first of the problem's."""
    seeds: Annotated[int, Field(ge=2)] = 32
    """Networks of each width and depth."""
    omegas: Axis[Positive] = [0.01, 0.03, 0.1, 0.3]
    """Spectral norms of W'."""

    def seconds(self, plan: Plan, problem: str) -> float:
        weights = self.seeds * sum(L + 1 for L in self.depths) * sum(m**2 for m in self.widths)
        # Of each direction a pass back and, for every norm, one forward; the random one's two.
        passes = 16 + 14 * len(self.omegas)
        return weights * (2 * DRAW + passes * self.n / DOUBLE)

    def mb(self, plan: Plan, problem: str) -> float:
        wide = max(self.widths)
        return 4 * (max(self.depths) + 1) * matrix_mb(wide, wide)

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, {self.seeds} networks of each width and depth"
