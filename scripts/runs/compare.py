"""Two runs side by side: which settings their jobs had, and how the figures differ.

Settings are those that the jobs ran with, out of their sidecars, not what a file says now.
"""

from typing import TYPE_CHECKING

from pipeline import cli

if TYPE_CHECKING:
    import pandas as pd


@cli.program
@cli.option("--a", envvar="A", required=True, help="The one run.")
@cli.option("--b", envvar="B", required=True, help="The other.")
def main(a: str, b: str) -> None:
    import pandas as pd

    from scripts.runs import configs

    for name in (a, b):
        configs.check_name(name)
    left, right = _figures(a), _figures(b)
    print(f"\nSettings that differ between {a} and {b}\n")
    first, second = _settings(a), _settings(b)
    differing = [key for key in sorted({*first, *second}) if first.get(key) != second.get(key)]
    for key in differing:
        print(f"  {key:<36} {_listed(first.get(key))}  →  {_listed(second.get(key))}")
    if not differing:
        print("  none")
    both = left.add_suffix("_a").join(right.add_suffix("_b"), how="outer")
    print(f"\n{'figure':<44} {a:>14} {b:>14} {'difference':>12}  spread of seeds")
    for key, row in both.iterrows():
        difference = row.value_b - row.value_a
        spread = max(row.largest_a - row.least_a, row.largest_b - row.least_b)
        within = "" if pd.isna(spread) else f"{spread:.3g}"
        print(
            f"{key:<44} {_number(row.value_a):>14} {_number(row.value_b):>14} "
            f"{_number(difference):>12}  {within}"
        )
    print()


def _figures(run: str) -> "pd.DataFrame":
    from pathlib import Path

    import pandas as pd

    from overparam.errors import Refusal
    from pipeline import provenance

    table = Path("results", run, "summary.csv")
    if not table.is_file():
        raise Refusal(f"{table}: not there, expected the results of run {run}: make RUN={run}")
    provenance.check_files(table)
    figures = pd.read_csv(table).set_index("key")[["value", "least", "largest"]]
    return figures.apply(pd.to_numeric, errors="coerce")  # a series of numbers is text


def _settings(run: str) -> dict[str, set[str]]:
    """Values of each option of each program, over all jobs of a run."""
    import json
    from pathlib import Path

    from pipeline import provenance

    found: dict[str, set[str]] = {}
    for path in Path("results", run).rglob("*.json"):
        sidecar = provenance.read(path) or {"settings": {}}
        for key, value in sidecar["settings"].items():
            program = Path(sidecar["program"])
            name = f"{program.parent.name}.{program.stem}.{key}"
            found.setdefault(name, set()).add(json.dumps(value, ensure_ascii=False))
    return found


def _listed(values: set[str] | None) -> str:
    return ", ".join(sorted(values)) if values else "(none)"


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.5g}"


if __name__ == "__main__":
    main()
