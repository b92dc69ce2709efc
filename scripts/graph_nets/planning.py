"""The graphs of a run that are read from files: which, their settings, and what reading costs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import model_validator

from pipeline import costs
from pipeline.experiment import Plan
from pipeline.settings import Count, Strict, check_own_file
from pipeline.wildcards import Wildcards


class Graph(Strict):
    """A graph that is read from files, and which of its features are used."""

    source: Literal["cora", "citeseer", "file"]
    """Where it comes from; `file` is a graph of your own."""
    file: str | None = None
    """For `source: file`: a .npz with arrays edges, x, y and train."""
    components: Count | None = 24
    """Principal components that take the features' place, the leading ones; null: all features."""

    @model_validator(mode="after")
    def _consistent(self) -> "Graph":
        check_own_file(self.source, self.file)
        return self


# The public splits: with components that networks of width 64 bear, and with all features.
GRAPHS = {
    "cora": Graph(source="cora"),
    "citeseer": Graph(source="citeseer"),
    "cora_all": Graph(source="cora", components=None),
    "citeseer_all": Graph(source="citeseer", components=None),
}
# Nodes and features of each source, for the cost models; one's own is taken for as large.
SIZES = {"cora": (2_708, 1_433), "citeseer": (3_327, 3_703), "file": (3_327, 3_703)}


def mistakes(
    graphs: Mapping[str, Graph], drawn: str, listed: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """What is wrong with the graphs that experiments list by key, each in a line.

    drawn: the name that stands for block models.
    """
    if drawn in graphs:
        yield f"graph_nets.graphs: found {drawn!r}, expected another name: it is the block models'"
    for key, names in listed.items():
        for name in names:
            if name != drawn and name not in graphs:
                yield (
                    f"graph_nets.{key}: found {name!r}, expected one of "
                    f"{', '.join([drawn, *graphs])}: add it under graph_nets.graphs or correct the "
                    "name"
                )
    for name in sorted({name for names in listed.values() for name in names} & {*graphs}):
        path = graphs[name].file
        if path is not None and not Path(path).is_file():
            yield (
                f"graph_nets.graphs.{name}.file: found {path!r}, which is not there or no file, "
                "expected a .npz: correct its path (it starts at the project's folder; ~ is not "
                "replaced)"
            )


class GraphWildcards(Wildcards, Protocol):
    """The wildcard of the rules that read graphs."""

    graph: str


class Graphs:
    """What the rules that read graphs are told."""

    def __init__(self, plan: Plan) -> None:
        self.graphs: Mapping[str, Graph] = plan.settings.graphs
        self.data = plan.data

    def named(self, own: bool) -> str:
        """A pattern for the names of graphs from a person's own file, or of the others."""
        names = [name for name, graph in self.graphs.items() if (graph.source == "file") == own]
        return "|".join(names) or "(?!)"

    def raw(self, wildcards: GraphWildcards) -> list[str]:
        """The files that a graph is read from."""
        graph = self.graphs[wildcards.graph]
        return [graph.file] if graph.file else list(self.data.members(graph.source))

    def args(self, wildcards: GraphWildcards) -> dict[str, Any]:
        """How a graph is read."""
        graph = self.graphs[wildcards.graph]
        return {"name": wildcards.graph, **graph.model_dump(include={"source", "components"})}

    def seconds(self, wildcards: GraphWildcards) -> float:
        """Of ARPACK's passes, some ten for each component, each reads all features from memory."""
        graph = self.graphs[wildcards.graph]
        read_mb = 10 * (graph.components or 0) * costs.matrix_mb(*SIZES[graph.source])
        return costs.START + 1 + read_mb / 5e3

    def mb(self, wildcards: GraphWildcards) -> float:
        """The features some four times."""
        graph = self.graphs[wildcards.graph]
        own = Path(graph.file).stat().st_size / 1e6 if graph.file else 0
        return costs.BASE + 4 * max(costs.matrix_mb(*SIZES[graph.source]), own)
