"""What several programs of this family draw or read: graphs, labels and starts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from overparam.graph_nets import graphs, linear
from overparam.seeds import generator
from pipeline import files


def graphs_of(settings: Any, job: Any) -> list[graphs.Graph]:
    """A block model for each seed, or the one graph that is read."""
    if job.graph:
        return [graphs.Graph(*files.load_arrays(job.graph, *graphs.Graph._fields))]
    # Some programs have a setting of their own in place of the family's.
    own = {**vars(job), **settings.model_dump()}
    features, noise = own["features"], own.get("noise", 1.0)
    return [
        graphs.block_model(
            generator(job.seed, job.name, "graph", job.nodes, features, seed), job.nodes,
            job.blocks, job.within, job.across, features, job.train, noise,
        )
        for seed in range(settings.seeds)
    ]  # fmt: skip


def smoothed(
    given: Sequence[graphs.Graph], depth: int, operator: graphs.Operator = "gcn"
) -> np.ndarray:
    """Z_0 … Z_depth of each graph, (graphs, depth + 1, m, k)."""
    return np.stack([graphs.smoothed(each, operator, depth) for each in given])


def labels(given: Sequence[graphs.Graph], job: Any, seeds: int, kind: str) -> np.ndarray:
    """Y of each run, (seeds, q, k): the true labels or, of kind `random`, these permuted."""
    found = [graphs.one_hot(given[seed % len(given)]) for seed in range(seeds)]
    if kind == "random":
        found = [
            y[:, generator(job.seed, job.name, "permuted", seed).permutation(y.shape[1])]
            for seed, y in enumerate(found)
        ]
    return np.stack(found)


def start(
    job: Any, seeds: int, width: int, shape: tuple[int, int], depth: int, skips: bool
) -> linear.Parameters:
    """Networks with W(0) = 0 for as many classes and features as `shape` says."""
    rngs = [
        [generator(job.seed, job.name, "B", width, layer, seed) for seed in range(seeds)]
        for layer in range(1, depth + 1)
    ]
    q, m = shape
    return linear.draw(rngs, m, width, q, skips)


def speaking(job: Any, nets: linear.Parameters, layers: Sequence[int]) -> linear.Parameters:
    """The same with W(0) whose entries are N(0, 1), the last layer's equal in both kinds of net."""
    depth = layers[-1]
    tops = [
        np.stack([
            generator(job.seed, job.name, "W", depth - layer, seed).standard_normal(top.shape[1:])
            for seed in range(len(top))
        ])
        for layer, top in zip(layers, nets, strict=False)
    ]  # fmt: skip
    return tops + nets[len(layers) :]
