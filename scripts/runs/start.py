"""Run Snakemake in this folder, once what a killed run left is cleared up.

A run that is at work here is named (process, computer, since when), and nothing is touched. What
follows `--` are Snakemake's options.
"""

import click

from pipeline import cli


@cli.program
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@cli.option("--data-dir", envvar="DATA_DIR", help="A folder that holds the data sets already.")
@cli.option("--mem", envvar="MEM", help="Memory that jobs share, in MB, or such as 16G.")
def main(words: tuple[str, ...], data_dir: str | None, mem: str | None) -> None:
    import os
    import sys

    from overparam.errors import Refusal
    from pipeline.running import owner
    from workflow.lib import run

    # First, since what follows may end with files to make.
    resources = ["--resources", f"mem_mb={run.megabytes(mem)}"] if mem else []
    logger: list[str] = []
    asked = owner.asked(list(words))
    if asked is not None and asked.touch:
        raise Refusal(
            "--touch: would have every result count as new, whatever made it: type make adopt, "
            "which takes over those that agree with code and settings"
        )
    if owner.starts_jobs(asked):
        owner.take()
        logger = owner.LOGGER
    if data_dir:
        # Not by --config, which Snakemake and, on a cluster, shells would read as code.
        os.environ[run.DATA_DIR] = data_dir
    # Snakemake takes this process's place, so that the lock is its own and signals reach it.
    os.execv(sys.executable, [sys.executable, "-m", "snakemake", *logger, *resources, *words])


if __name__ == "__main__":
    main()
