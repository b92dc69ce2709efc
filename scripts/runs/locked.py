"""Fail, naming it, if a run is at work in this folder; what a killed one left is cleared up."""

from pipeline import cli


@cli.program
def main() -> None:
    from pipeline.running import owner

    with owner.alone():
        pass


if __name__ == "__main__":
    main()
