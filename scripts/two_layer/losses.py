"""Figure 1's losses: what the networks did, what the spectrum predicts, and who is faster.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 (a, c) and eq. (8).

Writes `table`, tidy: arm, series (network or prediction), labels, repetition, step k, t = ηk, loss
Φ/n and, for networks, the other measurements; and the figures measured, among them the step from
which every true labelling's loss lies below every random one's, and those below the worst case's;
and the loss of true labels at the last measured step at which that of random ones is .4 or more:
they start at one half, so these are hardly learned; both where those labels are trained on; and how
far networks stray from their prediction, max_k |‖y − u(k)‖ − eq. (8)| / ‖y‖ over the measured
steps.
"""

from pipeline import cli

# Φ/n at which random labels count as hardly learned.
UNFITTED = 0.4
# Of the start: below it a loss is fitted, and what order it keeps is that of float32's roundings.
FITTED = 1e-12


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--arm", multiple=True, help="Arm of each of the networks' files, in their order.")
@cli.option("--labels", multiple=True, help="Labels of each of those files.")
@cli.option("--networks", type=cli.InputFile(), multiple=True, help="Their measurements, .csv.")
@cli.option("--arrays", type=cli.InputFile(), multiple=True, help="Their losses, .npz.")
@cli.option("--predicted-arm", multiple=True, help="Arm of each of the predictions' files.")
@cli.option("--predictions", type=cli.InputFile(), multiple=True, help="Predictions, .csv.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="All losses, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    name: str, arm: tuple[str, ...], labels: tuple[str, ...], networks: tuple[str, ...],
    arrays: tuple[str, ...], predicted_arm: tuple[str, ...], predictions: tuple[str, ...],
    table: str, metrics: str,
) -> None:  # fmt: skip
    import numpy as np
    import pandas as pd

    from pipeline import files
    from pipeline.metrics import measured, save

    trained = [
        pd.read_csv(path).assign(arm=this_arm, series="network", labels=kind)
        for path, this_arm, kind in zip(networks, arm, labels, strict=True)
    ]
    foretold = [
        pd.read_csv(path).assign(arm=this_arm, series="prediction")
        for path, this_arm in zip(predictions, predicted_arm, strict=True)
    ]
    first = ["arm", "series", "labels", "repetition", "k", "t", "loss"]
    losses = pd.concat([*trained, *foretold], ignore_index=True)
    losses = losses[first + [column for column in losses if column not in first]]
    files.save_table(table, losses)

    curves: dict[tuple[str, str], list[np.ndarray]] = {}
    for path, this_arm, kind in zip(arrays, arm, labels, strict=True):
        curves.setdefault((this_arm, kind), []).extend(files.load_arrays(path, "phi")[0])
    figures = {}
    every = {"true", "random", "worst"} <= {*labels}
    for this_arm in dict.fromkeys(arm) if every else ():
        true, random, worst = (
            np.array(curves[this_arm, kind]) for kind in ("true", "random", "worst")
        )
        figures[f"{this_arm}.ordered_from"] = measured(
            _since(true.max(0), random.min(0), random.max(0), worst.min(0)),
            per_seed=[
                _since(a, b, b, c) for a, b, c in zip(true, random, worst, strict=True)
            ],
            unit="step",
            where=f"{name}, {this_arm}, steps 0 to {true.shape[1] - 1}, all repetitions",
        )  # fmt: skip
    ends = losses[losses.series == "network"]
    both = {"true", "random"} <= {*labels}
    for this_arm, runs in ends.groupby("arm") if both else ():
        by_step = runs.pivot_table(index="k", columns=["labels", "repetition"], values="loss")
        hard = by_step["random"] >= UNFITTED
        reached = by_step["true"].where(hard).ffill().iloc[-1]
        steps = ", ".join(str(k) for k in hard[::-1].idxmax())
        steps = f"steps {steps}: the last with Φ/n ≥ {UNFITTED} of random ones"
        figures[f"{this_arm}.true.while_random"] = measured(
            reached.max(), per_seed=reached, unit="Φ/n of true labels",
            where=f"{name}, {this_arm}, {steps}",
        )  # fmt: skip
    for (this_arm, kind), runs in ends.groupby(["arm", "labels"], sort=True):
        last = runs[runs.k == runs.k.max()]
        figures[f"{this_arm}.{kind}.final_loss"] = measured(
            last.loss.mean(), per_seed=last.loss, where=f"{name}, {this_arm}, step {last.k.iloc[0]}"
        )
    for (this_arm, kind), away in _strayed(losses).items():
        last = ends[ends.arm == this_arm].k.max()
        figures[f"{this_arm}.{kind}.deviation"] = measured(
            np.median(away), per_seed=away, unit="‖y‖, median over seeds",
            where=f"{name}, {this_arm}, against eq. (8), measured steps to {last}",
        )  # fmt: skip
    save(metrics, figures)


def _strayed(losses):
    """By arm and labels, of each network the largest |√(2Φ/n) − prediction|, for ‖y‖² = n, over the
    steps at which the prediction says something; without networks nothing."""
    import numpy as np

    from overparam import label_kinds, spectra

    # Labels that no seed draws, as true ones, have one prediction, which is every network's.
    drawn = losses.labels.map(label_kinds.is_drawn)
    drawn = losses.assign(drawn=losses.repetition.where(drawn, 0))
    network, prediction = (drawn[drawn.series == kind] for kind in ("network", "prediction"))
    known = ["arm", "labels", "drawn", "k"]
    norms = network.merge(prediction[[*known, "loss"]], on=known, suffixes=("", "_foretold"))
    norms = norms.dropna(subset=["loss", "loss_foretold"])
    found = {}
    for (arm, labels, _), run in norms.groupby(["arm", "labels", "repetition"]):
        measured, foretold = (np.sqrt(2 * run[key].to_numpy()) for key in ("loss", "loss_foretold"))
        away = np.abs(measured - foretold)[spectra.foretold(foretold)].max()
        found.setdefault((arm, labels), []).append(away)
    return found


def _since(low, high, lower, higher):
    """The step from which on losses (steps + 1,) are in order to the end, low < high and lower <
    higher, or both of a pair fitted; NaN if they never are."""
    import numpy as np

    pairs = ((low, high), (lower, higher))
    ordered = np.all([(a < b) | (np.maximum(a, b) < FITTED * higher[0]) for a, b in pairs], axis=0)
    broken = np.flatnonzero(~ordered)
    since = broken[-1] + 1 if len(broken) else 0
    return since if since < len(ordered) else np.nan


if __name__ == "__main__":
    main()
