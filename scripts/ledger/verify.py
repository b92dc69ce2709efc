"""What a run says of its claims, in its last line; the exit status is 0, 2 if one was missed.

1 means that the ledger could not be read. A miss that is known (`known_miss`) is listed as such and
does not count towards the status.
"""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="digits", help="Name of the run.")
@cli.option("--whole", is_flag=True, help="Print every claim, not the missed ones alone.")
@cli.option("--lenient", is_flag=True, help="Exit with 0 even if a claim was missed.")
def main(run: str, whole: bool, lenient: bool) -> None:
    from pathlib import Path

    from scripts.ledger import words
    from scripts.ledger.rows import recorded

    claims = recorded(Path("results", run))
    missed = [claim for claim in claims if claim["verdict"] == "missed"]
    if whole:
        print("\n" + words.table(claims) + "\n")
    else:
        print("".join(words.row(claim) + "\n" for claim in missed), end="")
    print(f"claims: {words.tally(claims)}")
    if not lenient and any(not claim["known_miss"] for claim in missed):
        raise SystemExit(2)


if __name__ == "__main__":
    main()
