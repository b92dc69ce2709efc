"""Are training and test labels both relabelled, by half of the portion, and independently?

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), appendix A: figure 2 replaces a portion p
of the labels of training *and* test points by unif{±1}; so p/2 of either change, no predictor's
test error lies below p/2 but by chance, and the two relabellings know nothing of each other.

Both sides are drawn for as many points, of the side that has fewer: one draw used twice would then
be seen. Writes `table`, a row per portion and draw: share of labels changed on either side, and
the correlation of the two relabellings; and the figures measured.
"""

from pipeline import experiment
from scripts.two_layer.slice import Noise


@experiment.program(Noise)
def main(settings: Noise, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam import labels, sampling
    from pipeline import files
    from pipeline.metrics import measured, save

    name, noise, draws = job.name, settings.noise, settings.draws
    true, true_test = files.load_arrays(job.problem, "labels", "test_labels")
    n = min(len(true), len(true_test))
    true, true_test, tables = true[:n], true_test[:n], []
    for p in noise:
        drawn = [
            labels.draw(f"noise{p}", true, true_test, np.empty(0), job.seed, name, draw)
            for draw in range(draws)
        ]
        kept, kept_test = (
            np.array(side) * truth
            for side, truth in zip(zip(*drawn, strict=True), (true, true_test), strict=True)
        )
        columns = {
            "portion": p, "draw": np.arange(draws), "train": np.mean(kept < 0, axis=1),
            "test": np.mean(kept_test < 0, axis=1),
            "correlation": sampling.noise_correlation(kept, kept_test, p),
        }  # fmt: skip
        tables.append(pd.DataFrame(columns))
    measures = pd.concat(tables, ignore_index=True)
    files.save_table(job.table, measures)

    where = f"{name}, {n} points, {draws} draws, p = {', '.join(f'{p:g}' for p in noise)}"
    scaled = (measures.correlation.abs() * np.sqrt(n)).groupby(measures.draw).max()
    figures = {"correlation": measured(scaled.max(), per_seed=scaled, unit="1/√n", where=where)}
    for side in ("train", "test"):
        # round(pn) fair coins a draw.
        count = np.round(measures.portion * n)
        apart = (measures[side] * n - count / 2) / np.sqrt(count / 4)
        means = apart.groupby(measures.portion).mean().abs() * np.sqrt(draws)
        figures[f"changed.{side}"] = measured(
            means.max(), per_seed=apart.abs().groupby(measures.draw).max(), where=where,
            unit="standard errors of the mean from p/2, largest over p; each draw: its own",
        )  # fmt: skip
    tested = pd.read_csv(job.sampled).query("split == 0")
    above = (tested.error - tested.portion / 2)[tested.portion > 0]
    means = above.groupby(tested.portion).agg(["mean", "sem"])
    scaled = above / above.groupby(tested.portion).transform("std")
    figures["floor"] = measured(
        (-means["mean"] / means["sem"]).max(),
        per_seed=(-scaled).groupby(tested.draw).max(),
        unit="standard errors of the mean below p/2, largest over p; each draw: its own",
        where=f"{name}, kernel predictor, {tested.draw.nunique()} draws",
    )
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
