"""Record a finished run under reference/runs/, and show it in the README.

Copies the ledger, the table of measured figures, the pictures (.png) and their captions; writes how
long jobs took (`timings.csv`) and where, when and from which commit (`provenance.json`). From those
files are then written: the run's page, `reference/runs/NAME/README.md`; the blocks of README.md and
ARTIFACT.md between `<!-- run NAME -->` and `<!-- end of run NAME -->`; the README's list of sources
between `<!-- sources -->` and `<!-- end of sources -->`; and, in each slice's page,
`scripts/<slice>/README.md`, the tables between `<!-- rows A1 A2+ -->` and `<!-- end of rows -->`.
"""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", required=True, help="Name of the run.")
@cli.option("--check", is_flag=True, help="Only compare the documents with the recorded run.")
def main(run: str, check: bool) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import files
    from scripts.ledger import documents_of_runs, recorded_runs
    from scripts.runs import configs

    configs.check_name(run)
    documents_of_runs.check_places(run)
    if not check:
        recorded_runs.record(run)
    for name, text in documents_of_runs.documents(run).items():
        if not check:
            files.save_text(name, text)
        elif not Path(name).is_file() or Path(name).read_text("utf-8") != text:
            raise Refusal(
                f"{name}: found another text for run {run}, expected reference/runs/{run}"
            )


if __name__ == "__main__":
    main()
