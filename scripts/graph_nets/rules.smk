"""Xu et al. 2021: graphs that are read from files, Cora, Citeseer or a person's own.

The experiments' rules are made from their declarations (slice.py).

INPUTS   data/planetoid/…, a person's own .npz; `graph_nets.graphs` of the configuration
OUTPUTS  results/<run>/graph_nets/graphs/<graph>/graph.npz
"""

from scripts.graph_nets.planning import Graphs

graphs = Graphs(slices["graph_nets"])


use rule job as graph with:
    input:
        raw=graphs.raw,
        registry=ancient(REGISTRY),
    output:
        graph="<beside>.npz",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/graph_nets/graphs/{graph}/graph",
    wildcard_constraints:
        graph=graphs.named(own=False),
    group:
        cluster.together("data", graphs.seconds)
    resources:
        **cost(graphs.seconds, graphs.mb),
    params:
        **program("graph_nets.graphs", graphs.args, rule="graph"),


use rule job as own_graph with:
    input:
        raw=graphs.raw,
        registry=ancient(REGISTRY),
    output:
        graph="<beside>.npz",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/graph_nets/graphs/{graph}/graph",
    wildcard_constraints:
        graph=graphs.named(own=True),
    localrule: True
    resources:
        **cost(graphs.seconds, graphs.mb),
    params:
        **program("graph_nets.graphs", graphs.args, rule="own_graph", pinned=True),
