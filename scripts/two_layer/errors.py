"""Figure 2's table: test error and complexity against the portion of random labels.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 2.

Writes `errors`, tidy: series (network or kernel), portion, repetition, test 0–1 error, test ℓ₁
loss and, for networks, the step at which training ended and the loss Φ/n reached; `complexity`,
tidy: series (expected or sampled), split, portion, draw, complexity; and the figures measured.
"""

from pipeline import cli


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--portion", type=float, multiple=True, help="Portion of each of the networks' files.")
@cli.option("--networks", type=cli.InputFile(), multiple=True, help="Their measurements, .csv.")
@cli.option("--expected", type=cli.InputFile(), required=True, help="Expected complexity, .csv.")
@cli.option("--sampled", type=cli.InputFile(), required=True, help="Sampled complexity, .csv.")
@cli.option("--errors", type=cli.OutputFile(), required=True, help="Errors, .csv.")
@cli.option("--complexity", type=cli.OutputFile(), required=True, help="Complexity, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    name: str, portion: tuple[float, ...], networks: tuple[str, ...], expected: str,
    sampled: str, errors: str, complexity: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd
    from scipy.stats import spearmanr

    from pipeline import files
    from pipeline.metrics import measured, save

    analytic = pd.read_csv(expected).assign(series="expected")
    drawn = pd.read_csv(sampled).assign(series="sampled")
    kernel = drawn[drawn.split == 0].rename(columns={"draw": "repetition"})
    ends = [
        pd.read_csv(path).groupby("repetition").tail(1).assign(portion=p)
        for path, p in zip(networks, portion, strict=True)
    ]
    trained = [
        end.rename(columns={"test_error": "error", "test_l1": "l1", "k": "steps"}).assign(
            series="network"
        )
        for end in ends
    ]
    both = pd.concat([*trained, kernel.assign(series="kernel")], ignore_index=True)
    shown = ["series", "portion", "repetition", "error", "l1", "steps", "loss"]
    both = both.reindex(columns=shown).astype({"steps": "Int64"})
    files.save_table(errors, both)
    measures = pd.concat([analytic, drawn], ignore_index=True).astype({"draw": "Int64"})
    files.save_table(complexity, measures[["series", "split", "portion", "draw", "complexity"]])

    figures = {}
    first = analytic[analytic.split == 0].set_index("portion").complexity
    for series, group in both.groupby("series", sort=True):
        means = group.groupby("portion").error.mean()
        if len(means) > 2 and means.nunique() > 1:
            each = _by_repetition(group, "error")
            figures[f"{series}.spearman"] = measured(
                spearmanr(first[means.index], means).statistic,
                per_seed=[
                    spearmanr(first[each.index], each[repetition]).statistic for repetition in each
                ],
                where=f"{name}, complexity against mean test error over {len(means)} portions",
            )
        apart = _by_repetition(group, "error").sub(means.index / 2, axis=0)
        for key, chosen in (("excess", apart), ("excess.half", apart[apart.index <= 0.5])):
            listed = ", ".join(f"{p:g}" for p in chosen.index)
            figures[f"{series}.{key}"] = measured(
                chosen.mean(axis=1), per_seed=chosen.T.to_numpy(), where=f"{name}, p = {listed}",
                unit="mean test error − p/2, by portion",
            )  # fmt: skip
        for key, column in (("error", "error"), ("l1", "l1")):
            each = _by_repetition(group, column)
            figures[f"{series}.{key}.by_portion"] = measured(
                each.mean(axis=1), per_seed=each.T.to_numpy(),
                where=f"{name}, mean over seeds, {len(each)} portions",
            )  # fmt: skip
    for series, group in both.groupby("series", sort=True):
        for key, column in (("margin", "error"), ("margin.l1", "l1")):
            each = _by_repetition(group, column)
            margins = each.rsub(first[each.index], axis=0).min()
            figures[f"{series}.{key}"] = measured(
                margins.min(), per_seed=margins, where=f"{name}, complexity minus test {column}, "
                "least over portions and seeds",
            )  # fmt: skip
        for label, p in (("true", 0.0), ("random", 1.0)):
            found = group[group.portion == p].error
            if len(found):
                figures[f"{series}.error.{label}"] = measured(
                    found.mean(), per_seed=found, where=f"{name}, portion {p:g} of random labels"
                )
    if (first.index > 0).any():
        figures["complexity.noisy"] = measured(
            first[first.index > 0].min(), where=f"{name}, least over portions above 0"
        )
    for label, p in (("true", 0.0), ("half_random", 0.5), ("random", 1.0)):
        values = analytic[np.isclose(analytic.portion, p)].complexity
        if len(values):
            figures[f"complexity.{label}"] = measured(
                values.mean(), per_seed=values, where=f"{name}, mean over {len(values)} splits"
            )
    save(metrics, figures)


def _by_repetition(group, column):
    """Portions by repetitions; where nothing is drawn (p = 0) one value stands for all."""
    return group.pivot(index="portion", columns="repetition", values=column).ffill(axis=1)


if __name__ == "__main__":
    main()
