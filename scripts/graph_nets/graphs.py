"""A graph as the experiments read it: its edges, classes and split, and its features or their
leading principal components.

\b
The .npz holds
  x        (n, m_x)  features, or their principal components, centred
  edges    (E, 2)    the two nodes of each edge, each edge once
  y        (n,)      place of each node's class in `classes`; −1 without one
  train    (k,)      nodes trained on
  test     (t,)      nodes tested on
  classes  (c,)      what the classes are called
  notes              what a person should know of the graph, a line each
"""

from pipeline import cli


@cli.program
@cli.option("--name", required=True, help="Name of the graph, for messages.")
@cli.option(
    "--source",
    type=cli.choice("cora", "citeseer", "file"),
    required=True,
    help="The graph, or a file of one's own.",
)
@cli.option(
    "--raw", type=cli.InputFile(), multiple=True, required=True, help="Files of the source."
)
@cli.option("--data", default="data", help="Folder below which those files lie.")
@cli.option("--registry", type=cli.InputFile(), required=True, help="Hashes of the files, .yaml.")
@cli.option("--components", type=cli.count(), help="Principal components; else all features.")
@cli.option("--graph", type=cli.OutputFile(), required=True, help="The graph, .npz.")
def main(
    name: str, source: str, raw: tuple[str, ...], data: str, registry: str,
    components: int | None, graph: str,
) -> None:  # fmt: skip
    """Read, reduce and save."""
    from pathlib import Path

    from pipeline import graphs, own_graph, planetoid
    from pipeline.archives import load_registry

    found = (
        own_graph.read(raw[0])
        if source == "file"
        else planetoid.read(source, Path(data), load_registry(registry))
    )
    if components is not None and components < min(found.x.shape):
        found = found._replace(x=_principal(found.x, components))
    tell = cli.log.warning if source == "file" else cli.log.info
    for note in found.notes:
        tell("graph_nets.graphs.%s: %s", name, note)
    graphs.save(graph, found)


def _principal(x, components):
    """The leading principal components of features (n, m), (n, components)."""
    from sklearn.decomposition import PCA

    return PCA(components, svd_solver="arpack", random_state=0).fit_transform(x)


if __name__ == "__main__":
    main()
