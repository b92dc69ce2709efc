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
        "n": 6, "widths": [16, 32, 64], "seeds": 4, "means": 2, "residual_m": 32,
        "residual_seeds": 3, "channels": [4, 8, 16], "side": 3,
    }  # fmt: skip

    widths: Widths = [64, 128, 256, 512]
    """Widths m of fully connected networks, two hidden layers."""
    seeds: Seeds = 40
    """Networks of each width."""
    means: Count = 20
    """Networks of the largest width over which Grams are averaged."""
    residual_m: Count = 256
    """Width of residual networks."""
    residual_seeds: Count = 30
    """Residual networks over which Grams are averaged."""
    channels: Widths = [16, 32, 64, 128]
    """Channels m of convolutional networks."""
    side: Annotated[int, Field(ge=3)] = 4
    """Pixels of an image's side; patches have 3 × 3 of them."""
    depth: Annotated[int, Field(ge=2)] = 3
    """Hidden layers H of residual and convolutional networks."""

    def seconds(self, plan: Plan, problem: str) -> float:
        dense = self.seeds * sum(m**2 * (DRAW + 4 * self.n / PRODUCT) for m in self.widths)
        residual = self.residual_seeds * self.depth * self.residual_m**2
        pixels = self.side**2
        patches = sum(
            9 * m**2 * (DRAW + 4 * self.n * pixels / PRODUCT)
            + 20 * m * (self.n * pixels) ** 2 / PRODUCT
            for m in self.channels
        )
        return 2 * (dense + residual * DRAW) + 1.5 * self.seeds * self.depth * patches

    def mb(self, plan: Plan, problem: str) -> float:
        cells, wide = self.n * self.side**2, max(self.channels)
        convolutional = matrix_mb(cells, 20 * wide) + 6 * matrix_mb(cells, cells)
        return 4 * convolutional + 2 * matrix_mb(max(self.widths), max(self.widths)) + 100

    def about(self, plan: Plan, problem: str) -> str:
        return f"n = {self.n}, d = {self.d}, {self.seeds} networks a width"
