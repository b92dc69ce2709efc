"""Run Snakemake in this folder, once what a killed run left is cleared up.

A run that is at work here is named (process, computer, since when), and nothing is touched. What
follows `--` are Snakemake's options.
"""

import click

from pipeline import cli


@cli.program
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@cli.option("--data-dir", envvar="DATA_DIR", help="A folder that holds the data sets already.")
def main(words: tuple[str, ...], data_dir: str | None) -> None:
    import os
    import sys

    from pipeline.running import owner
    from workflow.lib import run

    if not owner.dry(list(words)):
        owner.take()
    if data_dir:
        # Not by --config, which Snakemake and, on a cluster, shells would read as code.
        os.environ[run.DATA_DIR] = data_dir
    # Snakemake takes this process's place, so that the lock is its own and signals reach it.
    os.execv(sys.executable, [sys.executable, "-m", "snakemake", *words])


if __name__ == "__main__":
    main()
