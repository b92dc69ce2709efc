"""Graph networks: the experiments on Xu, Zhang, Jegelka, Kawaguchi 2021.

Each experiment with its settings, what it writes, shows and costs.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import Axis, Count, Name, Portion, Positive

Several = Annotated[int, Field(ge=2)]
Depths = Annotated[Axis[Count], Field(min_length=2)]
SBM = "sbm"
"""Block models, drawn anew for each seed."""
PRODUCT = 5e9
"""Float64 operations a second of a product of small matrices."""


class Settings(SliceSettings):
    """Linear graph networks: Xu, Zhang, Jegelka, Kawaguchi 2021."""

    drawn: ClassVar = SBM
    prefix: ClassVar = "graph_"
    small: ClassVar = {"nodes": 60, "features": 6, "train": 21, "width": 24}

    nodes: Several = 120
    """Nodes of a block model."""
    blocks: Several = 3
    """Its classes, of as equal sizes as can be."""
    within: Portion = 0.2
    """Probability of an edge between two nodes of one class."""
    across: Portion = 0.03
    """The same of two classes."""
    features: Count = 16
    """Features m_x of its nodes."""
    train: Several = 40
    """Its training nodes."""
    width: Count = 64
    """Width of every layer: at least m_x, or the theorem says nothing."""

    def mistakes(self, sizes: Mapping[str, int]) -> Iterator[str]:
        """Sizes that contradict each other, each in a line."""
        if self.train >= self.nodes:
            yield (
                f"graph_nets.train: found {self.train}, expected fewer than nodes = {self.nodes}: "
                "some have to be left for tests"
            )
        if self.train < self.blocks:
            yield (
                f"graph_nets.train: found {self.train}, expected at least blocks = {self.blocks}: "
                "one node of each class"
            )
        narrow = {"width": (self.width, "features", self.features)}
        for name, experiment in self.running():
            if isinstance(experiment, Condition):
                own = min(experiment.features, self.train)
                said = "the lesser of features and train"
                narrow[f"{name}.width"] = (experiment.width, said, own)
        for key, (found, said, least) in narrow.items():
            if found < least:
                yield (
                    f"graph_nets.{key}: found {found}, expected at least {said} = {least}: in "
                    "narrower networks λ_T = 0, and the theorem says nothing"
                )


class _Graphs(Experiment):
    """An experiment on graphs."""

    reads: ClassVar = ("graph?",)
    untold: ClassVar = ("graphs",)
    shared: ClassVar[tuple[str, ...]] = (
        "seed", "nodes", "blocks", "within", "across", "features", "train", "width",
    )  # fmt: skip

    graphs: Axis[Name] = [SBM]
    """Graphs by name; `sbm` are block models, drawn anew for each seed."""
    seeds: Count = 10
    """Networks of each kind, and block models."""

    def problems_in(self, plan: Plan) -> list[str]:
        return self.graphs

    def files(self, plan: Plan, problem: str) -> dict[str, Any]:
        return {} if problem == SBM else {"graph": f"{plan.results}/graphs/{problem}/graph.npz"}

    def about(self, plan: Plan, problem: str) -> str:
        own = plan.settings
        if problem != SBM:
            return f"{problem}, {self.seeds} networks, width {own.width}"
        return (
            f"{self.seeds} block models of {own.nodes} nodes, m_x = {own.features}, "
            f"|I| = {own.train}, width {own.width}"
        )

    def stepping(self, plan: Plan, depth: int) -> float:
        """Seconds of one step of all seeds, one labelling."""
        own = plan.settings
        weights = own.width * own.features * (2 + 3 * own.width * (depth - 1) / own.features * 0.3)
        return 1e-4 + self.seeds * (2e-5 * (depth + 1) + 6 * weights / PRODUCT)

    def mb(self, plan: Plan, problem: str) -> float:
        return 150


class Spectra(_Graphs):
    """The theorem's σ_min(X S^H), by depth and operator."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"depth": 4, "seeds": 3}

    depth: Annotated[int, Field(ge=2)] = 8
    """The largest H."""


class Identities(_Graphs):
    """What holds exactly: gradients, the theorem's case of equality, training at coordinates."""

    small: ClassVar = {"seeds": 3}

    graphs: Axis[Name] = [SBM]
    """Graphs by name."""
    depths: Axis[Count] = [1, 2, 4]
    """Layers H."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return 2


class Flow(_Graphs):
    """Losses along gradient flow beside the theorem's bound."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"depths": [1, 2], "seeds": 3, "steps": 60}

    depths: Axis[Count] = [1, 2, 4, 8]
    """Layers H."""
    steps: Annotated[int, Field(ge=40)] = 600
    """Gradient steps."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return 2 * 2 * self.steps * sum(self.stepping(plan, depth) for depth in self.depths)


class Skips(_Graphs):
    """How much faster networks with skip connections are."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"depths": [1, 2], "seeds": 3}

    depths: Depths = [1, 2, 4, 6]
    """Layers H."""
    steps: Count = 4000
    """Gradient steps at most."""


class Depth(_Graphs):
    """How training depends on depth, with skip connections and without."""

    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    small: ClassVar = {"depths": [1, 2], "plain_depths": [1, 2], "seeds": 3}

    depths: Depths = [1, 2, 3, 4, 6, 8]
    """Layers H of networks with skip connections."""
    plain_depths: Depths = [1, 2, 3, 4, 6]
    """Layers H of networks without."""
    steps: Count = 4000
    """Gradient steps at most."""


class Labels(_Graphs):
    """How much faster true labels are learnt than random ones."""

    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    small: ClassVar = {"seeds": 3, "steps": 400}

    depths: Depths = [1, 2]
    """Layers H, without skip connections; the first two have claims."""
    steps: Count = 4000
    """Gradient steps at most."""


class Condition(_Graphs):
    """Whether the theorem's condition holds, which nodes break it, and the bound that is left."""

    tables: ClassVar = ("table", "breaking")
    shows: ClassVar = ("table", "breaking")
    shared: ClassVar = ("seed", "nodes", "blocks", "within", "across", "train")
    small: ClassVar = {"seeds": 3, "features": 24, "width": 24, "steps": 40, "splits": 3}

    features: Count = 64
    """Features of block models: as many as training nodes, or equal columns cost no rank."""
    width: Count = 64
    """Width of every layer: at least the rank of the features in use."""
    steps: Annotated[int, Field(ge=20)] = 200
    """Gradient steps."""
    splits: Count = 10
    """Random splits, 20 nodes a class."""


class Accuracy(_Graphs):
    """Beyond the source: ReLUs, and test accuracy beside kernel ridge regression."""

    shows: ClassVar = ("table",)
    small: ClassVar = {"depths": [1, 2], "seeds": 2, "steps": 200}

    seeds: Count = 5
    """Networks of each kind, and block models."""
    depths: Depths = [1, 2, 4, 6]
    """Layers H."""
    noise: Positive = 3.0
    """Standard deviation of features about their class's mean in block models; at 1, as elsewhere,
    every network is right at nearly all nodes."""
    steps: Count = 800
    """Gradient steps at most."""
