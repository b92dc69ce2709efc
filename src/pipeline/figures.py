"""One program for every figure: tables in; picture and caption out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from pipeline import cli, files, style
from pipeline.experiment import Experiment, Job, input_file, output_file, word

HOW_TO_READ = "how to read it"
"""Where a figure's `words` want the paragraph that says so; without it, that is the last one."""


def program(
    experiment: type[Experiment],
    title: str,
    draw: Callable[..., Any],
    words: Callable[..., Iterable[str]],
    load: Callable[[Job], Sequence[Any]] | None = None,
    outputs: Sequence[str] = (),
) -> cli.Program:
    """`main` of an experiment's plot: `draw(*tables)` gives the figure, `words(*tables, job)` the
    caption's paragraphs after the title.

    title: with `{name}` for the problem's. load: what reads the files, in place of one data frame
    for each table that the declaration shows. outputs: further files that `load` writes.
    """

    shown = experiment.figure_tables()

    def run(**values: Any) -> None:
        job = Job(**{
            key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
        })  # fmt: skip
        tables = load(job) if load else [table(getattr(job, key)) for key in shown]
        with style.applied(job.style):
            figure = draw(*tables)
            if job.kernel:
                style.name_kernel(figure, job.kernel)
            style.save_figure(figure, job.svg, job.png)
        files.save_text(job.caption, caption(title, words(*tables, job), job))

    tables = (*shown, *experiment.shows_beside)
    options = [
        _words("name", "Name of the problem."),
        _words("about", "What it was run on, for the caption."),
        _words("how_to_read", "What to look at and what counts as agreement."),
        word("kernel?"),
        *map(word, experiment.says),
        *map(input_file, tables),
        click.Option(["--style"], type=cli.InputFile(), required=True, help="Style, .mplstyle."),
        *(output_file(name, "Another table, .csv.") for name in outputs),
        output_file("svg", "The figure, .svg."),
        output_file("png", "The figure, .png."),
        output_file("caption", "What is drawn, .md."),
    ]
    return cli.program(cli.described(run, draw, options))


def table(path: str) -> Any:
    """A table as a data frame; the labellings' names are text, whatever they look like."""
    import pandas as pd

    # A column in which every label is "true" would be read as truth values.
    return pd.read_csv(path, dtype={"labels": str})


def caption(title: str, words: Iterable[str], job: Job) -> str:
    """A caption: the title with what was run, then paragraphs, of which one says how to read it."""
    # Of a figure without a claim nobody has said so yet.
    reading = f"**How to read it.** {job.how_to_read}" if job.how_to_read else ""
    said = [reading if paragraph == HOW_TO_READ else paragraph for paragraph in words]
    kernel = f"; H^∞: kernel of {job.kernel}" if job.kernel else ""
    head = f"**{title.format(name=job.name)}** ({job.about}{kernel})."
    last = [] if reading in said else [reading]
    return "\n\n".join(filter(None, [head, *said, *last])) + "\n"


def _words(name: str, said: str) -> click.Option:
    return click.Option([f"--{name.replace('_', '-')}", name], required=True, help=said)
