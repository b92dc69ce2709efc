"""What a run found, and where: its claims with their verdicts, its figures, its report."""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="digits", help="Name of the run.")
def main(run: str) -> None:
    from pathlib import Path

    from scripts.ledger import words
    from scripts.ledger.rows import recorded
    from scripts.runs import configs

    configs.check_name(run)
    claims = recorded(Path("results", run))
    print(f"\nRun {run}: claims (results/{run}/claims.csv)\n")
    print(words.table(claims))
    print("\nFigures (.png, .svg; their tables .csv; how to read them .md)\n")
    for caption in sorted(Path("figures", run).rglob("*.md")):
        title = caption.read_text("utf-8").strip().split("\n")[0].replace("*", "")
        print(f"  {caption.with_suffix('.png').as_posix()}\n      {title}")
    print(f"\nEvery measured figure: results/{run}/summary.csv")
    print(f"The whole as a page: results/{run}/report.html\n")


if __name__ == "__main__":
    main()
