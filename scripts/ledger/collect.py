"""The claims of a run: each with what was measured and the verdict; and all figures.

Writes `table` and `json`, a row per claim: id, source, place, statement, metric, expectation, what
was measured with its spread over seeds, verdict, figure and how to read it; and `figures`, a row
per measured figure, whether a claim asks for it or not: key, value, least and largest over seeds,
their number, unit and where. The .json has what was noted of the data as well.
"""

from pipeline import cli

# Of a row, what stands in the .json alone.
UNTOLD = ("value", "headline", "problem")


@cli.program
@cli.option("--claims", type=cli.InputFile(), multiple=True, required=True, help="Claims, .yaml.")
@cli.option("--checks", required=True, help="The run whose checks decide.")
@cli.option("--root", required=True, help="Folder of the run's results.")
@cli.option("--kernel", multiple=True, help="A job with another kernel, job=kernel.")
@cli.option("--metrics", type=cli.InputFile(), multiple=True, help="Figures of a job, .json.")
@cli.option("--problem", "problems", type=cli.InputFile(), multiple=True, help="A problem, .npz.")
@cli.option("--table", type=cli.OutputFile(), required=True, help="All claims, .csv.")
@cli.option("--json", "document", type=cli.OutputFile(), required=True, help="The same, .json.")
@cli.option("--figures", type=cli.OutputFile(), required=True, help="All figures, .csv.")
def main(
    claims: tuple[str, ...], checks: str, root: str, kernel: tuple[str, ...],
    metrics: tuple[str, ...], problems: tuple[str, ...], table: str, document: str, figures: str,
) -> None:  # fmt: skip
    import pandas as pd

    from pipeline import claims as claimed
    from pipeline import files
    from scripts.ledger import rows

    found = rows.figures(root, metrics)
    slices = claimed.of_slices(claims)
    ledger = rows.rows(slices, checks, root, found, kernel)
    sources = [stated.source.model_dump() for stated in slices.values()]
    columns = [key for key in (ledger or [{}])[0] if key not in UNTOLD]
    files.save_table(table, pd.DataFrame(ledger, columns=columns))
    notes = [note for path in problems for note in files.load_arrays(path, "notes")[0].tolist()]
    files.save_json(
        document, {"checks": checks, "sources": sources, "notes": notes, "claims": ledger}
    )
    measured = [
        {
            "key": f"{job}/{key}",
            "value": rows.said(figure) if isinstance(figure["value"], list) else figure["value"],
            "spread": rows.spread(figure),
            "least": min(_numbers(figure), default=None),
            "largest": max(_numbers(figure), default=None),
            "n_seeds": len(figure["per_seed"] or []),
            "unit": figure["unit"],
            "where": figure["where"],
        }
        for job, keys in sorted(found.items())
        for key, figure in keys.items()
    ]
    files.save_table(figures, pd.DataFrame(measured))


def _numbers(figure):
    """What each seed gave: nothing of those that are not finite, nor of series."""
    return [value for value in figure["per_seed"] or [] if isinstance(value, float | int)]


if __name__ == "__main__":
    main()
