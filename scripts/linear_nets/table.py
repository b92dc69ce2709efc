"""The table of iterations to reach an error of 10⁻⁸, over all plausible readings of what it omits.

Source: the talk of Xu, Min, Tarmoun, Mallada, Vidal 2023, eq. (36): Y = X W(0) + noise (N, m), X
(N, n) and W(0) Gaussian. W(0) is read as a target apart from the starts: were it the start, the
other side's counts would not depend on the initialisation, as the printed ones do. Readings: the
step rule of either side, the width h, two variances for each initialisation, the error as excess L
or L/N, and the other side's start: the same product, or a draw of its own. Descents are capped at
`most` steps, which count as most + 1.

Writes `table`: kind (over or plain), rule, h, start, initialisation, variance, error (L or L/N),
`iterations`, the mean over `seeds`: a lower bound where some do not arrive, "> most" where none
does; `capped`, the share of those that do not; and the figures.
"""

from pipeline import cli

PRINTED = {"normal": (18.92, 14.0), "ntk": (12.7, 9.08), "xavier": (14.74, 12.0),
           "he": (13.8, 10.96), "uniform": (17.0, 12.96)}  # fmt: skip
RULES = ("line_search", "optimal", "smooth", "rho", "f")


@cli.program
@cli.option("--name", default="linear", help="Name of the problem, an axis of every seed.")
@cli.option("--N", "points", type=cli.count(), default=1000, help="Inputs N.")
@cli.option("--n", type=cli.count(), default=20, help="Rows of W.")
@cli.option("--m", type=cli.count(), default=20, help="Columns of W.")
@cli.option("--h", type=cli.count(), default=1000, help="Width of the ordering's first row.")
@cli.option("--widths", type=cli.count(), multiple=True, default=[], help="More widths.")
@cli.option("--noise", default=0.001, help="Standard deviation of the noise on Y.")
@cli.option("--c1", default=0.5, help="How far α may fall, as a share of α₀, in (0, 1).")
@cli.option("--c2", default=1.5, help="How far β may grow, as a multiple of β₀, above 1.")
@cli.option("--rules", type=cli.choice(*RULES), multiple=True, default=RULES, help="Step rules.")
@cli.option("--initialisations", type=cli.choice(*PRINTED), multiple=True, default=list(PRINTED),
            help="Of either side.")  # fmt: skip
@cli.option("--error", type=cli.positive(), default=1e-8, help="The error to reach.")
@cli.option("--most", type=cli.count(), default=300, help="Gradient steps at most.")
@cli.option("--seeds", type=cli.count(), default=20, help="Repetitions.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="Every reading, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    name: str, points: int, n: int, m: int, h: int, widths: tuple[int, ...], noise: float,
    c1: float, c2: float, rules: tuple[str, ...], initialisations: tuple[str, ...], error: float,
    most: int, seeds: int, seed: int, table: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from overparam.linear_nets import draws, iterations
    from overparam.linear_nets.operators import narrowed
    from overparam.linear_nets.readings import closest, kept, tally
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    def rngs(*axes: str | int) -> list[np.random.Generator]:
        return [generator(seed, name, "table", *axes, one) for one in range(seeds)]

    data = rngs("data", points, n, m)
    x, target = draws.gaussian(data, points, n), draws.gaussian(data, n, m)
    given, least = iterations.excess_problem(
        x, x @ target + noise * draws.gaussian(data, points, m)
    )
    errors = {"L": error, "L/N": error * points}
    limits = [*errors.values()]
    rows = []

    def add(counts: np.ndarray, **reading: object) -> None:
        for kind, count in zip(errors, counts, strict=True):
            capped = np.mean(count > most)
            rows.append({**reading, "error": kind, "iterations": count.mean(), "capped": capped})

    for one in initialisations:
        for variance in iterations.VARIANCES[one]:
            axes = (one, variance)
            own = iterations.drawn(rngs("own", *axes), *axes, n, m)
            for rule in rules:
                counts = iterations.plain(given, own, rule, limits, most)
                add(counts, kind="plain", rule=rule, h=0, start="own", initialisation=one,
                    variance=variance)  # fmt: skip
            for width in dict.fromkeys((h, *widths)):
                first = iterations.drawn(rngs("first", width, *axes), *axes, n, width)
                second = iterations.drawn(rngs("second", width, *axes), *axes, width, m)
                w1, w2 = narrowed(first, second)
                for rule in rules:
                    said = {"rule": rule, "h": width, "start": "product", "initialisation": one,
                            "variance": variance}  # fmt: skip
                    counts = iterations.over(given, w1, w2, rule, c1, c2, limits, most)
                    add(counts, kind="over", **said)
                    counts = iterations.plain(given, w1 @ w2, rule, limits, most)
                    add(counts, kind="plain", **said)

    found = pd.DataFrame(rows)
    said = found.iterations.astype(object).where(found.capped < 1, f"> {most}")
    files.save_table(table, found.assign(iterations=said, seeds=seeds))
    order = [*initialisations]
    pairs = kept(found, order)
    same = pairs[pairs.rule == pairs.other]
    searched = same[(same.rule == "line_search") & (same.h == h) & (same.error == "L")
                    & (same.start == "product")]  # fmt: skip
    firsts = [next(iter(iterations.VARIANCES[one])) for one in order]
    named = searched.set_index(["initialisation", "variance"])
    chosen = named.loc[[*zip(order, firsts, strict=True)]]
    where = f"N = {points}, n = {n}, m = {m}, noise {noise:g}, {seeds} seeds"
    counted = ", ".join(
        f"{one[0]} {row.over:.4g}/{row.plain:.4g}" for one, row in chosen.iterrows()
    )
    arrived = same[same.capped == 0]
    said = "; ".join(
        f"{rule}, h = {', '.join(map(str, sorted(own.unique())))}"
        for rule, own in arrived.groupby("rule", sort=False).h
    )
    # Another step on either side: each step of the other side once, whatever names it has.
    once = pairs.assign(other=pairs.other.map(iterations.PLAIN)).drop_duplicates(
        ["rule", "other", "h", "error", "start", "initialisation", "variance"]
    )
    other = once[once.rule.map(iterations.PLAIN) != once.other]
    every, whole, mixed = (tally(some, order) for some in (same, arrived, other))
    figures = {
        "line_search.least": measured(
            (chosen.over - chosen.plain).min(), unit="steps", where=f"{where}, h = {h}; {counted}"
        ),
        "line_search.capped": measured(
            searched.capped.max(), where=f"{where}, h = {h}, both variances; within {most} steps"
        ),
        "share": measured(
            every.share,
            where=f"{where}, {every.every} readings of {len(same)} pairs of counts, of which "
            f"{(same.capped == 1).mean():.0%} have no seed within {most} steps on a side",
        ),
        "share.uncapped": measured(
            whole.share,
            where=f"{where}, {whole.every} of {every.every} readings, of {len(arrived)} pairs of "
            f"counts: {said or 'none'}",
        ),
        "share.mixed": measured(mixed.share, where=f"{where}, {mixed.every} readings"),
        "least_loss": measured(least.min(), per_seed=least, where=where),
    }
    wanted = {one: PRINTED[one] for one in order}
    best, reading = closest(pairs, wanted)
    figures["closest.over"] = measured(best.over, unit="steps", where=f"{where}; {reading}")
    figures["closest.plain"] = measured(best.plain, unit="steps", where=f"{where}; {reading}")
    printed = np.array([wanted[one] for one in order]).T.ravel()
    figures["closest.distance"] = measured(
        np.concatenate([best.over, best.plain]) - printed,
        unit="steps",
        where=f"{where}; {reading}",
    )
    save(metrics, figures)


if __name__ == "__main__":
    main()
