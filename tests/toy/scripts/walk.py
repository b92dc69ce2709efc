"""Random walks with steps ±1, one for each point of a problem.

Writes `positions`: walker, k, position, at every step; `turns`: walker and how often it turned.
Keeps a checkpoint beside `positions` until it ends.
"""

import logging

from pipeline import cli, experiment
from scripts.toy.slice import Walk

log = logging.getLogger("overparam")


@experiment.program(Walk)
def main(settings: Walk, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from overparam.seeds import generator
    from overparam.toy.walks import walk
    from pipeline import checkpoints, files
    from pipeline.metrics import measured, save
    from pipeline.progress import track

    (inputs,) = files.load_arrays(job.problem, "inputs")
    checkpoint = checkpoints.Checkpoint(job.positions, cli.identity())
    if held := checkpoint.load("positions"):
        (positions,) = held
        log.info("goes on from %d positions", np.isfinite(positions).sum())
    else:
        positions = np.full((len(inputs), settings.steps + 1), np.nan)
    turns = []
    for walker, own in enumerate(positions):
        steps = generator(job.seed, job.name, "steps", walker).choice([-1.0, 1.0], settings.steps)
        turns.append(int((np.diff(steps) != 0).sum()))
        begun = int(np.isfinite(own).sum())
        begin = (begun - 1, float(own[begun - 1])) if begun else (0, 0.0)
        left = settings.steps + 1 - begin[0]
        for k, position in track(walk(steps, *begin), left, f"{job.name} {walker}"):
            own[k] = position
            if checkpoint.due():
                checkpoint.save({"positions": positions})
    walker, k = np.indices(positions.shape)
    table = {"walker": walker.ravel(), "k": k.ravel(), "position": positions.ravel()}
    files.save_table(job.positions, pd.DataFrame(table))
    files.save_table(job.turns, pd.DataFrame({"walker": range(len(turns)), "turns": turns}))
    share = np.mean(turns) / (settings.steps - 1)
    where = f"{job.name}, {len(turns)} walks of {settings.steps} steps"
    save(job.metrics, {"turns": measured(share, where=where, unit="share of steps")})
    checkpoint.remove()


if __name__ == "__main__":
    main()
