"""Record a finished run under reference/runs/, and show it in the README.

Copies the ledger, the table of measured figures, the pictures (.png) and their captions; writes how
long jobs took (`timings.csv`) and where, when and from which commit (`provenance.json`). The blocks
of README.md and ARTIFACT.md between `<!-- run NAME -->` and `<!-- end of run NAME -->` are then
written from those files.
"""

from overparam.house import cli


@cli.program
@cli.option("--run", envvar="RUN", required=True, help="Name of the run.")
@cli.option("--check", is_flag=True, help="Only compare the documents with the recorded run.")
def main(run: str, check: bool) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from overparam.house import files
    from scripts.ledger import records
    from scripts.runs import configs

    configs.check_name(run)
    before = {name: Path(name).read_text("utf-8") for name in records.DOCUMENTS}
    for name, text in before.items():
        records.check_place(name, text, run)
    if not check:
        records.record(run)
    for name, text in before.items():
        after = records.shown(name, text, run)
        if check and text != after:
            raise Refusal(
                f"{name}: found another text for run {run}, expected reference/runs/{run}"
            )
        if not check:
            files.save_text(name, after)


if __name__ == "__main__":
    main()
