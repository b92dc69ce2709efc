"""Two parametrisations, and one learning rate at every width.

Source: Lee's survey (2019), "NTK Parametrization vs Standard Parametrization": f_A = Σ a σ(wᵀx),
f_B = Σ a σ(wᵀx)/√m. w ~ N(0, I), and a ~ N(0, 1/m) in A, √m times that in B. L = ½Σ(f − y)²,
float64. The one learning rate has ηλ_max = 2 at the middle width (geometric mean), λ_max of the
limit of A's kernel, m E σ(u)σ(v).

Writes `table`: activation, m, seed, `eta_lambda`, ηλ_max of the network's kernel at the start,
`peak`, the largest loss over that at the start, `change`, ‖Θ̂ − Θ̂₀‖_F/‖Θ̂₀‖_F at the end.
"""

from pipeline import experiment
from scripts.infinite_width.slice import LearningRate

ACTIVATIONS = ("erf", "relu")
LEAVES = {"peak": 10, "change": 0.5}
CATAPULT = 4  # ηλ_max of the ReLU networks looked at


@experiment.program(LearningRate)
def main(settings: LearningRate, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.infinite_width import dense, moments, networks
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    points, labels = files.load_arrays(job.problem, "inputs", "labels")
    x, y = points[: settings.n], labels[: settings.n]
    moments.check_rows(x)
    widths, seeds, steps = sorted(settings.widths), settings.seeds, settings.steps

    def standard(name: str, m: int, count: int) -> networks.Networks:
        rngs = [
            generator(job.seed, job.name, "learning_rate", name, m, seed) for seed in range(count)
        ]
        return networks.draw(rngs, x.shape[1], m, 1, name, 1.0, (1, 1 / np.sqrt(m)))

    def largest(nets: networks.Networks) -> np.ndarray:
        return np.linalg.eigvalsh(networks.tangent_kernel(nets, x))[:, -1]

    def outputs(nets: networks.Networks, eta: np.ndarray, times: tuple[float, float]) -> np.ndarray:
        rates = [eta * each for each in times]
        path = networks.descend(nets, x, y, rates, settings.path_steps)
        return np.array([run.outputs for _, run in path])

    def maps(name: str) -> tuple[float, float]:
        """How far f_B is from f_A under the layerwise map, over the largest |f_A|, and under the
        uniform one, while both are finite, over the largest change of f_A."""
        m = settings.m_path
        a = standard(name, m, seeds)
        b = a._replace(top=np.sqrt(m) * a.top, scale=1 / np.sqrt(m))
        eta = 1 / largest(a)
        path = outputs(a, eta, (1, 1))
        layerwise, uniform = (outputs(b, eta, times) for times in ((1, m), (m, m)))
        finite = np.all(np.isfinite(uniform), axis=2)
        change = np.abs(path - path[0]).max(axis=(0, 2))
        off = np.where(finite, np.abs(uniform - path).max(axis=2), 0).max(axis=0)
        return np.abs(layerwise - path).max() / np.abs(path).max(), (off / change).min()

    def one_rate(name: str) -> list[dict]:
        """Networks of every width at one η."""
        wanted = (1, "nngp")
        limit = dense.grams(x, None, dense.Dense(name), [wanted])[wanted]
        middle = np.exp(np.mean(np.log(widths[:: len(widths) - 1])))
        eta = 2 / (middle * np.linalg.eigvalsh(limit)[-1])
        rows = []
        for m in widths:
            nets = standard(name, m, seeds)
            kernel = networks.tangent_kernel(nets, x)
            # All but the last of the networks share their arrays.
            path = [
                (now, np.sum((run.outputs - y) ** 2, axis=1))
                for now, run in networks.descend(nets, x, y, [eta, eta], steps)
            ]
            last, losses = path[-1][0], [loss for _, loss in path]
            with np.errstate(over="ignore", invalid="ignore"):
                moved = networks.tangent_kernel(last, x) - kernel
                change = np.linalg.norm(moved, axis=(1, 2)) / np.linalg.norm(kernel, axis=(1, 2))
            peak = np.max(np.nan_to_num(losses, nan=np.inf), axis=0) / losses[0]
            values = np.linalg.eigvalsh(kernel)[:, -1]
            rows += [
                {"activation": name, "m": m, "seed": seed, "eta_lambda": eta * values[seed],
                 "peak": peak[seed], "change": np.nan_to_num(change[seed], nan=np.inf)}
                for seed in range(seeds)
            ]  # fmt: skip
        return rows

    layerwise, uniform = zip(*map(maps, ACTIVATIONS), strict=True)
    table = pd.DataFrame([row for name in ACTIVATIONS for row in one_rate(name)])
    files.save_table(job.table, table)

    left = (table.peak >= LEAVES["peak"]) | (table.change >= LEAVES["change"])
    relu = table[table.activation == "relu"].groupby("m")
    nearest = (relu.eta_lambda.mean() / CATAPULT).apply(np.log).abs().idxmin()
    catapults = relu.get_group(nearest).change
    size = f"n = {len(x)}, m = {', '.join(map(str, widths))}, {steps} steps, {seeds} networks"
    path = f"m = {settings.m_path}, {settings.path_steps} steps, {seeds} networks"

    def end(values: pd.Series, of: str) -> dict:
        """The largest or the least ηλ_max of some networks, of which there may be none."""
        if not len(values):
            return measured(np.nan, per_seed=[], where=f"no such network, {size}")
        return measured(values.agg(of), where=size)

    save(job.metrics, {
        "layerwise": measured(max(layerwise), where=path),
        "uniform": measured(min(uniform), where=path),
        "stays": end(table[~left].eta_lambda, "max"),
        "leaves": end(table[left].eta_lambda, "min"),
        "relu.change": measured(
            catapults.median(), per_seed=catapults,
            where=f"ηλ_max = {relu.eta_lambda.mean()[nearest]:.2f}, m = {nearest}",
        ),
    })  # fmt: skip


if __name__ == "__main__":
    main()
