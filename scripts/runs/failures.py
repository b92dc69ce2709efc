"""What failed in the last run of this folder: each job with why, what to raise, its last lines.

Read from Snakemake's own log and, on a cluster, from SLURM's logs and accounts.
"""

from pathlib import Path
from typing import NamedTuple

from pipeline import cli

LOGS = Path(".snakemake/log")
SENT = "slurm_logs"  # the folder of submissions' logs


class Failure(NamedTuple):
    """A failed job: its rule, where it says what it did, and whether it was done since."""

    rule: str
    log: str
    done: bool


@cli.program
@cli.option("--lines", default=5, help="Last lines to show of each job's log.")
def main(lines: int) -> None:
    from pipeline.running import slurm

    logs = sorted(LOGS.glob("*.snakemake.log"))
    if not logs:
        print("Nothing ran in this folder yet.")
        return
    said = logs[-1].read_text(errors="replace")
    submissions = _submissions(said)
    for path in submissions:
        text = path.read_text(errors="replace") if path.is_file() else ""
        failures = _failures(text)
        rules = ", ".join(sorted({failure.rule for failure in failures})) or "its rule"
        _tell(slurm.why(path.stem, text, rules), failures, lines)
        # A job that the node refused, or whose Snakemake ended there, is named nowhere in it.
        if not failures:
            _show(str(path), lines)
    local = _failures(said)
    if local:
        _tell("on this computer", local, lines)
    if not submissions and not local:
        print(f"No job failed in the last run ({logs[-1]}).")


def _submissions(said: str) -> list[Path]:
    """SLURM's logs of the submissions that failed."""
    import re

    found = re.findall(r"^ +log: (.+) \(check log file", said, re.MULTILINE)
    paths = [Path(path) for listed in found for path in listed.split(", ")]
    return list(dict.fromkeys(path for path in paths if SENT in path.parts))


def _failures(said: str) -> list[Failure]:
    """The jobs that a log of Snakemake's calls failed: those of the innermost, if it says which."""
    import re

    for indent in ("", " +"):
        blocks = re.findall(rf"^{indent}Error in rule (\w+):\n((?:^ +.*\n)+)", said, re.MULTILINE)
        if blocks:
            # Of those that were sent, their submission's log tells more.
            here = [(rule, text) for rule, text in blocks if SENT not in text]
            return list(dict.fromkeys(Failure(rule, *_files(text)) for rule, text in here))
    return []


def _files(block: str) -> tuple[str, bool]:
    """A failed job's own log, and whether its outputs are there now."""
    import re

    listed = {
        kind: re.search(rf"^ +{kind}: (.+?)(?: \(check log.*)?$", block, re.MULTILINE)
        for kind in ("log", "output")
    }
    files = {kind: match[1].split(", ") if match else [] for kind, match in listed.items()}
    done = bool(files["output"]) and all(Path(path).is_file() for path in files["output"])
    return next(iter(files["log"]), ""), done


def _tell(why: str, failures: list[Failure], lines: int) -> None:
    print(why)
    for failure in failures:
        since = ", done by a later attempt" if failure.done else ""
        print(f"  {failure.rule}{since}: {failure.log}")
        if not failure.done:
            _show(failure.log, lines)


def _show(log: str, lines: int) -> None:
    """The last lines of a log, if it is there."""
    path = Path(log)
    for line in path.read_text(errors="replace").splitlines()[-lines:] if path.is_file() else []:
        print(f"    {line}")


if __name__ == "__main__":
    main()
