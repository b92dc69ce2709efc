"""Record a finished run under reference/runs/, and show it in the README.

Copies the table of measured figures, the pictures (.png) and their captions; writes how long jobs
took (`timings.csv`) and where, when and from which commit (`provenance.json`). The README's block
between `<!-- run NAME -->` and `<!-- end of run NAME -->` is then written from those files.
"""

from overparam.house import cli


@cli.program
@cli.option("--run", envvar="RUN", required=True, help="Name of the run.")
@cli.option("--check", is_flag=True, help="Only compare the README with the recorded run.")
def main(run: str, check: bool) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from overparam.house import files
    from scripts.ledger import records
    from scripts.runs import configs

    configs.check_name(run)
    readme = Path("README.md")
    before = readme.read_text()
    records.check_place(before, run)
    if not check:
        records.record(run)
    after = records.shown(before, run)
    if check and before != after:
        raise Refusal(f"{readme}: found another text for run {run}, expected reference/runs/{run}")
    if not check:
        files.save_text(readme, after)


if __name__ == "__main__":
    main()
