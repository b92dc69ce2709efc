"""Our spectrum, complexity and predicted losses beside the numbers that the paper published.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figures 1 and 2, eq. (8); its numbers,
with their pages, stand in scripts/two_layer/published/arora2019.yaml.

Of any problem: sampled labels against the identity C(p)² = (1 − p)² C(0)² + (1 − (1 − p)²) C(1)²,
and the complexity as a bound on the kernel predictor's test error (corollary 5.2). Of a data set
in the paper (`--dataset`) also: eigenvalues, complexities and test errors; the learning rate that
eq. (8) would need to give each published loss, by labelling and step; and what it predicts at the
rate inferred.

Writes `table`, tidy: quantity, labels, at (index, step or portion), draw, ours, paper; and figures.
"""

from pipeline import experiment
from scripts.two_layer.slice import Published


@experiment.program(Published)
def main(settings: Published, job: experiment.Job) -> None:
    import pandas as pd

    from overparam.errors import Refusal
    from pipeline import files
    from pipeline.metrics import measured, save
    from scripts.two_layer import paper

    if job.dataset and not job.published:
        raise Refusal("published: found none, expected the paper's numbers for --dataset")
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    labellings = files.load_arrays(job.coefficients, "kinds", "coefficients")
    analytic, drawn = (
        pd.read_csv(path).query("split == 0") for path in (job.expected, job.sampled)
    )
    analytic = analytic.set_index("portion").complexity

    where = f"{job.name}, n = {len(eigenvalues)}"
    trace = abs(2 * eigenvalues.sum() / len(eigenvalues) - 1)
    figures = {"trace": measured(trace, unit="|2 tr H∞/n − 1|", where=where)}
    figures |= _identity(analytic, drawn, where) | _bound(analytic, drawn, where)
    rows = []
    if job.dataset:
        numbers = paper.load(job.published)
        theirs = paper.dataset(numbers, job.dataset)
        figures |= _sharp(eigenvalues, analytic, where)
        for more, listed in (
            _eigenvalues(eigenvalues, theirs.eigenvalues, where),
            _noise(analytic, drawn, theirs.noise, where),
            _losses(eigenvalues, labellings, theirs, numbers.stated.eta, where),
        ):
            figures |= more
            rows += listed
    columns = ["quantity", "labels", "at", "draw", "ours", "paper"]
    files.save_table(job.table, pd.DataFrame(rows, columns=columns))
    save(job.metrics, figures)


def _identity(analytic, drawn, where):
    """Sampled labels against the expectation, in squares, since the identity is one of squares."""
    import numpy as np

    from overparam import sampling
    from pipeline.metrics import measured

    squares = {p: own.to_numpy() ** 2 for p, own in drawn.groupby("portion").complexity}
    noisy = [p for p in squares if len(squares[p]) > 1]  # without noise there is one draw
    distances = np.array([sampling.standard_errors(squares[p], analytic[p] ** 2) for p in noisy])
    each = [np.abs(sampling.distances(squares[p], analytic[p] ** 2)) for p in noisy]
    draws = min((len(squares[p]) for p in noisy), default=0)
    here = f"{where}, {len(noisy)} portions p > 0, {draws} draws each"
    figures = {}
    if len(noisy):
        figures = {
            "identity": measured(
                distances.max(),
                per_seed=each[distances.argmax()],
                where=here,
                unit="standard errors of the mean, largest over p; each draw: its own distance",
            ),
            "identity.beyond3": measured(
                (distances > 3).sum(),
                per_seed=np.sum(np.array(each) > 3, axis=0),
                where=here,
                unit="portions; each draw: its own",
            ),
        }
    if 0 in squares:
        (start,) = np.sqrt(squares[0])
        figures["identity.start"] = measured(
            abs(start / analytic[0] - 1), unit="relative", where=f"{where}, p = 0"
        )
    return figures


def _bound(analytic, drawn, where):
    """Corollary 5.2: the complexity bounds the test error, and says something below 1."""
    from pipeline.metrics import measured

    figures, here = {}, f"{where}, {analytic.size} portions, kernel predictor"
    for key, column, what in (("slack", "error", "error"), ("loss", "clipped", "min(|f − y|, 1)")):
        # Nothing is drawn at p = 0: its one value stands for every draw.
        values = drawn.pivot(index="portion", columns="draw", values=column).ffill(axis=1)
        slack = values.rsub(analytic[values.index], axis=0).min()
        figures[f"bound.{key}"] = measured(
            (analytic[values.index] - values.mean(axis=1)).min(), per_seed=slack,
            unit=f"C(p) − mean {what}, least over p", where=here,
        )  # fmt: skip
    return figures | {
        "bound.informative": measured((analytic < 1).sum(), unit="portions with C < 1", where=here),
    }


def _sharp(eigenvalues, analytic, where):
    """Figures that the points alone decide, to every digit."""
    import numpy as np

    from pipeline.metrics import measured

    figures = {
        "lambda_max": measured(eigenvalues[0], where=where),
        # From the spectrum, not by the Cholesky factor that `complexity` takes it from.
        "complexity.random": measured(
            np.sqrt(2 * np.mean(1 / eigenvalues)), where=f"{where}, expectation"
        ),
    }
    if 0 in analytic.index:
        figures["complexity.true"] = measured(analytic[0], where=where)
    return figures


def _eigenvalues(eigenvalues, theirs, where):
    import numpy as np

    from pipeline.metrics import measured
    from scripts.two_layer import paper

    listed = [pair for pair in zip(theirs.index, theirs.value, strict=True)
              if pair[0] < len(eigenvalues)]  # fmt: skip
    ours = eigenvalues[[index for index, _ in listed]]
    values = np.array([value for _, value in listed])
    excess = np.abs(ours - values) - [paper.eigenvalue_tolerance(value) for value in values]
    here = f"{where}, {theirs.place}, i = {', '.join(str(index) for index, _ in listed)}"
    rows = [
        ("eigenvalue", "", index, 0, float(own), value)
        for (index, value), own in zip(listed, ours, strict=True)
    ]
    return {
        "eigenvalues": measured(ours / values - 1, unit="relative deviation", where=here),
        "eigenvalues.excess": measured(
            np.max(excess, initial=-np.inf), unit="|ours − paper| beyond its tolerance, largest",
            where=here,
        ),
    }, rows  # fmt: skip


def _noise(analytic, drawn, theirs, where):
    import numpy as np
    from scipy.stats import spearmanr

    from pipeline.metrics import measured

    tested = drawn.groupby("portion")[["error", "l1"]].mean()
    rows, here = [], f"{where}, {theirs.place}"
    for quantity, values, known in (
        ("complexity", theirs.complexity, analytic), ("error", theirs.error, tested.error),
        ("l1", theirs.l1, tested.l1),
    ):  # fmt: skip
        rows += [
            (quantity, "", p, 0, float(known[p]), value)
            for p, value in zip(theirs.portion, values, strict=True)
            if p in known.index
        ]

    def pairs(quantity):
        chosen = np.array([row[4:] for row in rows if row[0] == quantity])
        return chosen[:, 0], chosen[:, 1]

    (ours, paper), (error, published) = pairs("complexity"), pairs("error")
    l1, losses = pairs("l1")
    portions = np.array([row[2] for row in rows if row[0] == "error"])
    relative = ours / paper - 1
    return {
        "complexity.deviation": measured(
            np.abs(relative).max(), unit="relative, largest",
            where=f"{here}, expectation at {len(ours)} portions",
        ),
        "errors.spearman": measured(
            spearmanr(ours, published).statistic, where=f"{here}, our C(p), published test error"
        ),
        "errors.slack": measured(
            (ours - published).min(), unit="our C(p) − published error, least over p", where=here
        ),
        "errors.kernel": measured(
            error - published, unit="kernel predictor's mean error − published", where=here
        ),
        "errors.excess": measured(
            published - portions / 2, where=here,
            unit="published error − p/2, by portion",
        ),
        "l1.kernel": measured(
            l1 - losses, unit="kernel predictor's mean |f − y| − published", where=here
        ),
        "l1.kernel.noisy": measured(
            (l1 - losses)[portions > 0].max(), where=here,
            unit="kernel predictor's mean |f − y| − published, largest over p > 0",
        ),
    }, rows  # fmt: skip


def _losses(eigenvalues, labellings, theirs, stated, where):
    """Eq. (8) inverted at each published loss, and what it predicts at the rate inferred."""
    import numpy as np

    from overparam import spectra
    from overparam.two_layer import inversion
    from pipeline.metrics import measured
    from scripts.two_layer import paper

    losses, n = theirs.losses, len(eigenvalues)
    steps, here = np.array(losses.steps), f"{where}, {losses.place}"
    figures, rows, rates = {}, [], []
    for kind in paper.KINDS:
        draws = [row for label, row in zip(*labellings, strict=True) if label == kind]
        seen = np.array(getattr(losses, kind))
        effective = np.array(
            [inversion.effective_rate(eigenvalues, draw, steps, seen) for draw in draws]
        )
        predicted = np.array([
            spectra.predicted_residual(eigenvalues, draw, theirs.inferred_eta, steps) ** 2 / (2 * n)
            for draw in draws
        ])  # fmt: skip
        rows += [
            (quantity, kind, int(k), draw, float(ours), float(value))
            for quantity, found in (("effective_eta", effective), ("loss", predicted))
            for draw, row in enumerate(found)
            for k, ours, value in zip(steps, row, seen, strict=True)
        ]
        rates.append(np.median(effective, axis=0))
        several = {"per_seed": effective} if len(draws) > 1 else {}
        figures[f"eta.{kind}"] = measured(rates[-1], **several, unit="η, by step", where=here)
        ratio = predicted / seen
        several = {"per_seed": ratio.max(axis=1)} if len(draws) > 1 else {}
        figures[f"prediction.{kind}"] = measured(
            np.median(ratio.max(axis=1)), **several, unit="(8) over published loss, largest",
            where=f"{here}, η = {theirs.inferred_eta:g}",
        )  # fmt: skip
    spread = np.max(rates, axis=0) / np.min(rates, axis=0)
    figures["eta.spread"] = measured(
        spread.min(), unit="largest η over smallest, least over steps", where=here
    )
    for key, rate in (("stated", stated), ("inferred", theirs.inferred_eta)):
        figures[f"edge.{key}"] = measured(
            rate * eigenvalues[0] / 2, unit="η over 2/λ_max", where=f"{where}, η = {rate:g}"
        )
    return figures, rows


if __name__ == "__main__":
    main()
