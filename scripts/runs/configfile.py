"""Print the configuration file of a run, or say which runs, and which claims, there are."""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="", help="Name of the run.")
@cli.option("--claim", help="A claim that is asked for.")
def main(run: str, claim: str | None) -> None:
    import re
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import claims
    from scripts.runs import configs
    from workflow.slices import SLICES

    path = configs.file(run)
    if claim is not None:
        folders = [Path("scripts", name, "claims") for name in SLICES]
        # The page lists a claim on data of one's own by its problem too: A6.mine.
        stated, problem = re.fullmatch(r"(.*?)(?:\.([A-Za-z]\w*))?", claim, re.DOTALL).groups()
        claims.check_stated(stated, [folder for folder in folders if folder.is_dir()])
        there = configs.read(path).get("data", {}) if problem else {}
        if problem and problem not in there:
            raise Refusal(
                f"ID: found {claim!r}, expected one of the data sets of {path} after the point, "
                f"{', '.join(there)}: name the run that has it, such as RUN={problem}"
            )
    print(path)


if __name__ == "__main__":
    main()
