"""The toy problem of two scalars, L = ½(1 − w1 w2)²: trajectories of the flow, and eq. (8) to (10).

Source: the talk of Xu, Min, Tarmoun, Mallada, Vidal 2023.

Writes `table`: start, time, w1, w2 and loss; and the figures; a value is the worst start's.
"""

from pipeline import cli

STARTS = [
    (1.0, 0.5), (0.5, 1.0), (1.6, 0.25), (0.25, 1.6), (0.2, 0.1), (0.1, 0.2), (1.0, -0.8),
    (-0.8, 1.0), (1.5, 1.3), (1.3, 1.5), (2.0, 0.9), (0.9, 2.0),
]  # fmt: skip
DRAWN = 10  # of the toy problem's points, every which is kept


@cli.program
@cli.option("--name", default="linear", help="Name of the problem.")
@cli.option("--until", type=cli.positive(), default=6.0, help="Time of the flow.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="The trajectories, .csv.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(name: str, until: float, table: str, metrics: str) -> None:
    import numpy as np
    import pandas as pd

    from overparam.linear_nets import identities
    from pipeline import files
    from pipeline.metrics import measured, save

    run = identities.toy(np.array(STARTS), until)
    kept = slice(None, None, DRAWN)
    files.save_table(table, pd.concat(
        pd.DataFrame({
            "start": one, "t": run.time[kept], "w1": run.w1[kept, one],
            "w2": run.w2[kept, one], "loss": run.loss[kept, one],
        })
        for one in range(len(STARTS))
    ))  # fmt: skip
    where = f"{name}: y = {identities.TOY_Y:g}, {len(STARTS)} starts, t up to {until:g}"
    save(metrics, {
        key: measured(value, where=where) for key, value in identities.toy_checks(run).items()
    })  # fmt: skip


if __name__ == "__main__":
    main()
