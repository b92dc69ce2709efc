"""One table of everything a run has measured, out of each job's own figures.

Writes a row per figure: key, value, least and largest over seeds, their number, unit and where.
"""

from overparam.house import cli


@cli.program
@cli.option("--metrics", type=cli.InputFile(), multiple=True, help="Figures of a job, .json.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="All figures, .csv.")
def main(metrics: tuple[str, ...], table: str) -> None:
    import json
    from pathlib import Path

    import pandas as pd

    from overparam.errors import Refusal
    from overparam.house import files

    rows = {}
    for path in metrics:
        for key, figure in json.loads(Path(path).read_text()).items():
            if key in rows:
                raise Refusal(f"{path}: found {key!r} again, expected each figure once")
            seeds = figure["per_seed"] or []
            rows[key] = {
                "key": key,
                "value": figure["value"],
                "least": min(seeds, default=None),
                "largest": max(seeds, default=None),
                "n_seeds": len(seeds),
                "unit": figure["unit"],
                "where": figure["where"],
            }
    columns = ["key", "value", "least", "largest", "n_seeds", "unit", "where"]
    files.save_table(table, pd.DataFrame(rows.values(), columns=columns).sort_values("key"))


if __name__ == "__main__":
    main()
