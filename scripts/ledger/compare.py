"""A run's claims beside those of the recorded run; the exit status is 2 if a verdict changed."""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="digits", help="Name of the run.")
@cli.option("--reference", help="The recorded run; the one of the same name unless told.")
def main(run: str, reference: str | None) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from scripts.ledger.recorded_runs import FOLDER
    from scripts.ledger.rows import recorded
    from scripts.runs import configs

    configs.check_name(run)
    ours = {row["id"]: row for row in recorded(Path("results", run))}
    known = sorted(path.parent.name for path in FOLDER.glob("*/claims.json"))
    reference = reference or run
    if reference not in known:
        listed = f"one of {', '.join(known)}" if known else "one: make reference records a run"
        raise Refusal(
            f"reference: found no recorded run {reference!r}, expected {listed}: make compare "
            f"A={run} B=digits sets two finished runs side by side"
        )
    theirs = {row["id"]: row for row in recorded(FOLDER / reference)}
    changed = []
    print(f"{'claim':<6} {'recorded':<36} {'here':<36}")
    for id in [*theirs, *(id for id in ours if id not in theirs)]:
        before, after = (_said(side.get(id)) for side in (theirs, ours))
        differs = id in theirs and id in ours and theirs[id]["verdict"] != ours[id]["verdict"]
        changed += [id] * differs
        mark = "verdict changed" if differs else "" if before == after else "differs"
        print(f"{id:<6} {before:<36} {after:<36} {mark}".rstrip())
    print(f"\n{len(changed)} verdicts changed{': ' if changed else ''}{', '.join(changed)}")
    if alone := sorted({*theirs} ^ {*ours}):
        print(f"{len(alone)} claims on one side alone: {', '.join(alone)}")
    if changed:
        raise SystemExit(2)


def _said(row: dict[str, str] | None) -> str:
    return f"{row['verdict']}  {row['measured']}".strip() if row else "(no such claim)"


if __name__ == "__main__":
    main()
