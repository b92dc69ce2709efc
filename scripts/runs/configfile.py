"""Print the configuration file of a run, or say which runs there are."""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", default="", help="Name of the run.")
def main(run: str) -> None:
    from scripts.runs import configs

    print(configs.file(run))


if __name__ == "__main__":
    main()
