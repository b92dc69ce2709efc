"""Whether the theorem's condition holds, which nodes break it, and the bound that is left.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1, whose rate has σ_min(X
S^H). Two training nodes that are linked to each other only have equal columns in X S^H from H = 1
on. In block models such a pair is planted. The bound that is left has the smallest singular value
that is not 0: f − f* lies in the row space of Z_H. Training is at coordinates in the column space
of Z_H, W(0) = 0, gcn, true labels, float64.

Writes `table`: seed, H, `index` and `value` of the singular values of Z_H, largest first;
`breaking`: seed, operator (gcn; bare, without self loops), H, `node`, a training node that breaks
the condition.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Condition

LAYERS = (0, 1, 2)
EACH = 20  # nodes a class of a random split
EVERY = 20  # steps from one look at the bound to the next
ROUNDING = 1e-9  # of ‖Y‖²: L − L* below its negative is a mistake


@experiment.program(Condition)
def main(settings: Condition, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.graph_nets import flow, graphs, linear
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    given, pairs = drawn.graphs_of(settings, job), []
    if not job.graph:
        rngs = [generator(job.seed, job.name, "pair", seed) for seed in range(len(given))]
        given, pairs = zip(
            *(graphs.planted(graph, rng) for graph, rng in zip(given, rngs, strict=True)),
            strict=True,
        )

    rows, broken = [], []
    for seed, graph in enumerate(given):
        for operator in ("gcn", "bare"):
            for layer, z in enumerate(graphs.smoothed(graph, operator, max(LAYERS), unscaled=True)):
                nodes = graph.train[graphs.breaking(z)]
                broken += [(seed, operator, layer, node) for node in nodes]
                if operator == "gcn":
                    values = np.linalg.svd(z, compute_uv=False)
                    missing = len(values) - graphs.rank(values, z.shape)
                    rows.append(pd.DataFrame({
                        "seed": seed, "H": layer, "index": range(1, len(values) + 1),
                        "value": values, "missing": missing,
                    }))  # fmt: skip
    table = pd.concat(rows)
    nodes = pd.DataFrame(broken, columns=["seed", "operator", "H", "node"])
    files.save_table(job.table, table)
    files.save_table(job.breaking, nodes)

    def named(operator: str, layers: tuple[int, ...], seed: int = 0) -> list[int]:
        """The nodes that break the condition at every one of these depths."""
        own = nodes[(nodes.operator == operator) & (nodes.seed == seed)]
        each = [{*own[layer == own.H].node} for layer in layers]
        return sorted(set.intersection(*each))

    def split(number: int) -> bool:
        """Whether a random split lacks a rank with one layer."""
        rng = generator(job.seed, job.name, "split", number)
        graph = given[number % len(given)]
        chosen = [
            rng.permutation(np.flatnonzero(graph.y == label))[:EACH]
            for label in range(graph.y.max() + 1)
        ]
        graph = graph._replace(train=np.sort(np.concatenate(chosen)))
        z = graphs.smoothed(graph, "gcn", 1, unscaled=True)[1]
        return graphs.rank(np.linalg.svd(z, compute_uv=False), z.shape) < min(z.shape)

    def worst(place: int) -> dict[int, float]:
        """The largest (L − L*) over its bound along the paths of a graph's networks, by seed."""
        graph, seeds = given[place], [*range(place, settings.seeds, len(given))]
        y, smooth = graphs.one_hot(graph)[None], graphs.smoothed(graph, "gcn", max(LAYERS))
        found = np.zeros(len(seeds))
        for depth in LAYERS[1:]:
            z = graphs.coordinates(smooth[depth : depth + 1]).repeat(depth + 1, axis=0)
            data = linear.data(z[None], y, (depth,))
            width = max(settings.width, z.shape[1])
            rngs = [
                [generator(job.seed, job.name, "B", width, at, seed) for seed in seeds]
                for at in range(1, depth + 1)
            ]
            nets = linear.draw(rngs, z.shape[1], width, y.shape[1], skips=False)
            found = np.maximum(found, along(data, nets))
        return dict(zip(seeds, found, strict=True))

    def along(data: linear.Data, nets: linear.Parameters) -> np.ndarray:
        """The same of some networks, one each; infinite where L falls below L*."""
        least, found = np.inf, np.zeros(len(nets[0]))
        for state in flow.descend(nets, lambda p: linear.gradient(data, p), settings.steps):
            if state.step % EVERY:
                continue
            least = np.minimum(least, linear.least_eigenvalue(state.parameters, data.layers))
            fallen = np.exp(-linear.rate(least, data.sigma) * state.time)
            excess = state.loss - data.least
            ratio = excess / (data.square - data.least) / fallen
            wrong = excess < -ROUNDING * data.square
            found = np.maximum(found, np.where(wrong, np.inf, ratio))
        return found

    missing = table.groupby(["seed", "H"]).missing.first().unstack().to_numpy()
    ends = table.groupby(["seed", "H"]).value.agg(["min", "max"])
    relative = (ends["min"] / ends["max"]).unstack()[[*LAYERS[1:]]]
    each = [worst(place) for place in range(len(given))]
    bounds = [value for _, value in sorted((seed, v) for one in each for seed, v in one.items())]
    splits = [split(number) for number in range(settings.splits)]
    size = f"H = {', '.join(map(str, LAYERS))}; {len(given)} graphs, |I| = {len(given[0].train)}"
    found = {
        "missing": measured(np.median(missing, axis=0), per_seed=missing, where=size),
        "relative": measured(relative.max(axis=None), per_seed=relative.max(axis=1), where=size),
        "least": measured(relative.min(axis=None), per_seed=relative.min(axis=1), where=size),
        "bound.worst": measured(
            max(bounds), per_seed=bounds, where=f"H = 1, 2; {len(bounds)} networks, width "
            f"{settings.width}, {settings.steps} steps",
        ),
        "splits": measured(np.mean(splits), where=f"{len(splits)} splits, H = 1, {EACH} a class"),
    }  # fmt: skip
    if pairs:
        hits = [float(named("gcn", (1, 2), seed) == [*pair]) for seed, pair in enumerate(pairs)]
        found["found"] = measured(min(hits), per_seed=hits, where=size)
    else:
        kinds = {"nodes": ("gcn", (1, 2)), "nodes.bare": ("bare", (1,))}
        for key, (operator, layers) in kinds.items():
            own = named(operator, layers)
            where = f"{operator}, H = {', '.join(map(str, layers))}"
            found[key] = (
                measured(own, where=where)
                if own
                else measured(np.nan, per_seed=[], where=f"no node breaks it, {where}")
            )
    save(job.metrics, found)


if __name__ == "__main__":
    main()
