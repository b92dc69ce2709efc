"""What a run found: missed claims, headline results, where the report is, the verdicts counted.

The exit status is 0, and 2 if a claim was missed; 1 means that the claims could not be read. A miss
that is known (`known_miss`) is listed as such and does not count towards the status; nor does one
on data of one's own, where it is what was found. Notes on the data come first, unless they were
told before the run.
"""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="digits", help="Name of the run.")
@cli.option("--whole", is_flag=True, help="Print every claim, a line each.")
@cli.option("--noted", envvar="OVERPARAM_NOTED", is_flag=True, help="No notes on the data.")
@cli.option("--lenient", is_flag=True, help="Exit with 0 even if a claim was missed.")
@cli.option("--configfile", type=cli.InputFile(), help="Refuse a table that is older than this.")
def main(
    run: str, whole: bool, noted: bool, lenient: bool, configfile: str | None
) -> None:  # fmt: skip
    import sys
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline.style import counted
    from scripts.ledger import words
    from scripts.ledger.rows import notes, recorded
    from scripts.runs import configs

    configs.check_name(run)
    claims = recorded(Path("results", run))
    if configfile and (due := _due(configfile, f"results/{run}/claims.json")):
        raise Refusal(
            f"results/{run}/claims.json: found {counted(due, 'job')} to do before it, expected "
            f"none: settings, code or results have changed since; type make RUN={run} "
            f"(results/{run}/claims.csv has the table of before)"
        )
    missed = [claim for claim in claims if claim["verdict"] == "missed"]
    if whole:
        print(f"\n{words.table(claims)}\n")
    else:
        if not noted and (found := notes(Path("results", run))):
            print("\n" + "\n".join(found))
        headlines = [claim for claim in claims if claim.get("headline")]
        for title, told in (("Missed", missed), ("Headline results", headlines)):
            if told:
                print(f"\n{title} (run {run})\n\n{words.brief(told, run)}")
        print(f"\nevery claim: make claims RUN={run}, or results/{run}/claims.csv")
        print(f"report: results/{run}/report.html")
    print(f"claims: {words.tally(claims)}", flush=True)
    new = [claim["id"] for claim in missed if not (claim["known_miss"] or claim.get("problem"))]
    if new and not lenient:
        print(f"error: missed, and not known to be: {', '.join(new)}", file=sys.stderr)
        raise SystemExit(2)


def _due(configfile: str, table: str) -> int:
    """How many jobs are to be done before a table is up to date."""
    from snakemake.utils import available_cpu_count

    from pipeline.running.dag import planned

    return sum(job.due for job in planned(configfile, available_cpu_count(), [table]))


if __name__ == "__main__":
    main()
