"""What a run found, and where: its figures as numbers, its pictures, its tables."""

from overparam.house import cli


@cli.program
@cli.option("--run", envvar="RUN", default="digits", help="Name of the run.")
def main(run: str) -> None:
    import csv
    from pathlib import Path

    from overparam.errors import Refusal
    from scripts.runs import configs

    configs.check_name(run)
    table = Path("results", run, "summary.csv")
    if not table.is_file():
        raise Refusal(f"{table}: not there yet, expected after make RUN={run}")
    print(f"\nRun {run}: what was measured ({table})\n")
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            print(f"  {row['key']:<42} {_value(row):<38} {row['where']}")
    pictures = Path("figures", run)
    print("\nFigures (.png, .svg; their tables .csv; how to read them .md)\n")
    for caption in sorted(pictures.rglob("*.md")):
        title = caption.read_text().strip().split("\n")[0].replace("*", "")
        print(f"  {caption.with_suffix('.png').as_posix()}\n      {title}")
    print()


def _value(row: dict[str, str]) -> str:
    """A figure with its spread, e.g. `2.056 (2.04 … 2.08, 5 seeds)`."""
    text = f"{float(row['value']):.4g}"
    if row["n_seeds"] not in ("", "0"):
        low, high = float(row["least"]), float(row["largest"])
        text += f" ({low:.4g} … {high:.4g}, {row['n_seeds']} seeds)"
    return f"{text} {row['unit']}".strip()


if __name__ == "__main__":
    main()
