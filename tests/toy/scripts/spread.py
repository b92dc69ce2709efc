"""How the mean square of random walks grows with the step.

Writes `table`: k, square (the mean over walkers) and turns (the mean number of turns in all).
"""

from pipeline import experiment
from scripts.toy.slice import Spread


@experiment.program(Spread)
def main(settings: Spread, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd

    from pipeline import files
    from pipeline.metrics import measured, save

    positions, turns = pd.read_csv(job.positions), pd.read_csv(job.turns)
    squares = positions.assign(square=positions.position**2).groupby("k").square.mean()
    found = squares.reset_index().assign(turns=turns.turns.mean())
    files.save_table(job.table, found)
    fitted = found[found.k >= settings.least]
    slope = np.polyfit(np.log(fitted.k), np.log(fitted.square), 1)[0]
    save(job.metrics, {"exponent": measured(slope, where=f"{job.name}, k ≥ {settings.least}")})


if __name__ == "__main__":
    main()
