"""One claim of a run: statement, expectation, what was measured, verdict, how to read it; in a run
of one's own once for each problem.

Reads the claim's own job alone, so that nothing else has to be computed.
"""

from pipeline import cli


@cli.program
@cli.option("--id", "claim", required=True, help="The claim, such as A19.")
@cli.option("--claims", type=cli.InputFile(), multiple=True, required=True, help="Claims, .yaml.")
@cli.option("--checks", required=True, help="The run whose checks decide.")
@cli.option("--root", required=True, help="Folder of the run's results.")
@cli.option("--kernel", multiple=True, help="A job with another kernel, job=kernel.")
@cli.option("--metrics", type=cli.InputFile(), multiple=True, help="Figures of its job, .json.")
def main(
    claim: str, claims: tuple[str, ...], checks: str, root: str, kernel: tuple[str, ...],
    metrics: tuple[str, ...],
) -> None:  # fmt: skip
    from pipeline.claims import of_slices
    from scripts.ledger import rows, words

    ledger = rows.rows(of_slices(claims), checks, root, rows.figures(root, metrics), kernel)
    own = [row for row in ledger if row["id"].partition(".")[0] == claim]
    print("\n".join(map(words.row, own)) or f"{claim}: not run here, and not claimed of any data")


if __name__ == "__main__":
    main()
