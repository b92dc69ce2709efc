"""The toy problem of two scalars, L = ½(1 − w1 w2)²: trajectories of the flow, and eq. (8) to (10).

Source: the talk of Xu, Min, Tarmoun, Mallada, Vidal 2023.

Writes `table`: start, time, w1, w2 and loss; and the figures; a value is the worst start's.
"""

from pipeline import experiment
from scripts.linear_nets.slice import Phase

STARTS = [
    (1.0, 0.5), (0.5, 1.0), (1.6, 0.25), (0.25, 1.6), (0.2, 0.1), (0.1, 0.2), (1.0, -0.8),
    (-0.8, 1.0), (1.5, 1.3), (1.3, 1.5), (2.0, 0.9), (0.9, 2.0),
]  # fmt: skip
DRAWN = 10  # of the toy problem's points, every which is kept


@experiment.program(Phase)
def main(settings: Phase, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.linear_nets import identities
    from pipeline import files
    from pipeline.metrics import measured, save

    run = identities.toy(np.array(STARTS), settings.until)
    kept = slice(None, None, DRAWN)
    files.save_table(job.table, pd.concat(
        pd.DataFrame({
            "start": start, "t": run.time[kept], "w1": run.w1[kept, start],
            "w2": run.w2[kept, start], "loss": run.loss[kept, start],
        })
        for start in range(len(STARTS))
    ))  # fmt: skip
    where = (
        f"{job.name}: y = {identities.TOY_Y:g}, {len(STARTS)} starts, t up to {settings.until:g}"
    )
    save(job.metrics, {
        key: measured(value, where=where) for key, value in identities.toy_checks(run).items()
    })  # fmt: skip


if __name__ == "__main__":
    main()
