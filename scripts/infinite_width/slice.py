"""Infinite width: the experiments on Du, Lee, Li, Wang, Zhai 2019 and Lee's survey, a talk of 2019.

Each experiment with its settings, what it writes, shows and costs.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from pipeline.costs import matrix_mb
from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import Axis, Count, Distinct, Name

Seeds = Annotated[int, Field(ge=2)]
Widths = Annotated[Axis[Count], Field(min_length=3)]
"""Three at least: an exponent in m is fitted to them."""
DRAW = 1.2e-8
"""Seconds that a normal number takes, in float64."""
PRODUCT = 1e10
"""Float64 operations a second of a product of small matrices."""
ENTRY = 2e-8
"""Seconds of an activation and its slope at a number."""


class Settings(SliceSettings):
    """Infinitely wide networks: Du, Lee, Li, Wang, Zhai 2019 and Lee's survey."""

    drawn: ClassVar = "sphere"
    prefix: ClassVar = "infinite_"


class _Sphere(Experiment):
    """An experiment at points that are drawn from the unit sphere."""

    n: Seeds = 20
    """Inputs, drawn from the unit sphere."""
    d: Annotated[int, Field(ge=2)] = 5
    """Input dimension."""


class _Points(Experiment):
    """An experiment at points of a prepared set."""

    reads: ClassVar = ("problem",)
    own_data: ClassVar = True

    problems: Distinct[Name] = ["digits01"]
    """Problems whose points are the inputs."""


class Limits(_Sphere):
    """Layer Grams of networks at their start, beside the recursions of their limits."""

    tables: ClassVar = ("table", "means")
    shows: ClassVar = ("table", "means")
    small: ClassVar = {
        "n": 6, "widths": [16, 32, 64], "seeds": 4, "averaged": 2, "residual_m": 32,
        "residual_seeds": 3, "channels": [4, 8, 16], "side": 3,
        "convolutional_seeds": 6,
    }  # fmt: skip

    widths: Widths = [64, 128, 256, 512]
    """Widths m of fully connected networks, two hidden layers."""
    seeds: Seeds = 40
    """Networks of each width."""
    averaged: Count = 20
    """Networks of the largest width over which Grams are averaged."""
    residual_m: Count = 256
    """Width of residual networks."""
    residual_seeds: Count = 30
    """Residual networks over which Grams are averaged."""
    channels: Widths = [16, 32, 64, 128]
    """Channels m of convolutional networks."""
    convolutional_seeds: Seeds = 400
    """Convolutional networks of 64 channels over which Grams are averaged again."""
    side: Annotated[int, Field(ge=3)] = 4
    """Pixels of an image's side; patches have 3 × 3 of them."""
    depth: Annotated[int, Field(ge=2)] = 3
    """Hidden layers H of residual and convolutional networks."""

    def seconds(self, plan: Plan, problem: str) -> float:
        dense = self.seeds * sum(m**2 * (DRAW + 4 * self.n / PRODUCT) for m in self.widths)
        residual = self.residual_seeds * self.depth * self.residual_m**2
        pixels = self.side**2
        patches = [
            9 * m**2 * (DRAW + self.n * pixels / PRODUCT) + 3 * m * (self.n * pixels) ** 2 / PRODUCT
            for m in (64, *self.channels)
        ]
        convolutional = self.convolutional_seeds * patches[0] + self.seeds * sum(patches[1:])
        return 2 * (dense + residual * DRAW) + self.depth * convolutional

    def mb(self, plan: Plan, problem: str) -> float:
        cells, wide = self.n * self.side**2, max(self.channels)
        convolutional = matrix_mb(cells, 20 * wide) + 6 * matrix_mb(cells, cells)
        return 4 * convolutional + 2 * matrix_mb(max(self.widths), max(self.widths)) + 100

    def about(self, plan: Plan, problem: str) -> str:
        return f"n = {self.n}, d = {self.d}, {self.seeds} networks a width"


class Gaussian(_Sphere):
    """How near outputs of finite networks are to a Gaussian process."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"n": 4, "widths": [4, 8, 16], "draws": 400}

    widths: Widths = [8, 16, 32]
    """Widths m."""
    depths: Axis[Count] = [1, 3]
    """ReLU layers L."""
    draws: Annotated[int, Field(ge=100)] = 100_000
    """Networks of each width and depth."""

    def seconds(self, plan: Plan, problem: str) -> float:
        weights = sum(m * (self.d + (L - 1) * m) for m in self.widths for L in self.depths)
        hidden = self.n * sum(self.widths) * sum(self.depths)
        return self.draws * (weights * (DRAW + 2 * self.n / PRODUCT) + hidden * ENTRY / 4)

    def mb(self, plan: Plan, problem: str) -> float:
        # Of a twentieth of the networks.
        wide = max(self.widths)
        numbers = max(self.depths) * wide**2 + 4 * self.n * wide
        return 40 + matrix_mb(self.draws // 20, numbers)

    def about(self, plan: Plan, problem: str) -> str:
        return f"n = {self.n}, d = {self.d}, {self.draws} ReLU networks a width and depth"


class Start(_Sphere):
    """Kernels and outputs of two-layer networks by how their weights are drawn."""

    small: ClassVar = {"n": 6, "widths": [64, 128, 256], "seeds": 8}

    widths: Widths = [256, 512, 1024, 2048, 4096]
    """Widths m."""
    seeds: Seeds = 200
    """Networks of each width."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Of five kinds of start.
        return 5 * self.seeds * sum(self.widths) * (self.d * DRAW + self.n * ENTRY)

    def mb(self, plan: Plan, problem: str) -> float:
        return 80 + 40 * matrix_mb(max(self.widths), self.n)

    def about(self, plan: Plan, problem: str) -> str:
        return f"n = {self.n}, d = {self.d}, {self.seeds} networks a width"


class Features(_Sphere):
    """Random features, alone and as what a network with small output weights is."""

    tables: ClassVar = ("table", "trained")
    shows: ClassVar = ("table", "trained")
    small: ClassVar = {"n": 6, "widths": [16, 32, 64], "draws": 20, "seeds": 3, "steps": 20}

    widths: Widths = [64, 128, 256, 512, 1024]
    """Numbers m of features, and widths."""
    draws: Seeds = 200
    """Draws of each number of random features."""
    seeds: Seeds = 20
    """Networks of each width that are trained."""
    steps: Annotated[int, Field(ge=10)] = 200
    """Gradient steps."""

    def seconds(self, plan: Plan, problem: str) -> float:
        features = 2 * self.draws * sum(self.widths) * (self.d * DRAW + self.n * ENTRY)
        # Of both networks, at inputs and at as many test points.
        trained = 4 * self.seeds * self.steps * self.n * sum(self.widths) * ENTRY / 6
        return features + trained

    def mb(self, plan: Plan, problem: str) -> float:
        return 60 + 12 * self.seeds * matrix_mb(max(self.widths), self.n)

    def about(self, plan: Plan, problem: str) -> str:
        return f"n = {self.n}, d = {self.d}, {self.draws} draws, {self.seeds} networks a width"


class Curvature(_Points):
    """How far the linearised solution is, and how curved a network is."""

    shows: ClassVar = ("table",)
    small: ClassVar = {
        "n": 6, "widths": [16, 32, 64], "deep_widths": [8, 16, 32], "seeds": 3, "distances": 5,
    }  # fmt: skip

    n: Seeds = 50
    """Inputs, the first of the problem's."""
    widths: Widths = [128, 256, 512, 1024]
    """Widths m of networks with one hidden layer; the largest at least 20n."""
    deep_widths: Widths = [32, 64, 128, 256]
    """Widths m of networks with three hidden layers."""
    seeds: Seeds = 20
    """Networks of each width."""

    distances: Seeds = 200
    """Networks with random labels whose distance to the linearised solution is measured."""

    def seconds(self, plan: Plan, problem: str) -> float:
        wide = sum(m**2 for m in self.deep_widths)
        hessians = self.seeds * (200 * 2 * wide * 4e-9 + 0.02 * len(self.deep_widths))
        return hessians + self.distances * sum(self.widths) * (64 * DRAW + 2 * self.n * ENTRY)

    def mb(self, plan: Plan, problem: str) -> float:
        deep = matrix_mb(max(self.deep_widths), max(self.deep_widths))
        return 60 + 60 * deep + 100 * matrix_mb(max(self.widths), self.n)

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, {self.seeds} networks a width"


class Definiteness(_Points):
    """The least eigenvalue of the limits' last layer kernel, by depth."""

    shows: ClassVar = ("table",)

    problems: Distinct[Name] = ["digits"]
    """Problems whose points are the inputs."""
    n: Seeds = 20
    """Inputs, the first of the problem's."""
    depths: Annotated[Axis[Count], Field(min_length=3)] = [*range(1, 17)]
    """Hidden layers H; residual networks from 2 on."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Series of four activations; each residual network is computed from its inputs on.
        return 4e-6 * self.n**2 * sum(self.depths)

    def mb(self, plan: Plan, problem: str) -> float:
        return 10 * len(self.depths) * matrix_mb(self.n, self.n)

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}"


class Kernels(Experiment):
    """Series, norms and ranks of two-layer kernels."""

    shows: ClassVar = ("table",)

    last: Annotated[int, Field(ge=1024, multiple_of=2)] = 2048
    """The last coefficient of the series."""
    d: Annotated[int, Field(ge=2, le=5)] = 5
    """Input dimension of ranks; 100 points are more than the rank of 70 that d = 5 has."""
    sphere_d: Annotated[int, Field(ge=3)] = 3
    """Input dimension of norms."""
    points: Axis[Annotated[int, Field(ge=2, le=1000)]] = [10, 20, 40, 80, 160]
    """Points at which powers are interpolated."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return 1

    def about(self, plan: Plan, problem: str) -> str:
        return f"coefficients to j = {self.last}"


class Linearisation(_Points):
    """Networks beside their linearisations, both trained."""

    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    small: ClassVar = {"n": 6, "widths": [16, 32, 64], "seeds": 3, "steps": 10}

    n: Seeds = 50
    """Inputs, and as many new points, the first of the problem's."""
    widths: Widths = [64, 128, 256, 512]
    """Widths m."""
    seeds: Seeds = 10
    """Networks of each width, activation and depth."""
    steps: Count = 200
    """Gradient steps."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # One and two hidden layers, three activations, and two layers of ReLU once more.
        layers = 3 * sum(8 * self.n * m**2 for m in self.widths)
        layers += 8 * self.n * max(self.widths) ** 2
        entries = 9 * 2 * self.n * sum(self.widths) + 2 * self.n * max(self.widths)
        return 0.5 * self.steps * self.seeds * (layers / PRODUCT + entries * ENTRY)

    def mb(self, plan: Plan, problem: str) -> float:
        wide = max(self.widths)
        networks = 4 * matrix_mb(wide, wide) + 12 * matrix_mb(2 * self.n, wide)
        return self.seeds * (networks + 3 * matrix_mb(self.steps, 2 * self.n)) + 50

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, {self.steps} steps, {self.seeds} networks a width"


class Rates(_Points):
    """Du et al.'s rate, for true and for the worst labels."""

    tables: ClassVar = ("curves",)
    shows: ClassVar = ("curves",)
    small: ClassVar = {"m": 128, "n": 8, "steps": 30, "seeds": 2}

    m: Count = 512
    """Width."""
    n: Seeds = 50
    """Inputs, the first of the problem's."""
    depths: Axis[Count] = [1, 2, 3]
    """Hidden layers H."""
    steps: Annotated[int, Field(ge=10)] = 200
    """Gradient steps."""
    seeds: Count = 3
    """Networks of each depth."""

    def seconds(self, plan: Plan, problem: str) -> float:
        products = sum(6 * self.n * self.m**2 * (depth - 0.9) for depth in self.depths)
        entries = 2 * self.n * self.m * sum(self.depths)
        return self.steps * self.seeds * (products / PRODUCT + entries * ENTRY)

    def mb(self, plan: Plan, problem: str) -> float:
        each = 3 * max(self.depths) * matrix_mb(self.m, self.m + self.n)
        return self.seeds * each + 50

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, m = {self.m}, softplus"


class LearningRate(_Points):
    """Two parametrisations, and one learning rate at every width."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"widths": [32, 64, 128], "m_path": 75, "n": 8, "steps": 30, "seeds": 2}

    widths: Widths = [64, 91, 128, 181, 256, 362, 512, 724, 1024]
    """Widths m, factors √2 apart; at the middle one ηλ_max is near 2."""
    m_path: Count = 300
    """Width of the two parametrisations; no power of 4, whose root is exact."""
    path_steps: Count = 50
    """Their gradient steps."""
    n: Seeds = 50
    """Inputs, the first of the problem's."""
    steps: Annotated[int, Field(ge=10)] = 200
    """Gradient steps at one learning rate."""
    seeds: Seeds = 5
    """Networks of each width and activation."""

    def seconds(self, plan: Plan, problem: str) -> float:
        neurons = self.steps * sum(self.widths) + 3 * self.path_steps * self.m_path
        d = plan.data.dimension(plan.data.problem(problem))
        each = self.n * (ENTRY + 6 * d / PRODUCT)
        return self.seeds * neurons * each

    def mb(self, plan: Plan, problem: str) -> float:
        return 8 * self.seeds * matrix_mb(max(self.widths), self.n) + 50

    def about(self, plan: Plan, problem: str) -> str:
        return f"{problem}, n = {self.n}, {self.steps} steps, {self.seeds} networks a width"


class Regression(Experiment):
    """What kernels learn of functions on a sphere, with how many samples."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"d": 5, "sizes": [10, 20, 40], "test": 50, "seeds": 2}

    d: Annotated[int, Field(ge=3)] = 10
    """Input dimension."""
    sizes: Annotated[Axis[Count], Field(min_length=3)] = [100, 200, 400, 800, 1600]
    """Samples n."""
    test: Seeds = 4000
    """New points."""
    neurons: Count = 10
    """Neurons of a teacher."""
    seeds: Seeds = 5
    """Draws of points and teachers."""

    def seconds(self, plan: Plan, problem: str) -> float:
        most = max(self.sizes)
        pairs = most * (self.test + most) * 1e-7
        return self.seeds * (pairs + 1.5 * most**2 * (most / 3 + self.test) / PRODUCT)

    def mb(self, plan: Plan, problem: str) -> float:
        most = max(self.sizes)
        return 2.5 * matrix_mb(most, most + self.test) + 100

    def about(self, plan: Plan, problem: str) -> str:
        return f"d = {self.d}, {self.seeds} draws, teachers of {self.neurons} neurons"


class Accuracy(_Points):
    """Regression on a problem's classes with kernels of several depths."""

    shows: ClassVar = ("table",)

    problems: Distinct[Name] = ["digits"]
    """Problems whose classes are learned, by name."""
    depths: Axis[Count] = [1, 2, 3, 4]
    """Hidden layers L."""
    n: Seeds = 10_000
    """Inputs at most, the first of the problem's."""
    jitter: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1e-6
    """What is added to the diagonal, over its mean."""

    def seconds(self, plan: Plan, problem: str) -> float:
        data = plan.data.problem(problem)
        n, test = min(self.n, data.train.n), data.test.n
        # A tile of inputs goes through a depth's layers; then a factor for both kernels.
        layers = 1e-7 * n * (n / 2 + test) * sum(self.depths)
        return layers + 2 * len(self.depths) * n**2 * (n / 3 + test) / PRODUCT

    def mb(self, plan: Plan, problem: str) -> float:
        data = plan.data.problem(problem)
        n = min(self.n, data.train.n)
        return 2 * matrix_mb(n, n + data.test.n) + 150
