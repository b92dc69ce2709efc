"""Graph networks: what training uses, against plain sums over nodes and edges."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from overparam.errors import Refusal
from overparam.graph_nets import flow, graphs, linear, nodes

PATH = np.array([[0, 1], [1, 2], [2, 3]])


def model(seed=0, features=4, train=15, n=45):
    return graphs.block_model(np.random.default_rng(seed), n, 3, 0.3, 0.05, features, train)


def start(data, m, width, depth, runs=1, seed=1):
    """Gaussian B and, unlike the programs', Gaussian W."""
    rngs = [[np.random.default_rng([seed, at, run]) for run in range(runs)] for at in range(depth)]
    skips = len(data.layers) > 1
    nets = linear.draw(rngs, m, width, data.cross.shape[1], skips)
    rng = np.random.default_rng(seed)
    return [each if each.any() else 0.3 * rng.standard_normal(each.shape) for each in nets]


def test_operators_are_those_of_neighbours():
    gcn, gin, bare = (
        graphs.aggregation(PATH, 5, kind).toarray() for kind in ("gcn", "gin", "bare")
    )
    a = np.zeros((5, 5))
    for i, j in PATH:
        a[i, j] = a[j, i] = 1
    assert np.array_equal(gin, a + np.eye(5))
    degree = a.sum(axis=1)
    for i in range(5):
        for j in range(5):
            loops = (a + np.eye(5))[i, j] / np.sqrt((degree[i] + 1) * (degree[j] + 1))
            assert gcn[i, j] == pytest.approx(loops)
            without = a[i, j] / np.sqrt(degree[i] * degree[j]) if a[i, j] else 0
            assert bare[i, j] == pytest.approx(without)
    assert np.array_equal(gcn, gcn.T)


@pytest.mark.parametrize("operator", ["gcn", "gin", "bare"])
def test_smoothed_features_are_powers_of_s(operator):
    graph = model()
    s = graphs.aggregation(graph.edges, 45, operator).toarray()
    plain = graphs.smoothed(graph, operator, 3, unscaled=True)
    for layer in range(4):
        whole = graph.x.T @ np.linalg.matrix_power(s, layer)
        assert plain[layer] == pytest.approx(whole[:, graph.train])
    scaled = graphs.smoothed(graph, operator, 1)
    x = graph.x.T * np.sqrt(15) / np.linalg.norm(graph.x, 2)
    s = s / np.linalg.norm(s, 2) if operator == "gin" else s
    assert scaled[1] == pytest.approx((x @ s)[:, graph.train])


def test_the_norm_of_a_large_matrix():
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((230, 210))
    assert graphs.norm(dense) == pytest.approx(np.linalg.norm(dense, 2), rel=1e-10)


def test_a_block_model_has_its_edges_and_means():
    graph = graphs.block_model(np.random.default_rng(0), 600, 3, 0.2, 0.03, 2, 60)
    same = graph.y[graph.edges[:, 0]] == graph.y[graph.edges[:, 1]]
    assert np.sum(same) == pytest.approx(0.2 * 3 * 200 * 199 / 2, rel=0.05)
    assert np.sum(~same) == pytest.approx(0.03 * 3 * 200 * 200, rel=0.05)
    assert (graph.edges[:, 0] < graph.edges[:, 1]).all()
    for label in range(3):
        assert graph.x[graph.y == label].std(axis=0) == pytest.approx(1, abs=0.15)
    assert len(np.unique(graph.train)) == 60


@pytest.mark.parametrize("skips", [False, True])
def test_loss_and_gradient_are_those_of_the_nodes(skips):
    graph, depth, width = model(), 3, 6
    z, y = graphs.smoothed(graph, "gcn", depth), graphs.one_hot(graph)
    data = linear.data(z[None], y[None], linear.layers_in_use(depth, skips))
    net = start(data, 4, width, depth)
    loss, slopes = linear.gradient(data, net)
    # f as definition 1 has it, node by node.
    x = graph.x.T * np.sqrt(15) / np.linalg.norm(graph.x, 2)
    s = graphs.aggregation(graph.edges, 45, "gcn").toarray()
    tops, hidden = net[: len(data.layers)], net[len(data.layers) :]
    reached = [x]
    for b in hidden:
        reached.append(b[0] @ reached[-1] @ s)
    f = sum(top[0] @ reached[layer] for top, layer in zip(tops, data.layers, strict=True))
    assert loss[0] == pytest.approx(np.sum((f[:, graph.train] - y) ** 2))
    sizes = np.cumsum([each.size for each in net])[:-1]

    def unpacked(flat):
        return [
            part.reshape(each.shape) for part, each in zip(np.split(flat, sizes), net, strict=True)
        ]

    flat = np.concatenate([each.ravel() for each in net])
    error = check_grad(
        lambda v: linear.gradient(data, unpacked(v))[0][0],
        lambda v: np.concatenate([each.ravel() for each in linear.gradient(data, unpacked(v))[1]]),
        flat,
    )
    assert error < 1e-4 * flow.length(slopes)[0]


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("skips", [False, True])
def test_gradients_at_the_nodes_are_those_of_differences(relu, skips):
    graph, depth = model(), 2
    y = graphs.one_hot(graph)
    layers = linear.layers_in_use(depth, skips)
    at = nodes.Nodes(graph.x, graphs.aggregation(graph.edges, 45, "gcn"), graph.train, y)
    data = linear.data(graphs.smoothed(graph, "gcn", depth)[None], y[None], layers)
    net = [each[0] for each in start(data, 4, 6, depth)]
    _, slopes = nodes.gradient(at, layers, net, relu)
    rng = np.random.default_rng(0)
    for place, slope in enumerate(slopes):
        way = rng.standard_normal(slope.shape)
        ends = []
        for step in (1e-6, -1e-6):
            moved = [*net]
            moved[place] = net[place] + step * way
            ends.append(nodes.gradient(at, layers, moved, relu)[0])
        assert np.sum(slope * way) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


def test_outputs_have_their_relus():
    graph = model()
    s = graphs.aggregation(graph.edges, 45, "gcn")
    at = nodes.Nodes(graph.x, s, graph.train, graphs.one_hot(graph))
    rng = np.random.default_rng(0)
    b, w = rng.standard_normal((6, 4)), rng.standard_normal((3, 6))
    entering = b @ graph.x.T @ s.toarray()
    assert nodes.outputs(at, (1,), [w, b], False) == pytest.approx(w @ entering)
    assert nodes.outputs(at, (1,), [w, b], True) == pytest.approx(w @ np.maximum(entering, 0))


@pytest.mark.parametrize("skips", [False, True])
def test_the_least_loss_is_that_of_least_squares(skips):
    graph = model(train=30)
    z, y = graphs.smoothed(graph, "gcn", 2), graphs.one_hot(graph)
    layers = linear.layers_in_use(2, skips)
    data = linear.data(z[None], y[None], layers)
    stacked = np.concatenate([z[layer] for layer in layers])
    f = np.linalg.lstsq(stacked.T, y.T, rcond=None)[0].T
    assert data.least[0] == pytest.approx(np.sum((f @ stacked - y) ** 2))
    assert data.sigma[0] == pytest.approx(np.linalg.svd(stacked)[1][-1])


def test_runs_side_by_side_are_those_alone():
    """With a graph each, and with one that they share."""
    given = [model(seed) for seed in range(2)]
    z = np.stack([graphs.smoothed(graph, "gcn", 2) for graph in given])
    y = np.stack([graphs.one_hot(graph) for graph in given])
    for shared in (z, z[:1]):
        data = linear.data(shared, y, range(3))
        net = start(data, 4, 6, 2, runs=2)
        loss, slopes = linear.gradient(data, net)
        for run in range(2):
            alone = linear.data(shared[run % len(shared)][None], y[run : run + 1], range(3))
            one, ways = linear.gradient(alone, [each[run : run + 1] for each in net])
            assert one[0] == pytest.approx(loss[run])
            assert data.least[run] == pytest.approx(alone.least[0])
            assert data.sigma[run % len(data.sigma)] == pytest.approx(alone.sigma[0])
            for way, slope in zip(ways, slopes, strict=True):
                assert way[0] == pytest.approx(slope[run])


def test_lambda_is_the_least_of_the_layers_in_use():
    graph = model()
    data = linear.data(
        graphs.smoothed(graph, "gcn", 2)[None], graphs.one_hot(graph)[None], range(3)
    )
    net = start(data, 4, 6, 2)
    first, second = net[3][0], net[4][0] @ net[3][0]
    ends = [np.linalg.svd(each)[1][-1] ** 2 for each in (first, second)]
    assert linear.least_eigenvalue(net, range(3))[0] == pytest.approx(min(1, *ends))
    assert linear.least_eigenvalue(net[2:], (2,))[0] == pytest.approx(ends[1])


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian():
    graph = model()
    data = linear.data(graphs.smoothed(graph, "gcn", 1)[None], graphs.one_hot(graph)[None], (1,))
    net = start(data, 4, 5, 1)
    sizes = np.cumsum([each.size for each in net])[:-1]

    def slope(flat):
        parts = np.split(flat, sizes)
        moved = [part.reshape(each.shape) for part, each in zip(parts, net, strict=True)]
        return np.concatenate([each.ravel() for each in linear.gradient(data, moved)[1]])

    flat = np.concatenate([each.ravel() for each in net])
    hessian = np.array([
        (slope(flat + 1e-5 * one) - slope(flat - 1e-5 * one)) / 2e-5 for one in np.eye(len(flat))
    ])  # fmt: skip
    slopes = linear.gradient(data, net)[1]
    way = slopes
    for _ in range(5):
        found, way = flow.sharpness(net, slopes, lambda p: linear.gradient(data, p), way)
    assert found[0] == pytest.approx(np.abs(np.linalg.eigvalsh(hessian)).max(), rel=1e-3)


def test_time_of_the_flow_is_the_sum_of_steps_and_of_a_quadratic_what_it_should_be():
    """L = Σ c x²: one step multiplies x by 1 − share."""
    c = np.array([1.0, 5.0])[:, None]

    def quadratic(p):
        return np.sum(c * p[0] ** 2, axis=1), [2 * c * p[0]]

    states = [
        (state.step, state.time, state.loss)
        for state in flow.descend([np.ones((2, 3))], quadratic, 4, share=0.1)
    ]
    assert [step for step, _, _ in states] == [0, 1, 2, 3, 4]
    assert states[4][1] == pytest.approx(4 * 0.1 / (2 * c[:, 0]), rel=1e-5)
    assert states[4][2] == pytest.approx(3 * c[:, 0] * 0.9**8, rel=1e-5)


def test_arrival_is_the_first_time_at_or_below_a_level():
    times = np.array([[0, 0], [1, 2], [2, 4.0]])
    losses = np.array([[3, 3], [1, 2], [0.5, 1.5]])
    found = flow.arrival(times, losses, np.array([1.0, 1.0]))
    assert found[0] == 1
    assert np.isnan(found[1])


def test_linked_to_each_other_only_two_nodes_have_one_column():
    graph, pair = graphs.planted(model(features=20), np.random.default_rng(3))
    for depth, z in enumerate(graphs.smoothed(graph, "gcn", 3)):
        found = graph.train[graphs.breaking(z)]
        assert [*found] == ([*pair] if depth else [])
        values = np.linalg.svd(z, compute_uv=False)
        assert graphs.rank(values, z.shape) == (14 if depth else 15)
    # With fewer features than nodes rank is not lost, unless a column is another's and rank is.
    few = graphs.smoothed(graph, "gcn", 1)[1][:4]
    assert len(graphs.breaking(few)) == 0


def test_nodes_that_break_it_are_named_where_features_are_few():
    z = np.array([[1.0, 2, 1, 1], [1, 5, 1, 1], [2, 7, 2, 2]])
    assert [*graphs.breaking(z)] == [0, 2, 3]


def test_coordinates_keep_products_and_have_as_many_rows_as_ranks():
    rng = np.random.default_rng(0)
    z = rng.standard_normal((2, 30, 3))
    few = graphs.coordinates(z)
    assert few.shape == (2, 6, 3)
    for one in range(2):
        for other in range(2):
            assert few[one].T @ few[other] == pytest.approx(z[one].T @ z[other])


def test_a_class_without_training_node_is_refused():
    with pytest.raises(Refusal, match="drawn 2 of 45, none of class"):
        model(train=2)


def test_a_narrow_network_is_refused_with_both_numbers():
    with pytest.raises(Refusal, match="found 3, expected at least 4"):
        linear.draw([[np.random.default_rng(0)]], 4, 3, 2, False)


def test_an_isolated_training_node_breaks_the_condition_without_self_loops():
    graph = graphs.Graph(np.eye(5), PATH, np.array([0, 1, 0, 1, 0]), np.array([0, 1, 4]), [2, 3])
    assert [*graphs.breaking(graphs.smoothed(graph, "bare", 1)[1])] == [2]
    assert len(graphs.breaking(graphs.smoothed(graph, "gcn", 1)[1])) == 0
