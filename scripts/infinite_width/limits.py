"""Layer Grams of networks at their start, beside the recursions of their limits.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), definition 5.1 and sections 6 and 7; Lee's
survey (2019), "Neural Tangent Kernel (NTK)" and "Deep net Infinite-Width". A distance is
‖Gram − limit‖_F/‖limit‖_F. float64.

Writes `table`: net, layer, form (right or printed), m, seed, error, the distance of a network's
Gram; `means`: net, form, m, networks, distance, that of the mean over networks.
"""

from pipeline import experiment
from scripts.infinite_width.slice import Limits

LAYERS = 2  # hidden ones of fully connected networks, the fewest at which printed forms differ
DENSE = ("softplus", "relu")
RESIDUAL = ("softplus", "tanh")
AVERAGED = 64  # channels of which the claim on convolutional networks speaks


@experiment.program(Limits)
def main(settings: Limits, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.infinite_width import (
        activations,
        dense,
        networks,
        orders,
        residual,
        residual_networks,
    )
    from overparam.points import unit_rows
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    n, d, H = settings.n, settings.d, settings.depth
    table, means = [], []

    def rng(*axes: str | int) -> np.random.Generator:
        return generator(job.seed, job.name, "limits", *axes)

    def distances(grams: np.ndarray, limit: np.ndarray) -> np.ndarray:
        """Of Gram matrices (…, n, n) from one limit or from as many: (…)."""
        return np.linalg.norm(grams - limit, axis=(-2, -1)) / np.linalg.norm(limit, axis=(-2, -1))

    def keep(net: str, layer: int, form: str, m: int, errors: np.ndarray) -> None:
        table.append(pd.DataFrame({
            "net": net, "layer": layer, "form": form, "m": m, "seed": range(len(errors)),
            "error": errors,
        }))  # fmt: skip

    def averaged(net: str, form: str, m: int, grams: np.ndarray, limit: np.ndarray) -> float:
        """The distance of the mean over networks, (S, n, n)."""
        found = float(distances(grams.mean(axis=0), limit))
        means.append({"net": net, "form": form, "m": m, "networks": len(grams), "distance": found})
        return found

    def fully_connected(name: str, m: int, points: np.ndarray) -> np.ndarray:
        """Layer Grams of every network: (L + 1, S, n, n)."""
        rngs = [rng("dense", name, m, seed) for seed in range(settings.seeds)]
        nets = networks.draw(rngs, d, m, LAYERS, name)
        run = networks.forward(nets, points)
        return networks.layer_grams(run, networks.backward(nets, run))

    def last_gram(
        role: str, kind: residual.Residual, m: int, seeds: range, inputs: np.ndarray
    ) -> np.ndarray:
        """Grams of W^H of residual networks, a few at a time: (S, n, n)."""
        found = []
        pixels, channels = inputs.shape[1:] if inputs.ndim == 3 else (1, inputs.shape[1])
        for seed in seeds:
            rngs = [rng(role, kind.activation, m, seed)]
            nets = residual_networks.draw(rngs, channels, pixels, m, kind)
            run = residual_networks.forward(nets, inputs)
            back = residual_networks.backward(nets, run)
            found.append(residual_networks.layer_grams(run, back)[-2, 0])
        return np.array(found)

    # --- fully connected -------------------------------------------------------------------------
    points = unit_rows(rng("points").standard_normal((n, d)))
    widest = max(settings.widths)
    exponents, tangents, right, printed = [], [], {}, {}
    for name in DENSE:
        network = dense.Dense(name, gain=activations.c_sigma(name))
        limit = dense.recursion(points, None, network, LAYERS)
        layers = np.stack([limit.layer(layer) for layer in range(1, LAYERS + 2)])
        below, slope = limit.covariances[LAYERS - 1], limit.slopes
        # A^(H−1) in the last line is the slope of the layer below; the product from l′ = L − 1 on
        # has both.
        wrong = below * slope[-2] if name == "softplus" else below * slope[-2] * slope[-1]
        squares = []
        for m in settings.widths:
            grams = fully_connected(name, m, points)
            errors = distances(grams, layers[:, None])
            squares.append(np.mean(errors**2, axis=0))
            for layer, each in enumerate(errors, start=1):
                keep(name, layer, "right", m, each)
            keep(name, LAYERS, "printed", m, distances(grams[LAYERS - 1], wrong))
            if m == widest:
                some = grams[:, : settings.averaged]
                right[name] = averaged(name, "right", m, some[LAYERS - 1], layers[LAYERS - 1])
                printed[name] = averaged(name, "printed", m, some[LAYERS - 1], wrong)
                tangents.append(averaged(name, "sum", m, some.sum(axis=0), limit.tangent()))
        roots = np.sqrt(squares)
        exponents.append(orders.power_law(settings.widths, roots, orders.root_mean_square))

    # --- residual --------------------------------------------------------------------------------
    residuals = []
    for name in RESIDUAL:
        kind = residual.Residual(name, H, gain=activations.c_sigma(name))
        limit = residual.grams(points, None, kind)["last"]
        seeds = range(settings.residual_seeds)
        grams = last_gram("residual", kind, settings.residual_m, seeds, points)
        residuals.append(averaged(f"residual, {name}", "right", settings.residual_m, grams, limit))

    # --- convolutional ---------------------------------------------------------------------------
    side = settings.side
    patches = residual.circular_patches(side, side, 3)
    kind = residual.Residual("softplus", H, gain=activations.c_sigma("softplus"), patches=patches)
    images = rng("images").standard_normal((n, side * side, 1))
    # Of unit length, as the points: a patch then has squared length 9/p in the mean.
    images /= np.linalg.norm(images, axis=(1, 2), keepdims=True)
    limit = residual.grams(images, None, kind)["last"]
    errors, most = [], max(settings.seeds, settings.convolutional_seeds)
    at = min(settings.channels, key=lambda m: abs(m - AVERAGED))
    for m in settings.channels:
        seeds = range(most if m == at else settings.seeds)
        every = last_gram("convolutional", kind, m, seeds, images)
        grams = every[: settings.seeds]
        errors.append(distances(grams, limit))
        keep("convolutional", H, "right", m, errors[-1])
        if m == at:
            convolution = averaged("convolutional", "right", m, grams[: settings.averaged], limit)
            mean_of_many = averaged("convolutional", "right", m, every, limit)
    convolutional = orders.power_law(settings.channels, np.array(errors), orders.root_mean_square)

    files.save_table(job.table, pd.concat(table))
    files.save_table(job.means, pd.DataFrame(means))
    fc = orders.farthest(exponents, -0.5)
    inputs = f"n = {n}, d = {d}"
    widths = f"m = {', '.join(map(str, settings.widths))}"
    mean_of = f"mean of {min(settings.averaged, settings.seeds)} networks"
    dense_mean = f"{mean_of}, m = {widest}, {LAYERS} hidden layers, {inputs}"
    channels = f"m = {', '.join(map(str, settings.channels))}"
    grid = f"{side} × {side} pixels, H = {H}, n = {n}"
    save(job.metrics, {
        "fc.exponent": measured(
            fc.exponent, interval=[fc.low, fc.high],
            where=f"{widths}, {settings.seeds} networks, {inputs}",
        ),
        "fc.right": measured(right["softplus"], where=f"softplus, {dense_mean}"),
        "fc.printed": measured(printed["softplus"], where=f"softplus, {dense_mean}"),
        "fc.tangent": measured(max(tangents), where=f"softplus and ReLU, {dense_mean}"),
        "range.right": measured(right["relu"], where=f"ReLU, {dense_mean}"),
        "range.printed": measured(printed["relu"], where=f"ReLU, {dense_mean}"),
        "resnet.right": measured(
            max(residuals),
            where=f"mean of {settings.residual_seeds} networks, m = {settings.residual_m}, "
            f"H = {H}, {inputs}",
        ),
        "cnn.exponent": measured(
            convolutional.exponent, interval=[convolutional.low, convolutional.high],
            where=f"{channels}, {settings.seeds} networks, {grid}",
        ),
        "cnn.mean": measured(mean_of_many, where=f"mean of {most} networks, m = {at}, {grid}"),
        "cnn.right": measured(convolution, where=f"{mean_of}, m = {at}, {grid}"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
