"""What holds exactly: gradients, the theorem's case of equality, training at coordinates.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), definition 1 and theorem 1. Gradients
are held against central differences of the loss at the nodes, which is computed by X_(l) = B_(l)
X_(l-1) S and knows nothing of Z_l. The case of equality has B_(l) = .9 times an isometry and f − f*
along the last singular vector of Z_H. float64.

Writes `table`: H, skips, seed, what, `error`.
"""

from pipeline import experiment
from scripts.graph_nets.slice import Identities

SHRINK = 0.9  # of orthogonal layers
STEP = 1e-3  # of central differences
STEPS = 50  # of training


@experiment.program(Identities)
def main(settings: Identities, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.graph_nets import flow, graphs, linear, nodes
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.graph_nets import drawn

    seeds, given = settings.seeds, drawn.graphs_of(settings, job)
    width = job.width

    def rng(what: str, depth: int, seed: int) -> np.random.Generator:
        return generator(job.seed, job.name, "identities", what, depth, seed)

    def begin(width: int, y: np.ndarray, m: int, depth: int, skips: bool) -> linear.Parameters:
        return drawn.start(job, 1, width, (y.shape[1], m), depth, skips)

    def gradient(depth: int, skips: bool, seed: int) -> float:
        """The largest error of derivatives along a direction of each parameter, over its size."""
        graph = given[seed % len(given)]
        z, y = drawn.smoothed([graph], depth), graphs.one_hot(graph)[None]
        data = linear.data(z, y, linear.layers_in_use(depth, skips))
        one = drawn.speaking(job, begin(width, y, z.shape[2], depth, skips), data.layers)
        at = nodes.Nodes(
            graph.x * np.sqrt(len(graph.train)) / graphs.norm(graph.x),
            graphs.aggregation(graph.edges, len(graph.x), "gcn"), graph.train, y[0],
        )  # fmt: skip
        ways = rng("ways", depth, seed)
        _, slopes = linear.gradient(data, one)
        errors = []
        for place, slope in enumerate(slopes):
            way = ways.standard_normal(slope.shape)
            way /= np.linalg.norm(way)

            def loss(step: float, place: int = place, way: np.ndarray = way) -> float:
                moved = [each[0] for each in one]
                moved[place] = moved[place] + step * way[0]
                return nodes.gradient(at, data.layers, moved, relu=False)[0]

            # Of a polynomial of degree two in each parameter they are exact.
            difference = (loss(STEP) - loss(-STEP)) / (2 * STEP)
            errors.append(abs(np.sum(slope * way) - difference) / np.linalg.norm(slope))
        return max(errors)

    def equality(depth: int, seed: int) -> float:
        """Distance of ‖∇_W L‖² over 4λσ²(L − L*) from 1."""
        graph = given[seed % len(given)]
        z, y = drawn.smoothed([graph], depth), graphs.one_hot(graph)[None]
        z = graphs.coordinates(z[0, depth:])[None].repeat(depth + 1, axis=1)
        data, draw = linear.data(z, y, (depth,)), rng("equality", depth, seed)
        m = z.shape[2]
        hidden = [
            SHRINK * np.linalg.qr(draw.standard_normal((width, columns)))[0][None]
            for columns in [m] + [width] * (depth - 1)
        ]
        left, values, right = np.linalg.svd(z[0, depth], full_matrices=False)
        best = (y[0] @ right.T / values) @ left.T
        off = np.outer(draw.standard_normal(len(y[0])), left[:, -1] / values[-1])
        product = linear.products([np.empty(0), *hidden], (depth,))[depth][0]
        top = (best + off) @ np.linalg.pinv(product)
        net = [top[None], *hidden]
        loss, slopes = linear.gradient(data, net)
        rate = linear.rate(linear.least_eigenvalue(net, (depth,)), data.sigma)
        return abs(float(np.sum(slopes[0] ** 2) / (rate * (loss - data.least))[0]) - 1)

    def reduction(depth: int, skips: bool, seed: int) -> float:
        """The largest relative difference of losses at all features and at coordinates.

        The features are written twice over, turned at random, so that half of them are needless.
        """
        z = drawn.smoothed([given[seed % len(given)]], depth)[0]
        y = graphs.one_hot(given[seed % len(given)])[None]
        layers = linear.layers_in_use(depth, skips)
        m, used = z.shape[1], [*layers]
        turn = np.linalg.qr(rng("turn", depth, seed).standard_normal((2 * m, m)))[0]
        whole = turn @ z
        few = graphs.coordinates(whole[used])
        sides = [np.concatenate([*each], axis=1) for each in (whole[used], few)]
        basis = np.linalg.lstsq(sides[1].T, sides[0].T, rcond=None)[0].T
        few = few if skips else few.repeat(depth + 1, axis=0)
        wide = linear.data(whole[None], y, layers), linear.data(few[None], y, layers)
        first = begin(2 * width, y, 2 * m, depth, skips)
        second = [each.copy() for each in first]
        # What reads features: B_(1) and, with skip connections, W_(0).
        for place in (len(used), 0) if skips else (len(used),):
            second[place] = second[place] @ basis
        paths = [
            np.array([state.loss[0] for state in flow.descend(
                net, lambda p, data=data: linear.gradient(data, p), STEPS)])
            for net, data in zip((first, second), wide, strict=True)
        ]  # fmt: skip
        return float(np.max(np.abs(paths[0] - paths[1]) / paths[0]))

    rows = []
    for depth in settings.depths:
        for seed in range(seeds):
            found = {("equality", False): equality(depth, seed)}
            for skips in (False, True):
                found["gradient", skips] = gradient(depth, skips, seed)
                found["reduction", skips] = reduction(depth, skips, seed)
            rows += [
                {"H": depth, "skips": skips, "seed": seed, "what": what, "error": error}
                for (what, skips), error in found.items()
            ]
    table = pd.DataFrame(rows)
    files.save_table(job.table, table)
    size = f"H = {', '.join(map(str, settings.depths))}; {seeds} seeds, width {width}"
    save(job.metrics, {
        what: measured(own.error.max(), per_seed=own.groupby("seed").error.max(), where=size)
        for what, own in table.groupby("what")
    })  # fmt: skip


if __name__ == "__main__":
    main()
