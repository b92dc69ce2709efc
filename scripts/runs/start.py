"""Run Snakemake in this folder, once what a killed run left is cleared up.

A run that is at work here is named (process, computer, since when), and nothing is touched. What
follows `--` are Snakemake's options.
"""

import click

from overparam.house import cli


@cli.program
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@cli.option("--data-dir", envvar="DATA_DIR", help="A folder that holds the data sets already.")
def main(words: tuple[str, ...], data_dir: str | None) -> None:
    import json
    import os
    import sys

    from workflow.lib import owner

    if not owner.dry(list(words)):
        owner.take()
    if data_dir:
        # Snakemake takes quotes off both ends, then reads a number or YAML, of which JSON is part.
        text = f"!!str {json.dumps(data_dir, ensure_ascii=False)} "
        words = ("--config", f"data_dir={text}", *words)
    # Snakemake takes this process's place, so that the lock is its own and signals reach it.
    os.execv(sys.executable, [sys.executable, "-m", "snakemake", *words])


if __name__ == "__main__":
    main()
