"""Beyond the source: ReLUs between layers, and test accuracy beside kernel ridge regression.

Networks of Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), definition 1, linear as there or
with X_(l) = φ(B_(l) X_(l-1) S), whose B has variance 2/width; W(0) = 0, gcn. All of a depth stop at
one loss, L* + (‖Y‖² − L*)/10 of linear ones without skip connections, and are compared there at the
test nodes. Kernel ridge regression (scikit-learn) has the kernel of X S^H, its penalty chosen by
cross-validation on the training nodes. float64.

Writes `table`: kind (linear, relu, kernel), net (plain, skips; of the kernel plain), H, seed, `t`
to that loss or, of a run that has not `arrived` there, its last, and `accuracy`.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Accuracy

TENTH = 0.1
PENALTIES = [0.001, 0.01, 0.1, 1.0, 10.0]
FOLDS = 3


@experiment.program(Accuracy)
def main(settings: Accuracy, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.model_selection import GridSearchCV

    from overparam.graph_nets import flow, graphs, linear, nodes
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    seeds, depths = settings.seeds, sorted(settings.depths)
    given = drawn.graphs_of(settings, job)
    seen = [
        nodes.Nodes(
            graph.x * np.sqrt(len(graph.train)) / graphs.norm(graph.x),
            graphs.aggregation(graph.edges, len(graph.x), "gcn"), graph.train,
            graphs.one_hot(graph),
        )
        for graph in given
    ]  # fmt: skip

    def score(seed: int, outputs: np.ndarray) -> float:
        """Accuracy of outputs (q, n) at the test nodes."""
        graph = given[seed % len(given)]
        right = outputs[:, graph.test].argmax(axis=0) == graph.y[graph.test]
        return float(np.mean(right)) if len(right) else np.nan

    def train(seed: int, depth: int, kind: str, net: str) -> dict:
        relu, at = kind == "relu", seen[seed % len(given)]
        layers = linear.layers_in_use(depth, net == "skips")
        shape = len(at.y), at.x.shape[1]
        start = drawn.start(job, seeds, job.width, shape, depth, net == "skips")
        start = [each[seed : seed + 1] for each in start]
        if relu:
            start[len(layers) :] = [np.sqrt(2) * each for each in start[len(layers) :]]

        graph = given[seed % len(given)]
        data = linear.data(drawn.smoothed([graph], depth), at.y[None], layers)

        def gradient(p: linear.Parameters) -> tuple[np.ndarray, linear.Parameters]:
            if not relu:  # the same without the nodes
                return linear.gradient(data, p)
            loss, slopes = nodes.gradient(at, layers, [each[0] for each in p], relu)
            return np.array([loss]), [each[None] for each in slopes]

        plain = linear.data(drawn.smoothed([graph], depth), at.y[None], (depth,))
        level = (plain.least + TENTH * (plain.square - plain.least))[0]
        for state in flow.descend(start, gradient, settings.steps):
            if state.loss[0] <= level:
                break
        reached = [each[0] for each in state.parameters]
        return {
            "kind": kind, "net": net, "H": depth, "seed": seed,
            "t": state.time[0], "arrived": state.loss[0] <= level,
            "accuracy": score(seed, nodes.outputs(at, layers, reached, relu)),
        }  # fmt: skip

    def ridge(seed: int, depth: int) -> dict:
        at = seen[seed % len(given)]
        rows = at.x
        for _ in range(depth):
            rows = at.s @ rows
        search = GridSearchCV(KernelRidge(), {"alpha": PENALTIES}, cv=FOLDS)
        found = search.fit(rows[at.train], at.y.T).predict(rows).T
        return {"kind": "kernel", "net": "plain", "H": depth, "seed": seed, "t": np.nan,
                "arrived": True, "accuracy": score(seed, found)}  # fmt: skip

    table = pd.DataFrame([
        one
        for depth in depths
        for seed in range(seeds)
        for one in [
            *(train(seed, depth, kind, net) for kind in ("linear", "relu")
              for net in ("plain", "skips")),
            ridge(seed, depth),
        ]
    ])  # fmt: skip
    files.save_table(job.table, table)

    def of(kind: str, net: str, column: str) -> np.ndarray:
        """(depths, seeds)."""
        own = table[(table.kind == kind) & (table.net == net)]
        return own.pivot(index="H", columns="seed", values=column).to_numpy()

    size = f"H = {', '.join(map(str, depths))}; {seeds} seeds"
    times = of("relu", "skips", "t")
    shares = np.median(times / of("relu", "plain", "t"), axis=1)
    ended = {net: np.sum(~of("relu", net, "arrived").astype(bool)) for net in ("plain", "skips")}
    plain = of("linear", "plain", "accuracy")

    def gain(more: np.ndarray, less: np.ndarray) -> dict:
        if not len(given[0].test):
            return measured(np.nan, per_seed=[], where="no node is left to test on")
        return measured(np.median(more - less, axis=1), where=size)

    save(job.metrics, {
        "relu.skips": measured(
            shares.max(),
            where=f"{size}; ended before: {ended['skips']} with skips, {ended['plain']} without",
        ),
        "relu.times": measured(
            np.median(times, axis=1), where=f"{size}; {ended['skips']} ended before"
        ),
        "plain.gain": gain(plain, of("kernel", "plain", "accuracy")),
        "skips.gain": gain(of("linear", "skips", "accuracy"), plain),
    })  # fmt: skip


if __name__ == "__main__":
    main()
