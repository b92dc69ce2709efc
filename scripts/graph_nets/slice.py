"""Graph networks: the experiments on Xu, Zhang, Jegelka, Kawaguchi 2021.

Each experiment with its settings, what it writes, shows and costs.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from pipeline.costs import matrix_mb
from pipeline.experiment import Experiment, Plan, SliceSettings
from pipeline.settings import SYNTHETIC, Axis, Count, Name, Portion, Positive
from scripts.graph_nets import planning
from scripts.graph_nets.planning import GRAPHS, Graph

Several = Annotated[int, Field(ge=2)]
Depths = Annotated[Axis[Count], Field(min_length=2)]
Graphs = Annotated[dict[Name, Graph], Field(min_length=1)]
SBM = "sbm"
"""Block models, drawn anew for each seed."""
RANK = 150
"""Dimensions at most in which networks are trained: training nodes of a graph that is read."""
PRODUCT = 1e10
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
    """Width m of every layer: at least m_x, or the theorem says nothing."""
    graphs: Graphs = GRAPHS
    """Graphs that are read from files, by the names that experiments list under `graphs`."""

    def named(self) -> Iterable[str]:
        return self.graphs

    def narrowed(self, kept: frozenset[str]) -> "Settings":
        names = {SBM if name == SYNTHETIC else name for name in kept}
        update: dict[str, Any] = {"experiments": []}
        for name, experiment in self._running():
            graphs = [each for each in experiment.graphs if each in names]
            if graphs:
                update[name] = experiment.model_copy(update={"graphs": graphs})
                update["experiments"].append(name)
        return self.model_copy(update=update)

    def _running(self) -> "Iterator[tuple[str, _Graphs]]":
        for name, experiment in self.running():
            if isinstance(experiment, _Graphs):
                yield name, experiment

    def mistakes(self, sizes: Mapping[str, int]) -> Iterator[str]:
        """Graphs that there are not, and sizes that contradict each other, each in a line."""
        listed = {f"{name}.graphs": experiment.graphs for name, experiment in self._running()}
        yield from planning.mistakes(self.graphs, SBM, listed)
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
        if self.width < self.features:
            yield (
                f"graph_nets.width: found {self.width}, expected at least features = "
                f"{self.features}: in narrower networks λ_T = 0, and the theorem says nothing"
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
        width = getattr(self, "width", own.width)
        if problem != SBM:
            return f"{problem}, {self.seeds} networks, width {width}"
        return (
            f"{self.seeds} block models, {own.nodes} nodes, {own.train} trained on, "
            f"{self.features_in(plan, problem)} features, width {width}"
        )

    def features_in(self, plan: Plan, problem: str) -> int:
        """Features, or principal components, of a graph."""
        if problem == SBM:
            return int(getattr(self, "features", plan.settings.features))
        graph = plan.settings.graphs[problem]
        return int(graph.components or planning.SIZES[graph.source][1])

    def stepping(self, plan: Plan, problem: str, depths: Iterable[int], width: int = 0) -> float:
        """Seconds of a step of all seeds' networks of these depths, λ_max within."""
        width, m = width or plan.settings.width, self.features_in(plan, problem)
        layer = 6 * width**2 * min(m, width, RANK) / PRODUCT
        return self.seeds * sum(2e-5 + (depth - 1) * layer for depth in depths)

    def reading(self, plan: Plan, problem: str) -> float:
        """Seconds of smoothing and decomposing the features of a graph that is read, once."""
        return 1e-7 * 3000 * self.features_in(plan, problem) if problem != SBM else 0

    def mb(self, plan: Plan, problem: str) -> float:
        return 150 + 8 * matrix_mb(3500 if problem != SBM else 100, self.features_in(plan, problem))


class Spectra(_Graphs):
    """The theorem's σ_min(X S^H), by depth and operator."""

    shows: ClassVar = ("table",)
    own_graph: ClassVar = "all"
    small: ClassVar = {"depth": 4, "seeds": 3}

    depth: Annotated[int, Field(ge=2)] = 8
    """The largest H."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return 0.3 + self.reading(plan, problem)


class Identities(_Graphs):
    """What holds exactly: gradients, the theorem's case of equality, training at coordinates."""

    small: ClassVar = {"seeds": 3}

    depths: Axis[Count] = [1, 2, 4]
    """Layers H."""

    def seconds(self, plan: Plan, problem: str) -> float:
        return 1.5


class Flow(_Graphs):
    """Losses along gradient flow beside the theorem's bound."""

    shows: ClassVar = ("table",)
    own_graph: ClassVar = "components"
    small: ClassVar = {"depths": [1, 2], "seeds": 3, "steps": 60}

    depths: Axis[Count] = [1, 2, 4, 8]
    """Layers H."""
    steps: Annotated[int, Field(ge=40)] = 600
    """Gradient steps."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Two nets with two labellings; larger products are faster than PRODUCT.
        return 2.2 * self.steps * self.stepping(plan, problem, self.depths)


class Skips(_Graphs):
    """How much faster networks with skip connections are."""

    shows: ClassVar = ("table",)
    own_graph: ClassVar = "components"
    small: ClassVar = {"depths": [1, 2], "seeds": 3}

    depths: Depths = [1, 2, 4, 6]
    """Layers H."""
    steps: Count = 4000
    """Gradient steps at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        # Most with Gaussian W(0), whose steps come to their end.
        return 1 + 1500 * self.stepping(plan, problem, self.depths)


class Depth(_Graphs):
    """How training depends on depth, with skip connections and without."""

    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    own_graph: ClassVar = "components"
    small: ClassVar = {"depths": [1, 2], "plain_depths": [1, 2], "seeds": 3}

    depths: Depths = [1, 2, 3, 4, 6, 8]
    """Layers H of networks with skip connections."""
    plain_depths: Depths = [1, 2, 3, 4, 6]
    """Layers H of networks without."""
    steps: Count = 4000
    """Gradient steps at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        count = 500 * self.stepping(plan, problem, self.plain_depths)
        count += 1000 * self.stepping(plan, problem, [1, 2, 3])
        if problem != SBM:  # most do not come to a tenth of their own
            count += 0.6 * self.steps * self.stepping(plan, problem, self.depths)
        return 0.5 + count


class Labels(_Graphs):
    """How much faster true labels are learnt than random ones."""

    tables: ClassVar = ("table", "curves")
    shows: ClassVar = ("table", "curves")
    own_graph: ClassVar = "components"
    small: ClassVar = {"seeds": 3, "steps": 400}

    depths: Depths = [1, 2]
    """Layers H, without skip connections; the first two have claims."""
    steps: Count = 4000
    """Gradient steps at most."""

    def seconds(self, plan: Plan, problem: str) -> float:
        share = 0.6 if problem == SBM else 0.1  # of the steps, until random labels are learnt
        return 0.5 + share * self.steps * self.stepping(plan, problem, self.depths)


class Condition(_Graphs):
    """Whether the theorem's condition holds, which nodes break it, and the bound that is left."""

    tables: ClassVar = ("table", "breaking")
    shows: ClassVar = ("table", "breaking")
    shared: ClassVar = ("seed", "nodes", "blocks", "within", "across", "train")
    own_graph: ClassVar = "all"
    small: ClassVar = {"seeds": 3, "features": 24, "width": 24, "steps": 40, "splits": 3}

    features: Count = 64
    """Features of block models: as many as training nodes, or equal columns cost no rank."""
    width: Count = 64
    """Width m of every layer; where features have a higher rank, that rank."""
    steps: Annotated[int, Field(ge=20)] = 200
    """Gradient steps."""
    splits: Count = 10
    """Random splits, 20 nodes a class."""

    def seconds(self, plan: Plan, problem: str) -> float:
        flow = self.steps * self.stepping(plan, problem, [1, 2], self.width)
        share = 1 if problem == SBM else 0.3  # larger products are faster
        return 0.5 + share * flow + (2 + self.splits / 30) * self.reading(plan, problem)


class Accuracy(_Graphs):
    """Beyond the source: ReLUs, and test accuracy beside kernel ridge regression."""

    shows: ClassVar = ("table",)
    own_graph: ClassVar = "components"
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

    def seconds(self, plan: Plan, problem: str) -> float:
        nodes = plan.settings.nodes if problem == SBM else 3000
        layer = 6 * nodes * plan.settings.width**2 / PRODUCT
        count = 300 if problem == SBM else 60  # steps to the loss where all stop
        return 2 + count * self.seeds * sum(5e-4 + depth * layer for depth in self.depths)
