"""The toy slice: random walks, in seconds. Tests drop it into copies of the project."""

from typing import Any, ClassVar

from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import Count, Distinct, Name


class Settings(SliceSettings):
    """A textbook: random walks on the line."""


class Walk(Experiment):
    """Random walks, as many as the problem has points."""

    reads: ClassVar = ("problem",)
    tables: ClassVar = ("positions", "turns")
    small: ClassVar = {"steps": 400}

    problems: Distinct[Name] = ["digits01"]
    """Problems whose points walk."""
    steps: Count = 2000
    """Steps of a walk."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return 1e-5 * plan.data.problem(problem).train.n * self.steps


class Spread(Experiment):
    """How the mean square of the positions grows."""

    reads: ClassVar = ("positions", "turns", "spectrum")
    shows: ClassVar = ("table",)
    says: ClassVar = ("fitted",)
    shared: ClassVar = ()
    stage: ClassVar = "tables"

    problems: Distinct[Name] = ["digits01"]
    """Problems of the walks."""
    least: Count = 10
    """The first step that the exponent is fitted to."""

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {name: plan.table("walk", name, problem) for name in ("positions", "turns")}

    def words(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {"fitted": f"fitted from step {self.least} on"}
