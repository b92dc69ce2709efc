"""Print the configuration file of a run, or say which runs, and which claims, there are."""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="", help="Name of the run.")
@cli.option("--claim", help="A claim that is asked for.")
def main(run: str, claim: str | None) -> None:
    import re
    from pathlib import Path

    from pipeline import claims
    from scripts.runs import configs
    from workflow.slices import SLICES

    if claim is not None:
        folders = [Path("scripts", name, "claims") for name in SLICES]
        # The page lists a claim on data of one's own by its problem too: A6.mine.
        claims.check_stated(
            re.sub(r"\.[A-Za-z]\w*$", "", claim), [folder for folder in folders if folder.is_dir()]
        )
    print(configs.file(run))


if __name__ == "__main__":
    main()
