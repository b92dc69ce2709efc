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

from pipeline import experiment
from scripts.linear_nets.slice import Table

PRINTED = {"normal": (18.92, 14.0), "ntk": (12.7, 9.08), "xavier": (14.74, 12.0),
           "he": (13.8, 10.96), "uniform": (17.0, 12.96)}  # fmt: skip


@experiment.program(Table)
def main(settings: Table, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.linear_nets import draws, iterations
    from overparam.linear_nets.operators import narrowed
    from overparam.linear_nets.readings import closest, kept, tally
    from overparam.seeds import generator
    from pipeline import files
    from pipeline.metrics import measured, save

    points, n, m, h = settings.N, settings.n, settings.m, job.h
    noise, c1, c2, most = settings.noise, settings.c1, settings.c2, settings.most
    rules, order, seeds = settings.rules, settings.initialisations, settings.seeds

    def rngs(*axes: str | int) -> list[np.random.Generator]:
        return [generator(job.seed, job.name, "table", *axes, at) for at in range(seeds)]

    data = rngs("data", points, n, m)
    x, target = draws.gaussian(data, points, n), draws.gaussian(data, n, m)
    given, least = iterations.excess_problem(
        x, x @ target + noise * draws.gaussian(data, points, m)
    )
    errors = {"L": settings.error, "L/N": settings.error * points}
    limits = [*errors.values()]
    rows = []

    def add(counts: np.ndarray, **reading: object) -> None:
        for kind, count in zip(errors, counts, strict=True):
            capped = np.mean(count > most)
            rows.append({**reading, "error": kind, "iterations": count.mean(), "capped": capped})

    for initialisation in order:
        for variance in iterations.VARIANCES[initialisation]:
            axes = (initialisation, variance)
            own = iterations.drawn(rngs("own", *axes), *axes, n, m)
            for rule in rules:
                counts = iterations.plain(given, own, rule, limits, most)
                add(counts, kind="plain", rule=rule, h=0, start="own",
                    initialisation=initialisation, variance=variance)  # fmt: skip
            for width in dict.fromkeys((h, *settings.widths)):
                first = iterations.drawn(rngs("first", width, *axes), *axes, n, width)
                second = iterations.drawn(rngs("second", width, *axes), *axes, width, m)
                w1, w2 = narrowed(first, second)
                for rule in rules:
                    said = {"rule": rule, "h": width, "start": "product",
                            "initialisation": initialisation, "variance": variance}  # fmt: skip
                    counts = iterations.over(given, w1, w2, rule, c1, c2, limits, most)
                    add(counts, kind="over", **said)
                    counts = iterations.plain(given, w1 @ w2, rule, limits, most)
                    add(counts, kind="plain", **said)

    found = pd.DataFrame(rows)
    said = found.iterations.astype(object).where(found.capped < 1, f"> {most}")
    files.save_table(job.table, found.assign(iterations=said, seeds=seeds))
    pairs = kept(found, order)
    same = pairs[pairs.rule == pairs.other]
    searched = same[(same.rule == "line_search") & (same.h == h) & (same.error == "L")
                    & (same.start == "product")]  # fmt: skip
    firsts = [next(iter(iterations.VARIANCES[initialisation])) for initialisation in order]
    named = searched.set_index(["initialisation", "variance"])
    chosen = named.loc[[*zip(order, firsts, strict=True)]]
    where = f"N = {points}, n = {n}, m = {m}, noise {noise:g}, {seeds} seeds"
    counted = ", ".join(
        f"{key[0]} {row.over:.4g}/{row.plain:.4g}" for key, row in chosen.iterrows()
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
    wanted = {initialisation: PRINTED[initialisation] for initialisation in order}
    best, reading = closest(pairs, wanted)
    figures["closest.over"] = measured(best.over, unit="steps", where=f"{where}; {reading}")
    figures["closest.plain"] = measured(best.plain, unit="steps", where=f"{where}; {reading}")
    printed = np.array([wanted[initialisation] for initialisation in order]).T.ravel()
    figures["closest.distance"] = measured(
        np.concatenate([best.over, best.plain]) - printed,
        unit="steps",
        where=f"{where}; {reading}",
    )
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
