"""All that a run's page needs to know: the claims, what made them, and how long each claim takes.

Writes `document`, the claims with the figures' files, the seconds behind each claim
(of all jobs that its figure of merit rests on), versions, computers and commits of all jobs; and
`timings`, a row per job: job, program, seconds, MB.

What depends on when and how fast things were computed stands here alone, never in tables or
figures.
"""

from pipeline import cli


@cli.program
@cli.option("--run", required=True, help="Name of the run.")
@cli.option("--seed", type=int, required=True, help="Its master seed.")
@cli.option("--data", multiple=True, help="What it was run on: a problem in a few words.")
@cli.option("--claims", type=cli.InputFile(), required=True, help="The claims, .json.")
@cli.option("--figure", "figures", type=cli.InputFile(), multiple=True, help="A figure, .svg.")
@cli.option("--document", type=cli.OutputFile(), required=True, help="All of it, .json.")
@cli.option("--timings", type=cli.OutputFile(), required=True, help="Every job's time, .csv.")
def main(
    run: str, seed: int, data: tuple[str, ...], claims: str, figures: tuple[str, ...],
    document: str, timings: str,
) -> None:  # fmt: skip
    import json
    from pathlib import Path

    from pipeline import files
    from scripts.ledger import provenance_of_run
    from scripts.ledger import timings as times

    ledger = json.loads(Path(claims).read_text("utf-8"))
    # Slices may call their figures alike: each has a folder of its own.
    drawn = {(Path(path).parent.name, Path(path).stem): path for path in figures}
    jobs = times.jobs(run)
    memory = dict(zip(jobs.job, jobs.mb, strict=True))
    rows = [
        _row(row, drawn, times.behind(jobs, _figures_of(row, run)), memory)
        for row in ledger["claims"]
    ]
    provenance = provenance_of_run.of(jobs) | {"seed": seed}
    sources = {source.pop("id"): source for source in ledger["sources"]}
    cited = {row["source"] for row in rows}
    computer = provenance["computer"]
    cost = (
        f"{len(jobs)} jobs before this page, {times.busy(jobs) / 60:.1f} minutes; computer of "
        f"{computer['cores']} cores, {computer['processor']}"
    )
    files.save_json(
        document,
        {"run": run, "data": data, "notes": ledger["notes"], "cost": cost,
         "source": {id: source for id, source in sources.items() if id in cited},
         "provenance": provenance, "claims": rows},
    )  # fmt: skip
    shown = jobs[["job", "program", "seconds", "mb"]].sort_values("seconds", ascending=False)
    files.save_table(timings, shown)


def _figures_of(row: dict, run: str) -> list[str]:
    """The file that holds a claim's measured figure; none if this run does not decide it."""
    if row["verdict"] == "not run":
        return []
    return [f"results/{run}/{row['slice']}/{row['metric'].rpartition('/')[0]}/metrics.json"]


def _row(row: dict, drawn: dict, seconds: dict[str, float], memory: dict[str, float]) -> dict:
    kept = {key: value if value != "" else None for key, value in row.items()}
    for key in ("slice", "problem", "known_miss", "checked_in"):
        del kept[key]
    return kept | {
        "figure": drawn.get((row["slice"], row["figure"])),
        "seconds": sum(seconds.values()) if seconds else None,
        "mb": max((memory[job] for job in seconds if memory[job] > 0), default=None),
    }


if __name__ == "__main__":
    main()
