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
