"""Record a finished run under reference/runs/, and show it in the documents.

Copies the claims, the table of measured figures, the pictures (.png) and their captions; writes how
long jobs took (`timings.csv`) and where, when and from which commit (`provenance.json`). From those
files are then written: each recorded run's page, `reference/runs/NAME/README.md`; the blocks of
README.md and ARTIFACT.md between marks such as `<!-- runs -->` and `<!-- end of runs -->`; and, in
each source's page, `scripts/<family>/README.md`, the tables between `<!-- rows A1 A2+ -->` and
`<!-- end of rows -->`. Without a run the documents alone are written, from what is recorded.
"""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", help="Name of the run to record.")
@cli.option("--check", is_flag=True, help="Only compare the documents with the recorded runs.")
def main(run: str | None, check: bool) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import files
    from scripts.ledger import documents_of_runs, recorded_runs
    from scripts.runs import configs

    if run and not check:
        configs.check_name(run)
        recorded_runs.record(run)
    for name, text in documents_of_runs.documents().items():
        if not check:
            files.save_text(name, text)
        elif not Path(name).is_file() or Path(name).read_text("utf-8") != text:
            raise Refusal(
                f"{name}: found another text, expected what reference/runs has: make reference"
            )


if __name__ == "__main__":
    main()
